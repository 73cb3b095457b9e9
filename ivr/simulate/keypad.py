"""The keys that a caller has pressed, without secrets: other digits stand for those of a PIN. Pure.

A saved test must still pass, so the digit that stands for a secret one means the same to its question: not complete
yet, complete, wrong. Of keys that were pressed ahead only the question that takes them tells whether they are secret.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from context_store.records import Note, NoteKind, Progress, Sensitivity
from ivr.flow.model import Collect, Flow
from ivr.flowtest.transcript import wants_secret

STAND_INS = "0123456789"  # in the order in which they are tried

Judge = Callable[[str], object]  # tells what keys mean to a question; what means the same is equal


@dataclass(frozen=True, slots=True)
class Keypad:
    """`pressed`: every key of the call, secret ones replaced. `ahead`: which of them no question has taken yet.

    `guessed`: keys that were pressed ahead were replaced, so what is there may not mean the same as they did.
    """

    pressed: str = ""
    ahead: tuple[int, ...] = ()
    stand_in: str = ""  # for what is typed so far at the present secret question
    guessed: bool = False

    def after(
        self,
        flow: Flow,
        before: Progress,
        after: Progress,
        notes: Sequence[Note],
        key: str = "",
        judge: Judge | None = None,
    ) -> Keypad:
        """The keypad after one event; `key` when that was a key. `judge` is that of the question it was for."""
        if not key and not self.ahead:
            return self
        waiting = (*self.ahead, len(self.pressed)) if key else self.ahead
        left = _left(waiting, before.held.ahead + key, after.held.ahead)
        taken = [index for index in waiting if index not in left]
        if key and before.phase == "asking" and taken == [len(self.pressed)]:  # the question has it at once
            if not wants_secret(flow, before):
                return Keypad(self.pressed + key, left, "", self.guessed)
            stand_in = self._with_stand_in(before.held.keys, key, judge)
            return Keypad(self.pressed + stand_in[-1], left, stand_in, self.guessed)
        # What nobody has taken when the call is over may have been meant as a secret.
        own = _keys_of_menus(notes)
        secret = waiting[own:] if after.over else _secret(flow, before, after, notes, taken[own:])
        return Keypad(_masked(self.pressed + key, secret), () if after.over else left, "", self.guessed or bool(secret))

    def _with_stand_in(self, typed: str, key: str, judge: Judge | None) -> str:
        """What stands for the keys typed at a secret question, now that another one was pressed."""
        begun = self.stand_in if len(self.stand_in) == len(typed) else "0" * len(typed)
        if not key.isdecimal():
            return begun + key
        if judge:
            meaning = judge(typed + key)
            return begun + next((one for one in STAND_INS if judge(begun + one) == meaning), "0")
        return begun + "0"


def _left(waiting: tuple[int, ...], before: str, after: str) -> tuple[int, ...]:
    """Which of the keys `before` are still there `after`: the last ones, or the first where there were too many."""
    if not after:
        return ()
    return waiting[-len(after) :] if before.endswith(after) else waiting[: len(after)]


def _secret(
    flow: Flow, before: Progress, after: Progress, notes: Sequence[Note], taken: Sequence[int]
) -> Sequence[int]:
    """Which of the keys that were taken after having been kept ahead can have been part of a secret."""
    if wants_secret(flow, before) or any(_tells_secret(flow, note) for note in notes):
        return taken
    typed = len(after.held.keys) if wants_secret(flow, after) else 0
    return taken[len(taken) - typed :] if typed else ()


def _keys_of_menus(notes: Sequence[Note]) -> int:
    """How many of the first keys that were taken in this step were choices, which are no secret."""
    count = 0
    for note in notes:
        if note.kind in (NoteKind.PRESSED, NoteKind.WANTED):
            count += len(note.data["key"])
        elif note.kind in (NoteKind.ANSWERED, NoteKind.NOMATCH):
            break
    return count


def _tells_secret(flow: Flow, note: Note) -> bool:
    """Whether a question had a secret, or took something wrong for one."""
    wrong = note.kind is NoteKind.NOMATCH and _is_secret_node(flow, note.node)
    return wrong or note.data.get("sensitivity") == Sensitivity.SECRET


def _is_secret_node(flow: Flow, name: str) -> bool:
    nodes = (each.nodes.get(name) for each in (flow, *flow.subflows.values()))
    return any(isinstance(node, Collect) and node.sensitivity is Sensitivity.SECRET for node in nodes)


def _masked(pressed: str, secret: Sequence[int]) -> str:
    return "".join("0" if at in secret and key.isdecimal() else key for at, key in enumerate(pressed))
