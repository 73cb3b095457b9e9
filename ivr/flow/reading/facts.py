"""What conditions, templates and prompts of a flow may name: answers, facts and their keys. Pure.

A fact's keys are known too: `status.outgae` would quietly be false for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from ivr.flow.identity.choosing import ENDINGS
from ivr.flow.identity.survey import answers_of
from ivr.flow.model import Call, Callback, Collect, Flow, LookUp, Menu, Proving, Resume, Return, Subflow
from ivr.flow.reading.hints import one_of
from ivr.flow.reading.house import Case

CALLBACK_SERVICE = "callback.request"
_ANY = "*"  # under a name: any key
_EVERYWHERE = (
    *("caller.number", "customer.id", "customer.name", "line.number", "line.ending", "line.product"),
    "line.remembered",
    *("now.date", "now.time", "now.weekday"),
    *("answers", "open", "args", "announcement", "language", "level"),
)
# What else may be named in what is said of an earlier call: when it ended.
_RECALLED = ("unfinished.date", "unfinished.time")
DOUBTED = ("heard", "heard_as")  # only where it is asked back
_ROOTS = frozenset(name.partition(".")[0] for name in (*_EVERYWHERE, *_RECALLED))


class Facts:
    """Dotted names that are known; of each, what stands before a dot, too."""

    def __init__(self, names: Iterator[str]) -> None:
        self._names: dict[str, None] = {}  # in the order in which messages list them
        for name in names:
            steps = name.split(".")
            self._names.update((".".join(steps[:count]), None) for count in range(1, len(steps) + 1))

    def __contains__(self, name: str) -> bool:
        return name in self._names or any(f"{before}.{_ANY}" in self._names for before in _befores(name))

    def instead_of(self, name: str) -> str:
        """What to write instead of an unknown name."""
        known = next((before for before in _befores(name) if before in self._names), "")
        missing = ".".join(name.split(".")[: known.count(".") + 2 if known else 1])
        under = [other for other in self._names if other.rpartition(".")[0] == known]
        return one_of(missing, under, f"the keys of {known!r}" if known else "the names provided")


def always_known(name: str) -> bool:
    """Whether every flow knows this, wherever a caller stands in it: `line.number`, `args.bill`, but no answer."""
    root, _, key = name.partition(".")
    return root in _ROOTS and not (root == "answers" and key)


def facts_told(case: Case, service: str, intos: Iterable[str]) -> Facts:
    """What may be named where it is told what a service has done, whose answers flows keep under `intos`."""
    keys = _answer_keys(case, service)
    names = (_EVERYWHERE, _RECALLED, *(_under(into, keys) for into in intos))
    return Facts(name for name in chain.from_iterable(names) if name != "answers")


def facts_of(case: Case) -> Facts:
    """What the nodes of a flow may name, wherever they stand in it."""
    return Facts(_names(case))


def facts_recalled(case: Case) -> Facts:
    """What may be named where it is said what somebody was doing whose call ended in this flow, or offered again."""
    return Facts(chain(_names(case), _RECALLED))


def result_keys(flow: Flow) -> Iterator[str]:
    """The keys of what a subflow returns."""
    for node in flow.nodes.values():
        if isinstance(node, Return):
            yield from node.result


def _names(case: Case) -> Iterator[str]:
    yield from _EVERYWHERE
    yield from (f"announcement.{language}" for language in case.flow.languages)
    yield from (f"open.{place}" for place in case.flow.hours)
    yield from (f"args.{argument}" for argument in case.flow.arguments)
    for name, node in case.flow.nodes.items():
        match node:
            case Menu() | Collect() | Resume():
                yield f"answers.{name}"
            case Proving():
                yield f"{ENDINGS}.{_ANY}"
                yield from (f"answers.{answer}" for answer in answers_of(node))
            case Call():
                yield from _under(node.into, _answer_keys(case, node.call))
            case LookUp():
                for into, lookup in node.look_up.items():
                    yield from _under(into, _answer_keys(case, lookup.call))
            case Callback():
                yield f"answers.{name}"
                yield from _under(node.into, _answer_keys(case, CALLBACK_SERVICE))
            case Subflow() if node.into and node.flow in case.flows:
                yield from _under(node.into, sorted(set(result_keys(case.flows[node.flow]))))


def _answer_keys(case: Case, service: str) -> list[str]:
    """Those of a service that is not there are nobody's mistake here."""
    return sorted(case.services[service].answer) if service in case.services else [_ANY]


def _under(name: str, keys: list[str]) -> Iterator[str]:
    yield name
    yield from (f"{name}.{key}" for key in keys)


def _befores(name: str) -> Iterator[str]:
    """Of a.b.c: a.b, then a."""
    while name := name.rpartition(".")[0]:
        yield name
