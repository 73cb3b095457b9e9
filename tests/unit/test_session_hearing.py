"""A call whose caller can be heard: who has a place, for how long, and that nobody waits for it or loses the call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from context_store.memory import MemoryStore
from context_store.records import Json, NoteKind, Saved
from ivr.call.doing import HESITATION
from ivr.call.ports import Arrival, Services
from ivr.call.session import Session
from ivr.call.switchboard import Switchboard
from ivr.call.taping import Tapes
from ivr.errors import TelephonyRefused
from ivr.flow.commands import Listen
from ivr.flow.events import Deaf, HungUp, KeyPressed, SpeechBegan, Spoke, Started
from ivr.flow.model import Flow
from ivr.flow.reading.loader import parse_flow
from tests.unit.fakes import (
    FakeAnswers,
    FakeLine,
    FakePlace,
    FakeRecogniser,
    FakeSpeaker,
    FakeTenure,
    OneHotline,
    make_room,
)
from tests.unit.takeover_house import Channel, Controller, House, SharedLine, die
from tests.virtual_time import run_virtual, until

FLOW = parse_flow(
    """
flow: small
languages: [tr]
start: hello
defaults: {otherwise: people, ask_back: ask_back}
nodes:
  hello: {say: hello, next: pick}
  pick:
    menu: pick
    timeout: 5s
    choices:
      ticket: {key: 1, phrases: [arıza], next: ticket}
      bye: {key: 2, phrases: [hoşça kal], next: bye}
      people: {key: 3, phrases: [temsilci], next: people}
  ticket:
    call: ticket.open
    with: {line: "x", symptom: x, contact: y}
    into: ticket
    next: bye
    on_error: people
  people: {transfer: faults, reason: asked}
  bye: {end: bye}
