"""A fault report, step by step: what the callers do who are amid something while a part of the house fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from context_store.errors import StoreError
from context_store.records import NoteKind, Story
from context_store.store import Store
from tests.live.calls.amid import Calling
from tests.live.calls.visit import Visit

_PATIENCE, _LOOK_EVERY = 30.0, 0.1  # seconds


async def at_the_symptom(calling: Calling, number: str) -> Visit:
    """A call that has come to the report's first question. Its caller must have no other reason to call."""
    call = await calling(number)
    await to_the_symptom(call)
    return call


async def to_the_symptom(call: Visit) -> None:
    """From the welcome, by a key pressed ahead."""
    await call.hears("welcome")
    await call.presses("1")
    await call.hears("symptom")


async def to_the_contact(call: Visit) -> None:
    """From the first question to the second."""
    await call.presses("1")
    await call.hears("contact")


async def opens_the_ticket(call: Visit) -> None:
    """From the second question to the ticket's number."""
    await call.presses("1")
    await call.hears("ticket_opened")


async def drops(call: Visit) -> None:
    """The caller hangs up."""
    await call.hangs_up()
    await call.note("hung_up")


async def until_written(store: Store, call: Visit, holds: Callable[[Story], bool]) -> Story:
    """The call's conversation as the store has it, once this holds."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            try:
                story = await store.story(call.conversation)
            except StoreError:
                story = None
            if story and holds(story):
                return story
            await asyncio.sleep(_LOOK_EVERY)


def ended(call: Visit, outcome: str) -> Callable[[Story], bool]:
    """Whether that became of the call."""

    def holds(story: Story) -> bool:
        return any(one.id == call.call and one.outcome == outcome for one in story.interactions)

    return holds


def said(prompt: str) -> Callable[[Story], bool]:
    """Whether that was said, as the log tells."""

    def holds(story: Story) -> bool:
        return any(note.kind is NoteKind.SAID and prompt in note.data["prompts"] for note in story.notes)

    return holds
