"""What holds the flows of a hotline together: each is there, has its file's name, and none leads into itself. Pure.

Looks at the files' plain data, so that mistakes inside a node hide nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.errors import Problem
from ivr.flow.reading.hints import one_of, shown
from ivr.flow.reading.raw_node import raw_nodes
from ivr.flow.reading.texts import FlowTexts, subflows_named
from ivr.flow.reading.yaml_source import Source


def missing_flows(texts: FlowTexts, sources: Mapping[str, Source]) -> Iterator[Problem]:
    """Every subflow that is named has its file."""
    known = sorted(texts.texts.keys() - {texts.main})
    for source in sources.values():
        for where, called in subflows_named(source):
            if called not in texts.texts:
                mend = one_of(called, known, "the subflows")
                what = f"there is no flow {called!r}: {texts.file(called)} is not there"
                yield source.problem(where, what, mend if known else f"write {texts.file(called)}, or remove the node")


def flow_names(texts: FlowTexts, sources: Mapping[str, Source]) -> Iterator[Problem]:
    """A subflow is called what its file is called, and not like the hotline's own flow."""
    main = sources[texts.main].data.get("flow") if texts.main in sources else None
    for name, source in sources.items():
        own = source.data.get("flow")
        if name == texts.main or not isinstance(own, str):
            continue
        if own != name:
            what = f"the flow is called {shown(own)}, but its file {name}.yaml"
            yield source.problem(("flow",), what, f"write `flow: {name}`, or rename the file and what leads to it")
        elif own == main:
            what = f"the hotline's main flow is called {own!r}, too"
            yield source.problem(("flow",), what, "rename one of the two")


def recursion(texts: FlowTexts, sources: Mapping[str, Source]) -> Iterator[Problem]:
    """No flow leads into itself, whatever the way: callers would never come back from it."""
    finished: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> Iterator[Problem]:
        for where, called in subflows_named(sources[name]) if name in sources else ():
            if called in way:
                round_trip = " → ".join([*way[way.index(called) :], called])
                mend = "let it return, and the flow that leads to it begin again"
                yield sources[name].problem(where, f"the flow leads into itself: {round_trip}", mend)
            elif called not in finished:
                yield from visit(called, (*way, called))
        finished.add(name)

    yield from visit(texts.main, (texts.main,))


def node_names(texts: FlowTexts, sources: Mapping[str, Source]) -> Iterator[Problem]:
    """Nodes have different names in all flows: answers, labels and the log go by them."""
    owners: dict[str, str] = {}
    for name, source in sources.items():
        for node in raw_nodes(source):
            owner = owners.setdefault(node, name)
            if owner != name:
                what = f"{texts.file(owner)} has a node {shown(node)} already"
                yield source.problem(("nodes", node), what, f"use another name, such as {name}_{node}"[:100])


LINKS = (missing_flows, flow_names, recursion, node_names)
