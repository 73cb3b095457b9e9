"""One call as its task sees it: saved before spoken, timers, services, and no caller lost to our faults."""

from __future__ import annotations

import asyncio

import pytest

from context_store.errors import BadRecord, StaleRevision, StoreUnavailable
from context_store.memory import MemoryStore
from context_store.records import Level, NoteKind, Saved, Story, interaction_of
from context_store.store import Store
from ivr.call.outage import Outage
from ivr.call.ports import Arrival, Services, Speaker
from ivr.call.session import Session
from ivr.call.taping import Tapes
from ivr.call.unwritten import Unwritten
from ivr.call.watch import Watch
from ivr.errors import ServiceError, TelephonyDown, TelephonyTimeout
from ivr.flow.events import HungUp, KeyPressed, Started
from ivr.flow.model import Flow
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
    timeout: 5s
    choices: {ticket: {key: 1, next: ticket}, bye: {key: 2, next: bye}, secret: {key: 3, next: secret}}
  secret: {collect: secret, length: 4, sensitivity: secret, next: bye}
  ticket:
    call: ticket.open
    with: {line: "{{ caller.number }}", symptom: x, contact: y}
    into: ticket
    next: bye
    on_error: people
  people: {transfer: faults, reason: asked}
  bye: {end: bye}
""",
    "small.yaml",
)


class OrderedStore(MemoryStore):
    """Tells when it was written to, in the line's own list of what was done."""

    def __init__(self, line: FakeLine) -> None:
        super().__init__()
        self._line = line

    async def save(self, saved: Saved) -> bool:
        whole = await super().save(saved)
        self._line.done.append(("save", saved.progress.node))
        return whole


class AwayStore(MemoryStore):
    """A store that can be away for those who write to it."""

    def __init__(self) -> None:
        super().__init__()
        self.away = True
        self.tries = 0

    async def save(self, saved: Saved) -> bool:
        self.tries += 1
        if self.away:
            raise StoreUnavailable("away")
        return await super().save(saved)

    async def ping(self) -> None:
        if self.away:
            raise StoreUnavailable("away")


class Call:
    """A session at work, with what it stands on."""

    def __init__(
        self,
        line: FakeLine | None = None,
        *,
        services: Services | None = None,
        store: Store | None = None,
        speaker: Speaker | None = None,
        flow: Flow = FLOW,
    ) -> None:
        self.line = line or FakeLine()
        self.services = services or FakeAnswers({"ticket.open": {"number": "481516"}})
        self.store = store or MemoryStore()
        self.watch = Watch()
        self.unwritten = Unwritten(self.store)
        self.outage = Outage(self.store)
        hotlines = OneHotline(flow, speaker or FakeSpeaker())
        self.tapes = Tapes()
        shared = make_room(
            self.store,
            hotlines,
            self.services,
            watch=self.watch,
            unwritten=self.unwritten,
            outage=self.outage,
            tapes=self.tapes,
        )
        self.session = Session(shared, self.line, Arrival(self.line.id, "05321112233", "4440000"))
        self.line.put = self.session.put
        self.task = asyncio.create_task(self.session.run())

    async def reach(self, what: str, value: str) -> None:
        await until(lambda: (what, value) in self.line.done)

    def press(self, keys: str) -> None:
        for key in keys:
            self.session.put(KeyPressed(0.0, key))

    async def story(self) -> Story:
        assert isinstance(self.store, MemoryStore)
        story = await self.store.story(self.session.conversation)
        assert story
        return story


def test_every_step_is_saved_before_its_prompt() -> None:
    async def test() -> None:
        line = FakeLine()
        call = Call(line, store=OrderedStore(line))
        await call.reach("play", "pick.wav")
        call.press("2")
        await call.task
        steps = [step for step in line.done if step[0] in ("save", "play")]
        for prompt, node in (("hello.wav", "hello"), ("pick.wav", "pick"), ("bye.wav", "bye")):
            assert steps.index(("save", node)) < steps.index(("play", prompt))

    run_virtual(test)


