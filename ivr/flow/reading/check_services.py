"""Rules about what is outside of the flows: services get exactly their arguments, queues are in the settings. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.errors import Problem
from ivr.flow.model import Call, Callback, LookUp, Lookup, Transfer
from ivr.flow.reading.hints import listed, one_of
from ivr.flow.reading.house import Case
from ivr.flow.reading.yaml_source import Where


def services(case: Case) -> Iterator[Problem]:
    """There must be such a service."""
    for where, asking in _asking(case):
        if asking.call not in case.services:
            mend = one_of(asking.call, sorted(case.services), "the services")
            yield case.problem((*where, "call"), f"there is no service {asking.call!r}", mend)


def arguments(case: Case) -> Iterator[Problem]:
    """A service gets all of its arguments and no others."""
    for where, asking in _asking(case):
        if asking.call not in case.services:
            continue
        wanted, given = case.services[asking.call].arguments, frozenset(asking.arguments)
        if lacking := sorted(wanted - given):
            what = f"{asking.call} is not given {listed(lacking)}"
            mend = f'add under `with:` such as `{lacking[0]}: "{{{{ line.number }}}}"`'
            yield case.problem((*where, "with"), what, mend)
        for argument in sorted(given - wanted):
            what = f"{asking.call} has no argument {argument!r}"
            mend = one_of(argument, sorted(wanted), "its arguments")
            yield case.problem((*where, "with", argument), what, mend)


def queues(case: Case) -> Iterator[Problem]:
    """Every queue that callers may be passed to is in the settings."""
    known = case.house.queues
    for where, queue in _queues(case):
        if known is not None and queue not in known:
            mend = f"add it to [[queues]] in the settings; {one_of(queue, sorted(known), 'the queues')}"
            yield case.problem(where, f"there is no queue {queue!r}", mend)


def _asking(case: Case) -> Iterator[tuple[Where, Call | Lookup]]:
    """Everything that asks a service which the file names."""
    for name, node in case.flow.nodes.items():
        if isinstance(node, Call):
            yield ("nodes", name), node
        elif isinstance(node, LookUp):
            yield from ((("nodes", name, "look_up", into), lookup) for into, lookup in node.look_up.items())


def _queues(case: Case) -> Iterator[tuple[Where, str]]:
    yield ("defaults", "queue"), case.flow.defaults.queue
    for name, node in case.flow.nodes.items():
        if isinstance(node, Transfer):
            yield ("nodes", name, "transfer"), node.transfer
        elif isinstance(node, Callback):
            yield ("nodes", name, "callback"), node.callback


RULES = (services, arguments, queues)
