from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivr.call.ports import Arrival, Line
from ivr.flow.events import Event, HungUp, KeyPressed, PlayEnded
from ivr.telephony.inbound import Inbound
from tests.unit.fake_ari import APP, NOT_OURS, PATIENCE, FakeAri, client_of, running
from tests.unit.test_ari_events import CHANNEL, PLAYBACK, event

ID = CHANNEL["id"]
CONTINUE = f"POST channels/{ID}/continue"


class FakeReception:
    """Serves every call and keeps what it is told."""

    def __init__(self) -> None:
        self.served: dict[str, Line] = {}
        self.arrivals = asyncio.Queue[Arrival]()
        self.events = asyncio.Queue[tuple[str, Event]]()

    def arrived(self, line: Line, arrival: Arrival) -> None:
        self.served[arrival.channel] = line
        self.arrivals.put_nowait(arrival)

    def happened(self, channel: str, event: Event) -> None:
        if isinstance(event, HungUp):
            self.served.pop(channel, None)
        self.events.put_nowait((channel, event))

    def channels(self) -> frozenset[str]:
        return frozenset(self.served)

    async def next_arrival(self) -> Arrival:
        return await asyncio.wait_for(self.arrivals.get(), PATIENCE)

    async def next_event(self) -> tuple[str, Event]:
        return await asyncio.wait_for(self.events.get(), PATIENCE)


class House:
    """An inbound with its fake Asterisk and reception."""

    def __init__(self, fake: FakeAri) -> None:
        self.fake = fake
        self.reception = FakeReception()
        self.client = client_of(fake)
        self.inbound = Inbound(self.client, self.reception, fallback_queue="agents", grace=0.0)

    async def reconciled(self, times: int = 1) -> None:
        """The request that ends a reconciliation."""
        await self.fake.until_asked(f"PUT applications/{APP}/eventFilter", times)

    async def call_comes(self) -> None:
        self.fake.channels.add(ID)
        await self.fake.send(event("StasisStart", channel=CHANNEL))
        await self.reception.next_arrival()


@asynccontextmanager
async def house(fake: FakeAri) -> AsyncIterator[House]:
    async with fake:
        built = House(fake)
        async with running(built.inbound.run()):
            await built.reconciled()
            yield built


async def test_an_offered_call_is_claimed_and_arrives() -> None:
    async with house(FakeAri(offered={ID})) as here:
        await here.fake.send(event("CallBroadcast", channel=CHANNEL))
        [claim] = await here.fake.until_asked("POST events/claim")
        assert claim.query == {"channelId": ID, "application": APP}
        await here.fake.send(event("StasisStart", channel=CHANNEL))
        assert await here.reception.next_arrival() == Arrival(ID, "05321112233", "4440000")
        await here.reception.served[ID].answer("c0ffee")
        await here.fake.until_asked(f"POST channels/{ID}/answer")


@pytest.mark.parametrize(
    "answer",
    [
        (409, {"message": "Channel has already been claimed"}),
        (404, {"message": "Channel not found"}),
        (500, {"message": "broken"}),
        (401, None),
    ],
)
async def test_a_lost_claim_changes_nothing(answer: tuple[int, object]) -> None:
    async with house(FakeAri(answers={"POST events/claim": answer})) as here:
        await here.fake.send(event("CallBroadcast", channel=CHANNEL))
        await here.fake.until_asked("POST events/claim")
        await here.call_comes()
        assert here.reception.channels() == {ID}


async def test_a_claim_that_is_never_answered_holds_nothing_up() -> None:
    async with house(FakeAri(answers={"POST events/claim": None})) as here:
        await here.fake.send(event("CallBroadcast", channel=CHANNEL))
        await here.fake.until_asked("POST events/claim")
        await here.call_comes()


async def test_a_draining_controller_claims_nothing() -> None:
    async with house(FakeAri(offered={ID})) as here:
        here.inbound.accepting = False
        await here.fake.send(event("CallBroadcast", channel=CHANNEL))
        await here.fake.send(event("ChannelDtmfReceived", digit="1", channel=CHANNEL))
        await here.reception.next_event()  # so the offer was read
        here.inbound.accepting = True
        await here.fake.send(event("CallBroadcast", channel=CHANNEL | {"id": "other"}))
        [claim] = await here.fake.until_asked("POST events/claim")
        assert claim.query["channelId"] == "other"


async def test_a_draining_controller_leaves_a_call_that_comes_all_the_same_to_agents() -> None:
    async with house(FakeAri(channels={ID})) as here:
        here.inbound.accepting = False
        await here.fake.send(event("StasisStart", channel=CHANNEL))
        [request] = await here.fake.until_asked(CONTINUE)
        assert request.query == {"context": "devam-queue", "extension": "agents", "priority": "1"}
        assert not here.reception.channels()


