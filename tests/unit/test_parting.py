"""A call that turns out to be somebody else's leaves the conversation that it was in, and takes nothing of it along."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from context_store.going_on import Matter, Taken
from context_store.memory import MemoryStore
from context_store.records import Json, NoteKind, Saved
from ivr.call.ports import Served
from ivr.call.session import Session
from ivr.errors import ChannelGone, TelephonyRefused
from ivr.flow.reading.loader import parse_flow
from tests.unit import takeover_house
from tests.unit.fakes import FakeSpeaker, FakeTenure
from tests.unit.takeover_house import Channel, Controller, SharedLine, press
from tests.unit.test_joining import AYSE, BEGUN, HOME, OTHER, SHOP, VELI, Call, House, known
from tests.virtual_time import run_virtual, until

AYSES, VELIS = known(AYSE, HOME), known(VELI, SHOP)


async def recognised(house: House) -> Call:
    """A call that was taken for Ayşe's, by its number."""
    call = house.call()
    await call.step(BEGUN)
    await call.step(AYSES)
    return call


async def test_after_a_takeover_it_may_turn_out_to_be_somebody_else() -> None:
    house = House()
    velis = house.call(OTHER)
    await velis.step(VELIS)
    await velis.hang_up()
    call = await recognised(house)
    taken = await house.store.take(call.conversation, call.id, "two#1", {"one"})
    assert isinstance(taken, Taken)
    heir = house.call()
    heir.record._owner = "two#1"
    heir.record.take_up(taken, "two")
    heir.joining.go_on(taken)
    heir.progress = taken.progress
    await heir.step(VELIS)
    assert heir.conversation == velis.conversation
    ayses = house.call()
    await ayses.step(AYSES)
    assert ayses.conversation == call.conversation != velis.conversation
    assert "C1" not in repr(await house.story(velis.conversation))


async def test_who_comes_back_from_people_may_be_somebody_else() -> None:
    house = House()
    ayses = await recognised(house)
    back = house.call()
    back.record.belong_to((await house.story(ayses.conversation)).conversation)
    back.joining.stay((await house.story(ayses.conversation)).conversation)
    await back.step(VELIS)
    assert back.conversation != ayses.conversation
    assert (await house.story(ayses.conversation)).conversation.customer_id == "C1"


async def test_a_store_that_is_left_alone_at_that_moment_gets_nothing_wrong_later() -> None:
    house = House()
    call = await recognised(house)
    ayses = call.conversation
    house.room.outage.begin("one slow step")
    await call.step(VELIS)
    assert call.conversation != ayses
    house.room.outage._on.clear()
    await call.record.catch_up(call.progress)
    await call.step(replace(VELIS, node="next"))
    left, own = await house.story(ayses), await house.story(call.conversation)
    assert (left.conversation.customer_id, own.conversation.customer_id) == ("C1", "C2")
    assert "C2" not in repr(left)
    assert left.interactions[0].ended_at
    assert left.conversation.incomplete
    assert own.conversation.incomplete
    for progress, conversation in ((AYSES, ayses), (VELIS, call.conversation)):
        later = house.call()
        await later.step(progress)
        assert later.conversation == conversation


@pytest.mark.parametrize("away", [False, True])
async def test_who_turns_out_to_be_the_first_again_is_there_again(away: bool, caplog: pytest.LogCaptureFixture) -> None:
    house = House()
    call = await recognised(house)
    ayses = call.conversation
    if away:
        house.room.outage.begin("away")
    await call.step(VELIS)
    velis = call.conversation
    await call.step(AYSES)
    if away:
        house.room.outage._on.clear()
        await call.record.catch_up(call.progress)
        await call.step(replace(AYSES, node="next"))
    assert call.conversation == ayses != velis
    await call.hang_up()
    story = await house.story(ayses)
    assert [one.outcome for one in story.interactions] == ["hung_up"]
    assert "C2" not in repr(story)
    assert "C1" not in repr(await house.story(velis))
    assert story.conversation.incomplete is away
    assert "has lost" not in caplog.text, "that it was elsewhere meanwhile is no loss"


FLOW = parse_flow(
    """
flow: again
languages: [tr]
start: who
defaults: {otherwise: people}
nodes:
  who: {identify: [caller_number, fault_line], next: pick}
  pick: {menu: pick, choices: {again: {key: 1, next: who}, people: {key: 2, next: people}}}
  people: {transfer: faults, reason: asked}
""",
    "again.yaml",
)


class Desk(MemoryStore):
    """Tells in the channel's own list when it was written to. The next that wants to join waits for `gate`."""

    def __init__(self) -> None:
        super().__init__()
        self.channel: Channel | None = None
        self.gate: asyncio.Event | None = None

    async def save(self, saved: Saved) -> bool:
        whole = await super().save(saved)
        if self.channel:
            self.channel.done.append(("store", "save", saved.conversation.id))
        return whole

    async def join(self, matter: Matter, mine: str, seconds: float, instead_of: str = "") -> str:
        gate, self.gate = self.gate, None
        if gate:
            await gate.wait()
        return await super().join(matter, mine, seconds, instead_of)


