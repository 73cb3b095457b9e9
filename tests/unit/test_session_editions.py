"""A call keeps the edition that it began with, whatever is published meanwhile, and whatever happens while it asks."""

from __future__ import annotations

import asyncio

import pytest

from context_store.memory import MemoryStore
from context_store.records import Story
from ivr.call.ports import Arrival, Served
from ivr.call.session import Session
from ivr.flow.events import HungUp, KeyPressed
from ivr.flow.model import Flow
from ivr.flow.reading.loader import parse_flow
from ivr.flow.reading.version import with_version
from tests.unit.fakes import FakeAnswers, FakeLine, FakeSpeaker, make_room
from tests.virtual_time import run_virtual, until


def flow(version: str, second: str) -> Flow:
    text = f"""
flow: f
languages: [tr]
start: opening
defaults: {{otherwise: bye}}
nodes:
  opening: {{choose: [{{when: announcement, next: told}}], otherwise: pick}}
  told: {{say: told, next: pick}}
  pick:
    menu: pick
    choices: {{on: {{key: 1, next: {second}}}}}
  {second}: {{say: {second}, next: bye}}
  bye: {{end: bye}}
"""
    return with_version(parse_flow(text, "f.yaml"), version)


OLD, NEW = flow("a" * 12, "old"), flow("b" * 12, "new")


class Publishing:
    """What is live, as the test says; `gate` holds up whoever asks."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.gate = asyncio.Event()
        self.gate.set()

    async def current(self) -> Served:
        served = self.served
        await self.gate.wait()
        return served

    async def edition(self, version: str) -> Served:
        return self.served


class Controller:
    """Calls on one room."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.hotlines = Publishing(Served(OLD, FakeSpeaker()))
        self.room = make_room(self.store, self.hotlines, FakeAnswers({}))

    def call(self, channel: str, *, patient: bool = False) -> tuple[FakeLine, Session, asyncio.Task[None]]:
        line = FakeLine(channel, patient=patient)
        session = Session(self.room, line, Arrival(channel, "05321112233", "4440000"))
        line.put = session.put
        return line, session, asyncio.create_task(session.run())

    async def story(self, session: Session) -> Story:
        story = await self.store.story(session.conversation)
        assert story
        return story


def test_a_call_under_way_goes_on_with_its_own_edition() -> None:
    async def test() -> None:
        here = Controller()
        line, session, task = here.call("old")
        await until(lambda: ("play", "pick.wav") in line.done)
        here.hotlines.served = Served(NEW, FakeSpeaker(frozenset({"old", "bye"})))
        session.put(KeyPressed(0.0, "1"))
        await task
        other, later, task = here.call("new")
        await until(lambda: ("play", "pick.wav") in other.done)
        later.put(KeyPressed(0.0, "1"))
        await task
        assert [what for what in line.done if what[0] == "play"][1:] == [("play", "old.wav"), ("play", "bye.wav")]
        assert ("play", "new.wav") in other.done
        versions = [(await here.story(one)).progress for one in (session, later)]
        assert [progress and progress.version for progress in versions] == [OLD.version, NEW.version]

    run_virtual(test)


def test_a_call_hears_what_was_announced_when_it_began() -> None:
    async def test() -> None:
        here = Controller()
        here.hotlines.served = Served(OLD, FakeSpeaker(), {"tr": "Kesinti var"})
        line, session, task = here.call("a")
        await until(lambda: ("play", "pick.wav") in line.done)
        assert line.done[1:3] == [("play", "told.wav"), ("play", "pick.wav")]
        session.put(HungUp(0.0))
        await task

    run_virtual(test)


def test_a_caller_who_hangs_up_before_it_is_known_what_is_served() -> None:
    async def test() -> None:
        here = Controller()
        here.hotlines.gate.clear()
        line, session, task = here.call("a")
        await asyncio.sleep(0.1)
        session.put(HungUp(0.0))
        line.gone = True
        here.hotlines.gate.set()
        await task
        story = await here.story(session)
        assert story.notes[0].kind.value == "started"
        assert story.interactions[0].outcome == "hung_up"
        assert line.done == []

    run_virtual(test)


def test_keys_that_are_pressed_before_it_is_known_what_is_served_count() -> None:
    async def test() -> None:
        here = Controller()
        here.hotlines.gate.clear()
        line, session, task = here.call("a")
        session.put(KeyPressed(0.0, "1"))
        await asyncio.sleep(0.1)
        here.hotlines.gate.set()
        await task
        assert ("play", "old.wav") in line.done

    run_virtual(test)


def test_a_controller_that_stops_while_a_call_asks_hands_the_caller_over() -> None:
    async def test() -> None:
        here = Controller()
        here.hotlines.gate.clear()
        line, session, task = here.call("a")
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert line.done == [("transfer", "agents")]
        assert (await here.story(session)).interactions[0].outcome == "failed"

    run_virtual(test)
