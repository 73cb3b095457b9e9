"""Channels that nobody serves: found, offered to the reception, and freed only when nobody takes them over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from ivr.call.ports import Arrival
from ivr.errors import ChannelGone, TelephonyDown
from ivr.flow.events import HungUp, KeyPressed
from ivr.telephony.lines import Lines
from tests.unit.fake_ari import CONVERSATION, PATIENCE, FakeAri, described
from tests.unit.test_ari_events import CHANNEL, event
from tests.unit.test_inbound import CONTINUE, ID, LOOK, House, continued, house

DEAD = "ivr-two"
ARRIVAL = Arrival(ID, "05321112233", "4440000", "", CONVERSATION)


@dataclass
class FakeOthers:
    """Those who are dead, by name."""

    dead: frozenset[str] = frozenset()


@asynccontextmanager
async def beside_the_dead(fake: FakeAri) -> AsyncIterator[House]:
    async with house(fake, grace=PATIENCE, others=FakeOthers(frozenset({"two", "never", "test"}))) as here:
        yield here


async def test_a_call_of_a_dead_controller_is_taken_over() -> None:
    fake = FakeAri(elsewhere={DEAD: {ID}}, playbacks={f"{ID}~p3"})
    async with beside_the_dead(fake) as here:
        line, arrival = await here.reception.next_stray()
        assert arrival == ARRIVAL
        await line.take_over("p3")
        assert fake.channels == {ID}
        assert not fake.playbacks
        assert not fake.elsewhere[DEAD]
        [move] = await fake.until_asked(f"POST channels/{ID}/move")
        assert move.query == {"app": "ivr-test"}
        asked = [asked.what for asked in fake.asked]
        assert asked.index(f"DELETE playbacks/{ID}~p3") < asked.index(move.what)
        # it is told of as any call that comes, and what happens on it is
        assert (await here.reception.next_arrival()) == ARRIVAL
        await fake.send(event("ChannelDtmfReceived", digit="1", channel=CHANNEL))
        channel, happening = await here.reception.next_event()
        assert channel == ID
        assert isinstance(happening, KeyPressed)


async def test_the_line_that_takes_over_is_the_one_that_knows_its_plays() -> None:
    async with beside_the_dead(FakeAri(elsewhere={DEAD: {ID}})) as here:
        line, _ = await here.reception.next_stray()
        await line.take_over("")
        await here.reception.next_arrival()
        assert here.reception.served[ID] is line


async def test_a_call_of_a_living_controller_is_left_alone() -> None:
    fake = FakeAri(elsewhere={DEAD: {ID}, "ivr-three": {"3"}, "other": {"4"}})
    others = FakeOthers()
    async with house(fake, look_every=0.0, others=others) as here:
        await fake.until_asked(LOOK, 10)
        assert here.reception.strays.empty()
        others.dead = frozenset({"three"})
        _, arrival = await here.reception.next_stray()
        assert arrival.channel == "3"
        assert fake.elsewhere[DEAD] == {ID}


async def test_what_nobody_can_take_over_of_a_dead_controller_is_not_freed_by_us() -> None:
    fake = FakeAri(elsewhere={DEAD: {ID}})
    async with house(fake, others=FakeOthers(frozenset({"two"}))) as here:
        for _ in range(10):
            await here.reception.next_stray()
        assert not continued(here)


async def test_a_look_can_be_asked_for() -> None:
    others = FakeOthers()
    async with house(FakeAri(elsewhere={DEAD: {ID}}), others=others) as here:
        await here.fake.until_asked(LOOK)
        others.dead = frozenset({"two"})
        here.inbound.look_now()
        assert (await here.reception.next_stray())[1] == ARRIVAL


async def test_a_call_of_an_earlier_run_is_ours_without_a_move() -> None:
    fake = FakeAri(channels={ID})
    async with house(fake, grace=0.01, look_every=PATIENCE) as here:
        line, arrival = await here.reception.next_stray()
        assert arrival == ARRIVAL
        await line.take_over("p1")
        assert await line.is_ours()
        await fake.send(event("ChannelDtmfReceived", digit="1", channel=CHANNEL))
        assert (await here.reception.next_event())[0] == ID
        assert not [asked for asked in fake.asked if asked.what.endswith("/move")]


async def test_a_call_that_came_after_it_was_given_up_is_not_moved_again() -> None:
    fake = FakeAri(elsewhere={DEAD: {ID}})
    async with beside_the_dead(fake) as here:
        late, _ = await here.reception.next_stray()
        again, _ = await here.reception.next_stray()
        await late.take_over("")
        await here.reception.next_arrival()
        await again.take_over("")
        assert len([asked for asked in fake.asked if asked.what.endswith("/move")]) == 1
        await fake.send(event("ChannelDtmfReceived", digit="1", channel=CHANNEL))
        assert (await here.reception.next_event())[0] == ID


async def test_a_call_that_begins_anew_after_a_takeover_holds_no_other_up() -> None:
    """It may still play something: on the websocket every request would wait for the end of that."""
    async with house(FakeAri(channels={ID}), grace=0.01, look_every=PATIENCE) as here:
        line, _ = await here.reception.next_stray()
        await line.take_over("")
        await line.answer(CONVERSATION)
        for what in ("answer", "variable"):
            [asked] = await here.fake.until_asked(f"POST channels/{ID}/{what}")
            assert asked.way == "http"


async def test_what_the_reception_does_not_take_over_goes_to_the_fallback_queue_in_the_end() -> None:
    async with house(FakeAri(channels={ID}), grace=0.01, look_every=0.01) as here:
        await here.reception.next_stray()
        await here.fake.until_asked(CONTINUE)


async def test_who_is_served_or_being_taken_over_is_no_stray() -> None:
    fake = FakeAri(channels={ID}, elsewhere={DEAD: {"other"}})
    others = FakeOthers()
    async with house(fake, look_every=0.0, grace=0.01, others=others) as here:
        for channel in (ID, "other"):
            here.reception.arrived(Lines(here.client).line(channel), replace(ARRIVAL, channel=channel))
        others.dead = frozenset({"two"})
        while not here.reception.strays.empty():  # of before they were served
            here.reception.strays.get_nowait()
        await fake.until_asked(LOOK, len(await fake.until_asked(LOOK)) + 10)
        assert here.reception.strays.empty()
        assert not continued(here)


async def test_who_waits_to_be_taken_over_is_neither_offered_again_nor_freed() -> None:
    fake = FakeAri(channels={ID}, elsewhere={DEAD: {"other"}})
    async with house(fake, look_every=0.0, grace=0.01, others=FakeOthers(frozenset({"two"}))) as here:
        here.reception.undecided = {ID, "other"}
        await fake.until_asked(LOOK, len(await fake.until_asked(LOOK)) + 2)  # of which the first may have begun before
        while not here.reception.strays.empty():
            here.reception.strays.get_nowait()
        await fake.until_asked(LOOK, len(await fake.until_asked(LOOK)) + 10)
        assert here.reception.strays.empty()
        assert not continued(here)
        here.reception.undecided.clear()  # it has failed
        assert {(await here.reception.next_stray())[1].channel for _ in range(2)} == {ID, "other"}


async def test_a_caller_who_goes_while_being_taken_over() -> None:
    fake = FakeAri(elsewhere={DEAD: {ID}})
    async with beside_the_dead(fake) as here:
        line, _ = await here.reception.next_stray()
        fake.elsewhere.clear()
        with pytest.raises(ChannelGone):
            await line.take_over("p1")
        assert not await line.is_ours()


async def test_a_connection_that_breaks_while_taking_over() -> None:
    fake = FakeAri(elsewhere={DEAD: {ID}}, answers={f"POST channels/{ID}/move": None})
    async with beside_the_dead(fake) as here:
        line, _ = await here.reception.next_stray()
        taking = asyncio.create_task(line.take_over(""))
        await fake.until_asked(f"POST channels/{ID}/move")
        await fake.drop()
        with pytest.raises(TelephonyDown):
            await taking


@pytest.mark.parametrize("answer", [(500, {"message": "busy"}), (200, []), (200, {"id": 5}), (404, None)])
async def test_a_channel_that_cannot_be_asked_about_holds_no_other_up(answer: tuple[int, object]) -> None:
    fake = FakeAri(elsewhere={DEAD: {ID, "other"}}, answers={f"GET channels/{ID}": answer})
    async with beside_the_dead(fake) as here:
        _, arrival = await here.reception.next_stray()
        assert arrival.channel == "other"


async def test_hundreds_are_all_offered() -> None:
    channels = {f"{number}.1" for number in range(300)}
    async with beside_the_dead(FakeAri(elsewhere={DEAD: set(channels)})) as here:
        assert {(await here.reception.next_stray())[1].channel for _ in channels} == channels


async def test_while_callers_are_being_taken_over_the_others_are_not_kept_waiting() -> None:
    """Were each pause twice the one before, the last would be offered again after minutes."""
    fake = FakeAri(elsewhere={DEAD: {str(number) for number in range(20)}})
    async with (
        house(fake, grace=0.01, look_every=1000, others=FakeOthers(frozenset({"two"}))),
        asyncio.timeout(PATIENCE),
    ):
        for looks in range(1, 20):
            await fake.until_asked(f"GET applications/{DEAD}", looks)
            fake.elsewhere[DEAD].pop()


async def test_who_takes_no_more_calls_takes_none_over() -> None:
    others = FakeOthers()
    async with house(FakeAri(elsewhere={DEAD: {ID}}), look_every=0.0, others=others) as here:
        await here.inbound.take_no_more(PATIENCE)
        here.fake.channels.add("ours")
        others.dead = frozenset({"two"})
        here.inbound.look_now()
        await here.fake.send(event("ChannelDtmfReceived", digit="1", channel=CHANNEL))
        await here.reception.next_event()
        assert here.reception.strays.empty()
        assert not continued(here)  # others may take it over


async def test_a_call_that_is_taken_from_us_has_not_hung_up() -> None:
    async with house(FakeAri()) as here:
        await here.call_comes()
        await here.fake.send(event("StasisEnd", channel=CHANNEL))
        _, happening = await here.reception.next_event()
        assert isinstance(happening, HungUp)
        assert happening.vanished


async def test_a_caller_who_hangs_up_has_not_vanished() -> None:
    async with house(FakeAri()) as here:
        await here.call_comes()
        for kind in ("ChannelHangupRequest", "StasisEnd"):
            await here.fake.send(event(kind, channel=CHANNEL))
            _, happening = await here.reception.next_event()
            assert isinstance(happening, HungUp)
            assert not happening.vanished


async def test_a_caller_whom_we_hand_over_has_not_vanished() -> None:
    async with house(FakeAri()) as here:
        await here.call_comes()
        await here.reception.served[ID].transfer("agents")
        await here.fake.send(event("StasisEnd", channel=CHANNEL))
        _, happening = await here.reception.next_event()
        assert isinstance(happening, HungUp)
        assert not happening.vanished


async def test_a_caller_who_is_sent_back_to_the_hotline_has_a_line_of_their_own() -> None:
    async with house(FakeAri()) as here:
        await here.call_comes()
        first = here.reception.served[ID]
        await first.transfer("agents")  # and the event that they have left is lost
        here.fake.channels.add(ID)
        back = described(ID) | {"channelvars": {"DEVAM_VISIT": "1", "DEVAM_CONVERSATION": CONVERSATION}}
        await here.fake.send(event("StasisStart", channel=back))
        arrival = await here.reception.next_arrival()
        assert (arrival.visit, arrival.conversation) == ("1", CONVERSATION)
        assert here.reception.served[ID] is not first
