"""Which conversation a call belongs to: the open ones, moving from one into another, closing.

A part of `StoreContract`.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from context_store.errors import BadRecord, StaleRevision
from context_store.going_on import Matter, Taken
from context_store.records import Conversation, Interaction, Story
from context_store.store import Store
from tests.unit.store_steps import HOSTILE, Raw, note, numbers, step

ONE, TWO = "one#5f2a", "two#81c0"
LINE, OTHER_LINE, NUMBER = "+902125554141", "+902125554242", "+905321112233"

MATTERS = [
    Matter("C1", LINE),
    Matter("C1", OTHER_LINE),
    Matter("C1"),
    Matter("C2", LINE),
    Matter(number=NUMBER),
    Matter(number=LINE),
    Matter(number="C1"),
    *(Matter(text, text) for text in HOSTILE if text),
    *(Matter(number=text) for text in HOSTILE if text),
]


def of(conversation: str, saved: Any) -> tuple[Conversation, Interaction]:
    """The records of a step as they are once its conversation has moved."""
    return replace(saved.conversation, id=conversation), replace(saved.interaction, conversation=conversation)


class MovesContract:
    """Run by each implementation."""

    async def test_who_asks_first_is_joined_by_all_others(self, store: Store) -> None:
        matter = Matter("C1", LINE)
        answers = set(await asyncio.gather(*(store.join(matter, f"c{who}", 60.0) for who in range(20))))
        assert len(answers) == 1
        assert {await store.join(matter, "late", 60.0)} == answers

    async def test_each_matter_has_a_conversation_of_its_own(self, store: Store) -> None:
        for number, matter in enumerate(MATTERS):
            assert await store.join(matter, f"c{number}", 60.0) == f"c{number}"
        for number, matter in enumerate(MATTERS):
            assert await store.join(matter, "mine", 60.0) == f"c{number}"

    async def test_one_that_is_over_is_replaced_once(self, store: Store) -> None:
        matter = Matter("C1", LINE)
        await store.join(matter, "old", 60.0)
        both = await asyncio.gather(*(store.join(matter, mine, 60.0, instead_of="old") for mine in ("a", "b")))
        assert both[0] == both[1] != "old"
        assert await store.join(matter, "late", 60.0) == both[0]

    async def test_a_matter_of_nobody_has_only_ones_own(self, store: Store, raw: Raw) -> None:
        before = await raw()
        for nobody in (Matter(), Matter(line=LINE)):
            assert [await store.join(nobody, mine, 60.0) for mine in ("a", "b")] == ["a", "b"]
        assert await raw() == before

    async def test_nothing_is_open_for_no_time(self, store: Store) -> None:
        assert [await store.join(Matter("C1"), mine, 0.0) for mine in ("a", "b")] == ["a", "b"]

    async def test_what_is_kept_shows_no_customer_line_or_number(self, store: Store, raw: Raw) -> None:
        await store.join(Matter("C1001", LINE), "a", 60.0)
        await store.join(Matter(number=NUMBER), "b", 60.0)
        kept = await raw()
        assert kept.count(b":open") == 2
        assert not [text for text in ("C1001", LINE, NUMBER) if text[1:].encode() in kept]

    @pytest.mark.parametrize("name", HOSTILE)
    async def test_what_is_no_id_is_never_open(self, store: Store, raw: Raw, name: str) -> None:
        before = await raw()
        with pytest.raises(BadRecord):
            await store.join(Matter("C1"), name, 60.0)
        assert await raw() == before

    async def test_a_call_moves_with_all_that_belongs_to_it(self, store: Store) -> None:
        earlier, call = step(1, cid="c2", iid="i2"), step(3, notes=(note(3), note(4)))
        later = replace(call, interaction=replace(call.interaction, started_at=9.0))
        await store.save(earlier)
        await store.save(later)
        await store.merge("c1", "c2", ONE)
        story = Story(
            earlier.conversation,
            (earlier.interaction, of("c2", later)[1]),
            later.progress,
            (note(1, "i2"), note(3), note(4)),
            2,
        )
        assert await store.story("c2") == await store.story("c1") == story
        for conversation in ("c1", "c2"):
            found = await store.progresses(conversation, ["i1", "i2", "i3"])
            assert found == {"i1": later.progress, "i2": earlier.progress}

    async def test_a_call_that_has_moved_goes_on_with_its_next_step_there(self, store: Store) -> None:
        await store.save(step(1, cid="c2", iid="i2", owner=ONE))
        await store.save(step(3, owner=ONE))
        await store.merge("c1", "c2", ONE)
        assert await store.save(step(4, cid="c2", owner=ONE)) is True
        assert numbers(await store.story("c2")) == [1, 3, 4]
        with pytest.raises(StaleRevision):
            await store.save(step(5, cid="c2", owner=TWO))

    async def test_what_is_sent_to_the_old_one_goes_to_the_new_one(self, store: Store) -> None:
        await store.save(step(1, cid="c2", iid="i2"))
        await store.save(step(1))
        await store.merge("c1", "c2", ONE)
        assert await store.save(step(1)) is True, "sent again, as its answer was lost"
        assert await store.save(step(2)) is True
        await store.add_notes("c1", [note(3)])
        await store.close("c1", "solved", 7.0)
        story = await store.story("c2")
        assert story is not None
        assert numbers(story) == [1, 1, 2, 3]
        assert (story.conversation.id, story.conversation.outcome) == ("c2", "solved")
        assert {contact.conversation for contact in story.interactions} == {"c2"}

    async def test_a_call_that_has_moved_is_taken_by_either_name(self, store: Store) -> None:
        await store.save(step(1, cid="c2", iid="i2"))
        await store.save(step(3, owner=ONE))
        await store.merge("c1", "c2", ONE)
        assert await store.take("c1", "i1", TWO, ()) == "held"
        taken = await store.take("c1", "i1", TWO, {"one"})
        assert isinstance(taken, Taken)
        assert (taken.conversation.id, taken.interaction.conversation, taken.revision) == ("c2", "c2", 3)
        assert await store.take("c2", "i1", TWO, ()) == taken
        with pytest.raises(StaleRevision):
            await store.save(step(4, cid="c2", owner=ONE))
        with pytest.raises(StaleRevision):
            await store.save(step(4, cid="c1", owner=ONE))

    async def test_who_does_not_have_the_call_cannot_move_it(self, store: Store, raw: Raw) -> None:
        """A controller that slept between finding out where the call belongs and moving it."""
        await store.save(step(3, owner=ONE))
        await store.take("c1", "i1", TWO, {"one"})
        before = await raw()
        for late in (ONE, "", "two"):
            with pytest.raises(StaleRevision, match="another controller"):
                await store.merge("c1", "c2", late)
        assert await raw() == before
        await store.merge("c1", "c2", TWO)
        assert numbers(await store.story("c2")) == [3]

    async def test_a_call_of_which_nothing_is_known_is_moved_by_its_owner_alone(self, store: Store) -> None:
        await store.take("c1", "i1", TWO, ())
        with pytest.raises(StaleRevision):
            await store.merge("c1", "c2", ONE)
        assert await store.owner("c2", "i1") is None
        await store.merge("c1", "c2", TWO)
        assert await store.owner("c2", "i1") == TWO

    async def test_who_shares_the_conversation_does_not_keep_it_from_moving(self, store: Store) -> None:
        """Two callers of one number, with two controllers, and one of them has said who they are."""
        await store.save(step(1, owner=ONE))
        await store.save(step(1, iid="i2", owner=TWO))
        await store.merge("c1", "c2", ONE)
        assert [await store.owner("c2", name) for name in ("i1", "i2")] == [ONE, TWO]

    async def test_moved_again_nothing_is_doubled(self, store: Store) -> None:
        await store.save(step(1, cid="c2", iid="i2"))
        await store.save(step(1))
        await asyncio.gather(*(store.merge("c1", "c2", ONE) for _ in range(10)))
        await store.save(step(2, cid="c2"))
        await store.merge("c1", "c2", ONE)
        assert numbers(await store.story("c2")) == [1, 1, 2]

    async def test_moved_already_it_stays_where_it_is(self, store: Store) -> None:
        await store.save(step(1))
        await store.merge("c1", "c2", ONE)
        await store.merge("c1", "c3", ONE)
        assert await store.story("c3") is None
        assert numbers(await store.story("c1")) == numbers(await store.story("c2")) == [1]

    @pytest.mark.parametrize(("here", "moving"), [(2, 4), (4, 2)])
    async def test_of_a_call_that_was_there_before_the_newer_step_stays(
        self, store: Store, here: int, moving: int
    ) -> None:
        """It was found to be somebody else's, and then to be of that customer after all."""
        left, other = (step(revision, owner=ONE) for revision in (here, moving))
        left = replace(left, progress=replace(left.progress, node="left"), conversation=step(4).conversation)
        await store.save(left)
        await store.save(replace(other, conversation=replace(other.conversation, id="c2")))
        await store.merge("c2", "c1", ONE)
        newer = max(left, other, key=lambda one: one.revision)
        assert await store.progresses("c1", ["i1"]) == {"i1": newer.progress}
        assert await store.save(step(5, owner=ONE)) is True
        story = await store.story("c1")
        assert numbers(story) == [here, moving, 5]
        assert story is not None
        assert story.contacts == 1

    async def test_one_may_move_on_with_what_has_moved_into_it(self, store: Store) -> None:
        await store.save(step(1))
        await store.merge("c1", "c2", ONE)
        await store.merge("c2", "c3", ONE)
        assert await store.save(step(2)) is True
        story = await store.story("c1")
        assert numbers(story) == [1, 2]
        assert story is not None
        assert story.conversation.id == "c3"

    @pytest.mark.parametrize("ring", [["c1"], ["c1", "c2"], ["c1", "c2", "c3"]])
    async def test_moving_in_a_ring_loses_nothing(self, store: Store, ring: list[str]) -> None:
        await store.save(step(1))
        for here, there in zip(ring, [*ring[1:], ring[0]], strict=True):
            await store.merge(here, there, ONE)
        await store.save(step(2))
        for name in ring:
            assert numbers(await store.story(name)) == [1, 2]

    async def test_one_that_is_not_kept_yet_can_move(self, store: Store) -> None:
        """The store was away: steps of the old one come late."""
        await store.merge("c1", "c2", ONE)
        assert await store.story("c1") is None
        assert await store.save(step(1)) is True
        assert numbers(await store.story("c2")) == [1]

    async def test_it_may_move_into_one_that_is_not_kept(self, store: Store) -> None:
        """Everything was lost but the index."""
        saved = step(1)
        await store.save(saved)
        await store.merge("c1", "c2", ONE)
        conversation, interaction = of("c2", saved)
        assert await store.story("c2") == Story(conversation, (interaction,), saved.progress, saved.notes, 1)

    async def test_who_has_a_call_of_which_nothing_is_known_has_it_after_the_move(self, store: Store) -> None:
        await store.take("c1", "i1", ONE, ())
        await store.merge("c1", "c2", ONE)
        assert await store.take("c2", "i1", TWO, ()) == "held"
        assert await store.save(step(1, cid="c2", owner=ONE)) is True

    @pytest.mark.parametrize("name", HOSTILE)
    async def test_what_is_no_id_does_not_move_and_is_not_closed(self, store: Store, raw: Raw, name: str) -> None:
        await store.save(step())
        before = await raw()
        await store.merge(name, "c1", ONE)
        await store.merge("c1", name, ONE)
        await store.close(name, "solved", 1.0)
        assert await raw() == before

    async def test_a_closed_one_tells_when_and_how(self, store: Store) -> None:
        await store.save(step(1))
        await store.close("c1", "completed", 5.5)
        story = await store.story("c1")
        assert story is not None
        assert (story.conversation.closed_at, story.conversation.outcome) == (5.5, "completed")

    async def test_a_later_step_does_not_open_it_again(self, store: Store) -> None:
        await store.save(step(1, owner=ONE))
        await store.close("c1", "completed", 5.5)
        await store.save(step(2, owner=ONE))
        await store.close("c1", "solved \ud800", 7.0)
        await store.add_notes("c1", [note(3)])
        await store.save(step(4, owner=ONE))
        story, taken = await store.story("c1"), await store.take("c1", "i1", ONE, ())
        assert story is not None
        assert isinstance(taken, Taken)
        for conversation in (story.conversation, taken.conversation):
            assert (conversation.closed_at, conversation.outcome) == (7.0, "solved \ufffd")

    async def test_one_may_be_closed_before_it_is_kept(self, store: Store) -> None:
        await store.close("c1", "solved", 5.0)
        assert await store.story("c1") is None
        await store.save(step(1))
        story = await store.story("c1")
        assert story is not None
        assert story.conversation.closed_at == 5.0
