"""Rules about subflows: they get their arguments, give what is wanted, leave what is the hotline's. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ivr.errors import Problem
from ivr.flow.model import Call, Callback, Choose, End, Flow, LookUp, Return, Subflow
from ivr.flow.reading.facts import result_keys
from ivr.flow.reading.hints import listed, one_of, shown
from ivr.flow.reading.house import Case
from ivr.flow.reading.routes import Routes, below, reached_from
from ivr.flow.ways import node_ways

_NEED_NO_CALLER = (Call, LookUp, Choose, Subflow, Return, End)


def subflow_arguments(case: Case) -> Iterator[Problem]:
    """A subflow gets all of its arguments and no others."""
    for name, node in _calls(case):
        wanted, given = case.flows[node.flow].arguments, node.arguments
        if lacking := [argument for argument in wanted if argument not in given]:
            mend = f'add under `with:` such as `{lacking[0]}: "{{{{ line.number }}}}"`'
            yield case.problem(("nodes", name, "with"), f"the flow {node.flow!r} is not given {listed(lacking)}", mend)
        for argument in given:
            if argument not in wanted:
                what = f"the flow {node.flow!r} has no argument {argument!r}"
                yield case.problem(("nodes", name, "with", argument), what, one_of(argument, wanted, "its arguments"))


def results(case: Case) -> Iterator[Problem]:
    """What is kept of a subflow is something that it returns."""
    for name, node in _calls(case):
        if node.into and not list(result_keys(case.flows[node.flow])):
            what = f"the flow {node.flow!r} returns nothing that could be kept as {node.into!r}"
            mend = 'remove `into`, or let the flow return such as `return: {paid: "yes"}`'
            yield case.problem(("nodes", name, "into"), what, mend)


def returns(case: Case) -> Iterator[Problem]:
    """Only a subflow has something to return to."""
    for name, node in case.flow.nodes.items() if case.is_main else ():
        if isinstance(node, Return):
            what = "the hotline's own flow has nothing to return to"
            yield case.problem(("nodes", name, "return"), what, "let it end: `end: goodbye`, or transfer")


def heads(case: Case) -> Iterator[Problem]:
    """The head of a flow says nothing that nobody asks."""
    if case.is_main and case.flow.arguments:
        yield case.problem(("arguments",), "nobody gives arguments to the hotline's own flow", "remove them")
    if case.main and not case.is_main:
        main = f"write it in the hotline's own flow, {case.main.flow!r}"
        if case.flow.on_hangup:
            yield case.problem(("on_hangup",), "a subflow's `on_hangup` is never entered", main)
        if "timezone" in case.flow.model_fields_set and case.flow.timezone != case.main.timezone:
            what = f"the hotline's time zone is {case.main.timezone}, in its subflows, too"
            yield case.problem(("timezone",), what, "remove it here")


def overwritten_facts(case: Case) -> Iterator[Problem]:
    """What a flow knows is not overwritten by the flows that it leads to: facts go by their names, in all flows."""
    for name, node in _calls(case):
        called = case.flows[node.flow]
        # Its own `into` is written when the subflow is over, whatever that has kept under the name.
        kept = {into for other in case.flow.nodes.values() for into in _kept(other) if into != node.into}
        for flow in (called, *below(called, case.flows)):
            for into in sorted(kept & {into for other in flow.nodes.values() for into in _kept(other)}):
                what = (
                    f"the flow {flow.flow!r} keeps an answer as {into!r}, too, and would overwrite the one of this flow"
                )
                yield case.problem(
                    ("nodes", name, "flow"), what, f"use another name in one of the two, such as {into}_2"
                )


def after_hangup(case: Case) -> Iterator[Problem]:
    """What is done after the caller has gone needs no caller."""
    start = case.flow.on_hangup
    if not case.is_main or not start:
        return
    for name in reached_from([start], _explicit(case.flow)):
        node = case.flow.nodes[name]
        if not isinstance(node, _NEED_NO_CALLER):
            yield _needs_a_caller(case, name, f"the node {shown(name)}")
        elif isinstance(node, Subflow) and (asking := _first_asking(case, node.flow, set())):
            yield _needs_a_caller(case, name, f"the flow {node.flow!r}, in its node {shown(asking)},")


def _needs_a_caller(case: Case, name: str, what: str) -> Problem:
    mend = "let `on_hangup` lead only to call, look_up, choose, flow, return and end nodes"
    return case.problem(("nodes", name), f"{what} needs a caller, but comes after `on_hangup`", mend)


def _first_asking(case: Case, subflow: str, seen: set[str]) -> str | None:
    """The first node on the ways of a subflow, and of those in it, that needs a caller. `seen`: flows looked at."""
    flow = case.flows.get(subflow) if subflow not in seen else None
    seen.add(subflow)
    reached = reached_from([flow.start], _explicit(flow)) if flow else set()
    for name, node in flow.nodes.items() if flow else ():
        if name in reached and not isinstance(node, _NEED_NO_CALLER):
            return name
        if name in reached and isinstance(node, Subflow) and (asking := _first_asking(case, node.flow, seen)):
            return asking
    return None


def _explicit(flow: Flow) -> Routes:
    """The ways that nodes name themselves: where defaults would lead, the engine stops once the caller has gone."""
    return {name: [target for _, target in node_ways(node)] for name, node in flow.nodes.items()}


def _kept(node: object) -> Collection[str]:
    """The names under which a node keeps what it learns."""
    if isinstance(node, LookUp):
        return node.look_up
    return [node.into] if isinstance(node, Call | Callback | Subflow) and node.into else []


def _calls(case: Case) -> Iterator[tuple[str, Subflow]]:
    for name, node in case.flow.nodes.items():
        if isinstance(node, Subflow) and node.flow in case.flows:
            yield name, node


RULES = (subflow_arguments, returns, heads)
WHOLE = (results, overwritten_facts, after_hangup)
