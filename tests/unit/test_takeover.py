"""A call whose controller has died goes on with another one; a controller that only slept leaves it alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import pytest

from context_store.errors import BadRecord, StoreUnavailable
from context_store.going_on import Taken
from context_store.memory import MemoryStore
from context_store.records import Json, NoteKind, Saved
from ivr.call.ports import Arrival, Served, Spoken
from ivr.call.switchboard import Switchboard
from ivr.errors import TelephonyTimeout
from ivr.flow.events import HungUp, KeyPressed, TimerFired
from tests.unit.fakes import FakeSpeaker
from tests.unit.takeover_house import FLOW, Channel, Controller, House, SharedLine, die, press
from tests.virtual_time import run_virtual, until


class MovedStore(MemoryStore):
    """May be away, and may know no more of a call than that it was there."""

    away = False
    unreadable = False

    async def save(self, saved: Saved) -> bool:
        self._check()
        return await super().save(saved)

    async def take(
        self, conversation: str, interaction: str, owner: str, dead: Collection[str]
    ) -> Taken | Literal["held", "unknown"]:
        self._check()
        await asyncio.sleep(0.001)
        taken = await super().take(conversation, interaction, owner, dead)
        await asyncio.sleep(0.001)
        if self.unreadable:
            raise BadRecord("of a newer format")
        return taken

    async def owner(self, conversation: str, interaction: str) -> str | None:
        self._check()
        return await super().owner(conversation, interaction)

    async def ping(self) -> None:
        self._check()

    def _check(self) -> None:
        if self.away:
            raise StoreUnavailable("away")


class OldOwner(MemoryStore):
    """May be started again as it was when somebody else had the call."""

    def forget_owner(self, owner: str) -> None:
        for kept in self._kept.values():
            kept.steps = {call: replace(step, owner=owner) for call, step in kept.steps.items()}


def test_the_caller_hears_the_question_again_and_goes_on() -> None:
    async def test() -> None:
        house = House()
        one, two = Controller(house, "one"), Controller(house, "two", {"one"})
        channel, session, task = await house.call(one)
        await die(session, task)
        heir, task = two.serve(channel, found=True)
        await until(lambda: "pick" in channel.heard("two"))
        assert channel.heard("two") == ["pick"], "only the present question"
        assert heir.conversation == session.conversation
        press(heir, "2")
        await task
        story, call = await house.story(channel), await house.interaction(channel)
        assert (call.controller, call.outcome) == ("two", "completed")
        assert story.progress
        assert [answer.value for answer in story.progress.answers.values()][:1] == ["42"]
        assert [note.data for note in await house.notes(channel, NoteKind.TAKEN_OVER)] == [{"controller": "two"}]
        assert len(await house.notes(channel, NoteKind.STARTED)) == 1
        assert not story.conversation.incomplete
        assert channel.done[-1] == ("two", "hang_up", "")

    run_virtual(test)


def test_a_call_that_is_served_is_left_alone() -> None:
    async def test() -> None:
        house = House()
        one, two = Controller(house, "one"), Controller(house, "two")
        channel, session, task = await house.call(one)
        before = await house.story(channel)
        thief, stealing = two.serve(channel, found=True)
        await stealing
        assert not thief.in_charge
        assert channel.done == [step for step in channel.done if step[0] == "one"]
        assert await house.story(channel) == before
        channel.puts["one"] = session.put
        press(session, "2")
        await task
        assert (await house.interaction(channel)).outcome == "completed"

    run_virtual(test)


def test_a_call_is_not_taken_while_the_store_is_away_but_at_a_later_look() -> None:
    async def test() -> None:
        store = MovedStore()
        house = House(store)
        one, two = Controller(house, "one"), Controller(house, "two", {"one"})
        channel, session, task = await house.call(one)
        await die(session, task)
        store.away = True
        _, task = two.serve(channel, found=True)
        await task
        assert channel.heard("two") == []
        store.away = False
        heir, task = two.serve(channel, found=True)
        await until(lambda: "pick" in channel.heard("two"))
        press(heir, "2")
        await task

    run_virtual(test)


def test_a_controller_that_was_started_again_takes_its_own_calls() -> None:
    async def test() -> None:
        house = House()
        channel, session, task = await house.call(Controller(house, "one"))
        await die(session, task)
        heir, task = Controller(house, "one").serve(channel, found=True)
        await until(lambda: channel.heard("one").count("pick") == 2)
        press(heir, "2")
        await task

    run_virtual(test)


def test_who_was_taken_for_dead_and_told_that_the_caller_left_writes_nothing() -> None:
    """The exchange tells it like a hang-up; the caller lives on with somebody else."""

    async def test() -> None:
        house = House()
        one, two = Controller(house, "one"), Controller(house, "two", {"one"})
        channel, session, task = await house.call(one)
        heir, serving = two.serve(channel, found=True)
        await task
        assert not session.in_charge
        await until(lambda: "pick" in channel.heard("two"))
        assert await house.notes(channel, NoteKind.HUNG_UP) == []
        assert (await house.interaction(channel)).ended_at is None
        press(heir, "2")
        await serving
        assert (await house.interaction(channel)).outcome == "completed"
        assert await one.room.returns.take("+905321112233") is None

    run_virtual(test)


@pytest.mark.parametrize("event", [KeyPressed(0.0, "1"), TimerFired(0.0, "t1"), HungUp(0.0)])
def test_who_slept_while_the_call_was_taken_does_nothing_to_it(event: KeyPressed | TimerFired | HungUp) -> None:
    async def test() -> None:
        house = House()
        one, two = Controller(house, "one"), Controller(house, "two", {"one"})
        channel, session, task = await house.call(one)
        del channel.puts["one"]  # what the exchange says waits in its socket
        heir, serving = two.serve(channel, found=True)
        await until(lambda: "pick" in channel.heard("two"))
        done = len(channel.done)
        one.tenure.sleep()
        session.put(event)
        await task
        assert [step for step in channel.done[done:] if step[0] == "one"] == []
        assert house.company.asked == []
        assert (await house.interaction(channel)).ended_at is None
        press(heir, "2")
        await serving
        assert (await house.interaction(channel)).outcome == "completed"

    run_virtual(test)


def test_who_slept_and_is_still_the_owner_goes_on() -> None:
    async def test() -> None:
        house = House()
        one = Controller(house, "one")
        channel, session, task = await house.call(one)
        one.tenure.sleep()
        press(session, "1")
        await until(lambda: channel.heard("one").count("pick") == 2)
        press(session, "2")
        await task
        assert (await house.interaction(channel)).outcome == "completed"
        assert len(await house.notes(channel, NoteKind.PRESSED)) == 2

    run_virtual(test)


@pytest.mark.parametrize("ours", [True, False])
def test_who_slept_and_finds_the_store_away_asks_the_exchange(ours: bool) -> None:
    async def test() -> None:
        store = MovedStore()
        house = House(store)
        one = Controller(house, "one")
        channel, session, task = await house.call(one)
        await asyncio.sleep(0.1)
        store.away = True
        one.tenure.sleep()
        if not ours:
            channel.app = "two"
        done = len(channel.done)
        press(session, "2")
        await task
        assert [what for _, what, _ in channel.done[done:]] == (["play", "hang_up"] if ours else [])
        assert one.room.unwritten.empty is not ours

    run_virtual(test)


def test_who_sleeps_between_saving_and_speaking_says_nothing() -> None:
    class Drowsy(FakeSpeaker):
        """While it makes the sound, the process is stopped, and another one takes the call."""

        def __init__(self, controller: Controller) -> None:
            super().__init__()
            self.controller = controller
            self.drowsy = False
            self.woken = asyncio.Event()

        async def speak(self, prompts: Sequence[str], language: str, variables: Mapping[str, Json]) -> Spoken:
            if self.drowsy:
                await self.woken.wait()
                self.controller.tenure.sleep()
            return await super().speak(prompts, language, variables)

    async def test() -> None:
        house = House()
        one, two = Controller(house, "one"), Controller(house, "two", {"one"})
        speaker = Drowsy(one)
        one.hotlines.served = Served(FLOW, speaker)
        channel, session, task = await house.call(one)
        speaker.drowsy = True
        del channel.puts["one"]
        press(session, "1")
        await until(lambda: len(house.company.asked) == 1)
        await asyncio.sleep(0.1)
        heir, serving = two.serve(channel, found=True)
        await until(lambda: "pick" in channel.heard("two"))
        done = len(channel.done)
        speaker.woken.set()
        await task
        assert [step for step in channel.done[done:] if step[0] == "one"] == []
        press(heir, "2")
        await serving

    run_virtual(test)


def test_what_was_decided_and_not_done_is_done() -> None:
    """The controller died between saving that the caller goes to people, and sending them there."""

    class Dying(SharedLine):
        async def transfer(self, queue: str, agent: str = "") -> None:
            await asyncio.sleep(1000)

    async def test() -> None:
        house = House()
        one, two = Controller(house, "one"), Controller(house, "two", {"one"})
        channel, session, task = await house.call(one)
        session._line._line = Dying(channel, "one")
        press(session, "3")
        await asyncio.sleep(1)
        await die(session, task)
        _, task = two.serve(channel, found=True)
        await task
        assert channel.done[-1] == ("two", "transfer", "faults")
        assert (await house.interaction(channel)).outcome == "transferred"

    run_virtual(test)


def test_a_caller_who_has_gone_meanwhile_is_interrupted() -> None:
    async def test() -> None:
        house = House()
        one, two = Controller(house, "one"), Controller(house, "two", {"one"})
        channel, session, task = await house.call(one)
        await die(session, task)
        channel.gone = True
        _, task = two.serve(channel, found=True)
        await task
        assert (await house.interaction(channel)).outcome == "interrupted"
        assert len(await house.notes(channel, NoteKind.INTERRUPTED)) == 1

    run_virtual(test)


def test_a_call_that_the_store_has_lost_begins_anew_on_its_channel() -> None:
    async def test() -> None:
        house = House()
        channel, session, task = await house.call(Controller(house, "one"))
        await die(session, task)
        house.store = MemoryStore()
        two = Controller(house, "two", {"one"})
        heir, task = two.serve(channel, found=True)
        await until(lambda: "ask_name" in channel.heard("two"))
        assert channel.heard("two") == ["hello", "ask_name"]
        assert ("two", "take_over", "") in channel.done
        assert heir.conversation == session.conversation
        press(heir, "422")
        await task
        assert (await house.interaction(channel)).outcome == "completed"

    run_virtual(test)


def test_a_channel_that_was_never_marked_is_served_by_one_alone() -> None:
    async def test() -> None:
        house = House()
        two, three = Controller(house, "two", {"one"}), Controller(house, "three", {"one"})
        channel = Channel("chan-1", "one")
        tasks = [controller.serve(channel, found=True)[1] for controller in (two, three)]
        await until(lambda: "ask_name" in channel.heard("two") + channel.heard("three"))
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        assert {by for by, _, _ in channel.done} in ({"two"}, {"three"})
        channel.tell(HungUp(0.0))
        await asyncio.gather(*tasks)

    run_virtual(test)


def test_what_cannot_be_read_is_begun_anew_and_told_in_a_conversation_of_its_own() -> None:
    async def test() -> None:
        store = MovedStore()
        house = House(store)
        one, two = Controller(house, "one"), Controller(house, "two", {"one"})
        channel, session, task = await house.call(one)
        await die(session, task)
        store.unreadable = True
        heir, task = two.serve(channel, found=True)
        await until(lambda: "ask_name" in channel.heard("two"))
        assert channel.conversation == heir.conversation != session.conversation
        press(heir, "422")
        await task
        assert (await house.interaction(channel)).outcome == "completed"

    run_virtual(test)


@pytest.mark.parametrize("alive", [False, True])
def test_a_channel_that_does_not_come_is_left_alone_until_it_does(alive: bool) -> None:
    """A prompt that is not in the store holds it up: that of a controller which has lost the store alone, and lives."""

    class Slow(SharedLine):
        async def take_over(self, play: str) -> None:
            await asyncio.sleep(3)
            raise TelephonyTimeout("it did not come")

    async def test() -> None:
        house = House()
        one, two = Controller(house, "one"), Controller(house, "two", {"one"})
        channel, session, task = await house.call(one)
        if not alive:
            await die(session, task)
        before = await house.story(channel)
        heir, taking = two.serve(channel, found=True)
        heir._line._line = Slow(channel, "two")
        await taking
        assert [step for step in channel.done if step[0] == "two"] == []
        assert await house.story(channel) == before
        assert not heir.in_charge
        channel.move("two")
        heir, taking = two.serve(channel)
        await until(lambda: channel.heard("two") == ["pick"])
        press(heir, "2")
        await asyncio.gather(taking, task, return_exceptions=True)
        call = await house.interaction(channel)
        assert (call.controller, call.outcome) == ("two", "completed")

    run_virtual(test)


@pytest.mark.parametrize("owner", ["one", "two#before"])
def test_whose_call_the_store_has_forgotten_is_looked_for(owner: str) -> None:
    """It was started again from its disk, and names an owner of before. The channel is still with us."""

    async def test() -> None:
        store = OldOwner()
        house = House(store)
        one, two = Controller(house, "one"), Controller(house, "two", {"one"})
        channel, session, task = await house.call(one)
        await die(session, task)
        board = Switchboard(two.room)
        arrival = Arrival(channel.id, "05321112233", "4440000", conversation=channel.conversation)
        channel.puts["two"] = lambda event: board.happened(channel.id, event)

        def look() -> None:
            board.stray(SharedLine(channel, "two"), arrival)

        board.refused = look
        look()
        await until(lambda: channel.heard("two") == ["pick"])
        store.forget_owner(owner)
        board.happened(channel.id, KeyPressed(time.time(), "3"))
        await until(lambda: channel.heard("two") == ["pick", "pick"])
        assert board.channels() == {channel.id}
        board.happened(channel.id, KeyPressed(time.time(), "2"))
        await until(lambda: board.idle)
        assert channel.done[-1] == ("two", "hang_up", "")
        assert (await house.interaction(channel)).outcome == "completed"

    run_virtual(test)


def test_who_is_refused_by_a_living_owner_takes_nothing_back() -> None:
    """The other may only just have taken it, and be about to move the channel."""

    async def test() -> None:
        store = OldOwner()
        house = House(store)
        one = Controller(house, "one")
        channel = Channel("chan-1", "one")
        board, looks = Switchboard(one.room), 0
        arrival = Arrival(channel.id, "05321112233", "4440000")
        channel.puts["one"] = lambda event: board.happened(channel.id, event)
        board.arrived(SharedLine(channel, "one"), arrival)

        def look() -> None:
            nonlocal looks
            looks += 1
            board.stray(SharedLine(channel, "one"), replace(arrival, conversation=channel.conversation))

        board.refused = look
        await until(lambda: "ask_name" in channel.heard("one"))
        store.forget_owner("two")
        done = list(channel.done)
        for key in "42":
            board.happened(channel.id, KeyPressed(time.time(), key))
        await until(lambda: looks == 1 and board.idle)
        assert [what for _, what, _ in channel.done[len(done) :] if what != "stop"] == []

    run_virtual(test)


def test_whoever_is_stopped_while_taking_over_leaves_the_caller_to_somebody() -> None:
    """Cancelled at whatever point: the caller is with people then, or whoever looks next can take the call."""
    steps: list[Sequence[tuple[str, str, str]]] = []

    async def test() -> None:
        for rounds in range(120):
            house = House(MovedStore())
            one, two = Controller(house, "one"), Controller(house, "two", {"one"})
            channel, session, task = await house.call(one)
            await die(session, task)
            done = len(channel.done)
            _, task = two.serve(channel, found=True)
            await asyncio.sleep(rounds // 8 * 0.0005)
            for _ in range(rounds % 8):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            steps.append(channel.done[done:])
            if ("two", "transfer", "agents") not in channel.done:
                three = Controller(house, "three", {"one", "two"})
                heir, task = three.serve(channel, found=True)
                await asyncio.sleep(0.5)
                assert "pick" in channel.heard("three")
                press(heir, "2")
                await task
                assert (await house.interaction(channel)).outcome == "completed"

    run_virtual(test)
    assert [] in steps, "some were stopped before they had done anything"
    assert any(("two", "transfer", "agents") in done for done in steps)
    assert any(what == "take_over" for done in steps for _, what, _ in done), "some in the middle"
    assert any(what == "play" for done in steps for _, what, _ in done), "some when all was done"


def test_a_caller_whom_people_have_sent_back_is_who_they_were() -> None:
    """Another interaction in the same conversation; see test_session_returning for what is done with it."""

    async def test() -> None:
        house = House()
        one = Controller(house, "one")
        channel, session, task = await house.call(one)
        press(session, "3")
        await task
        channel.app = "one"
        again, task = one.serve(channel, visit="2")
        await until(lambda: channel.heard("one").count("ask_name") == 2)
        press(again, "422")
        await task
        story = await house.story(channel)
        assert again.conversation == session.conversation
        assert [call.outcome for call in story.interactions] == ["transferred", "completed"]
        assert story.conversation.opened_at == story.interactions[0].started_at

    run_virtual(test)
