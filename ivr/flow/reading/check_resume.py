"""Rules about resume: it can be come to, has something to offer, and says only what is known of earlier calls. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.errors import Problem
from ivr.flow.model import Call, Callback, Proving, Resume, Subflow
from ivr.flow.reading.facts import CALLBACK_SERVICE, always_known, facts_recalled, facts_told
from ivr.flow.reading.hints import listed, one_of
from ivr.flow.reading.house import Case
from ivr.flow.reading.routes import leading_to, nodes_below, routes_of
from ivr.flow.reading.said import told_prompts, unfinished_prompts
from ivr.flow.reading.yaml_source import Where


def resume_nodes(case: Case) -> Iterator[Problem]:
    """What was left unfinished is offered at one place, in the hotline's own flow."""
    first, *others = [name for name, node in case.flow.nodes.items() if isinstance(node, Resume)] or [""]
    for name in others:
        what = f"{first!r} offers already what was left unfinished"
        yield case.problem(("nodes", name), what, f"one resume node is enough: let the ways here lead to {first!r}")
    if first and case.main and not case.is_main:
        mend = f"put it into {case.main.flow!r}, where callers begin"
        yield case.problem(("nodes", first), "only the hotline's own flow can have a resume node", mend)


def resume_offers(case: Case) -> Iterator[Problem]:
    """A resume node has something to offer, and what a flow calls unfinished is offered somewhere."""
    resumes = [node for flow in case.flows.values() for node in flow.nodes.values() if isinstance(node, Resume)]
    if case.flow.unfinished and not resumes:
        mend = "add such a node after the caller is known: `left_off: {resume: left_off, next: …}`, or remove it here"
        yield case.problem(("unfinished",), "nobody hears it: no resume node offers what was left unfinished", mend)
    for name, node in case.flow.nodes.items():
        if isinstance(node, Resume) and not node.agent and not any(flow.unfinished for flow in case.flows.values()):
            mend = "write `unfinished: a_prompt` in the heads of the flows that callers may leave unfinished"
            yield case.problem(("nodes", name), "nothing is ever offered here: no flow has `unfinished`", mend)


def resume_known(case: Case) -> Iterator[Problem]:
    """Where a hotline finds out who is calling, it does so before it looks what they left."""
    proving = [name for name, node in case.flow.nodes.items() if _proves(case, node)]
    for name, node in case.flow.nodes.items():
        before = leading_to([name], routes_of(case.flow)) - {name}
        if isinstance(node, Resume) and proving and not before & set(proving):
            what = f"nobody is known here yet: callers come to {listed(proving)} only later"
            yield case.problem(("nodes", name), what, f"let {proving[0]!r} lead here")


def told_services(case: Case) -> Iterator[Problem]:
    """What is told as done is something that a service does, and that a flow asks for."""
    for name, node in case.flow.nodes.items():
        for service in node.told if isinstance(node, Resume) else ():
            where: Where = ("nodes", name, "told", service)
            if service not in case.services:
                mend = one_of(service, sorted(case.services), "the services")
                yield case.problem(where, f"there is no service {service!r}", mend)
            elif not case.services[service].changes:
                yield case.problem(where, f"{service} does nothing that could be told: it only looks up", "remove it")
            elif not _intos(case, service):
                yield case.problem(where, f"no flow asks {service}", "remove it")


def told_facts(case: Case) -> Iterator[Problem]:
    """A prompt that tells what was done names the answer of that service, and nothing that may not be known."""
    for service, where, prompt in told_prompts(case.flow):
        if not (intos := _intos(case, service)):
            continue
        facts, sure = facts_told(case, service, intos), intos if len(intos) == 1 else set()
        for variable in case.variables(prompt):
            if variable not in facts:
                what = f"the prompt {prompt!r} uses {variable!r}, which {service} does not provide"
                yield case.problem(where, what, facts.instead_of(variable))
            elif variable in case.needed(prompt) and not always_known(variable) and _fact(variable) not in sure:
                yield _perhaps_unknown(case, where, prompt, variable)


def unfinished_facts(case: Case) -> Iterator[Problem]:
    """What says what a caller was doing names nothing that they may not have come to."""
    facts = facts_recalled(case)
    for where, prompt in unfinished_prompts(case.flow):
        for variable in case.needed(prompt):
            if variable in facts and not always_known(variable):
                yield _perhaps_unknown(case, where, prompt, variable)


def _perhaps_unknown(case: Case, where: Where, prompt: str, variable: str) -> Problem:
    what = f"the prompt {prompt!r} uses {variable!r}, but the call may have ended before that was known"
    mend = f"put it between `{{% if {_fact(variable)} is defined %}}` and `{{% endif %}}`"
    return case.problem(where, what, mend)


def _fact(variable: str) -> str:
    """What is known as a whole or not at all: `ticket`, or an answer."""
    return ".".join(variable.split(".")[: 2 if variable.startswith("answers.") else 1])


def _intos(case: Case, service: str) -> set[str]:
    """The names under which the hotline's flows keep the answers of a service."""
    nodes = [node for flow in case.flows.values() for node in flow.nodes.values()]
    called = {node.into for node in nodes if isinstance(node, Call) and node.call == service}
    return called | {node.into for node in nodes if isinstance(node, Callback) and service == CALLBACK_SERVICE}


def _proves(case: Case, node: object) -> bool:
    """Whether a caller becomes known here, or in the subflow that is gone through here."""
    if isinstance(node, Subflow):
        return any(isinstance(other, Proving) for other in nodes_below(node, case.flows))
    return isinstance(node, Proving)


RULES = (resume_nodes, resume_offers, told_services)
WHOLE = (resume_known, told_facts, unfinished_facts)