""",
    "small.yaml",
)


class EarLine(FakeLine):
    """Tells, in the list of what was done, whether others could have the place when the caller went to people."""

    def __init__(self, recogniser: FakeRecogniser, *, patient: bool = False) -> None:
        super().__init__(patient=patient)
        self.recogniser = recogniser

    async def transfer(self, queue: str, agent: str = "") -> None:
        self._do("taken at transfer", str(self.recogniser.taken))
        await super().transfer(queue, agent)


class SlowLine(EarLine):
    """Whose sound never comes."""

    async def hear(self, sink: Callable[[bytes], None]) -> None:
        await super().hear(sink)
        await asyncio.sleep(1000)


class CountingStore(MemoryStore):
    """Counts what is written."""

    writes = 0

    async def save(self, saved: Saved) -> bool:
        self.writes += 1
        return await super().save(saved)


class Call:
    """A session at work that has a recogniser with one place."""

    def __init__(
        self,
        line: Callable[[FakeRecogniser], FakeLine] = EarLine,
        *,
        services: Services | None = None,
        store: MemoryStore | None = None,
        tenure: FakeTenure | None = None,
        flow: Flow = FLOW,
    ) -> None:
        self.recogniser = FakeRecogniser()
        self.line = line(self.recogniser)
        self.tapes = Tapes()
        self.room = make_room(
            store or MemoryStore(),
            OneHotline(flow, FakeSpeaker()),
            services or FakeAnswers({"ticket.open": {"number": "481516"}}),
            tapes=self.tapes,
            tenure=tenure,
            recogniser=self.recogniser,
        )
        self.session = Session(self.room, self.line, Arrival(self.line.id, "05321112233", "4440000"))
        self.line.put = self.session.put
        self.task = asyncio.create_task(self.session.run())

    async def reach(self, what: str, value: str) -> None:
        await until(lambda: (what, value) in self.line.done)

    def press(self, key: str) -> None:
        self.session.put(KeyPressed(0.0, key))

    @property
    def place(self) -> FakePlace:
        return self.recogniser.made[0]

    def order(self, *what: str) -> list[str]:
        """These of what was done, in order."""
        return [done for done, _ in self.line.done if done in what]


def test_a_call_has_a_place_until_it_is_over() -> None:
    async def test() -> None:
        call = Call()
        await call.reach("hear", "")
        call.line.sink(b"\x01\x00" * 160)
        assert call.recogniser.taken == len(call.place.frames) == 1
        await call.reach("play", "pick.wav")
        call.press("2")
        await call.task
        assert call.recogniser.taken == 0
        assert call.order("stop hearing", "hang_up") == ["stop hearing", "hang_up"]

    run_virtual(test)


def test_the_flow_is_told_who_can_be_heard() -> None:
    async def first_event(call: Call) -> Started:
        with call.tapes.subscribe() as listener:
            await call.reach("play", "pick.wav")
            call.press("2")
            await call.task
            tape = listener.get_nowait().tape()
        assert tape
        assert isinstance(tape.steps[0].event, Started)
        return tape.steps[0].event

    async def test() -> None:
        assert (await first_event(Call())).hears == ("tr",)
        full = Call()
        full.recogniser.places = 0
        assert (await first_event(full)).hears == ()
        assert not full.order("hear", "stop hearing")

    run_virtual(test)


def test_the_greeting_does_not_wait_for_the_sound() -> None:
    async def test() -> None:
        call = Call(SlowLine)
        await call.reach("hear", "")
        assert call.order("answer", "play", "hear")[:2] == ["answer", "play"]
        call.press("2")
        await call.task
        assert asyncio.get_running_loop().time() < 0.1
        assert call.recogniser.taken == 0

    run_virtual(test)


def test_people_get_the_caller_when_nothing_is_heard_any_more() -> None:
    async def test() -> None:
        call = Call()
        await call.reach("play", "pick.wav")
        call.press("3")
        await call.task
        assert call.order("stop hearing", "taken at transfer", "transfer") == [
            *("stop hearing", "taken at transfer", "transfer")
        ]
        assert ("taken at transfer", "0") in call.line.done

    run_virtual(test)


def test_people_get_the_caller_though_the_exchange_brings_the_sound_for_ever() -> None:
    class Endless(EarLine):
        async def stop_hearing(self) -> None:
            await super().stop_hearing()
            await asyncio.sleep(1000)

    async def test() -> None:
        call = Call(Endless)
        await call.reach("play", "pick.wav")
        call.press("3")
        await call.task
        call.line.sink(b"\x01\x00" * 160)  # an agent's voice
        assert not call.place.frames
        assert call.line.done[-2:] == [("taken at transfer", "0"), ("transfer", "faults")]
        assert asyncio.get_running_loop().time() < 1.0

    run_virtual(test)


def test_a_fault_of_ours_ends_the_hearing_before_people_have_the_caller() -> None:
    class Broken(EarLine):
        async def stop_playing(self, play: str) -> None:
            raise ZeroDivisionError("a bug")

    async def test() -> None:
        call = Call(lambda recogniser: Broken(recogniser, patient=True))
        await call.reach("hear", "")
        call.press("1")
        await call.task
        assert call.order("stop hearing", "transfer") == ["stop hearing", "transfer"]
        assert ("taken at transfer", "0") in call.line.done

    run_virtual(test)


def test_a_controller_that_stops_hears_nothing_more() -> None:
    async def test() -> None:
        call = Call()
        await call.reach("hear", "")
        call.task.cancel()
        await asyncio.gather(call.task, return_exceptions=True)
        assert call.order("stop hearing", "transfer") == ["stop hearing", "transfer"]
        assert call.recogniser.taken == 0

    run_virtual(test)


def test_a_controller_that_leaves_its_calls_to_others_gives_their_places_back() -> None:
    async def test() -> None:
        recogniser = FakeRecogniser()
        line = EarLine(recogniser)
        room = make_room(MemoryStore(), OneHotline(FLOW, FakeSpeaker()), FakeAnswers({}), recogniser=recogniser)
        switchboard = Switchboard(room)
        switchboard.arrived(line, Arrival(line.id, "05321112233", "4440000"))
        await until(lambda: ("hear", "") in line.done)
        await switchboard.leave()
        assert recogniser.taken == 0
        assert "transfer" not in [what for what, _ in line.done]

    run_virtual(test)


def test_a_caller_who_hangs_up_while_the_sound_is_on_its_way_is_gone() -> None:
    async def test() -> None:
        call = Call(SlowLine)
        await call.reach("hear", "")
        call.session.put(HungUp(0.0))
        await call.task
        assert call.recogniser.taken == 0
        assert asyncio.get_running_loop().time() < 0.1

    run_virtual(test)


def test_a_caller_who_is_gone_before_we_pick_up_takes_no_place_for_long() -> None:
    async def test() -> None:
        recogniser = FakeRecogniser()
        line = EarLine(recogniser)
        line.gone = True
        room = make_room(MemoryStore(), OneHotline(FLOW, FakeSpeaker()), FakeAnswers({}), recogniser=recogniser)
        await Session(room, line, Arrival(line.id, "", "")).run()
        assert recogniser.taken == 0

    run_virtual(test)


def test_others_can_have_the_place_while_the_company_is_still_asked_for_a_caller_who_has_gone() -> None:
    class Slow(FakeAnswers):
        async def ask(
            self, service: str, arguments: Mapping[str, str], *, timeout: float, idempotency_key: str
        ) -> Mapping[str, Json]:
            await asyncio.sleep(2)
            return {"number": "481516"}

    async def test() -> None:
        call = Call(services=Slow({}))
        await call.reach("play", "pick.wav")
        call.press("1")
        await until(lambda: call.session._progress.node == "ticket")
        call.session.put(HungUp(0.0))
        await until(lambda: call.recogniser.taken == 0)
        assert not call.task.done()
        await call.task

    run_virtual(test)


@pytest.mark.parametrize("error", [TelephonyRefused("no such context"), ZeroDivisionError("a bug")])
def test_a_call_that_cannot_be_heard_goes_on_with_keys(error: Exception) -> None:
    class Mute(EarLine):
        async def hear(self, sink: Callable[[bytes], None]) -> None:
            raise error

    async def test() -> None:
        call = Call(Mute)
        await call.reach("play", "pick.wav")
        await until(lambda: call.recogniser.taken == 0)
        call.press("2")
        await call.task
        assert call.line.done[-1] == ("hang_up", "")

    run_virtual(test)


def test_a_call_that_goes_deaf_twice_goes_on_with_keys() -> None:
    async def test() -> None:
        call = Call()
        await call.reach("hear", "")
        call.place.put(Deaf(1.0))
        call.place.put(Deaf(2.0))
        await until(lambda: call.recogniser.taken == 0)
        await call.reach("play", "pick.wav")
        call.press("2")
        await call.task
        assert call.order("stop hearing") == ["stop hearing"]
        assert call.line.done[-1] == ("hang_up", "")

    run_virtual(test)


def test_a_call_that_others_have_meanwhile_is_left_when_its_sound_is_asked_for() -> None:
    class Theirs(MemoryStore):
        async def owner(self, conversation: str, interaction: str) -> str | None:
            return "two#1"

    class Sleepy(EarLine):
        async def play(self, play: str, files: Sequence[Path]) -> None:
            await super().play(play, files)
            tenure.sleep()

    tenure = FakeTenure()

    async def test() -> None:
        call = Call(lambda recogniser: Sleepy(recogniser, patient=True), store=Theirs(), tenure=tenure)
        await call.task
        assert call.session.refused
        assert call.recogniser.taken == 0
        assert [what for what, _ in call.line.done] == ["answer", "play", "stop hearing"]

    run_virtual(test)


def test_what_was_said_leads_on_and_stands_in_the_log_of_the_conversation_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")

    async def test() -> None:
        call = Call()
        with call.room.watch.subscribe() as feed:
            await call.reach("hear", "")
            await until(lambda: bool(call.place.asked))
            listen = call.place.asked[-1]
            assert isinstance(listen, Listen)
            assert listen.phrases == ("arıza", "hoşça kal", "temsilci")
            call.place.put(SpeechBegan(1.0, listen.id))
            call.place.put(Spoke(2.0, "temsilci", 0.42, listen.id))
            await call.reach("play", "ask_back.wav")
            call.place.put(Spoke(2.1, "hoşça kal", 0.9, listen.id))  # too late: something else is asked now
            call.press("1")
            await call.task
            told = [(one.kind, one.data) for one in (feed.get_nowait() for _ in range(feed.qsize()))]
        said = {"words": "temsilci", "confidence": 0.42}
        assert ("doubted", said) in told
        assert ("spoke", {**said, "choice": "people"}) in told
        story = await call.room.store.story(call.session.conversation)
        assert story
        spoken = [note.kind for note in story.notes if "temsilci" in repr(note)]
        assert spoken == [NoteKind.DOUBTED, NoteKind.SPOKE]
        assert "temsilci" not in repr((story.conversation, story.interactions, story.progress))

    run_virtual(test)
    assert "temsilci" not in caplog.text


def test_what_only_the_live_call_knows_is_not_written() -> None:
    """The beginning of speech and its loss change nothing that who takes the call over could use."""

    async def test() -> None:
        store = CountingStore()
        call = Call(store=store)
        await until(lambda: bool(call.recogniser.made) and bool(call.place.asked))
        await call.reach("hear", "")
        listen, writes = call.place.asked[-1], store.writes
        assert isinstance(listen, Listen)
        call.session.put(SpeechBegan(1.0, listen.id))
        await until(lambda: call.session._progress.timer.startswith("s"))
        assert store.writes == writes
        call.press("2")
        await call.task
        assert store.writes > writes

    run_virtual(test)


def test_who_takes_a_call_over_opens_ears_of_its_own() -> None:
    async def test() -> None:
        house = House()
        one, two = Controller(house, "one"), Controller(house, "two", {"one"})
        ears = FakeRecogniser()
        room = make_room(
            house.store,
            OneHotline(FLOW, FakeSpeaker()),
            house.company,
            tenure=two.tenure,
            name="two",
            recogniser=ears,
        )
        channel, session, task = await house.call(one)
        await die(session, task)
        arrival = Arrival(channel.id, "05321112233", "4440000", conversation=channel.conversation)
        heir = Session(room, SharedLine(channel, "two"), arrival, found=True)
        channel.puts["two"] = heir.put
        task = asyncio.create_task(heir.run())
        await until(lambda: ("two", "hear", "") in channel.done)
        deeds = [what for by, what, _ in channel.done if by == "two"]
        assert deeds == ["take_over", "play", "hear"], "the present question does not wait for it either"
        assert ears.taken == 1
        heir.put(HungUp(0.0))
        await task
        assert ears.taken == 0

    run_virtual(test)


def test_who_takes_over_a_call_that_is_over_takes_no_place() -> None:
    async def test() -> None:
        house = House()
        one, two = Controller(house, "one"), Controller(house, "two", {"one"})
        channel = Channel("chan-1", "one")
        session, task = one.serve(channel)
        await until(lambda: "ask_name" in channel.heard("one"))
        session.put(HungUp(0.0))
        await task
        ears = FakeRecogniser()
        room = make_room(house.store, two.hotlines, house.company, tenure=two.tenure, name="two", recogniser=ears)
        arrival = Arrival(channel.id, "05321112233", "4440000", conversation=channel.conversation)
        await Session(room, SharedLine(channel, "two"), arrival, found=True).run()
        assert not ears.made

    run_virtual(test)


@pytest.mark.parametrize("says", ["arıza", "nothing"])
def test_who_begins_to_speak_just_before_the_time_is_over_is_not_interrupted(says: str) -> None:
    async def test() -> None:
        call = Call()
        await call.reach("play", "pick.wav")
        await asyncio.sleep(4.9)
        call.place.undecided = True
        await asyncio.sleep(1.0)
        assert call.order("play") == ["play", "play"]  # the question was not asked again
        if says == "arıza":
            [listen] = [asked for asked in call.place.asked if isinstance(asked, Listen)]
            call.place.put(SpeechBegan(0.0, listen.id))
            await asyncio.sleep(HESITATION)
            call.place.put(Spoke(0.0, "arıza", 0.9, listen.id))
            await call.task
            assert call.line.done[-1] == ("hang_up", "")
        else:
            await asyncio.sleep(HESITATION)  # somebody hums for ever
            assert call.order("play") == ["play", "play", "play"]
            call.press("2")
            await call.task

    run_virtual(test)
