"""A store in trouble: one call finds it out for all, nobody waits, what was said is written later, within bounds."""

from __future__ import annotations

import asyncio
import time

import pytest

from context_store.errors import StaleRevision, StoreUnavailable
from context_store.memory import MemoryStore
from context_store.records import Interaction, Note, NoteKind, Progress, Saved, Story
from ivr.call.outage import ASK_AGAIN, SLOW, Outage
from ivr.call.ports import Arrival
from ivr.call.record import PENDING_LIMIT, CallRecord
from ivr.call.session import Session
from ivr.call.unwritten import Unwritten
from ivr.flow.events import HungUp, KeyPressed
from tests.unit.fakes import FakeAnswers, FakeLine, FakeSpeaker, OneHotline, make_room
from tests.unit.takeover_house import FLOW
from tests.virtual_time import run_virtual, until

TIMEOUT = 0.5


class Troubled(MemoryStore):
    """Answers after `seconds`, with the time-out of a real one; or not at all."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self.away = False
        self.saves = 0
        self.fails_from: int | None = None  # which save is the first that fails

    async def save(self, saved: Saved) -> bool:
        self.saves += 1
        await self._answer()
        if self.fails_from is not None and self.saves >= self.fails_from:
            raise StoreUnavailable("away")
        return await super().save(saved)

    async def join(self, matter, mine, seconds, instead_of=""):  # type: ignore[no-untyped-def] # as MemoryStore's
        await self._answer()
        return await super().join(matter, mine, seconds, instead_of)

    async def ping(self) -> None:
        await self._answer()

    async def _answer(self) -> None:
        await asyncio.sleep(min(self.seconds, TIMEOUT))
        if self.away or self.seconds > TIMEOUT:
            raise StoreUnavailable("away")


class House:
    """A controller with some calls."""

    def __init__(self) -> None:
        self.store = Troubled()
        self.outage = Outage(self.store)
        self.unwritten = Unwritten(self.store)
        self.room = make_room(
            self.store,
            OneHotline(FLOW, FakeSpeaker()),
            FakeAnswers({}),
            outage=self.outage,
            unwritten=self.unwritten,
        )
        self.calls: list[tuple[FakeLine, Session, asyncio.Task[None]]] = []

    async def call(self, many: int = 1) -> None:
        """So many callers hear the first question."""
        for _ in range(many):
            line = FakeLine(f"chan-{len(self.calls)}")
            session = Session(self.room, line, Arrival(line.id, "", "4440000"))
            line.put = session.put
            self.calls.append((line, session, asyncio.create_task(session.run())))
        await until(lambda: all(("play", "ask_name.wav") in line.done for line, _, _ in self.calls))

    def press(self, keys: str) -> None:
        for _, session, _ in self.calls:
            for key in keys:
                session.put(KeyPressed(time.time(), key))

    async def hang_up(self) -> None:
        for _, session, _ in self.calls:
            session.put(HungUp(time.time()))
        await asyncio.gather(*(task for _, _, task in self.calls))

    async def stories(self) -> list[Story]:
        stories = [await self.store.story(session.conversation) for _, session, _ in self.calls]
        return [story for story in stories if story]


def now() -> float:
    return asyncio.get_running_loop().time()


def test_a_slow_store_delays_nobody_for_more_than_its_time_out() -> None:
    async def test() -> None:
        house = House()
        async with house.outage, house.unwritten:
            await house.call(5)
            house.store.seconds = 1.0
            delays = []
            for step in range(10):
                began = now()
                line, session, _ = house.calls[step % 5]
                heard = len(line.done)
                session.put(KeyPressed(0.0, "#"))  # no answer: the question is asked again
                await until(lambda line=line, heard=heard: len(line.done) > heard)  # type: ignore[misc] # bound now
                delays.append(now() - began)
                await asyncio.sleep(0.3)
            assert max(delays) <= TIMEOUT + 0.05
            assert len([delay for delay in delays if delay > 0.05]) == 1, "who found it out"
            house.store.seconds = 0.0
            await asyncio.sleep(ASK_AGAIN + 1)
            await house.hang_up()
        assert len(await house.stories()) == 5

    run_virtual(test)


def test_one_slow_step_that_was_kept_is_enough() -> None:
    async def test() -> None:
        house = House()
        async with house.outage:
            house.store.seconds = SLOW + 0.1
            await house.call(1)
            saves = house.store.saves
            assert house.outage.on
            house.store.seconds = 0.0
            house.press("*")
            await asyncio.sleep(0.5)
            assert house.store.saves == saves
            await asyncio.sleep(ASK_AGAIN)
            await house.hang_up()
        [story] = await house.stories()
        assert [note.kind for note in story.notes].count(NoteKind.STARTED) == 1

    run_virtual(test)


def test_everything_is_written_when_it_is_back_although_nobody_does_anything() -> None:
    async def test() -> None:
        house = House()
        async with house.outage:
            house.store.away = True
            await house.call(120)
            tries = house.store.saves
            assert tries == 120, "those that began at the same moment ask once, and then nobody does"
            assert await house.stories() == []
            await asyncio.sleep(1.5)
            house.store.away = False
            await asyncio.sleep(ASK_AGAIN + 0.5)
            stories = await house.stories()
            assert len(stories) == 120
            assert all(story.conversation.incomplete and not story.conversation.lost for story in stories)
            assert all(story.notes[0].kind is NoteKind.STARTED for story in stories)
            await house.hang_up()

    run_virtual(test)


def test_calls_that_end_meanwhile_are_written_later() -> None:
    async def test() -> None:
        house = House()
        async with house.outage, house.unwritten:
            await house.call(3)
            house.store.away = True
            house.press("42")
            await asyncio.sleep(1)
            began = now()
            await house.hang_up()
            assert now() - began < 0.1, "nobody waits for a store that is away"
            house.store.away = False
            await asyncio.sleep(10)
            assert house.unwritten.empty
        assert [story.interactions[0].outcome for story in await house.stories()] == ["hung_up"] * 3

    run_virtual(test)


def test_a_store_that_comes_back_and_goes_again_keeps_the_calls_waiting() -> None:
    async def test() -> None:
        house = House()
        async with house.outage:
            house.store.away = True
            await house.call(60)
            for _ in range(3):
                house.store.away = False
                await until(lambda: not house.outage.on)
                house.store.away = True
                house.press("*")
                await asyncio.sleep(1)
            house.store.away = False
            await asyncio.sleep(10)
            assert len(await house.stories()) == 60
            await house.hang_up()
            assert house.outage._waiting == {}

    run_virtual(test)


async def test_what_one_call_keeps_in_memory_is_bounded_and_what_was_dropped_is_counted() -> None:
    store = Troubled()
    outage = Outage(store)
    interaction = Interaction("i1", "c1", "call", "one", None, "444", started_at=1.0)
    record = CallRecord(store, outage, interaction, "one#1", lambda: None)
    progress = Progress("f", "v", "tr", node="n")
    outage.begin("away")
    for number in range(PENDING_LIMIT + 7):
        await record.save(progress, progress, [Note(NoteKind.NOINPUT, 0.0, "n", {"attempt": number})])
    outage._on.clear()
    await record.catch_up(progress)
    story = await store.story("c1", 1000)
    assert story
    assert len(story.notes) == PENDING_LIMIT
    assert story.notes[0].data == {"attempt": 7}, "the oldest are dropped"
    assert story.conversation.lost == 7
    assert story.conversation.incomplete


def record_of(store: Troubled, outage: Outage) -> CallRecord:
    interaction = Interaction("i1", "c1", "call", "one", None, "444", started_at=1.0)
    return CallRecord(store, outage, interaction, "one#1", lambda: None)


def noinputs(many: int) -> list[Note]:
    return [Note(NoteKind.NOINPUT, 0.0, "n", {"attempt": number}) for number in range(many)]


async def test_what_was_sent_and_is_perhaps_not_kept_counts_too() -> None:
    store = Troubled()
    outage, progress = Outage(store), Progress("f", "v", "tr", node="n")
    record = record_of(store, outage)
    store.away = True
    for _ in range(3):
        await record.save(progress, progress, noinputs(PENDING_LIMIT - 200))
    left = await record.close(progress)
    assert [len(step.notes) for step in left] == [PENDING_LIMIT - 200, 200]
    assert left[-1].conversation.lost == 2 * (PENDING_LIMIT - 200) - 200


@pytest.mark.parametrize("began", ["before the end", "at the end", "between two steps of it"])
async def test_a_call_that_could_not_write_its_end_is_told_to_be_incomplete(began: str) -> None:
    store = Troubled()
    outage, progress = Outage(store), Progress("f", "v", "tr", node="n")
    record = record_of(store, outage)
    await record.save(progress, progress, noinputs(1))
    if began == "before the end":
        outage.begin("away")
    store.away = began != "between two steps of it"
    if began == "between two steps of it":
        record.part(progress)
        store.fails_from = store.saves + 2
    left = await record.close(progress)
    assert len(left) == 1
    store.away, store.fails_from = False, None
    for step in left:
        assert await store.save(step) is (began != "between two steps of it")
    story = await store.story(record.conversation)
    assert story
    assert story.conversation.incomplete
    assert story.interactions[0].outcome == "failed"


async def test_an_end_that_was_kept_although_the_answer_was_lost_is_complete() -> None:
    class Forgetful(Troubled):
        async def save(self, saved: Saved) -> bool:
            await super().save(saved)
            raise StoreUnavailable("the answer was lost")

    store = Forgetful()
    record = record_of(store, Outage(store))
    [step] = await record.close(Progress("f", "v", "tr", node="n"))
    with pytest.raises(StaleRevision):
        await MemoryStore.save(store, step)
    story = await store.story("c1")
    assert story
    assert not story.conversation.incomplete


@pytest.mark.parametrize("empty", [True, False])
async def test_a_store_that_has_lost_what_it_had_is_told_apart(empty: bool) -> None:
    store = Troubled()
    interaction = Interaction("i1", "c1", "call", "one", None, "444", started_at=1.0)
    record = CallRecord(store, Outage(store), interaction, "one#1", lambda: None)
    progress = Progress("f", "v", "tr", node="n")
    for number in range(3):
        if number == 2 and empty:
            store._kept.clear()
        await record.save(progress, progress, [Note(NoteKind.NOINPUT, 0.0, "n", {"attempt": number})])
    await record.save(progress, progress, [Note(NoteKind.NOINPUT, 0.0, "n", {"attempt": 3})])
    story = await store.story("c1")
    assert story
    assert story.conversation.incomplete is empty


def test_a_ping_that_fails_in_an_unforeseen_way_ends_nothing() -> None:
    class Broken(Troubled):
        async def ping(self) -> None:
            raise RuntimeError("a bug")

    async def test() -> None:
        outage = Outage(Broken())
        async with outage:
            outage.begin("away")
            await asyncio.sleep(10)
            assert outage.on

    run_virtual(test)


def test_who_waits_is_told_once_and_who_has_ended_is_not() -> None:
    async def test() -> None:
        told: list[str] = []

        def one() -> None:
            told.append("one")

        def two() -> None:
            told.append("two")

        async with Outage(Troubled()) as outage:
            outage.begin("away")
            for work in (one, two, one):
                outage.then(work)
            outage.forget(two)
            await asyncio.sleep(ASK_AGAIN + 1)
        assert told == ["one"]

    run_virtual(test)
