from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ivr.call.ports import Arrival, Line, Others
from ivr.flow.events import Event, HungUp, KeyPressed, PlayEnded
from ivr.telephony.inbound import Inbound
from tests.unit.fake_ari import APP, NOT_OURS, PATIENCE, FakeAri, client_of, running
from tests.unit.test_ari_events import CHANNEL, PLAYBACK, event
from tests.virtual_time import until

ID = CHANNEL["id"]
LOOK = f"GET applications/{APP}"
CONTINUE = f"POST channels/{ID}/continue"


class FakeReception:
    """Serves every call and keeps what it is told."""

    def __init__(self) -> None:
        self.served: dict[str, Line] = {}
        self.undecided: set[str] = set()
        self.arrivals = asyncio.Queue[Arrival]()
        self.strays = asyncio.Queue[tuple[Line, Arrival]]()
        self.events = asyncio.Queue[tuple[str, Event]]()

    def arrived(self, line: Line, arrival: Arrival) -> None:
        self.served[arrival.channel] = line
        self.arrivals.put_nowait(arrival)

    def stray(self, line: Line, arrival: Arrival) -> None:
        self.strays.put_nowait((line, arrival))

    def happened(self, channel: str, event: Event) -> None:
        if isinstance(event, HungUp):
            self.served.pop(channel, None)
        self.events.put_nowait((channel, event))

    def channels(self) -> frozenset[str]:
        return frozenset(self.served)

    def finding_out(self) -> frozenset[str]:
        return frozenset(self.undecided)

    async def next_arrival(self) -> Arrival:
        return await asyncio.wait_for(self.arrivals.get(), PATIENCE)

    async def next_stray(self) -> tuple[Line, Arrival]:
        return await asyncio.wait_for(self.strays.get(), PATIENCE)

    async def next_event(self) -> tuple[str, Event]:
        return await asyncio.wait_for(self.events.get(), PATIENCE)


class House:
    """An inbound with its fake Asterisk and reception."""

    def __init__(
        self,
        fake: FakeAri,
        grace: float = 0.0,
        look_every: float = PATIENCE,
        timeout: float = PATIENCE,
        others: Others | None = None,
    ) -> None:
        self.fake = fake
        self.reception = FakeReception()
        self.client = client_of(fake, timeout=timeout)
        self.failed_plays = 0
        self.inbound = Inbound(
            self.client,
            self.reception,
            fallback_queue="agents",
            others=others,
            grace=grace,
            look_every=look_every,
            on_failed_play=self.on_failed_play,
        )

    def on_failed_play(self) -> None:
        self.failed_plays += 1

    async def reconciled(self, times: int = 1) -> None:
        """The request that ends a reconciliation."""
        await self.fake.until_asked(f"PUT applications/{APP}/eventFilter", times)

    async def call_comes(self) -> None:
        await self.call_comes_as(ID)

    async def call_comes_as(self, channel: str) -> None:
        self.fake.channels.add(channel)
        await self.fake.send(event("StasisStart", channel=CHANNEL | {"id": channel}))
        while (await self.reception.next_arrival()).channel != channel:
            pass


@asynccontextmanager
async def house(
    fake: FakeAri,
    *,
    grace: float = 0.0,
    look_every: float = PATIENCE,
    timeout: float = PATIENCE,
    others: Others | None = None,
) -> AsyncIterator[House]:
    async with fake:
        built = House(fake, grace, look_every, timeout, others)
        async with running(built.inbound.run()):
            await built.reconciled()
            yield built


def continued(here: House) -> list[str]:
    return [asked.what for asked in here.fake.asked if asked.what.endswith("/continue")]


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
        assert happening.vanished  # whether they hung up, or Asterisk was restarted, nobody can tell


async def test_callers_who_are_still_there_are_left_in_peace() -> None:
    async with house(FakeAri(), look_every=0.0) as here:
        await here.call_comes()
        await here.fake.drop()
        await here.reconciled(2)
        await here.fake.until_asked(LOOK, 10)
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
            for number in range(10):
                await fake.send(event("CallBroadcast", channel=CHANNEL | {"id": str(number)}))
            await fake.until_asked("POST events/claim", 10)