class Unmarked(SharedLine):
    """Its channel cannot be marked: so often, or because it is gone."""

    times = 0
    gone = False

    async def mark(self, conversation: str) -> None:
        if self.gone:
            raise ChannelGone("the channel has gone")
        if self.times:
            self.times -= 1
            raise TelephonyRefused("not now")
        await super().mark(conversation)


class Company(takeover_house.House):
    """Ayşe is found by the number, until `now` tells another one."""

    def __init__(self) -> None:
        super().__init__(Desk())
        self.now(AYSE, HOME)

    def now(self, customer: Mapping[str, Json], line: Mapping[str, Json]) -> None:
        of = {**line, "ending": line["number"][-2:], "product": "fiber"}
        found = {"way": "caller_number", "customer": customer, "line": of, "remembered": None}
        self.company.answers = {"directory.find": {"matches": [found]}}

    def controller(self, name: str, *dead: str) -> Controller:
        controller = Controller(self, name, dead)
        controller.hotlines.served = Served(FLOW, FakeSpeaker())
        return controller

    async def begin(self) -> tuple[Channel, Unmarked, Session, asyncio.Task[None]]:
        """A call that was taken for Ayşe's, in the menu."""
        channel = Channel("chan-1", "one")
        session, task = self.controller("one").serve(channel)
        session._line._line = line = Unmarked(channel, "one")
        await until(lambda: "pick" in channel.heard("one"))
        return channel, line, session, task


def test_the_channel_is_marked_before_anything_is_written_there() -> None:
    """Whoever takes the call over looks where the mark says, and must not find one that goes on elsewhere."""

    async def test() -> None:
        house = Company()
        channel, _, session, task = await house.begin()
        ayses = channel.conversation
        assert isinstance(house.store, Desk)
        house.store.channel = channel
        channel.done.clear()
        house.now(VELI, SHOP)
        press(session, "12")
        await task
        velis = session.conversation
        assert channel.conversation == velis != ayses
        where = [(what, value) for _, what, value in channel.done if value in (ayses, velis)]
        marked = where.index(("mark", velis))
        assert ("save", velis) in where[marked:]
        assert ("save", ayses) in where[marked:], "the end of the call there"
        assert ("save", velis) not in where[:marked]
        assert where.count(("mark", velis)) == 1

    run_virtual(test)


class Coming(SharedLine):
    """It takes a while until the channel comes."""

    def __init__(self, channel: Channel, app: str) -> None:
        super().__init__(channel, app)
        self.comes = asyncio.Event()

    async def take_over(self, play: str) -> None:
        await self.comes.wait()
        await super().take_over(play)


def test_who_sleeps_while_it_parts_leaves_the_call_to_whoever_has_taken_it() -> None:
    """The store knows it already, the exchange not yet."""

    async def test() -> None:
        house = Company()
        channel, _, session, task = await house.begin()
        assert isinstance(house.store, Desk)
        house.store.gate = gate = asyncio.Event()
        house.now(VELI, SHOP)
        press(session, "1")
        await until(lambda: session.conversation != channel.conversation)
        heir, serving = house.controller("two", "one").serve(channel, found=True)
        heir._line._line = line = Coming(channel, "two")
        await asyncio.sleep(1)
        done = len(channel.done)
        tenure = session._line._tenure
        assert isinstance(tenure, FakeTenure)
        tenure.sleep()
        gate.set()
        await task
        assert channel.done[done:] == []
        line.comes.set()
        await until(lambda: "pick" in channel.heard("two"))
        assert heir.conversation == channel.conversation
        press(heir, "2")
        await serving
        assert channel.done[-1] == ("two", "transfer", "faults")

    run_virtual(test)


@pytest.mark.parametrize("times", [1, 2])
def test_a_mark_that_fails_is_tried_once_more_before_people_get_the_caller(times: int) -> None:
    async def test() -> None:
        house = Company()
        channel, line, session, task = await house.begin()
        ayses, line.times = channel.conversation, times
        house.now(VELI, SHOP)
        press(session, "12")
        await task
        assert channel.conversation == (session.conversation if times == 1 else ayses)
        assert channel.done[-1] == ("one", "transfer", "faults")

    run_virtual(test)


def test_a_caller_who_hangs_up_just_then_costs_nothing_that_was_said() -> None:
    async def test() -> None:
        house = Company()
        channel, line, session, task = await house.begin()
        line.gone = True
        house.now(VELI, SHOP)
        press(session, "1")
        await task
        assert session.conversation != channel.conversation
        story = await house.store.story(session.conversation)
        assert story
        assert story.conversation.customer_id == "C2"
        assert NoteKind.HUNG_UP in [note.kind for note in story.notes]

    run_virtual(test)