def test_a_call_is_answered_with_its_opaque_conversation() -> None:
    async def test() -> None:
        call = Call()
        await call.reach("play", "hello.wav")
        assert call.line.done[0] == ("answer", call.session.conversation)
        assert "532" not in call.session.conversation
        call.session.put(HungUp(0.0))
        await call.task
        story = await call.story()
        assert story.interactions[0].outcome == "hung_up"
        assert story.interactions[0].ani == "+905321112233"
        assert story.interactions[0].ended_at

    run_virtual(test)


def test_silence_is_noticed_in_time() -> None:
    async def test() -> None:
        call = Call()
        await call.task
        assert call.line.done[-1] == ("transfer", "faults")
        assert asyncio.get_running_loop().time() == pytest.approx(15.0, abs=1.0)
        assert [note.kind for note in (await call.story()).notes].count(NoteKind.NOINPUT) == 3

    run_virtual(test)


def test_a_service_is_asked_once_a_visit() -> None:
    async def test() -> None:
        call = Call()
        await call.reach("play", "pick.wav")
        call.press("1")
        await call.task
        assert isinstance(call.services, FakeAnswers)
        ((service, arguments, key),) = call.services.asked
        assert (service, arguments["line"]) == ("ticket.open", "+905321112233")
        story = await call.story()
        assert story.progress
        assert key == f"{story.progress.run}:ticket:1"
        assert story.progress.facts["ticket"] == {"number": "481516"}
        assert NoteKind.DID in [note.kind for note in story.notes]

    run_virtual(test)


@pytest.mark.parametrize("trouble", [ServiceError("ticket.open", "timeout"), RuntimeError("a bug")])
def test_a_service_in_trouble_takes_the_flows_way_out(trouble: Exception) -> None:
    async def test() -> None:
        call = Call(services=FakeAnswers({"ticket.open": trouble}))
        await call.reach("play", "pick.wav")
        call.press("1")
        await call.task
        assert call.line.done[-1] == ("transfer", "faults")

    run_virtual(test)


def test_hanging_up_in_the_middle_of_a_look_up_ends_the_call() -> None:
    class Slow(FakeAnswers):
        async def ask(self, *args: object, **more: object) -> dict[str, object]:
            await asyncio.sleep(1000)
            return {}

        def changes_something(self, service: str) -> bool:
            return False

    async def test() -> None:
        call = Call(services=Slow({}))
        await call.reach("play", "pick.wav")
        call.press("1")
        await until(lambda: call.session._progress.node == "ticket")
        call.session.put(HungUp(0.0))
        await call.task
        assert asyncio.get_running_loop().time() < 10

    run_virtual(test)


def test_a_prompt_that_cannot_be_made_is_skipped() -> None:
    async def test() -> None:
        call = Call(speaker=FakeSpeaker(frozenset({"hello"})))
        await call.reach("play", "pick.wav")
        call.press("2")
        await call.task
        assert call.line.done[-1] == ("hang_up", "")

    run_virtual(test)