async def test_a_caller_whose_call_ended_during_an_outage_goes_to_the_fallback_queue() -> None:
    async with house(FakeAri()) as here:
        await here.call_comes()
        await here.fake.go_away()
        here.reception.served.clear()  # the call could not go on
        await here.fake.come_back()
        await here.fake.until_asked(CONTINUE)


async def test_a_caller_whom_nobody_serves_is_found_without_a_new_connection() -> None:
    async with house(FakeAri(), look_every=0.0) as here:
        await here.call_comes()
        here.reception.served.clear()
        await here.fake.until_asked(CONTINUE)
        assert here.fake.connections == 1


async def test_who_is_unserved_at_one_look_only_is_left_in_peace() -> None:
    async with house(FakeAri(), look_every=0.0) as here:
        looks = len(await here.fake.until_asked(LOOK))
        for _ in range(5):  # listed at one look, gone at the next: on the way out
            here.fake.channels.add(ID)
            await here.fake.until_asked(LOOK, looks + 1)
            here.fake.channels.discard(ID)
            looks = len(await here.fake.until_asked(LOOK, looks + 2))
        assert not continued(here)


async def test_a_caller_who_could_not_be_freed_is_tried_again_and_holds_nobody_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fake = FakeAri(channels={ID, "other"}, answers={CONTINUE: (500, {"message": "busy"})})
    async with house(fake) as here:
        await fake.until_asked("POST channels/other/continue")
        await fake.until_asked(CONTINUE, 2)
        del fake.answers[CONTINUE]
        await fake.until_asked(CONTINUE, 3)
        await here.call_comes_as("third")
    assert f"channel {ID} is served by nobody and could not be freed" in caplog.text


async def test_a_listed_channel_that_is_not_in_stasis_is_asked_for_once_and_holds_no_draining_up() -> None:
    fake = FakeAri(channels={ID}, answers={CONTINUE: NOT_OURS})
    async with house(fake, look_every=0.0) as here:
        await fake.until_asked(CONTINUE)
        await fake.until_asked(LOOK, len(await fake.until_asked(LOOK)) + 4)
        assert continued(here) == [CONTINUE]
        fake.channels.clear()  # it has gone
        await fake.until_asked(LOOK, len(await fake.until_asked(LOOK)) + 2)
        fake.channels.add(ID)  # another of its name
        await fake.until_asked(CONTINUE, 2)
        await here.inbound.drain(PATIENCE)
        assert continued(here) == [CONTINUE] * 2


MALFORMED: list[object] = [
    {"channel_ids": 5},
    {"channel_ids": "ab"},
    {"channel_ids": [["a"], 5, None]},
    {"channel_ids": {"a": 1}},
    {},
    [],
    "text",
    None,
]


@pytest.mark.parametrize("content", MALFORMED, ids=range(len(MALFORMED)))
async def test_a_malformed_list_of_channels_is_asked_for_again_and_no_call_ends(content: object) -> None:
    async with house(FakeAri()) as here:
        await here.call_comes()
        here.fake.answers[LOOK] = (200, content)
        before = len(await here.fake.until_asked(LOOK))
        await here.fake.drop()
        await here.fake.until_asked(LOOK, before + 4)
        assert here.reception.events.empty()
        del here.fake.answers[LOOK]
        await here.reconciled(2)
        assert here.reception.channels() == {ID}


