"""Which calls are ours, and what becomes of their callers when we stop."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Literal

from context_store.going_on import Taken
from context_store.memory import MemoryStore
from ivr.call.ports import Arrival
from ivr.call.switchboard import TURNS, Switchboard
from ivr.flow.events import HungUp, KeyPressed
from ivr.flow.reading.loader import parse_flow
from tests.unit.fakes import FakeAnswers, FakeLine, FakeSpeaker, OneHotline, make_room
from tests.unit.takeover_house import Channel, Controller, House, SharedLine, die
from tests.virtual_time import run_virtual, until

FLOW = parse_flow(
    "flow: f\nlanguages: [tr]\nstart: hello\nnodes:\n  hello: {say: hello, next: bye}\n  bye: {end: bye}\n", "f.yaml"
)


def switchboard() -> Switchboard:
    store = MemoryStore()
    hotlines = OneHotline(FLOW, FakeSpeaker())
    return Switchboard(make_room(store, hotlines, FakeAnswers({})))


def arrive(board: Switchboard, channel: str) -> FakeLine:
    line = FakeLine(channel, patient=True)
    board.arrived(line, Arrival(channel, "", "4440000"))
    return line


def test_each_call_has_its_own_session_until_it_ends() -> None:
    async def test() -> None:
        board = switchboard()
        one, two = arrive(board, "a"), arrive(board, "b")
        await until(lambda: ("play", "hello.wav") in one.done and ("play", "hello.wav") in two.done)
        assert board.channels() == {"a", "b"}
        board.happened("a", HungUp(0.0))
        await until(lambda: board.channels() == {"b"})
        await board.close()
        assert board.channels() == set()
        assert one.done[-1] == ("play", "hello.wav")
        assert two.done[-1] == ("transfer", "agents")

    run_virtual(test)


def test_a_call_told_twice_is_one_call() -> None:
    async def test() -> None:
        board = switchboard()
        first, second = arrive(board, "a"), arrive(board, "a")
        await until(lambda: ("play", "hello.wav") in first.done)
        assert second.done == []
        await board.close()

    run_virtual(test)


def test_events_of_strangers_are_ignored() -> None:
    async def test() -> None:
        board = switchboard()
        board.happened("nobody", KeyPressed(0.0, "1"))
        assert board.channels() == set()
        await board.close()

    run_virtual(test)


def test_a_call_that_has_only_just_come_is_handed_over_too() -> None:
    async def test() -> None:
        board = switchboard()
        line = arrive(board, "a")
        await board.close()
        assert line.done[-1] == ("transfer", "agents")

    run_virtual(test)


def test_a_call_that_will_not_end_does_not_hold_up_the_stop() -> None:
    class Stubborn(FakeLine):
        async def transfer(self, queue: str, agent: str = "") -> None:
            while not self.gone:
                try:
                    await asyncio.sleep(3600)
                except asyncio.CancelledError:
                    continue

    async def test() -> None:
        board = switchboard()
        line = Stubborn("a", patient=True)
        board.arrived(line, Arrival("a", "", "1"))
        await until(lambda: ("play", "hello.wav") in line.done)
        await board.close()
        assert asyncio.get_running_loop().time() < 30
        line.gone = True
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    run_virtual(test)


def test_a_channel_that_is_found_is_taken_over_once() -> None:
    async def test() -> None:
        house = House()
        one, two = Controller(house, "one"), Controller(house, "two", {"one"})
        channel, session, task = await house.call(one)
        await die(session, task)
        board = Switchboard(two.room)
        line, arrival = SharedLine(channel, "two"), Arrival("chan-1", "", "4440000", conversation=channel.conversation)
        channel.puts["two"] = lambda event: board.happened("chan-1", event)
        board.stray(line, arrival)
        assert board.channels() == set(), "it is not ours before the store says so"
        board.stray(line, arrival)
        board.arrived(line, arrival)
        await until(lambda: "pick" in channel.heard("two"))
        board.stray(line, arrival)
        assert channel.heard("two") == ["pick"]
        assert board.channels() == {"chan-1"}
        channel.tell(HungUp(0.0))
        await until(lambda: board.idle)

    run_virtual(test)


def test_of_hundreds_that_are_found_a_few_are_taken_over_at_once() -> None:
    class Crowded(MemoryStore):
        now = most = 0

        async def take(
            self, conversation: str, interaction: str, owner: str, dead: Collection[str]
        ) -> Taken | Literal["held", "unknown"]:
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0.01)
            self.now -= 1
            return await super().take(conversation, interaction, owner, dead)

    async def test() -> None:
        store, everybody = Crowded(), {str(number) for number in range(300)}
        board = Switchboard(make_room(store, OneHotline(FLOW, FakeSpeaker()), FakeAnswers({})))
        for channel in everybody:
            board.stray(FakeLine(channel, patient=True), Arrival(channel, "", "4440000"))
        assert board.finding_out() == everybody
        assert not board.channels()
        await until(lambda: board.channels() == everybody)
        assert not board.finding_out()
        assert store.most == TURNS
        await board.close()

    run_virtual(test)


def test_who_stops_takes_nobody_over_who_still_waits_for_that() -> None:
    async def test() -> None:
        board = switchboard()
        lines = [FakeLine(str(number), patient=True) for number in range(2 * TURNS)]
        for line in lines:
            board.stray(line, Arrival(line.id, "", "4440000"))
        await board.leave()
        assert board.idle
        assert not any(line.done for line in lines)

    run_virtual(test)


def test_a_channel_that_came_by_itself_is_taken_over_where_it_was() -> None:
    """Whoever moved it here has forgotten it meanwhile."""

    async def test() -> None:
        house = House()
        one = Controller(house, "one")
        channel, session, task = await house.call(one)
        await die(session, task)
        board = Switchboard(one.room)
        channel.puts["one"] = lambda event: board.happened("chan-1", event)
        board.arrived(SharedLine(channel, "one"), Arrival("chan-1", "", "1", conversation=channel.conversation))
        await until(lambda: channel.heard("one").count("pick") == 2)
        assert channel.heard("one").count("hello") == 1
        channel.tell(HungUp(0.0))
        await until(lambda: board.idle)

    run_virtual(test)


def test_who_leaves_does_nothing_to_its_calls_and_others_go_on_with_them() -> None:
    async def test() -> None:
        house = House()
        one, two = Controller(house, "one"), Controller(house, "two", {"one"})
        board, channel = Switchboard(one.room), Channel("chan-1", "one")
        channel.puts["one"] = lambda event: board.happened("chan-1", event)
        board.arrived(SharedLine(channel, "one"), Arrival("chan-1", "", "1"))
        await until(lambda: "ask_name" in channel.heard("one"))
        done = len(channel.done)
        await board.leave()
        assert board.idle
        assert len(channel.done) == done
        assert (await house.interaction(channel)).ended_at is None
        heir, task = two.serve(channel, found=True)
        await until(lambda: "ask_name" in channel.heard("two"))
        heir.put(HungUp(0.0))
        await task

    run_virtual(test)
