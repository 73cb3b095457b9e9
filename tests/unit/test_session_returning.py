"""A call that drops after the caller has proved who they are: the next one from that number goes on verified."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import pytest

from context_store.attempts import Limits
from context_store.errors import StaleRevision, StoreUnavailable
from context_store.going_on import Taken
from context_store.memory import MemoryStore
from context_store.memory_attempts import MemoryAttempts
from context_store.memory_returns import MemoryReturns
from context_store.records import Json, Level, NoteKind, Saved, Standing, Story
from context_store.returns import Returns
from ivr.call import returning
from ivr.call.ports import Arrival, Served, Spoken
from ivr.call.session import Session
from ivr.errors import ServiceError
from ivr.flow.events import HungUp, KeyPressed
from ivr.flow.model import Flow
from ivr.flow.reading.loader import parse_flow
from tests.unit.fakes import FakeAnswers, FakeLine, FakeSpeaker, OneHotline, make_room
from tests.virtual_time import run_virtual, until

TEXT = """
flow: f
languages: [tr]
start: who
defaults: {otherwise: people}
nodes:
  who: {identify: [token, returned, fault_line], next: pick, exceeded: refused}
  pick:
    menu: pick
    choices: {bye: {key: 1, next: bye}, people: {key: 2, next: people}}
  people: {transfer: agents, reason: asked}
  refused: {transfer: agents, reason: refused}
  bye: {end: bye}
