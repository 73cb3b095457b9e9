"""Rules about time-outs that cannot be meant: callers who are cut off, and callers who hear nothing for long. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.errors import Problem
from ivr.flow.model import Call, Callback, Defaults, LookUp, Proving, Question
from ivr.flow.reading.house import Case
from ivr.flow.reading.yaml_source import Where

LEAST_TIMEOUT = 1.0  # seconds to begin an answer
LEAST_INTERDIGIT = 0.5  # seconds between two keys
LONGEST_SILENCE = 30.0  # seconds that a caller waits for a service


def hasty_questions(case: Case) -> Iterator[Problem]:
    """Nobody finds a key in less than a second, or the next one in less than half of one."""
    parts: list[tuple[Where, Question | Defaults]] = [(("defaults",), case.flow.defaults)]
    parts += [(("nodes", name), node) for name, node in case.flow.nodes.items() if isinstance(node, Question)]
    for where, part in parts:
        if part.timeout is not None and part.timeout < LEAST_TIMEOUT:
            what = f"callers have {part.timeout:g} s to begin an answer: nobody is that fast"
            yield case.problem((*where, "timeout"), what, "give them at least 1s, better 5s")
        if part.interdigit is not None and part.interdigit < LEAST_INTERDIGIT:
            what = f"callers have {part.interdigit:g} s between two keys: nobody is that fast"
            yield case.problem((*where, "interdigit"), what, "give them at least 500ms, better 3s")


def long_silences(case: Case) -> Iterator[Problem]:
    """A caller who hears nothing for half a minute hangs up."""
    for name, node in case.flow.nodes.items():
        for key, seconds in _silences(node):
            if seconds > LONGEST_SILENCE:
                what = f"a caller may hear nothing for {seconds:g} s, with every retry"
                mend = f"let the time-out and its retries be {LONGEST_SILENCE:g} s together at the most"
                yield case.problem(("nodes", name, key), what, mend)


def _silences(node: object) -> Iterator[tuple[str, float]]:
    match node:
        case Call():
            yield "timeout", node.timeout * (node.retries + 1)
        case LookUp():
            yield "timeout", node.timeout
        case Callback():
            yield "service_timeout", node.service_timeout
        case Proving():
            yield "lookup_timeout", node.lookup_timeout


RULES = (hasty_questions, long_silences)
