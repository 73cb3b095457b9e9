"""What every `Store` must do. A subclass has the fixtures `store` and `raw`: everything that is kept, as bytes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from context_store.errors import BadRecord, StaleRevision
from context_store.keys import LOG_LENGTH, STORY_LENGTH
from context_store.records import Held, Note, NoteKind, Story, new_id
from context_store.store import Store
from tests.unit.late_contract import LateContract
from tests.unit.moves_contract import MovesContract
from tests.unit.owners_contract import OwnersContract
from tests.unit.store_steps import HOSTILE, PIN, note, numbers, stands, step, step_with_pin
from tests.unit.store_steps import Raw as Raw


class StoreContract(OwnersContract, MovesContract, LateContract):
    """Run by each implementation."""

    async def test_what_is_saved_is_read_back(self, store: Store) -> None:
        saved = step()
        await store.save(saved)
        assert await stands(store, "c1", "i1") == saved.progress
        assert await store.story("c1") == Story(
            saved.conversation, (saved.interaction,), saved.progress, saved.notes, 1
        )

    async def test_ids_as_we_make_them_are_taken(self, store: Store) -> None:
        conversation, interaction = new_id(), new_id()
        await store.save(step(cid=conversation, iid=interaction))
        assert await stands(store, conversation, interaction) is not None

    async def test_a_later_step_takes_the_place_of_the_earlier(self, store: Store) -> None:
        await store.save(step(1))
        later = step(2, interaction=replace(step().interaction, ended_at=5.0, outcome="completed"))
        await store.save(later)
        story = await store.story("c1")
        assert story == Story(later.conversation, (later.interaction,), later.progress, (note(1), note(2)), 1)

    async def test_any_text_survives(self, store: Store) -> None:
        text = "Çığ 🛰 \u0000 \u2028 '\"\\ \r\n {} \u202e"
        saved = step()
        saved = replace(
            saved,
            conversation=replace(saved.conversation, customer_name=text),
            progress=replace(saved.progress, facts={text: [text, None, 1.5, {"a": text}]}),
            notes=(Note(NoteKind.LOOKED_UP, 1.0, text, {"result": {text: text}}, "i1"),),
        )
        await store.save(saved)
        story = await store.story("c1")
        assert story == Story(saved.conversation, (saved.interaction,), saved.progress, saved.notes, 1)

    async def test_what_was_noted_in_which_call_is_told(self, store: Store) -> None:
        anywhere = note(1, "")
        await store.save(step(notes=(anywhere, note(2, "somebody else's"))))
        await store.save(step(iid="i2", notes=(note(3, "i1"),)))
        await store.add_notes("c1", [note(4, "i1"), note(5, "")])
        story = await store.story("c1")
        assert story
        assert [kept.interaction for kept in story.notes] == ["i1", "i1", "i2", "i1", ""]

    async def test_a_large_step_survives(self, store: Store) -> None:
        saved = step(notes=tuple(note(number) for number in range(300)))
        saved = replace(saved, progress=replace(saved.progress, facts={"orders": ["x" * 1000] * 300}))
        await store.save(saved)
        assert await stands(store, "c1", "i1") == saved.progress
        assert numbers(await store.story("c1", last=1000)) == list(range(300))

    async def test_pressed_keys_and_secrets_are_never_kept(self, store: Store, raw: Raw) -> None:
        await store.save(step_with_pin())
        await store.add_notes("c1", step_with_pin().notes)
        assert b"prove" in await raw()
        assert PIN.encode() not in await raw()
        progress = await stands(store, "c1", "i1")
        story = await store.story("c1")
        assert progress is not None
        assert story is not None
        assert progress.held == Held()
        assert progress.answers["pin"].value == ""
        assert [kept.data["value"] for kept in story.notes] == [None, None]

    async def test_an_older_step_is_stale_and_changes_nothing(self, store: Store, raw: Raw) -> None:
        await store.save(step(10))
        before = await raw()
        for revision in (9, 2, 1):
            with pytest.raises(StaleRevision, match="i1"):
                await store.save(step(revision))
        assert await raw() == before

    async def test_another_step_of_the_same_revision_is_stale(self, store: Store, raw: Raw) -> None:
        await store.save(step(2))
        before = await raw()
        other = step(2)
        for different in (
            replace(other, notes=()),
            replace(other, notes=(*other.notes, *other.notes)),
            replace(other, progress=replace(other.progress, node="elsewhere")),
            replace(other, interaction=replace(other.interaction, controller="two")),
            replace(other, conversation=replace(other.conversation, incomplete=True)),
        ):
            with pytest.raises(StaleRevision):
                await store.save(different)
        assert await raw() == before

    async def test_the_same_step_again_changes_nothing(self, store: Store, raw: Raw) -> None:
        await store.save(step_with_pin(3))
        before = await raw()
        await store.save(step_with_pin(3))
        assert await raw() == before

    async def test_steps_sent_again_in_order_do_not_double_notes(self, store: Store) -> None:
        """What a call does when the answer of step 2 was lost: 2 as it was, then 3."""
        for revision in (1, 2, 2, 3):
            await store.save(step(revision))
        assert numbers(await store.story("c1")) == [1, 2, 3]

    async def test_revisions_may_jump_and_are_compared_as_numbers(self, store: Store) -> None:
        for revision in (1, 9, 10, 100_000):
            await store.save(step(revision))
        with pytest.raises(StaleRevision):
            await store.save(step(99_999))

    async def test_each_interaction_counts_by_itself(self, store: Store) -> None:
        await store.save(step(7))
        second = replace(step().interaction, id="i2", started_at=0.5)
        progress = replace(step().progress, node="second")
        await store.save(step(1, interaction=second, progress=progress, conversation=step(8).conversation))
        story = await store.story("c1")
        assert story is not None
        assert [contact.id for contact in story.interactions] == ["i2", "i1"]  # oldest first, however they came
        assert story.progress == progress  # of the step that was made last
        assert await stands(store, "c1", "i1") == step(7).progress
        assert await stands(store, "c1", "i2") == progress

    async def test_conversations_do_not_mix(self, store: Store) -> None:
        await store.save(step(1, cid="c1"))
        await store.save(step(2, cid="c2"))
        assert numbers(await store.story("c1")) == [1]
        assert numbers(await store.story("c2")) == [2]

    async def test_notes_come_oldest_first_and_only_the_newest(self, store: Store) -> None:
        await store.save(step(1, notes=tuple(note(number) for number in range(250))))
        assert numbers(await store.story("c1")) == list(range(50, 250))
        assert numbers(await store.story("c1", last=3)) == [247, 248, 249]
        assert numbers(await store.story("c1", last=1000)) == list(range(250))

    @pytest.mark.parametrize("last", [0, -1, -1000])
    async def test_no_notes_may_be_wanted(self, store: Store, last: int) -> None:
        await store.save(step())
        assert numbers(await store.story("c1", last=last)) == []

    @pytest.mark.parametrize("how", ["steps", "notes from outside"])
    async def test_the_log_keeps_the_newest_and_is_bounded(self, store: Store, how: str) -> None:
        await store.save(step(1, notes=()))
        for start in range(0, 2 * LOG_LENGTH, 1000):
            notes = tuple(note(number) for number in range(start, start + 1000))
            if how == "steps":
                await store.save(step(2 + start, notes=notes))
            else:
                await store.add_notes("c1", notes)
        kept = numbers(await store.story("c1", last=10 * LOG_LENGTH))
        assert LOG_LENGTH <= len(kept) <= LOG_LENGTH + 200
        assert kept == list(range(2 * LOG_LENGTH - len(kept), 2 * LOG_LENGTH))

    async def test_notes_from_outside_stand_among_the_others(self, store: Store) -> None:
        await store.save(step(1))
        await store.add_notes("c1", [note(2), note(3)])
        await store.add_notes("c1", [])
        await store.save(step(4))
        assert numbers(await store.story("c1")) == [1, 2, 3, 4]

    async def test_notes_may_come_before_the_first_step(self, store: Store) -> None:
        """The store was away when the call began: its notes from outside wait for the step."""
        await store.add_notes("c1", [note(1)])
        assert await store.story("c1") is None
        await store.save(step(2))
        assert numbers(await store.story("c1")) == [1, 2]

    async def test_what_is_not_there_is_none(self, store: Store) -> None:
        await store.save(step())
        assert await store.story("c2") is None
        assert await stands(store, "c2", "i1") is None
        assert await stands(store, "c1", "i2") is None

    @pytest.mark.parametrize("name", HOSTILE)
    async def test_what_is_no_id_is_not_found_and_not_written(self, store: Store, raw: Raw, name: str) -> None:
        await store.save(step())
        before = await raw()
        assert await store.story(name) is None
        assert await stands(store, name, "i1") is None
        assert await stands(store, "c1", name) is None
        await store.add_notes(name, [note(1)])
        for bad in (step(2, cid=name), step(2, iid=name)):
            with pytest.raises(BadRecord):
                await store.save(bad)
        assert await raw() == before

    async def test_a_step_that_cannot_be_written_changes_nothing(self, store: Store, raw: Raw) -> None:
        await store.save(step(1))
        before = await raw()
        no_json: Any = object()
        bad = Note(NoteKind.SAID, 1.0, "", {"prompts": no_json})
        with pytest.raises(BadRecord):
            await store.save(step(2, notes=(note(2), bad)))
        with pytest.raises(BadRecord):
            await store.add_notes("c1", [note(2), bad])
        assert await raw() == before

    async def test_of_two_savers_of_one_step_one_wins(self, store: Store) -> None:
        """A call that was taken over while its first controller still lives."""
        await store.save(step(1))
        old, new = (replace(step().progress, node=name) for name in ("old", "new"))
        results = await asyncio.gather(
            store.save(step(2, progress=old, notes=(note(20),))),
            store.save(step(2, progress=new, notes=(note(21),))),
            return_exceptions=True,
        )
        assert [type(result) for result in results if result is not True] == [StaleRevision]
        progress = await stands(store, "c1", "i1")
        won = 0 if results[0] is True else 1
        assert progress == (old, new)[won]
        assert numbers(await store.story("c1")) == [1, (20, 21)[won]]

    async def test_many_at_once(self, store: Store) -> None:
        async def call(conversation: str) -> None:
            for revision in range(1, 11):
                await store.save(step(revision, cid=conversation))

        names = [f"c{number}" for number in range(100)]
        await asyncio.gather(*(call(name) for name in names))
        assert [numbers(await store.story(name)) for name in names] == [list(range(1, 11))] * 100

    async def test_nothing_is_shared_with_the_caller(self, store: Store) -> None:
        facts = {"customer": {"name": "Ayşe"}}
        await store.save(step(progress=replace(step().progress, facts=facts)))
        facts["customer"]["name"] = "changed"
        progress = await stands(store, "c1", "i1")
        assert progress is not None
        assert progress.facts == {"customer": {"name": "Ayşe"}}

    async def test_many_interactions_are_counted_and_the_newest_told(self, store: Store) -> None:
        came = [f"i{(number * 37) % 101}" for number in range(101)]
        for name in came:
            began = replace(step().interaction, id=name, started_at=float(name[1:]))
            await store.save(step(1, interaction=began, notes=()))
        story = await store.story("c1")
        assert story is not None
        assert story.contacts == 101
        assert [contact.id for contact in story.interactions] == [f"i{at}" for at in range(101 - STORY_LENGTH, 101)]

    async def test_where_several_stand_is_told_at_once(self, store: Store) -> None:
        second = replace(step().progress, node="second")
        await store.save(step(1))
        await store.save(step(1, iid="i2", progress=second))
        found = await store.progresses("c1", ["i2", "i1", "i3", "", "x}{", "i1"])
        assert found == {"i1": step(1).progress, "i2": second}
        assert await store.progresses("c1", []) == await store.progresses("c2", ["i1"]) == {}

    async def test_it_answers(self, store: Store) -> None:
        await store.ping()
