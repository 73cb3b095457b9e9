"""Several calls in one conversation: whose step its summary is of, and steps that are written when the store is back.

A part of `StoreContract`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from context_store.going_on import Taken
from context_store.records import Conversation, Saved, Story
from context_store.store import Store
from tests.unit.store_steps import numbers, stands, step


def made(at: float, iid: str, *, began: float, revision: int = 1, **summary: Any) -> Saved:
    """A step of a call that began then; its node and its only note tell when it was made."""
    plain = step(revision)
    return replace(
        plain,
        conversation=replace(plain.conversation, updated_at=at, **summary),
        interaction=replace(plain.interaction, id=iid, started_at=began),
        progress=replace(plain.progress, node=f"at {at}"),
        notes=(replace(plain.notes[0], at=at),),
    )


async def told(store: Store) -> tuple[Conversation, str]:
    """The summary, and where its conversation stands."""
    story = await store.story("c1")
    assert story is not None
    assert story.progress is not None
    return story.conversation, story.progress.node


class LateContract:
    """Run by each implementation. The call `old` begins before the call `new`."""

    async def test_an_end_that_is_written_late_undoes_nothing(self, store: Store) -> None:
        await store.save(made(11.0, "old", began=10.0))
        newest = made(30.0, "new", began=20.0, closed_at=30.0, outcome="completed")
        await store.save(newest)
        late = made(12.0, "old", began=10.0, revision=2, language="en")
        assert await store.save(late) is True
        assert await told(store) == (newest.conversation, "at 30.0")
        story = await store.story("c1")
        assert numbers(story) == [11, 30, 12], "it is told all the same"
        assert await stands(store, "c1", "old") == late.progress
        assert await store.save(late) is True, "sent again"

    async def test_a_call_that_goes_on_beside_a_newer_one_has_its_word(self, store: Store) -> None:
        await store.save(made(21.0, "new", began=20.0))
        later = made(22.0, "old", began=10.0, language="en")
        await store.save(later)
        assert await told(store) == (later.conversation, "at 22.0")

    async def test_at_the_same_time_who_comes_last_has_the_word(self, store: Store) -> None:
        await store.save(made(21.0, "new", began=20.0))
        await store.save(made(21.0, "old", began=10.0, language="en"))
        assert (await told(store))[0].language == "en"

    async def test_the_newest_call_has_its_word_whatever_its_clock_says(self, store: Store) -> None:
        """The clocks of controllers differ."""
        await store.save(made(500.0, "old", began=10.0))
        newest = made(21.0, "new", began=20.0)
        await store.save(newest)
        assert await told(store) == (newest.conversation, "at 21.0")
        await store.save(made(20.5, "old", began=10.0, revision=2))
        assert await told(store) == (newest.conversation, "at 21.0")

    async def test_of_two_that_began_at_once_one_is_the_newer(self, store: Store) -> None:
        await store.save(made(31.0, "a", began=10.0))
        await store.save(made(30.0, "b", began=10.0))
        assert (await told(store))[1] == "at 30.0"
        await store.save(made(29.0, "a", began=10.0, revision=2))
        assert (await told(store))[1] == "at 30.0"

    @pytest.mark.parametrize(
        ("first", "second", "lost"),
        [
            ((True, 0), (False, 0), 0),
            ((True, 7), (True, 3), 7),
            ((True, 3), (True, 12), 12),
            ((False, 4), (True, 0), 4),
        ],
    )
    async def test_what_is_missing_is_told_whoever_wrote_that_and_when(
        self, store: Store, first: tuple[bool, int], second: tuple[bool, int], lost: int
    ) -> None:
        await store.save(made(30.0, "new", began=20.0, incomplete=first[0], lost=first[1]))
        await store.save(made(12.0, "old", began=10.0, incomplete=second[0], lost=second[1]))
        await store.save(replace(made(40.0, "new", began=20.0, revision=2), owner="one#1"))
        assert [(one.incomplete, one.lost) for one in await self.both(store)] == [(True, lost)] * 2
        await store.merge("c1", "c2", "one#1")
        assert [(one.incomplete, one.lost) for one in await self.both(store)] == [(True, lost)] * 2

    async def test_what_is_complete_is_told_to_be(self, store: Store) -> None:
        await store.save(replace(made(30.0, "new", began=20.0), owner="one#1"))
        assert [(one.incomplete, one.lost) for one in await self.both(store)] == [(False, 0)] * 2

    async def both(self, store: Store) -> tuple[Conversation, Conversation]:
        """The conversation as a story tells it, and as who takes the call over gets it."""
        story, taken = await store.story("c1"), await store.take("c1", "new", "one#1", ())
        assert isinstance(story, Story)
        assert isinstance(taken, Taken)
        return story.conversation, taken.conversation

    @pytest.mark.parametrize(("began", "at", "newest"), [(20.0, 21.0, "at 21.0"), (5.0, 6.0, "at 11.0")])
    async def test_a_call_that_moves_here_is_the_newest_if_it_is(
        self, store: Store, began: float, at: float, newest: str
    ) -> None:
        """An old one moves late where the store was away when it was found out to where it belongs."""
        await store.save(made(11.0, "there", began=10.0))
        moving = made(at, "moving", began=began)
        await store.save(replace(moving, conversation=replace(moving.conversation, id="c2")))
        await store.merge("c2", "c1", "")
        assert (await told(store))[1] == newest
