"""Asking back whether something was said that is in doubt: "fatura mı dediniz?" Yes takes it, no asks again. Pure.

Twice at most at a question; after that it is asked for keys, and nobody listens any more.
"""

from __future__ import annotations

from collections.abc import Mapping

from context_store.records import Doubted, Json, NoteKind, Progress
from ivr.flow.asking import Ask
from ivr.flow.inputs import one_of
from ivr.flow.listening import of_kind
from ivr.flow.scalars import NO, YES
from ivr.flow.turn import Turn

MOST = 2


def may(progress: Progress) -> bool:
    """Whether it may be asked back once more at this question."""
    return progress.asked_back < MOST


def begin(turn: Turn, doubted: Doubted) -> None:
    """It is in doubt whether that was said: until that is clear, it is what is being asked."""
    turn.change(asked_back=turn.progress.asked_back + 1)
    turn.note(NoteKind.DOUBTED, words=doubted.words, confidence=doubted.confidence)
    turn.hold(doubted=doubted)


def end(turn: Turn) -> None:
    """It is clear, or does not matter any more."""
    if turn.progress.held.doubted:
        turn.hold(doubted=None, closing=turn.progress.held.closing)


def question(prompts: tuple[str, ...]) -> Ask:
    """Whether that was said: yes or no."""
    return Ask(prompts, one_of((YES, NO)), longest=1, sayings=of_kind("yes_no"))


def variables(known: Mapping[str, Json], doubted: Doubted) -> dict[str, Json]:
    """What is known, and what was perhaps said."""
    return {**known, "heard": doubted.heard, "heard_as": doubted.heard_as}
