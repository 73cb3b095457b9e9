"""Compares a call with what a test expects of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from context_store.records import Json, Progress, Sensitivity
from ivr.flow.commands import AskService
from ivr.flowtest.scenario import STARS, Expectation


class Played(Protocol):
    """A call so far, in virtual time or through Asterisk."""

    @property
    def progress(self) -> Progress:
        """Where it stands."""
        ...

    @property
    def passed(self) -> Sequence[str]:
        """The nodes, in the order in which it came to them."""
        ...

    @property
    def begun(self) -> Sequence[str]:
        """The prompts that began."""
        ...

    @property
    def asked(self) -> Sequence[AskService]:
        """What services were asked."""
        ...

    @property
    def agent(self) -> str:
        """The phone of the agent who is to be rung first, once the caller is handed to people; mostly empty."""
        ...


def differences(expected: Expectation, call: Played) -> list[str]:
    """What is not as expected, in words; empty when all is."""
    return [
        *_standing(expected, call),
        *_answers(expected.answers, call.progress),
        *_facts(expected.facts, call.progress.facts),
        *_passed(expected.passes, call.passed),
        *_never(expected, call),
    ]


def _standing(expected: Expectation, call: Played) -> Iterator[str]:
    for key in ("node", "queue", "reason", "outcome", "level", "language"):
        wanted, found = getattr(expected, key), getattr(call.progress, key)
        if wanted is not None and wanted != found:
            yield f"{key}: {found or 'none'}, not {wanted}"
    if expected.agent is not None and expected.agent != call.agent:
        yield f"agent: {call.agent or 'none'}, not {expected.agent}"


def _answers(expected: Mapping[str, str | None], progress: Progress) -> Iterator[str]:
    for name, wanted in expected.items():
        answer = progress.answers.get(name)
        secret = answer is not None and answer.sensitivity is Sensitivity.SECRET
        found = STARS if secret else answer.value if answer else None
        if found != wanted:
            yield f"answers.{name}: {_shown(found)}, not {_shown(wanted)}"


def _facts(expected: Any, found: Any, name: str = "facts") -> Iterator[str]:
    """Mappings may hold more than is expected; everything else must be the same."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for key, wanted in expected.items():
            yield from _facts(wanted, found.get(key), f"{name}.{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for position, wanted in enumerate(expected):
            yield from _facts(wanted, found[position], f"{name}.{position}")
    elif type(expected) is not type(found) or expected != found:
        yield f"{name}: {_shown(found)}, not {_shown(expected)}"


def _passed(expected: tuple[str, ...], passed: Sequence[str]) -> Iterator[str]:
    rest = iter(passed)
    for before, node in zip(("", *expected), expected, strict=False):
        if node not in rest:
            yield f"the call did not pass {node}" + (f" after {before}" if before else "")
            return


def _never(expected: Expectation, call: Played) -> Iterator[str]:
    never = expected.never
    yield from (f"{name} was heard" for name in never.hears if name in call.begun)
    asked = {ask.service for ask in call.asked}
    yield from (f"{name} was asked" for name in never.asks if name in asked)
    yield from (f"the call passed {name}" for name in never.passes if name in call.passed)


def _shown(value: Json) -> str:
    return "none" if value is None else repr(value)
