"""A call joins its conversation once, in at most four questions to the store, and whatever the store does meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from context_store.errors import BadRecord, StaleRevision, StoreUnavailable
from context_store.going_on import Matter
from context_store.memory import MemoryStore
from context_store.records import Interaction, Json, Level, Note, NoteKind, Progress, Story, new_id
from ivr.call.joining import Joining
from ivr.call.record import CallRecord
from ivr.call.room import HOUR, Spans
from tests.unit.fakes import FakeAnswers, FakeSpeaker, OneHotline, make_room
from tests.unit.takeover_house import FLOW

MOBILE, OTHER = "+905321112233", "+905559998877"
AYSE: Json = {"id": "C1", "name": "Ayşe"}
VELI: Json = {"id": "C2", "name": "Veli"}
HOME: Json = {"number": "+902125554141"}
SHOP: Json = {"number": "+902125554242"}
BEGUN = Progress("f", "v", "tr", node="pick", phase="asking", facts={"caller": {"number": MOBILE}})


def known(customer: Json = AYSE, line: Json = HOME) -> Progress:
    return replace(BEGUN, level=Level.VERIFIED, facts={**BEGUN.facts, "customer": customer, "line": line})


class Counted(MemoryStore):
    """Counts what it is asked; `trouble` by the number of the question."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.trouble: dict[int, Exception] = {}

    def __getattribute__(self, name: str) -> Any:
        if name in ("join", "story", "merge"):
            self.asked.append(name)
            if trouble := self.trouble.get(len(self.asked)):

                async def fail(*_: object, **__: object) -> None:
                    raise trouble

                return fail
        return super().__getattribute__(name)


class Clock:
    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


class House:
    def __init__(self, spans: Spans | None = None, store: Counted | None = None) -> None:
        self.store = store or Counted()
        self.room = make_room(self.store, OneHotline(FLOW, FakeSpeaker()), FakeAnswers({}), spans=spans)
        self.clock = Clock()

    def call(self, ani: str | None = MOBILE) -> Call:
        self.room.outage._on.clear()
        return Call(self, ani)

    async def story(self, conversation: str) -> Story:
        story = await MemoryStore.story(self.store, conversation)
        assert story
        return story


class Call:
    def __init__(self, house: House, ani: str | None) -> None:
        self.id = new_id()
        now = time.time()
        interaction = Interaction(self.id, new_id(), "call", "one", ani, "4440000", started_at=now)
        self.record = CallRecord(house.store, house.room.outage, interaction, "one#1", lambda: None)
        self.joining = Joining(house.room, self.record, ani, house.clock)
        self.progress = Progress("f", "v", "tr")

    @property
    def conversation(self) -> str:
        return self.record.conversation

    async def step(self, progress: Progress, *, asked: bool = False) -> Note | None:
        joined = await self.joining.settle(self.progress, progress, asked=asked)
        notes = [Note(NoteKind.SAID, time.time(), "pick", {"prompts": []})] + ([joined] if joined else [])
        await self.record.save(self.progress, progress, notes)
        self.progress = progress
        return joined

    async def hang_up(self) -> None:
        await self.step(replace(self.progress, phase="ended", gone=True, outcome="hung_up"))
        await self.record.close(self.progress)


async def test_the_second_call_about_a_line_joins_the_first() -> None:
    house = House()
    first = house.call()
    await first.step(BEGUN)
    assert house.store.asked == []
    await first.step(known())
    assert house.store.asked == ["join"], "one question where there is nothing to join"
    await first.hang_up()
    house.store.asked.clear()
    second = house.call(OTHER)
    await second.step(BEGUN)
    own = second.conversation
    joined = await second.step(known())
    assert house.store.asked == ["join", "story", "merge"]
    assert joined
    assert joined.data == {"ani": OTHER, "by": "line"}
    await second.hang_up()
    assert house.store.asked == ["join", "story", "merge"], "once in a call"
    assert second.conversation == first.conversation != own
    story = await house.story(first.conversation)
    assert {call.id for call in story.interactions} == {first.id, second.id}
    assert len([note for note in story.notes if note.kind is NoteKind.SAID]) == 6, "with what it had said before"
    assert story.conversation.opened_at == (await house.story(own)).conversation.opened_at
    assert not story.conversation.incomplete


async def test_what_was_known_of_a_conversation_stays_known() -> None:
    house = House()
    first = house.call()
    await first.step(BEGUN, asked=True)
    await first.hang_up()
    opened = (await house.story(first.conversation)).conversation.opened_at
    second = house.call()
    await second.step(BEGUN, asked=True)
    summary = (await house.story(second.conversation)).conversation
    assert second.conversation == first.conversation
    assert summary.opened_at == opened


async def test_two_lines_and_two_customers_keep_apart() -> None:
    house = House()
    conversations = set()
    for customer, line in ((AYSE, HOME), (AYSE, SHOP), (VELI, HOME)):
        call = house.call()
        await call.step(known(customer, line))
        conversations.add(call.conversation)
    assert len(conversations) == 3


async def test_who_withholds_the_number_and_stays_unknown_is_alone() -> None:
    house = House()
    for _ in range(2):
        call = house.call(None)
        own = call.conversation
        await call.step(BEGUN, asked=True)
        await call.hang_up()
        assert call.conversation == own
    assert house.store.asked == []


async def test_an_unknown_caller_joins_at_the_end_and_is_found_by_customer_once_known() -> None:
    house = House()
    first = house.call()
    await first.step(BEGUN)
    await first.hang_up()
    second = house.call()
    await second.step(BEGUN, asked=True)
    assert second.conversation == first.conversation
    await second.step(known())
    third = house.call(OTHER)
    await third.step(known())
    assert third.conversation == first.conversation
    unknown = house.call()
    await unknown.step(BEGUN, asked=True)
    assert unknown.conversation != first.conversation, "it is a customer's now"


