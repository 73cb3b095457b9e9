"""Steps of calls for the tests of stores."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from context_store.records import (
    Answer,
    Conversation,
    Held,
    Interaction,
    Level,
    Note,
    NoteKind,
    Progress,
    Saved,
    Sensitivity,
    Story,
)
from context_store.store import Store

Raw = Callable[[], Awaitable[bytes]]  # everything that is kept

PIN = "731946"

HOSTILE = [
    "",
    " ",
    "*",
    "a b",
    "a\r\nFLUSHALL\r\n",
    "x}:log{",
    "../../etc/passwd",
    "a" * 65,
    "é",
    "\x00",
    "\ud800",
    "devam:{a}:log",
    "a\n",
]


def note(number: int, interaction: str = "i1") -> Note:
    return Note(NoteKind.PRESSED, float(number), "menu", {"key": str(number % 10), "choice": "fault"}, interaction)


def numbers(story: Story | None) -> list[int]:
    """Which notes these are."""
    assert story is not None
    return [int(kept.at) for kept in story.notes]


async def stands(store: Store, conversation: str, interaction: str) -> Progress | None:
    """Where that interaction stands."""
    return (await store.progresses(conversation, [interaction])).get(interaction)


def step(revision: int = 1, *, cid: str = "c1", iid: str = "i1", **changes: Any) -> Saved:
    """One step of a call; its only note bears the revision."""
    saved = Saved(
        conversation=Conversation(
            cid,
            1.0,
            1.0 + revision,
            "tr",
            Level.CLAIMED,
            "42",
            "Ayşe Yılmaz",
            "+902121234541",
            "agents",
            "fault",
        ),
        interaction=Interaction(iid, cid, "call", "one", None, "4440000", 1.0),
        progress=Progress("hotline", "abc", "tr", node="ask", phase="asking", visits={"ask": revision}),
        notes=(note(revision),),
        revision=revision,
    )
    return replace(saved, **changes)


def step_with_pin(revision: int = 1) -> Saved:
    """A step into which somebody has put the PIN wherever it must not be."""
    secret = Answer("pin", PIN, Sensitivity.SECRET, "prove")
    given = {"name": "pin", "value": PIN, "sensitivity": "secret"}
    progress = replace(step().progress, answers={"pin": secret}, held=Held(PIN, PIN))
    return step(revision, progress=progress, notes=(Note(NoteKind.ANSWERED, 1.0, "prove", given),))
