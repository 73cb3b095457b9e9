"""The transcript of a call through Asterisk: news come from several sides, and not quite in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from context_store.records import Json, Note, NoteKind, Progress
from ivr.flow.commands import AskService
from ivr.flowtest.replying import Due
from ivr.flowtest.transcript import Entry, Transcript, Who

_NOTES = frozenset(NoteKind)
_NOBODY = Progress(flow="", version="", language="")  # what a live call holds in memory is not for us to know


class Minutes:
    """Takes down one call. Times are epoch seconds; the first is when the call began."""

    def __init__(self, began: float, clock: Callable[[], float] = time.time) -> None:
        self._began = began
        self._clock = clock
        self._transcript = Transcript()
        self._times: list[float] = []

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All lines, in the order in which it happened."""
        lines = zip(self._times, self._transcript.entries, strict=True)
        return tuple(entry for _, entry in sorted(lines, key=lambda line: line[0]))

    def masked(self, arguments: Mapping[str, str]) -> dict[str, str]:
        """A service's arguments, the secret ones as stars."""
        return self._transcript.masked(arguments)

    def caller(self, what: str, words: str = "") -> None:
        """The caller does something now."""
        self._write(self._clock(), lambda at: self._transcript.add(at, Who.CALLER, what, words))

    def presses(self, keys: str, shown: str) -> None:
        """The caller presses keys now; `shown` has stars for secrets."""
        self._write(self._clock(), self._transcript.presses)
        for key, sign in zip(keys, shown, strict=True):
            self._transcript.key(key, secret=sign != key)

    def asks(self, ask: AskService) -> None:
        """A service is asked now."""
        self._write(self._clock(), lambda at: self._transcript.asks(at, ask, _NOBODY))

    def replied(self, reply: Due) -> None:
        """It has answered now, or not."""
        self._write(self._clock(), lambda at: self._transcript.replied(at, reply))

    def news(self, message: Mapping[str, Json]) -> None:
        """A message of the live feed."""
        kind, data = message["kind"], message["data"]
        match kind:
            case "passed":
                self._add(message, Who.FLOW, f"→ {' → '.join(data['nodes'])}")
            case "spoken":
                self._add(message, Who.HOTLINE, ", ".join(data["prompts"]), data["text"])
            case "transferred":
                self._add(message, Who.FLOW, "passes the caller on", f"to {data['queue']}: {data['reason']}")
            case "ended":
                self._add(message, Who.FLOW, "hangs up", data["outcome"])
            case _ if kind in _NOTES:
                note = Note(NoteKind(kind), message["at"], message["node"], data)
                self._write(message["at"], lambda at: self._transcript.noted(at, [note], _NOBODY))

    def _add(self, message: Mapping[str, Json], who: Who, what: str, words: str = "") -> None:
        self._write(message["at"], lambda at: self._transcript.add(at, who, what, words))

    def _write(self, at: float, write: Callable[[float], None]) -> None:
        """Keep when it was: lines are put into order by that."""
        write(round(max(0.0, at - self._began), 1))
        self._times += [at] * (len(self._transcript.entries) - len(self._times))