async def test_an_unknown_caller_who_turns_out_to_have_called_before_joins_then() -> None:
    house = House()
    before = house.call(OTHER)
    await before.step(known())
    call = house.call()
    await call.step(BEGUN, asked=True)
    own = call.conversation
    await call.step(known())
    assert call.conversation == before.conversation != own


@pytest.mark.parametrize(
    "over",
    [
        lambda house, first: house.store.close(first.conversation, "solved", time.time()),
        lambda house, first: first.step(replace(first.progress, phase="ended", outcome="completed")),
        lambda house, first: _later(house),
    ],
    ids=["the agent has wrapped it up", "the flow came to its end", "it is too long ago"],
)
async def test_what_is_over_is_not_joined_and_not_found_again(over: Callable[[House, Call], Any]) -> None:
    house = House(Spans(open=HOUR))
    first = house.call()
    await first.step(known())
    await over(house, first)
    house.store.asked.clear()
    second = house.call()
    assert await second.step(known()) is None
    assert house.store.asked == ["join", "story", "join"]
    assert second.conversation != first.conversation
    third = house.call()
    house.clock.now = time.time()
    await third.step(known())
    assert third.conversation == second.conversation


async def _later(house: House) -> None:
    house.clock.now += 2 * HOUR


async def test_without_a_span_each_call_stands_alone() -> None:
    house = House(Spans(open=0, unknown=0))
    calls = [house.call() for _ in range(2)]
    for call in calls:
        await call.step(known())
        await call.hang_up()
    assert calls[0].conversation != calls[1].conversation
    assert house.store.asked == []


@pytest.mark.parametrize("question", [1, 2, 3])
@pytest.mark.parametrize("trouble", [StoreUnavailable("away"), BadRecord("broken")])
async def test_a_store_in_trouble_costs_no_call(question: int, trouble: Exception) -> None:
    house = House()
    first = house.call()
    await first.step(known())
    house.store.asked.clear()
    second = house.call(OTHER)
    await second.step(BEGUN)
    house.store.trouble[question] = trouble
    assert await second.step(known()) is None
    assert len(house.store.asked) == question
    house.room.outage._on.clear()  # it is back
    again = await second.step(replace(known(), attempts=1))
    if isinstance(trouble, StoreUnavailable):
        assert again
        assert second.conversation == first.conversation
    await second.hang_up()
    story = await house.story(second.conversation)
    assert story.interactions[-1].outcome == "hung_up"
    of_the_first = 1 if isinstance(trouble, StoreUnavailable) else 0
    assert len([note for note in story.notes if note.kind is NoteKind.SAID]) == 4 + of_the_first


async def test_a_move_whose_answer_was_lost_is_known_at_the_next_step() -> None:
    class Forgetful(Counted):
        lost = False

        async def merge(self, conversation: str, into: str, owner: str) -> None:
            await super().merge(conversation, into, owner)
            if self.lost:
                self.lost = False
                raise StoreUnavailable("the answer was lost")

    store = Forgetful()
    house = House(store=store)
    first = house.call()
    await first.step(known())
    store.lost = True
    second = house.call(OTHER)
    await second.step(BEGUN)
    await second.step(known())
    house.room.outage._on.clear()
    await second.step(replace(known(), attempts=1))
    assert second.conversation == first.conversation
    assert len((await house.story(first.conversation)).interactions) == 2


async def test_while_the_store_is_away_it_is_not_even_asked() -> None:
    house = House()
    call = house.call()
    house.room.outage.begin("away")
    await call.step(known())
    assert house.store.asked == []
    house.room.outage._on.clear()
    await call.step(replace(known(), attempts=1))
    assert house.store.asked == ["join"]


async def test_a_call_that_is_not_ours_is_told_so() -> None:
    house = House()
    call = house.call()
    house.store.trouble[1] = StaleRevision("newer")
    with pytest.raises(StaleRevision):
        await call.step(known())


async def test_two_calls_at_once_come_into_one_conversation() -> None:
    house = House()
    calls = [house.call(MOBILE), house.call(OTHER)]
    for call in calls:
        await call.joining.settle(BEGUN, known(), asked=False)  # neither has been saved
    for call in calls:
        await call.record.save(BEGUN, known(), [])
    assert len({call.conversation for call in calls}) == 1
    assert len((await house.story(calls[0].conversation)).interactions) == 2


async def test_who_turns_out_to_be_somebody_else_leaves_the_conversation_as_it_was() -> None:
    """Recognised by a number that is another customer's, who has left something unfinished."""
    house = House()
    theirs = house.call(OTHER)
    await theirs.step(known(AYSE, HOME))
    await theirs.hang_up()
    call = house.call()
    await call.step(known(AYSE, HOME))
    assert call.conversation == theirs.conversation
    turned_out = known(VELI, SHOP)
    await call.step(turned_out)
    await call.hang_up()
    assert call.conversation != theirs.conversation
    left, own = await house.story(theirs.conversation), await house.story(call.conversation)
    assert left.conversation.customer_id == "C1"
    assert "C2" not in repr(left)
    assert "C1" not in repr(own)
    assert own.interactions[0].outcome == "hung_up"
    assert not own.conversation.incomplete
    again = house.call()
    await again.step(turned_out)
    assert again.conversation == call.conversation
    assert all(call.ended_at for call in left.interactions)


async def test_a_caller_who_came_back_stays_and_can_be_found_by_customer() -> None:
    house = House()
    call = house.call()
    call.joining.stay(None)
    own = call.conversation
    await call.step(known())
    assert call.conversation == own
    assert await MemoryStore.join(house.store, Matter("C1", HOME["number"]), new_id(), 60) == own
