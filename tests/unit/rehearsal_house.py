"""Where playing calls is tried: a real session on the small hotline of the flow tests, in virtual time.

The line says a prompt in half a second, keys come as fast as the sandbox sends them, the live feed is the controller's.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path

from context_store.memory import MemoryStore
from context_store.records import Json
from ivr.call.ports import Arrival
from ivr.call.session import Session
from ivr.call.watch import Watch
from ivr.errors import ServiceError
from ivr.flow.events import HungUp, KeyPressed, PlayEnded, ServiceFailed
from ivr.flow.model import Flow
from ivr.flow.reading.loader import parse_flows
from ivr.flow.reading.texts import FlowTexts
from ivr.flow.reading.yaml_source import read_yaml
from ivr.flowtest.acts import Act
from ivr.flowtest.outcome import Outcome
from ivr.flowtest.reading import Written
from ivr.flowtest.scenario import Scenario
from ivr.flowtest.stage import Stage
from ivr.sandbox.phones import KEY_MS
from ivr.sandbox.rehearsal.hurry import hurried
from ivr.sandbox.rehearsal.live_call import LiveCall
from ivr.sandbox.rehearsal.performing import perform
from ivr.sandbox.rehearsal.playable import Part, part_of
from ivr.sandbox.rehearsal.stand_in import Company
from ivr.sandbox.watching import Feed
from tests.unit.fakes import FakeLine, FakeSpeaker, OneHotline, make_room
from tests.unit.flowtest_house import BUY, CATALOGUE, COMPANY, FLOW, PAY, RESUMING, RESUMING_STAGE, SMALL, STAGE
from tests.virtual_time import run_virtual

TEXTS = FlowTexts("small", {"small": SMALL, "pay": PAY})
QUICK = parse_flows(dataclasses.replace(TEXTS, texts=hurried(FLOW, TEXTS)))
RESUMING_TEXTS = FlowTexts("resuming", {"resuming": RESUMING, "buy": BUY})
RESUMING_QUICK = parse_flows(dataclasses.replace(RESUMING_TEXTS, texts=hurried(RESUMING_STAGE.flow, RESUMING_TEXTS)))
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=FLOW.zone)
PROMPT = 0.5  # seconds


class Line(FakeLine):
    """Says each prompt in its time."""

    def __init__(self) -> None:
        super().__init__(patient=True)
        self._plays: dict[str, asyncio.TimerHandle] = {}

    async def play(self, play: str, files: Sequence[Path]) -> None:
        await super().play(play, files)
        loop = asyncio.get_running_loop()
        self._plays[play] = loop.call_later(PROMPT * len(files), lambda: self.put(PlayEnded(time.time(), play)))

    async def stop_playing(self, play: str) -> None:
        self._plays.pop(play).cancel()

    def silent(self) -> None:
        for play in self._plays.values():
            play.cancel()


class Fingers:
    """A caller whose keys take their time, as the network's do."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._pressed = 0.0
        self.ended = asyncio.Event()

    async def press(self, keys: str, *, between: int = KEY_MS) -> None:
        loop = asyncio.get_running_loop()
        for key in keys:
            self._pressed = max(self._pressed, loop.time()) + (KEY_MS + between) / 1000
            loop.call_at(self._pressed, self._press, key)

    def _press(self, key: str) -> None:
        # The loop's time is virtual: how long after one another keys are pressed must be so, too.
        self._session.put(KeyPressed(time.time() + asyncio.get_running_loop().time(), key))

    async def hang_up(self) -> None:
        self._session.put(HungUp(time.time()))


class Asking:
    """The company as a call asks it, without a network between."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def changes_something(self, service: str) -> bool:
        return CATALOGUE[service].changes

    async def ask(
        self, service: str, arguments: Mapping[str, str], *, timeout: float, idempotency_key: str
    ) -> Mapping[str, Json]:
        try:
            async with asyncio.timeout(timeout):
                event = await self._company.reply(service, dict(arguments))
        except TimeoutError:
            raise ServiceError(service, "timeout") from None
        if isinstance(event, ServiceFailed):
            raise ServiceError(service, event.reason)
        return event.result


def written(text: str, **more: Json) -> Written:
    """The test that is written in `text`; it need not say its name, nor who calls."""
    data = {"test": "a call", "caller": "0532 111 22 33", **read_yaml(text, "a test").data, **more}
    scenario = Scenario.model_validate(data)
    return Written("some.yaml", 1, tuple(range(2, 3 + len(scenario.steps))), scenario, COMPANY)


def play_through_a_session(text: str, stage: Stage = STAGE, quick: Flow = QUICK) -> Outcome:
    """Play the test as calls on real sessions; fail where it cannot be. `quick` is the stage's flow, hurried."""
    test = written(text)
    part = part_of(test, stage, MONDAY)
    assert isinstance(part, Part), part
    done: list[Outcome] = []

    async def play() -> None:
        done.append(await _play(part, stage, quick))

    run_virtual(play)
    return done[0]


async def _play(part: Part, stage: Stage, quick: Flow) -> Outcome:
    store, watch, feed, lines = MemoryStore(), Watch(), Feed(), count()

    @asynccontextmanager
    async def calling(act: Act) -> AsyncIterator[LiveCall]:
        company, line, caller = Company(act.company.services, CATALOGUE), Line(), act.scene.caller.replace(" ", "")
        served = OneHotline(quick, FakeSpeaker(), act.scene.announcement)
        room = make_room(store, served, Asking(company), watch=watch, language=part.language)
        session = Session(room, line, Arrival(f"{line.id}-{next(lines)}", caller, "4440000"))
        line.put = session.put
        position = len(feed.seen)
        async with _running(session, line):
            call = LiveCall(Fingers(session), feed, position, store, company)
            await call.begin("+90" + caller[1:] if caller else None, 5.0)
            yield call

    async with _fed(watch, feed):
        outcome, calls = await perform(stage.flow, part, calling, lambda step: None)
        for call in calls:
            await call.ended()
        return outcome


@asynccontextmanager
async def _running(session: Session, line: Line) -> AsyncIterator[None]:
    task = asyncio.create_task(session.run(), name="session")
    try:
        yield
    finally:
        session.put(HungUp(time.time()))
        await asyncio.gather(task, return_exceptions=True)
        line.silent()


@asynccontextmanager
async def _fed(watch: Watch, feed: Feed) -> AsyncIterator[None]:
    async def carry() -> None:
        while True:
            await feed.add(json.loads(json.dumps(dataclasses.asdict(await happenings.get()))))

    with watch.subscribe() as happenings:
        task = asyncio.create_task(carry(), name="feed")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
