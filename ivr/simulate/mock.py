"""Services that are answered by whoever sits at the terminal: from examples, as JSON, or with a failure."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, get_args

from rich.text import Text

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.flow.commands import AskService
from ivr.flowtest.replies import Reason
from ivr.services import catalogue
from ivr.simulate.company import answered
from ivr.simulate.examples import examples
from ivr.simulate.happenings import Asked, Replied
from ivr.simulate.screen import Screen

REASONS: tuple[str, ...] = get_args(Reason)
HINT = "Enter takes 1; or its number, `edit 2`, JSON, or " + ", ".join(REASONS)


class Ask(Protocol):
    """Reads a line that is no command."""

    def __call__(self, prompt: Text, *, offers: Sequence[str] = (), begun: str = "") -> str:
        """The line. Raises `EOFError`."""
        ...


class Mock:
    """Asks for each answer, and takes none that the service could not give."""

    def __init__(self, screen: Screen, ask: Ask, now: Callable[[], datetime]) -> None:
        self._screen = screen
        self._ask = ask
        self._now = now
        self._hinted = False

    def reply(self, ask: AskService, asked: Asked, key: str) -> Replied:
        """What somebody chooses or types."""
        day = (self._now() + timedelta(days=1)).date()
        offered = examples(catalogue.named(ask.service), asked.arguments, day)
        for number, one in enumerate(offered, start=1):
            self._screen.aside(f"{number}  {_told(one, offered[0])}")
        if not self._hinted:
            self._hinted = True
            self._screen.aside(HINT)
        begun = ""
        while True:
            line = self._ask(Text("Company ", "bold magenta"), offers=(*REASONS, "edit"), begun=begun).strip()
            begun = ""
            if line in REASONS:
                return Replied(ask.service, None, line)
            if line.startswith("edit"):
                begun = _text(_chosen(line[4:], offered) or offered[0])
            elif reply := self._answer(ask.service, line, offered):
                return reply

    def _answer(self, service: str, line: str, offered: Sequence[Json]) -> Replied | None:
        chosen = _chosen(line, offered)
        if chosen is None and not line.startswith("{"):
            self._screen.wrong(HINT)
            return None
        try:
            return answered(service, _text(chosen) if chosen is not None else line)
        except ServiceError as error:
            self._screen.wrong(f"{error}; write it in the shape of the examples")
            return None


def _chosen(line: str, offered: Sequence[Json]) -> Json | None:
    """The example with that number; the first for none."""
    number = line.strip() or "1"
    if not (number.isascii() and number.isdecimal() and len(number) < 4):
        return None
    return offered[int(number) - 1] if 1 <= int(number) <= len(offered) else None


def _told(answer: dict[str, Json], plainest: dict[str, Json]) -> str:
    """An example; of a later one what is different in it, where that tells all."""
    other = {key: value for key, value in answer.items() if value != plainest.get(key)}
    if not other or answer.keys() != plainest.keys() or len(plainest) == 1:
        return _text(answer)
    return f"the same, but {_text(other)}"


def _text(answer: Json) -> str:
    return json.dumps(answer, ensure_ascii=False)