@pytest.mark.parametrize("failing", ["channels", "arrived", "happened"])
async def test_what_nobody_foresaw_is_logged_and_calls_go_on(
    failing: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    async with house(FakeAri(), look_every=0.0) as here:
        await here.call_comes_as("served")
        here.fake.channels.clear()
        with monkeypatch.context() as broken:
            broken.setattr(here.reception, failing, fail)
            here.fake.channels.add(ID)
            await here.fake.send(event("StasisStart", channel=CHANNEL))
            looks = len(await here.fake.until_asked(LOOK))
            await here.fake.drop()
            await here.fake.until_asked(LOOK, looks + 4)
        here.fake.channels |= {"served", "next"}
        await here.call_comes_as("next")
    assert "ZeroDivisionError" in caplog.text


async def test_a_claim_that_fails_in_an_unforeseen_way_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with house(FakeAri(offered={ID})) as here:
        request = here.client.request

        async def fail(method: str, path: str, **rest: Any) -> Any:
            if path == "events/claim":
                raise ZeroDivisionError
            return await request(method, path, **rest)

        monkeypatch.setattr(here.client, "request", fail)
        await here.fake.send(event("CallBroadcast", channel=CHANNEL))
        await here.call_comes()
    assert "claim failed in an unforeseen way" in caplog.text


async def test_a_call_told_of_twice_keeps_its_plays() -> None:
    async with house(FakeAri()) as here:
        await here.call_comes()
        await here.reception.served[ID].play("1", [Path("/prompts/a.wav")])
        await here.call_comes()
        here.fake.playbacks.clear()
        await here.fake.drop()
        assert isinstance((await here.reception.next_event())[1], PlayEnded)


async def test_a_call_won_at_the_moment_of_stopping_is_served() -> None:
    async with house(FakeAri(offered={ID}), grace=PATIENCE) as here:
        await here.fake.send(event("CallBroadcast", channel=CHANNEL))
        await here.fake.until_asked("POST events/claim")
        draining = asyncio.create_task(here.inbound.drain(PATIENCE))
        await asyncio.sleep(0)
        await here.fake.send(event("StasisStart", channel=CHANNEL))
        await draining
        assert not continued(here)
        assert here.reception.channels() == {ID}


async def test_a_call_won_whose_start_is_never_told_goes_to_the_fallback_queue() -> None:
    async with house(FakeAri(offered={ID})) as here:
        await here.fake.send(event("CallBroadcast", channel=CHANNEL))
        await here.fake.until_asked("POST events/claim")
        await here.inbound.drain(PATIENCE)
        assert not here.fake.channels


async def test_a_claim_under_way_is_waited_for() -> None:
    async with house(FakeAri(answers={"POST events/claim": None}), timeout=0.05) as here:
        await here.fake.send(event("CallBroadcast", channel=CHANNEL))
        await here.fake.until_asked("POST events/claim")
        here.fake.channels.add(ID)  # it was won; the answer is lost
        await here.inbound.drain(PATIENCE)
        assert not here.fake.channels


async def test_draining_leaves_calls_alone_until_they_have_ended() -> None:
    async with house(FakeAri()) as here:
        await here.call_comes()
        await here.inbound.drain(PATIENCE)
        assert here.fake.channels == {ID}
        here.reception.served.clear()  # ended, and could not send the caller anywhere
        await here.inbound.drain(PATIENCE)
        assert not here.fake.channels


async def test_a_draining_that_asterisk_refuses_goes_on_until_its_time_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with house(FakeAri()) as here:
        here.fake.channels.add(ID)
        here.fake.answers[CONTINUE] = (500, {"message": "busy"})
        await here.inbound.drain(0.05)
        assert "draining took longer than 0.05 s" in caplog.text
        del here.fake.answers[CONTINUE]
        await here.inbound.drain(PATIENCE)
        assert not here.fake.channels


async def test_draining_without_a_connection_ends_at_once_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async with house(FakeAri()) as here:
        await here.fake.go_away()
        async with asyncio.timeout(PATIENCE / 2):
            await here.inbound.drain(2 * PATIENCE)
    assert "there is no connection to it" in caplog.text


async def test_a_play_that_failed_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async with house(FakeAri()) as here:
        await here.call_comes()
        await here.fake.send(event("PlaybackFinished", playback=PLAYBACK))
        await until(lambda: here.failed_plays == 1)
    assert f"channel {ID} heard nothing" in caplog.text


@pytest.mark.parametrize("order", [["PlaybackFinished", "StasisEnd"], ["StasisEnd", "PlaybackFinished"]])
async def test_a_caller_who_hangs_up_in_mid_prompt_is_no_failure(
    order: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with house(FakeAri(), grace=0.05) as here:
        await here.call_comes()
        await here.fake.send(event("ChannelHangupRequest", channel=CHANNEL))
        for kind in order:
            await here.fake.send(event(kind, channel=CHANNEL, playback=PLAYBACK))
        await here.call_comes_as("other")
        play = PLAYBACK | {"id": "other~1", "target_uri": "channel:other"}
        await here.fake.send(event("PlaybackFinished", playback=play))
        await until(lambda: here.failed_plays > 0)  # that of the other, which is later
        assert here.failed_plays == 1
    assert f"channel {ID} heard nothing" not in caplog.text
