"""Who said and did what in a played call, to be read by people. Secrets are stars in it. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from context_store.records import Json, Note, NoteKind, Progress, Sensitivity
from ivr.flow.commands import AskService
from ivr.flow.events import ServiceFailed
from ivr.flow.identity.proofs import PROOFS
from ivr.flow.model import Collect, Flow, Proving
from ivr.flowtest.replying import Due
from ivr.flowtest.scenario import STARS

CUT = " —"  # ends words that the caller did not hear to their end

_TOLD = (
    *(NoteKind.IDENTIFIED, NoteKind.UNPROVEN, NoteKind.NOINPUT, NoteKind.NOMATCH, NoteKind.WANTED),
    NoteKind.DOUBTED,
)


class Who(enum.StrEnum):
    """Whose line of the transcript it is."""

    HOTLINE = "hotline"
    CALLER = "caller"
    COMPANY = "company"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `at` is in seconds since the call began; `words` are a prompt's text, keys, or arguments."""

    at: float
    who: Who
    what: str
    words: str = ""


LATER = Entry(0.0, Who.FLOW, "later, in another call")


class Transcript:
    """The transcript of one call while it is played."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._keys = 0  # the entry that keys are added to
        self._ahead: list[tuple[int, int]] = []  # keys that no question has had yet: of which entry, which one
        self._secret = ""  # all keys that were part of a secret
        self._secrets: set[str] = set()  # secret answers as services had them

    def add(self, at: float, who: Who, what: str, words: str = "") -> None:
        """Something was said or done."""
        self.entries.append(Entry(at, who, what, words))

    def cut(self) -> None:
        """The prompt that began last is not heard to its end."""
        last = max((index for index, entry in enumerate(self.entries) if entry.who is Who.HOTLINE), default=None)
        if last is not None:
            self._change(last, self.entries[last].words + CUT)

    def presses(self, at: float) -> None:
        """The caller begins to press keys."""
        self._keys = len(self.entries)
        self.add(at, Who.CALLER, "presses")

    def key(self, key: str, *, secret: bool) -> None:
        """One of the keys."""
        before = self.entries[self._keys].words
        self._change(self._keys, before + ("*" if secret else key))
        if secret:
            self._secret += key
        else:
            self._ahead.append((self._keys, len(before)))

    def noted(self, at: float, notes: Sequence[Note], progress: Progress) -> None:
        """What the engine noted in one step. Keys that were pressed ahead may turn out to have been a secret."""
        for note in notes:
            if note.kind in _TOLD:
                self.add(at, Who.FLOW, note.kind.value, pairs({k: v for k, v in note.data.items() if k != "key"}))
            elif note.kind is NoteKind.FAILED and "service" not in note.data:
                self.add(at, Who.FLOW, "cannot go on", str(note.data.get("reason", "")))
            elif note.data.get("sensitivity") == Sensitivity.SECRET:
                self._hide_ahead()
        if not progress.held.ahead:
            self._ahead.clear()

    def asks(self, at: float, ask: AskService, progress: Progress) -> None:
        """A service is asked."""
        self._secrets.update(progress.held.secrets.values())
        self.add(at, Who.COMPANY, f"is asked {ask.service}", pairs(self.masked(ask.arguments)))

    def masked(self, arguments: Mapping[str, str]) -> dict[str, str]:
        """A service's arguments, the secret ones as stars."""

        def is_secret(value: str) -> bool:
            return bool(value) and (value in self._secret or value in self._secrets)

        return {name: STARS if is_secret(value) else value for name, value in arguments.items()}

    def replied(self, at: float, reply: Due) -> None:
        """The service has answered, or not."""
        if isinstance(reply.event, ServiceFailed):
            self.add(at, Who.COMPANY, "fails", reply.event.reason)
        else:
            self.add(at, Who.COMPANY, "answers", pairs(reply.event.result))

    def _hide_ahead(self) -> None:
        for index, position in self._ahead:
            words = self.entries[index].words
            self._secret += words[position]
            self._change(index, words[:position] + "*" + words[position + 1 :])
        self._ahead.clear()

    def _change(self, index: int, words: str) -> None:
        self.entries[index] = replace(self.entries[index], words=words)


def in_turn(calls: Sequence[Sequence[Entry]]) -> tuple[Entry, ...]:
    """The transcripts of several calls as one."""
    first, *later = calls
    return (*first, *(entry for call in later for entry in (LATER, *call)))


def wants_secret(flow: Flow, progress: Progress) -> bool:
    """Whether what the caller keys in now is a secret."""
    node = flow.named(progress.flow).nodes.get(progress.node)
    if isinstance(node, Collect):
        return node.sensitivity is Sensitivity.SECRET
    return isinstance(node, Proving) and progress.step in PROOFS


def pairs(values: Mapping[str, Json]) -> str:
    """`line=+902125554141, outage.area=Bornova`"""
    return ", ".join(f"{name}={value}" for name, value in _flat(values))


def _flat(values: Mapping[str, Json], before: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in values.items():
        inner = dict(enumerate(value)) if isinstance(value, list) else value
        if isinstance(inner, Mapping) and inner:
            found += _flat({str(key): entry for key, entry in inner.items()}, f"{before}{name}.")
        else:
            found.append((before + name, "none" if value in (None, [], {}) else str(value)))
    return found
