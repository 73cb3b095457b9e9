"""A ticket is opened once for a conversation, node and visit, also when the answer is lost or the controller dies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from context_store.errors import StoreUnavailable
from context_store.memory import MemoryStore
from context_store.records import Json, Progress, Saved
from ivr.call.ports import Arrival
from ivr.call.requests import Requests
from ivr.call.session import Session
from ivr.errors import ServiceError
from ivr.flow.commands import AskService
from ivr.flow.engine import advance
from ivr.flow.events import Event, KeyPressed, ServiceAnswered, ServiceFailed
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
    """Takes steps until one for which `dies` holds; from then on none."""

    def __init__(self, dies: Callable[[Progress], bool]) -> None:
        super().__init__()
        self.away = False
        self._dies = dies
        self.last: Progress | None = None

    async def save(self, saved: Saved) -> None:
        self.away = self.away or self._dies(saved.progress)
        if self.away:
            raise StoreUnavailable("away")
        await super().save(saved)
        self.last = await self.progress(saved.conversation.id, saved.interaction.id)


def asked_in(progress: Progress, event: Event) -> AskService:
    """What the engine asks when this happens."""
    _, commands = advance(FLOW, progress, event)
    [ask] = [command for command in commands if isinstance(command, AskService)]
    return ask


async def first_controller(store: MemoryStore, company: Tickets) -> str:
    """A caller has a ticket opened and hears of it; then the controller dies. The conversation."""
    line = FakeLine()
    room = make_room(store, OneHotline(FLOW, FakeSpeaker()), company)
    session = Session(room, line, Arrival("chan-1", "05321112233", "4440000"))
    line.put = session.put
    task = asyncio.create_task(session.run())
    await until(lambda: ("play", "pick.wav") in line.done)
    session.put(KeyPressed(0.0, "1"))
    await until(lambda: [what for what in line.done if what == ("play", "pick.wav")][1:] != [])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return session.conversation


async def second_controller(conversation: str, ask: AskService, company: Tickets) -> Event:
    """Asks for the same conversation, knowing nothing else of it."""
    events: list[Event] = []
    requests = Requests(company, conversation, events.append)
    requests.make(ask)
    await until(lambda: bool(events))
    await requests.close()
    return events[0]


@pytest.mark.parametrize(
    ("dies", "happens"),
    [
        # The step that asks was never saved: the caller chooses at the menu again.
        (lambda progress: progress.node == "ticket", lambda progress: KeyPressed(0.0, "1")),
        # It was saved, its answer was not: what was asked for is lost, and asked for again.
        (
            lambda progress: "ticket" in progress.facts,
            lambda progress: ServiceFailed(0.0, progress.request, "unavailable"),
        ),
    ],
    ids=["the request was not saved", "the answer was not saved"],
)
def test_who_takes_the_call_over_gets_the_same_ticket(
    dies: Callable[[Progress], bool], happens: Callable[[Progress], Event]
) -> None:
    async def test() -> None:
        store, company = DyingStore(dies), Tickets()
        conversation = await first_controller(store, company)
        assert store.away
        assert store.last
        assert "ticket" not in store.last.facts
        assert company.opened == {f"{conversation}:ticket:1": "480001"}
        answered = await second_controller(conversation, asked_in(store.last, happens(store.last)), company)
        assert isinstance(answered, ServiceAnswered)
        assert answered.result == {"number": "480001"}
        assert len(company.asked) == 2
        assert len(company.opened) == 1

    run_virtual(test)


def test_a_retry_whose_first_answer_was_lost_gets_the_same_ticket() -> None:
    async def test() -> None:
        store, company = MemoryStore(), Tickets(lost=1)
        conversation = await first_controller(store, company)
        assert len(company.asked) == 2
        story = await store.story(conversation)
        assert story
        assert story.progress
        assert story.progress.facts["ticket"] == {"number": "480001"}
        assert len(company.opened) == 1

    run_virtual(test)


def test_who_wants_another_ticket_gets_another() -> None:
    async def test() -> None:
        store, company = MemoryStore(), Tickets()
        conversation = await first_controller(store, company)
        story = await store.story(conversation)
        assert story
        assert story.progress
        progress = Progress(
            "small", "", "tr", node="pick", phase="asking", visits=story.progress.visits, facts=story.progress.facts
        )
        answered = await second_controller(conversation, asked_in(progress, KeyPressed(0.0, "1")), company)
        assert isinstance(answered, ServiceAnswered)
        assert answered.result == {"number": "480002"}

    run_virtual(test)
