"""A ticket is opened once for a run, node and visit, also when the answer is lost or the controller dies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from context_store.errors import StoreUnavailable
from context_store.memory import MemoryStore
from context_store.records import Json, Progress, Saved
from ivr.call.ports import Arrival
from ivr.call.session import Session
from ivr.errors import ServiceError
from ivr.flow.events import HungUp, KeyPressed
from ivr.flow.reading.loader import parse_flow
from tests.unit.fakes import FakeAnswers, FakeLine, FakeSpeaker, OneHotline, make_room
from tests.virtual_time import run_virtual, until

FLOW = parse_flow(
    """
flow: small
languages: [tr]
start: hello
defaults: {otherwise: people}
nodes:
  hello: {say: hello, next: pick}
  pick:
    menu: pick
    choices: {ticket: {key: 1, next: ticket}, bye: {key: 2, next: bye}}
  ticket:
    call: ticket.open
    with: {line: "{{ caller.number }}", symptom: x, contact: y}
    into: ticket
    retries: 1
    next: pick
  people: {transfer: faults, reason: asked}
  bye: {end: bye}
""",
    "small.yaml",
)


class Tickets(FakeAnswers):
    """Opens one ticket for each idempotency key. The answers to the first `lost` questions get lost."""

    def __init__(self, lost: int = 0) -> None:
        super().__init__({})
        self.opened: dict[str, str] = {}
        self.lost = lost

    async def ask(
        self, service: str, arguments: Mapping[str, str], *, timeout: float, idempotency_key: str
    ) -> Mapping[str, Json]:
        self.asked.append((service, arguments, idempotency_key))
        number = self.opened.setdefault(idempotency_key, f"48000{len(self.opened) + 1}")
        if len(self.asked) <= self.lost:
            raise ServiceError(service, "timeout")
        return {"number": number}


class DyingStore(MemoryStore):
    """Takes steps until one for which `dies` holds; from then on none, as if the controller had died before it."""

    def __init__(self, dies: Callable[[Progress], bool]) -> None:
        super().__init__()
        self.away = False
        self._dies = dies

    async def save(self, saved: Saved) -> bool:
        self.away = self.away or self._dies(saved.progress)
        if self.away:
            raise StoreUnavailable("away")
        return await super().save(saved)


class House:
    """One channel, one company and one store; a controller after the other has the call."""

    def __init__(self, store: MemoryStore, company: Tickets) -> None:
        self.store = store
        self.company = company
        self.line = FakeLine()
        self.conversation = ""

    def serve(self, name: str, *, found: bool = False) -> tuple[Session, asyncio.Task[None]]:
        room = make_room(self.store, OneHotline(FLOW, FakeSpeaker()), self.company, name=name, dead={"one"})
        arrival = Arrival("chan-1", "05321112233", "4440000", conversation=self.conversation)
        session = Session(room, self.line, arrival, found=found)
        self.line.put = session.put
        return session, asyncio.create_task(session.run())

    async def first_controller(self) -> None:
        """A caller has a ticket opened and hears of it; then the controller dies."""
        session, task = self.serve("one")
        await until(lambda: ("play", "pick.wav") in self.line.done)
        session.put(KeyPressed(0.0, "1"))
        await until(lambda: self.line.done.count(("play", "pick.wav")) == 2)
        self.conversation = session.conversation
        session.let_go()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def progress(self) -> Progress:
        story = await self.store.story(self.conversation)
        assert story
        assert story.progress
        return story.progress


@pytest.mark.parametrize(
    ("dies", "keys"),
    [
        # The step that asks was never saved: the caller hears the menu again, and chooses again.
        (lambda progress: progress.node == "ticket", "1"),
        # It was saved, its answer was not: the company is asked again.
        (lambda progress: "ticket" in progress.facts, ""),
    ],
    ids=["the request was not saved", "the answer was not saved"],
)
def test_who_takes_the_call_over_gets_the_same_ticket(dies: Callable[[Progress], bool], keys: str) -> None:
    async def test() -> None:
        store = DyingStore(dies)
        house = House(store, Tickets())
        await house.first_controller()
        assert store.away
        assert len(house.company.opened) == 1
        store._dies, store.away = lambda _: False, False
        heard = len(house.line.done)
        session, task = house.serve("two", found=True)
        await until(lambda: ("play", "pick.wav") in house.line.done[heard:])
        for key in keys:
            session.put(KeyPressed(0.0, key))
        await until(lambda: len(house.company.asked) == 2)
        await asyncio.sleep(1)
        session.put(HungUp(0.0))
        await task
        assert len(house.company.opened) == 1
        assert (await house.progress()).facts["ticket"] == {"number": "480001"}
        assert [what for what, _ in house.line.done].count("answer") == 1

    run_virtual(test)


def test_a_retry_whose_first_answer_was_lost_gets_the_same_ticket() -> None:
    async def test() -> None:
        house = House(MemoryStore(), Tickets(lost=1))
        await house.first_controller()
        assert len(house.company.asked) == 2
        assert (await house.progress()).facts["ticket"] == {"number": "480001"}
        assert len(house.company.opened) == 1

    run_virtual(test)


def test_who_wants_another_ticket_gets_another() -> None:
    async def test() -> None:
        house = House(MemoryStore(), Tickets())
        await house.first_controller()
        session, task = house.serve("two", found=True)
        await until(lambda: house.line.done.count(("play", "pick.wav")) == 3)
        session.put(KeyPressed(0.0, "1"))
        await until(lambda: len(house.company.asked) == 2)
        await asyncio.sleep(1)
        session.put(HungUp(0.0))
        await task
        assert (await house.progress()).facts["ticket"] == {"number": "480002"}

    run_virtual(test)
