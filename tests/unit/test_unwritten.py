"""What calls could not write before they ended: bounded, and what there was no room for is counted."""

from __future__ import annotations

import asyncio

import pytest

from context_store.errors import StoreUnavailable
from context_store.memory import MemoryStore
from context_store.records import Conversation, Interaction, Note, NoteKind, Progress, Saved, Story
from ivr.call.unwritten import STEP_SIZE, Unwritten
from tests.virtual_time import run_virtual

ENDED = Progress("f", "v", "tr", node="n", phase="ended", outcome="hung_up")


class Away(MemoryStore):
    away = True

    async def save(self, saved: Saved) -> bool:
        if self.away:
            raise StoreUnavailable("away")
        return await super().save(saved)

    async def read(self, conversation: str) -> Story:
        story = await self.story(conversation, 1000)
        assert story
        return story


def step(call: str, notes: int, *, conversation: str = "", revision: int = 1, lost: int = 0) -> Saved:
    conversation = conversation or f"of-{call}"
    said = tuple(Note(NoteKind.SAID, float(number), "n", {"prompts": []}) for number in range(notes))
    interaction = Interaction(call, conversation, "call", "one", None, "444", 1.0, 2.0, "hung_up")
    return Saved(
        Conversation(conversation, 1.0, 2.0, "tr", incomplete=lost > 0, lost=lost),
        interaction,
        ENDED,
        said,
        revision,
        "one#1",
    )


async def written(store: Away, unwritten: Unwritten) -> None:
    store.away = False
    await asyncio.sleep(10)
    assert unwritten.empty


def test_the_oldest_lose_their_log_and_keep_how_they_ended(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        store = Away()
        async with Unwritten(store, 3 * STEP_SIZE + 90) as unwritten:
            for call, lost in (("a", 3), ("b", 0), ("c", 0)):
                unwritten.leave([step(call, 40, lost=lost)])
            await written(store, unwritten)
        for call, notes, lost in (("a", 0, 43), ("b", 40, 0), ("c", 40, 0)):
            story = await store.read(f"of-{call}")
            assert (len(story.notes), story.conversation.lost) == (notes, lost)
            assert story.conversation.incomplete is (call == "a")
            assert story.interactions[0].outcome == "hung_up"

    run_virtual(test)
    assert "1 ends of calls are lost" in caplog.text


def test_what_is_dropped_of_several_steps_is_counted_in_each_conversation() -> None:
    """A call that turned out to be somebody else's has steps in two."""

    async def test() -> None:
        store = Away()
        async with Unwritten(store, 3 * STEP_SIZE + 20) as unwritten:
            theirs, own = step("a", 5, conversation="c1"), step("a", 7, conversation="c2", revision=2)
            unwritten.leave([theirs, own, step("a", 4, conversation="c2", revision=3, lost=1)])
            unwritten.leave([step("b", 11)])
            await written(store, unwritten)
        assert [(await store.read(one)).conversation.lost for one in ("c1", "c2", "of-b")] == [5, 12, 0]

    run_virtual(test)


def test_however_many_calls_end_what_waits_is_bounded() -> None:
    async def test() -> None:
        store, limit = Away(), 100 * STEP_SIZE
        unwritten = Unwritten(store, limit)
        for number in range(500):
            unwritten.leave([step(f"a{number}", number % 30)])
            assert unwritten._sum <= limit
        unwritten.leave([])
        assert len(unwritten._waiting) <= 100

    run_virtual(test)


def test_steps_of_which_some_are_kept_already_are_written_to_the_end() -> None:
    class Forgetful(Away):
        lose = 2

        async def save(self, saved: Saved) -> bool:
            whole = await super().save(saved)
            if saved.revision == self.lose:
                self.lose = 0
                raise StoreUnavailable("the answer was lost")
            return whole

    async def test() -> None:
        store = Forgetful()
        async with Unwritten(store) as unwritten:
            unwritten.leave([step("a", 2, revision=revision) for revision in (1, 2, 3)])
            await written(store, unwritten)
        assert len((await store.read("of-a")).notes) == 6

    run_virtual(test)
