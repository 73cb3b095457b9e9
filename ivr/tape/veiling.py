"""Takes secrets out of what happened in a call, so that it can be kept: PINs, codes, tokens. Pure.

A secret key is known only by what becomes of it: it may have been pressed long before its question. Keys are used up in
the order in which they were pressed, so those that a step has used up are the oldest that the call still held.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from context_store.records import Note, NoteKind, Progress, Sensitivity
from ivr.flow.commands import Command, Write
from ivr.flow.events import Event, KeyPressed, Spoke, Started
from ivr.flow.identity.proofs import PROOFS
from ivr.flow.model import Collect, Flow, Identify, Verify

# What takes the place of a secret's digits: right as a PIN, as a code, and as the year in which somebody was born.
_INSTEAD = "1980"
_NO_TOKEN = "token-that-was-not-kept"


class Veil:
    """Follows one call step by step and knows which of its events were, or held, secrets."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._position = 0
        self._held: list[int] = []  # positions of the keys that the call holds, the oldest first
        self._secret: set[int] = set()

    def step(self, event: Event, before: Progress, after: Progress, commands: Sequence[Command]) -> None:
        """The next event, and what became of it."""
        if isinstance(event, KeyPressed):
            self._held.append(self._position)
        elif isinstance(event, Spoke) and self._wanted(before):
            self._secret.add(self._position)
        still = len(after.held.keys) + len(after.held.ahead)
        split = max(0, len(self._held) - still)
        gone, self._held = self._held[:split], self._held[split:]
        asked, asking = self._wanted(before), self._wanted(after)
        if asked or _given(commands) or (asking and _refused(commands)):
            self._secret.update(gone)
        if asking:
            self._secret.update(self._held)
        self._position += 1

    def drawn(self, events: Iterable[Event]) -> list[Event]:
        """The same events without secrets. The call is over: a key that it still held may have been one."""
        secret = self._secret | set(self._held)
        events, veiled, run = tuple(events), [], 0
        for position, event in enumerate(events):
            run = run + 1 if _is_digit(event) and position in secret else 0
            veiled.append(_without_secret(event, position in secret, run))
        return veiled

    def _wanted(self, progress: Progress) -> bool:
        """Whether the caller is being asked for a secret, or it is being looked at."""
        if not progress.node:
            return False
        node = self._flow.named(progress.flow).nodes.get(progress.node)
        if isinstance(node, Collect):
            return node.sensitivity is Sensitivity.SECRET
        return isinstance(node, Identify | Verify) and progress.step in PROOFS


def _given(commands: Collection[Command]) -> bool:
    """Whether a secret answer was taken in this step."""
    return any(note.kind is NoteKind.ANSWERED and note.data["value"] is None for note in _notes(commands))


def _refused(commands: Collection[Command]) -> bool:
    """Whether keys were refused in this step: those pressed ahead may have been meant as a secret."""
    return any(note.kind is NoteKind.NOMATCH for note in _notes(commands))


def _notes(commands: Collection[Command]) -> Iterator[Note]:
    return (command.note for command in commands if isinstance(command, Write))


def _is_digit(event: Event) -> bool:
    return isinstance(event, KeyPressed) and event.key.isdecimal()


def _without_secret(event: Event, secret: bool, run: int) -> Event:
    """`run`: it is the so-many-th digit of a secret, counted from 1."""
    match event:
        case KeyPressed() if secret and event.key.isdecimal():
            return replace(event, key=_INSTEAD[(run - 1) % len(_INSTEAD)])
        case Spoke() if secret:
            return replace(event, words="")
        case Started() if event.token:
            return replace(event, token=_NO_TOKEN)
    return event