async def test_what_happens_on_a_channel_is_brought_in_order() -> None:
    async with house(FakeAri()) as here:
        await here.call_comes()
        for digit in "1A2#":
            await here.fake.send(event("ChannelDtmfReceived", digit=digit, channel=CHANNEL))
        await here.fake.send(event("PlaybackFinished", playback=PLAYBACK))
        await here.fake.send(event("ChannelHangupRequest", channel=CHANNEL))
        got = [await here.reception.next_event() for _ in range(5)]
        keys = [happening.key for _, happening in got if isinstance(happening, KeyPressed)]
        assert keys == ["1", "2", "#"]
        assert isinstance(got[3][1], PlayEnded)
        assert isinstance(got[4][1], HungUp)


async def test_callers_who_left_during_an_outage_are_told_of() -> None:
    async with house(FakeAri()) as here:
        await here.call_comes()
        here.fake.channels.clear()
        await here.fake.drop()
        channel, happening = await here.reception.next_event()
        assert channel == ID
        assert isinstance(happening, HungUp)


async def test_callers_who_are_still_there_are_left_in_peace() -> None:
    async with house(FakeAri()) as here:
        await here.call_comes()
        await here.fake.drop()
        await here.reconciled(2)
        assert here.reception.events.empty()
        assert here.reception.channels() == {ID}
        assert not [asked for asked in here.fake.asked if asked.what == CONTINUE]


async def test_a_play_that_ended_during_an_outage_is_told_of() -> None:
    async with house(FakeAri()) as here:
        await here.call_comes()
        line = here.reception.served[ID]
        for play in ("1", "2"):
            await line.play(play, [Path("/prompts/a.wav")])
        here.fake.playbacks.remove(f"{ID}~1")
        await here.fake.drop()
        channel, happening = await here.reception.next_event()
        assert channel == ID
        assert isinstance(happening, PlayEnded)
        assert happening.id == "1"
        await here.reconciled(2)
        assert here.reception.events.empty()


async def test_a_play_that_was_heard_to_its_end_is_told_of_once() -> None:
    async with house(FakeAri()) as here:
        await here.call_comes()
        await here.reception.served[ID].play("7", [Path("/prompts/a.wav")])
        here.fake.playbacks.clear()
        await here.fake.send(event("PlaybackFinished", playback=PLAYBACK))
        await here.reception.next_event()
        await here.fake.drop()
        await here.reconciled(2)
        assert here.reception.events.empty()


async def test_channels_of_an_earlier_run_go_to_the_fallback_queue() -> None:
    async with house(FakeAri(channels={ID})) as here:
        [request] = await here.fake.until_asked(CONTINUE)
        assert request.query == {"context": "devam-queue", "extension": "agents", "priority": "1"}
        assert not here.reception.channels()


async def test_an_orphan_that_is_gone_does_not_keep_the_next_from_the_queue() -> None:
    other = f"{ID}9"
    async with house(FakeAri(channels={ID, other}, answers={CONTINUE: NOT_OURS})) as here:
        await here.fake.until_asked(f"POST channels/{other}/continue")


async def test_a_call_that_has_only_just_come_is_no_orphan() -> None:
    async with FakeAri(channels={ID}) as fake:
        here = House(fake)
        here.inbound = Inbound(here.client, here.reception, fallback_queue="agents", grace=0.05)
        async with running(here.inbound.run()):
            await fake.until_asked(f"GET applications/{APP}", 2)  # it is listed, but its event has not come
            await fake.send(event("StasisStart", channel=CHANNEL))
            await here.reconciled()
        assert not [asked for asked in fake.asked if asked.what == CONTINUE]


async def test_reconciliation_is_tried_again_when_asterisk_refuses() -> None:
    what = f"GET applications/{APP}"
    async with FakeAri(channels={ID}, answers={what: (500, {"message": "busy"})}) as fake:
        here = House(fake)
        async with running(here.inbound.run()):
            await fake.until_asked(what, 2)
            del fake.answers[what]
            await fake.until_asked(CONTINUE)


async def test_asterisk_that_cannot_filter_events_is_served_all_the_same() -> None:
    fake = FakeAri(answers={f"PUT applications/{APP}/eventFilter": (404, {"message": "Resource not found"})})
    async with house(fake) as here:
        await here.call_comes()


async def test_stopping_with_work_under_way_leaves_no_task() -> None:
    async with FakeAri(answers={"POST events/claim": None, f"GET applications/{APP}": None}) as fake:
        here = House(fake)
        async with running(here.inbound.run()):
            await fake.until_asked(f"GET applications/{APP}")
            for _ in range(10):
                await fake.send(event("CallBroadcast", channel=CHANNEL))
            await fake.until_asked("POST events/claim", 10)