"""
FLOW = parse_flow(TEXT, "f.yaml")
MENU_FIRST = parse_flow(TEXT.replace("start: who", "start: pick").replace("next: people", "next: who"), "f.yaml")
CALLER = "+905321112233"
CUSTOMER = {"id": "C1001", "name": "Ayşe Yılmaz"}
LINE = {"number": "+902125554141", "ending": "41", "product": "Fiber"}
AYSE = Standing(Level.VERIFIED, CUSTOMER, LINE)
PROVED = {"proved": True, "customer": CUSTOMER, "lines": [LINE]}


class Store(MemoryStore):
    """May have a newer step of every call, and may be away for who wants to read."""

    taken = False
    away = False

    async def take(
        self, conversation: str, interaction: str, owner: str, dead: Collection[str]
    ) -> Taken | Literal["held", "unknown"]:
        if self.away:
            raise StoreUnavailable("away")
        return await super().take(conversation, interaction, owner, dead)

    async def story(self, conversation: str, last: int = 200) -> Story | None:
        if self.away:
            raise StoreUnavailable("away")
        return await super().story(conversation, last)

    async def save(self, saved: Saved) -> bool:
        if self.taken:
            raise StaleRevision("newer")
        return await super().save(saved)


class Controller:
    """Calls on one room, at a company that takes any PIN as right, or `answer`."""

    def __init__(self, *, returns: Returns | None = None, answer: Mapping[str, Json] = PROVED, claim: int = 6) -> None:
        self.store = Store()
        self.returns = returns or MemoryReturns(asyncio.get_running_loop().time)
        self.company = FakeAnswers({"directory.prove": answer})
        self.attempts = MemoryAttempts(Limits(claim=claim))
        self.calls = 0

    def call(self, caller: str = "05321112233", token: str = "", flow: Flow = FLOW) -> Call:
        self.calls += 1
        return Call(self, f"chan-{self.calls}", caller, token, flow)

    async def left(self) -> Standing | None:
        """What the last call left, whenever it ends."""
        standing = await self.returns.take(CALLER)
        return standing and replace(standing, until=0.0)


class Call:
    def __init__(
        self,
        house: Controller,
        channel: str,
        caller: str,
        token: str,
        flow: Flow,
        conversation: str = "",
        visit: str = "",
    ) -> None:
        hotlines = OneHotline(flow, FakeSpeaker())
        room = make_room(house.store, hotlines, house.company, attempts=house.attempts, returns=house.returns)
        self.house = house
        self.line = FakeLine(channel)
        arrival = Arrival(channel, caller, "4440000", token, conversation, visit)
        self.session = Session(room, self.line, arrival)
        self.line.put = self.session.put
        self.task = asyncio.create_task(self.session.run())

    async def heard(self, prompt: str) -> None:
        await until(lambda: any(what == "play" and f"{prompt}.wav" in files for what, files in self.line.done))

    def press(self, keys: str) -> None:
        for key in keys:
            self.session.put(KeyPressed(0.0, key))

    async def prove(self) -> None:
        await self.heard("ask_line")
        self.press("02125554141#")
        await self.heard("ask_pin")
        self.press("4711")

    async def hang_up(self) -> None:
        self.session.put(HungUp(0.0))
        await self.task

    async def story(self) -> Story:
        story = await self.house.store.story(self.session.conversation)
        assert story
        return story


async def drop(house: Controller) -> None:
    """A caller proves who they are, and is cut off."""
    call = house.call()
    await call.prove()
    await call.heard("pick")
    await call.hang_up()


def test_who_was_cut_off_is_verified_when_they_call_again() -> None:
    async def test() -> None:
        house = Controller()
        await drop(house)
        again = house.call()
        await again.heard("pick")
        assert ("play", "ask_line.wav") not in again.line.done
        await again.hang_up()
        story = await again.story()
        assert story.conversation.level is Level.VERIFIED
        assert story.conversation.line == LINE["number"]
        assert len(house.company.asked) == 1
        once_more = house.call()
        await once_more.heard("pick")
        await once_more.hang_up()

    run_virtual(test)


def test_who_drops_again_and_again_is_verified_until_the_first_end() -> None:
    async def test() -> None:
        house = Controller()
        await drop(house)
        first = await house.returns.take(CALLER)
        assert first
        await house.returns.leave(CALLER, replace(first, until=time.time() + 100), 100)
        for _ in range(2):
            again = house.call()
            await again.heard("pick")
            await again.hang_up()
        await asyncio.sleep(101)
        late = house.call()
        await late.heard("ask_line")
        await late.hang_up()

    run_virtual(test)


def test_who_drops_before_the_flow_has_asked_who_it_is_keeps_it() -> None:
    async def test() -> None:
        house = Controller()
        await drop(house)
        again = house.call(flow=MENU_FIRST)
        await again.heard("pick")
        await again.hang_up()
        last = house.call()
        await last.heard("pick")
        await last.hang_up()
        assert len(house.company.asked) == 1

    run_virtual(test)


def test_only_from_the_same_number_and_only_for_some_minutes() -> None:
    async def test() -> None:
        house = Controller()
        for caller, later in (("05559998877", 0), ("", 0), ("05321112233", 601)):
            await drop(house)
            await asyncio.sleep(later)
            again = house.call(caller)
            await again.heard("ask_line")
            await again.hang_up()
            await house.returns.take(CALLER)

    run_virtual(test)


def test_a_call_that_came_to_its_end_is_over() -> None:
    async def test() -> None:
        house = Controller()
        call = house.call()
        await call.prove()
        await call.heard("pick")
        call.press("1")
        await call.task
        assert call.line.done[-1] == ("hang_up", "")
        assert await house.returns.take(CALLER) is None

    run_virtual(test)


def test_who_was_handed_to_people_has_not_dropped() -> None:
    async def test() -> None:
        house = Controller()
        call = house.call()
        await call.prove()
        await call.heard("pick")
        call.press("2")
        await call.task
        assert call.line.done[-1] == ("transfer", "agents")
        assert await house.returns.take(CALLER) is None

    run_virtual(test)


def test_a_fault_of_ours_costs_the_caller_nothing() -> None:
    class Broken(FakeSpeaker):
        async def speak(self, prompts: Sequence[str], language: str, variables: Mapping[str, Json]) -> Spoken:
            raise ZeroDivisionError("a bug")

    async def test() -> None:
        house = Controller()
        call = house.call()
        await call.prove()
        await call.heard("pick")
        call.session._beginning = call.session._beginning._replace(served=OneHotline(FLOW, Broken()).served)
        call.press("9")  # no choice: it is said so
        await call.task
        assert call.line.done[-1] == ("transfer", "agents")
        assert await house.left() == AYSE

    run_virtual(test)


def test_a_controller_that_stops_leaves_it_for_the_next() -> None:
    async def test() -> None:
        house = Controller()
        call = house.call()
        await call.prove()
        await call.heard("pick")
        call.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call.task
        assert await house.left() == AYSE

    run_virtual(test)


def test_a_call_that_another_controller_serves_is_not_left_by_this_one() -> None:
    async def test() -> None:
        house = Controller()
        call = house.call()
        await call.prove()
        await call.heard("pick")
        house.store.taken = True
        call.press("2")
        await call.task
        assert await house.returns.take(CALLER) is None

    run_virtual(test)


def test_who_has_proved_nothing_leaves_nothing() -> None:
    async def test() -> None:
        house = Controller(answer={"proved": False})
        call = house.call()
        await call.prove()
        await call.heard("line_or_pin_wrong")
        await call.hang_up()
        assert await house.returns.take(CALLER) is None

    run_virtual(test)


class Trouble:
    """Returns that fail, or never answer."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error

    async def leave(self, number: str, standing: Standing, seconds: float) -> None:
        await self.take(number)

    async def take(self, number: str) -> Standing | None:
        if self.error:
            raise self.error
        await asyncio.sleep(1000)
        return None


@pytest.mark.parametrize("error", [StoreUnavailable("away"), ZeroDivisionError("a bug"), None])
def test_returns_in_trouble_cost_little_time_and_no_call(error: Exception | None) -> None:
    async def test() -> None:
        house = Controller(returns=Trouble(error))
        call = house.call()
        await call.heard("ask_line")
        assert asyncio.get_running_loop().time() <= returning.PATIENCE + 0.1
        await call.prove()
        await call.heard("pick")
        await call.hang_up()
        assert (await call.story()).interactions[0].outcome == "hung_up"

    run_virtual(test)


