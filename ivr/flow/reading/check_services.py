"""Rules about the services that a flow asks: they must be in the catalogue and get exactly their arguments. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.errors import Problem
from ivr.flow.model import Call
from ivr.flow.reading.hints import listed, one_of
from ivr.flow.reading.house import Case


def services(case: Case) -> Iterator[Problem]:
    """There must be such a service."""
    for name, node in case.flow.nodes.items():
        if isinstance(node, Call) and node.call not in case.services:
            mend = one_of(node.call, sorted(case.services), "the services")
            yield case.source.problem(("nodes", name, "call"), f"there is no service {node.call!r}", mend)


def arguments(case: Case) -> Iterator[Problem]:
    """A service gets all of its arguments and no others."""
    for name, node in case.flow.nodes.items():
        if not isinstance(node, Call) or node.call not in case.services:
            continue
        wanted, given = case.services[node.call], frozenset(node.arguments)
        if lacking := sorted(wanted - given):
            what = f"{node.call} is not given {listed(lacking)}"
            mend = f'add under `with:` such as `{lacking[0]}: "{{{{ line.number }}}}"`'
            yield case.source.problem(("nodes", name, "with"), what, mend)
        for argument in sorted(given - wanted):
            what = f"{node.call} has no argument {argument!r}"
            mend = one_of(argument, sorted(wanted), "its arguments")
            yield case.source.problem(("nodes", name, "with", argument), what, mend)
