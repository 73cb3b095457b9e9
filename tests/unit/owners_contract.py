"""Whose a call is: only its owner's steps are kept, and a call whose owner is dead goes to who asks first.

A part of `StoreContract`.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from context_store.errors import StaleRevision
from context_store.going_on import Taken
from context_store.store import Store
from tests.unit.store_steps import HOSTILE, PIN, Raw, note, numbers, stands, step, step_with_pin

ONE, TWO, THREE = "one#5f2a", "two#81c0", "three#07be"


class OwnersContract:
    """Run by each implementation."""

    async def test_a_call_whose_owner_is_dead_is_given_with_all_that_is_needed(self, store: Store) -> None:
        saved = step(3, owner=ONE)
        await store.save(saved)
        given = await store.take("c1", "i1", TWO, {"one"})
        assert given == Taken(saved.conversation, saved.interaction, saved.progress, 3)

    async def test_no_secret_is_given(self, store: Store) -> None:
        await store.save(replace(step_with_pin(), owner=ONE))
        given = await store.take("c1", "i1", TWO, {"one"})
        assert isinstance(given, Taken)
        assert PIN not in repr(given)

    @pytest.mark.parametrize("dead", [(), ("two",), ("o", "one#5f2a", "One", "one "), ("three", "")])
    async def test_a_call_of_the_living_is_not_given(self, store: Store, raw: Raw, dead: tuple[str, ...]) -> None:
        await store.save(step(1, owner=ONE))
        before = await raw()
        assert await store.take("c1", "i1", TWO, dead) == "held"
        assert await raw() == before
        await store.save(step(2, owner=ONE))

    async def test_a_call_that_was_taken_is_not_given_to_another(self, store: Store) -> None:
        await store.save(step(1, owner=ONE))
        await store.take("c1", "i1", TWO, {"one"})
        assert await store.take("c1", "i1", THREE, {"one"}) == "held"
        assert isinstance(await store.take("c1", "i1", THREE, {"one", "two"}), Taken)

    async def test_its_owner_gets_it_again(self, store: Store) -> None:
        """The answer was lost, or the owner was paused and makes sure."""
        await store.save(step(1, owner=ONE))
        assert isinstance(await store.take("c1", "i1", ONE, ()), Taken)
        assert await store.take("c1", "i1", TWO, {"one"}) == await store.take("c1", "i1", TWO, ())

    async def test_who_comes_back_by_the_same_name_takes_what_was_its_own(self, store: Store) -> None:
        await store.save(step(1, owner=ONE))
        again = "one#new"
        assert await store.take("c1", "i1", again, ()) == "held"
        assert isinstance(await store.take("c1", "i1", again, {"one"}), Taken)
        with pytest.raises(StaleRevision):
            await store.save(step(2, owner=ONE))

    async def test_the_new_owner_goes_on_and_the_old_one_cannot(self, store: Store, raw: Raw) -> None:
        await store.save(step(4, owner=ONE))
        await store.take("c1", "i1", TWO, {"one"})
        before = await raw()
        for late in (step(4, owner=ONE), step(5, owner=ONE), step(100, owner=ONE), step(5)):
            with pytest.raises(StaleRevision, match="another controller"):
                await store.save(late)
        assert await raw() == before
        assert await store.save(step(5, owner=TWO)) is True
        assert numbers(await store.story("c1")) == [4, 5]

    async def test_a_step_of_nobody_is_taken_by_who_comes_first(self, store: Store) -> None:
        """Versions before wrote no owner."""
        await store.save(step(1))
        assert await store.save(step(2, owner=ONE)) is True
        with pytest.raises(StaleRevision):
            await store.save(step(3, owner=TWO))

    async def test_a_call_of_nobody_is_given(self, store: Store) -> None:
        await store.save(step(1))
        assert isinstance(await store.take("c1", "i1", TWO, ()), Taken)
        assert await store.take("c1", "i1", ONE, ()) == "held"

    async def test_of_many_who_ask_at_once_one_gets_it(self, store: Store) -> None:
        await store.save(step(1, owner=ONE))
        answers = await asyncio.gather(*(store.take("c1", "i1", f"c{who}#1", {"one"}) for who in range(20)))
        assert sum(isinstance(answer, Taken) for answer in answers) == 1
        assert answers.count("held") == 19

    async def test_a_call_of_which_nothing_is_known_is_whose_who_asked_first(self, store: Store) -> None:
        answers = await asyncio.gather(*(store.take("c1", "i1", f"c{who}#1", {"one"}) for who in range(20)))
        assert answers.count("held") == 19
        [first] = [f"c{who}#1" for who, answer in enumerate(answers) if answer == "unknown"]
        assert await store.take("c1", "i1", first, ()) == "unknown"
        assert await store.story("c1") is None
        with pytest.raises(StaleRevision):
            await store.save(step(7, owner=ONE))
        assert await store.save(step(1, owner=first)) is True
        assert numbers(await store.story("c1")) == [1]

    async def test_a_call_that_has_ended_is_given_too(self, store: Store) -> None:
        ended = replace(step().interaction, ended_at=5.0, outcome="hung_up")
        await store.save(step(2, owner=ONE, interaction=ended))
        given = await store.take("c1", "i1", TWO, {"one"})
        assert isinstance(given, Taken)
        assert given.interaction == ended

    async def test_each_interaction_has_its_own_owner(self, store: Store) -> None:
        await store.save(step(1, owner=ONE))
        await store.save(step(1, iid="i2", owner=TWO))
        assert isinstance(await store.take("c1", "i1", THREE, {"one"}), Taken)
        assert await store.take("c1", "i2", THREE, {"one"}) == "held"
        assert await store.save(step(2, iid="i2", owner=TWO)) is True

    @pytest.mark.parametrize("owner", ["#", "a b#1 2", "ö🛰#x", "one#5#6", "%d#%s", "no-sign", "a\r\nFLUSHALL#"])
    async def test_any_token_is_compared_as_it_is(self, store: Store, owner: str) -> None:
        await store.save(step(1, owner=owner))
        assert await store.save(step(2, owner=owner)) is True
        assert await store.owner("c1", "i1") == owner
        assert await store.take("c1", "i1", TWO, ()) == "held"
        with pytest.raises(StaleRevision):
            await store.save(step(3, owner=f"{owner} "))
        assert isinstance(await store.take("c1", "i1", TWO, {owner.partition("#")[0]}), Taken)

    @pytest.mark.parametrize("name", HOSTILE)
    async def test_what_is_no_id_is_unknown_and_nothing_is_written(self, store: Store, raw: Raw, name: str) -> None:
        before = await raw()
        assert await store.take(name, "i1", ONE, ()) == "unknown"
        assert await store.take("c1", name, ONE, ()) == "unknown"
        assert await store.owner(name, "i1") is await store.owner("c1", name) is None
        assert await raw() == before

    async def test_whose_a_call_is_can_be_seen(self, store: Store, raw: Raw) -> None:
        await store.save(step(1, owner=ONE))
        await store.save(step(1, iid="i2"))
        await store.take("c1", "i3", THREE, ())
        before = await raw()
        assert [await store.owner("c1", f"i{number}") for number in range(1, 5)] == [ONE, None, THREE, None]
        assert await store.owner("c2", "i1") is None
        assert await raw() == before, "only a look"
        await store.take("c1", "i1", TWO, {"one"})
        assert await store.owner("c1", "i1") == TWO
        await store.merge("c1", "c2", TWO)
        assert await store.owner("c1", "i1") == await store.owner("c2", "i1") == TWO

    async def test_who_only_looks_does_not_get_a_call_of_which_nothing_is_known(self, store: Store) -> None:
        """The store was restarted empty, and who slept meanwhile makes sure before its heir writes the next step."""
        await store.save(step(1, owner=TWO))
        assert await store.owner("c2", "i1") is None
        assert await store.save(step(7, cid="c2", owner=TWO)) is False
        assert await store.owner("c2", "i1") == TWO

    async def test_saving_tells_whether_the_step_before_is_there(self, store: Store) -> None:
        assert await store.save(step(1, owner=ONE)) is True
        assert await store.save(step(2, owner=ONE)) is True
        assert await store.save(step(2, owner=ONE)) is True, "sent again"
        assert await store.save(step(7, owner=ONE)) is False, "restarted from an older copy"
        assert await store.save(step(8, owner=ONE)) is True

    async def test_a_store_that_forgot_everything_takes_the_next_step_and_tells(self, store: Store) -> None:
        assert await store.save(step(7, owner=ONE, notes=(note(7),))) is False
        assert await store.save(step(8, owner=ONE)) is True
        assert numbers(await store.story("c1")) == [7, 8]
        assert await stands(store, "c1", "i1") == step(8).progress