def test_it_is_asked_while_it_is_looked_what_is_live() -> None:
    class Slow(MemoryReturns):
        async def take(self, number: str) -> Standing | None:
            await asyncio.sleep(0.3)
            return await super().take(number)

    class SlowHotlines(OneHotline):
        async def current(self) -> Served:
            await asyncio.sleep(0.3)
            return await super().current()

    async def test() -> None:
        room = make_room(MemoryStore(), SlowHotlines(FLOW, FakeSpeaker()), FakeAnswers({}), returns=Slow())
        line = FakeLine()
        session = Session(room, line, Arrival("a", "05321112233", "4440000"))
        line.put = session.put
        task = asyncio.create_task(session.run())
        await until(lambda: bool(line.done))
        assert asyncio.get_running_loop().time() == pytest.approx(0.3, abs=0.05)
        session.put(HungUp(0.0))
        await task

    run_virtual(test)


def test_a_token_is_redeemed_and_is_nowhere_to_be_found(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    token = "t0ken-of_the-app-0123456789"

    async def test() -> None:
        house = Controller()
        house.company.answers = {"directory.redeem": ServiceError("directory.redeem", "unavailable")}
        call = house.call(token=token)
        await call.heard("ask_line")
        [(service, arguments, key)] = house.company.asked
        assert (service, arguments) == ("directory.redeem", {"token": token})
        assert token not in key
        await call.hang_up()
        assert token not in repr(await call.story())
        assert token.encode() not in repr(house.store._kept).encode()

    run_virtual(test)
    assert token not in caplog.text


def test_who_comes_back_from_people_is_who_they_were_and_is_asked_nothing() -> None:
    async def test() -> None:
        house = Controller()
        call = house.call()
        await call.prove()
        await call.heard("pick")
        call.press("2")
        await call.task
        assert await house.returns.take(CALLER) is None
        back = Call(house, "chan-1", "05321112233", "", FLOW, call.session.conversation, visit="1")
        await back.heard("pick")
        assert ("play", "ask_line.wav") not in back.line.done
        await back.hang_up()
        story = await back.story()
        assert back.session.conversation == call.session.conversation
        assert story.conversation.level is Level.VERIFIED
        assert [interaction.outcome for interaction in story.interactions] == ["transferred", "hung_up"]
        assert len(house.company.asked) == 1
        # It dropped, and a call that dropped is gone on with, until the end that it had.
        again = house.call()
        await again.heard("pick")
        await again.hang_up()

    run_virtual(test)


@pytest.mark.parametrize("visit", ["1", "2", "x"])
def test_who_comes_back_is_not_taken_for_another_caller_of_the_conversation(visit: str) -> None:
    """Two of a household call about one line; people send the one who has proved nothing back to the menus."""

    async def test() -> None:
        house = Controller(answer={"proved": False})
        first = house.call()
        await first.prove()
        await first.heard("line_or_pin_wrong")
        first.press("###")
        await first.task
        house.company.answers = {"directory.prove": PROVED}
        own = first.session.conversation
        second = Call(house, "chan-2", "05559998877", "", FLOW, own, visit="1")  # into the same conversation
        await second.prove()
        await second.heard("pick")
        assert second.session.conversation == own
        assert (await second.story()).conversation.level is Level.VERIFIED
        back = Call(house, "chan-1", "05321112233", "", FLOW, own, visit)
        await back.heard("ask_line")
        for call in (second, back):
            await call.hang_up()

    run_virtual(test)


def test_who_comes_back_while_the_store_is_away_begins_anew_in_their_conversation() -> None:
    async def test() -> None:
        house = Controller()
        call = house.call()
        await call.prove()
        await call.heard("pick")
        call.press("2")
        await call.task
        house.store.away = True
        back = Call(house, "chan-1", "05321112233", "", FLOW, call.session.conversation, visit="1")
        await back.heard("ask_line")
        assert back.session.conversation == call.session.conversation
        await back.hang_up()

    run_virtual(test)


def test_too_many_attempts_lead_to_people_without_asking_the_company() -> None:
    async def test() -> None:
        house = Controller(answer={"proved": False}, claim=1)
        call = house.call()
        await call.prove()
        await call.heard("line_or_pin_wrong")
        call.press("4712")
        await call.task
        assert call.line.done[-1] == ("transfer", "agents")
        assert len(house.company.asked) == 1
        story = await call.story()
        assert story.conversation.reason == "refused"
        assert NoteKind.LIMITED in [note.kind for note in story.notes]
        kept = repr(await house.attempts.audit()) + repr(house.attempts._log)
        assert not any(f"'{pin}'" in kept for pin in ("4711", "4712"))  # in quotes: a time may have those digits

    run_virtual(test)