def test_a_channel_that_has_gone_ends_the_call_quietly(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        line = FakeLine()
        call = Call(line)
        await call.reach("play", "pick.wav")
        line.gone = True
        call.press("2")
        await call.task
        assert (await call.story()).interactions[0].outcome == "hung_up"

    run_virtual(test)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_caller_who_is_gone_before_we_pick_up_has_hung_up() -> None:
    async def test() -> None:
        line = FakeLine()
        line.gone = True
        call = Call(line)
        await call.task
        assert (await call.story()).interactions[0].outcome == "hung_up"

    run_virtual(test)


def test_a_fault_of_ours_hands_the_caller_to_people() -> None:
    class Broken(FakeLine):
        async def stop_playing(self, play: str) -> None:
            raise ZeroDivisionError("a bug")

    async def test() -> None:
        line = Broken(patient=True)
        call = Call(line)
        await call.reach("play", "hello.wav")
        call.press("1")
        await call.task
        assert line.done[-1] == ("transfer", "agents")
        assert (await call.story()).interactions[0].outcome == "failed"

    run_virtual(test)


def test_a_telephone_exchange_that_does_not_answer_hands_the_caller_to_people() -> None:
    class Slow(FakeLine):
        async def answer(self, conversation: str) -> None:
            raise TelephonyTimeout("no answer to answer")

    async def test() -> None:
        call = Call(Slow())
        await call.task
        assert call.line.done == [("transfer", "agents")]

    run_virtual(test)


def test_a_cancelled_call_goes_to_the_fallback_queue() -> None:
    async def test() -> None:
        call = Call(FakeLine(patient=True))
        await call.reach("play", "hello.wav")
        call.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call.task
        assert call.line.done[-1] == ("transfer", "agents")

    run_virtual(test)


def test_without_a_store_the_call_goes_on_and_is_written_later() -> None:
    async def test() -> None:
        store = AwayStore()
        call = Call(store=store)
        async with call.outage:
            await call.reach("play", "pick.wav")
            assert store.tries == 1, "a store that just failed is left alone for a while"
            store.away = False
            await asyncio.sleep(3)
            call.press("2")
            await call.task
        story = await store.story(call.session.conversation)
        assert story
        assert story.conversation.incomplete
        assert story.notes[0].kind is NoteKind.STARTED

    run_virtual(test)


def test_a_call_that_ended_while_the_store_was_away_is_written_when_it_is_back() -> None:
    async def test() -> None:
        store = AwayStore()
        call = Call(store=store)
        async with call.unwritten:
            await call.reach("play", "pick.wav")
            call.press("2")
            await call.task
            assert await store.story(call.session.conversation) is None
            store.away = False
            await asyncio.sleep(10)
            story = await store.story(call.session.conversation)
        assert story
        assert story.interactions[0].outcome == "completed"
        assert [note.kind for note in story.notes].count(NoteKind.STARTED) == 1
        assert story.notes[-1].kind is NoteKind.ENDED

    run_virtual(test)


AFTER_ALL = parse_flow(
    """
flow: small
languages: [tr]
start: name
on_hangup: tidy
defaults: {otherwise: people}
nodes:
  name: {collect: ask_name, length: 2, next: wait}
  wait: {say: please_wait, meanwhile: true, next: ticket}
  ticket:
    call: ticket.open
    with: {line: "{{ caller.number }}", symptom: x, contact: y}
    into: ticket
    next: bye
    on_error: people
  tidy: {call: ticket.open, with: {line: "x", symptom: hung_up, contact: y}, into: other, next: bye, on_error: bye}
  people: {transfer: faults, reason: asked}
  bye: {end: bye}
""",
    "small.yaml",
)


def test_a_channel_that_goes_in_the_middle_of_a_step_ends_the_call_all_the_same() -> None:
    """What is said before the company is asked finds it gone. The step is saved: it is asked, and heard."""

    async def test() -> None:
        call = Call(flow=AFTER_ALL)
        await call.reach("play", "ask_name.wav")
        call.line.gone = True
        call.press("42")
        await call.task
        story = await call.story()
        assert story.interactions[0].outcome == "hung_up"
        assert story.progress
        assert story.progress.phase == "ended"
        assert isinstance(call.services, FakeAnswers)
        assert [arguments["symptom"] for _, arguments, _ in call.services.asked] == ["x", "hung_up"]

    run_virtual(test)


def test_a_ticket_that_was_opened_after_the_caller_hung_up_is_told() -> None:
    class Slow(FakeAnswers):
        async def ask(self, *args: object, **more: object) -> dict[str, object]:
            await asyncio.sleep(2)
            return {"number": "481516"}

    async def test() -> None:
        call = Call(services=Slow({}))
        await call.reach("play", "pick.wav")
        call.press("1")
        await until(lambda: call.session._progress.node == "ticket")
        call.session.put(HungUp(0.0))
        await call.task
        story = await call.story()
        assert [note.kind for note in story.notes[-2:]] == [NoteKind.HUNG_UP, NoteKind.DID]
        assert story.interactions[0].outcome == "hung_up"

    run_virtual(test)


def test_while_the_exchange_is_away_the_call_waits_and_no_attempt_is_burnt() -> None:
    class Away(FakeLine):
        away = False

        def _do(self, what: str, value: str) -> None:
            if self.away:
                raise TelephonyDown("no connection")
            super()._do(what, value)

    async def test() -> None:
        line = Away()
        call = Call(line)
        await call.reach("play", "pick.wav")
        line.away = True
        await asyncio.sleep(20)  # the menu's time is over, and it cannot be asked again
        line.away = False
        await asyncio.sleep(1)
        call.press("2")
        await call.task
        assert line.done[-1] == ("hang_up", "")
        assert [note.kind for note in (await call.story()).notes].count(NoteKind.NOINPUT) == 1

    run_virtual(test)


def test_a_step_whose_answer_was_lost_is_not_told_twice() -> None:
    class Forgetful(AwayStore):
        """Keeps the first step, but says that it could not."""

        async def save(self, saved: Saved) -> bool:
            whole = await super().save(saved)
            if self.tries == 1:
                raise StoreUnavailable("the answer was lost")
            return whole

    async def test() -> None:
        store = Forgetful()
        store.away = False
        call = Call(store=store)
        async with call.outage:
            await call.reach("play", "pick.wav")
            await asyncio.sleep(3)
            call.press("2")
            await call.task
        story = await store.story(call.session.conversation)
        assert story
        kinds = [note.kind for note in story.notes]
        assert kinds.count(NoteKind.STARTED) == 1
        assert kinds.count(NoteKind.PRESSED) == 1

    run_virtual(test)


def test_a_step_that_can_never_be_written_does_not_stop_the_next() -> None:
    class Picky(AwayStore):
        async def save(self, saved: Saved) -> bool:
            if self.tries == 0:
                self.tries += 1
                raise BadRecord("not writable")
            return await super().save(saved)

    async def test() -> None:
        store = Picky()
        store.away = False
        call = Call(store=store)
        await call.reach("play", "pick.wav")
        call.press("2")
        await call.task
        story = await store.story(call.session.conversation)
        assert story
        assert story.conversation.incomplete
        assert story.interactions[0].outcome == "completed"

    run_virtual(test)


def test_a_call_that_somebody_else_serves_is_left_alone() -> None:
    class Taken(MemoryStore):
        async def save(self, saved: Saved) -> bool:
            raise StaleRevision("newer")

    async def test() -> None:
        call = Call(store=Taken())
        await call.task
        assert [what for what, _ in call.line.done] == ["answer"]

    run_virtual(test)


def test_secrets_are_not_in_the_feed_the_log_or_the_store(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    told: list[object] = []

    async def test() -> None:
        call = Call()
        with call.watch.subscribe() as feed:
            await call.reach("play", "pick.wav")
            call.press("3")
            await call.reach("play", "secret.wav")
            call.press("4711")
            await call.task
            while not feed.empty():
                told.append(feed.get_nowait())
        story = await call.story()
        assert "4711" not in repr(story)
        assert story.progress
        assert story.progress.level is Level.UNKNOWN

    run_virtual(test)
    assert told
    assert "4711" not in repr(told)
    assert "4711" not in caplog.text


def test_a_call_is_recorded_while_somebody_listens() -> None:
    async def test() -> None:
        call = Call()
        with call.tapes.subscribe() as listener:
            await call.reach("play", "pick.wav")
            call.press("2")
            await call.task
            tape = listener.get_nowait().tape()
        assert tape
        assert isinstance(tape.steps[0].event, Started)
        assert [type(step.event).__name__ for step in tape.steps].count("KeyPressed") == 1
        assert any("pick" in deed for step in tape.steps for deed in step.deeds)

    run_virtual(test)


def test_what_happens_is_told_with_the_call_and_its_conversation() -> None:
    async def test() -> None:
        call = Call()
        with call.watch.subscribe() as feed:
            await call.reach("play", "pick.wav")
            call.session.put(HungUp(0.0, vanished=True))
            await call.task
            told = [feed.get_nowait() for _ in range(feed.qsize())]
        assert {happening.conversation for happening in told} == {call.session.conversation}
        assert {happening.call for happening in told} == {interaction_of("chan-1")}
        assert told[-1].kind == "interrupted"
        assert (await call.story()).interactions[0].outcome == "interrupted"

    run_virtual(test)
