"""What was left unfinished: which earlier call is decisive, who may have the same agent, and a call that goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace

import pytest

from context_store.errors import StoreUnavailable
from context_store.memory import MemoryStore
from context_store.records import Conversation, Interaction, Json, Level, Note, NoteKind, Progress, Story, Unfinished
from ivr.call.ports import Arrival
from ivr.call.recalling import LIVE_SECONDS, NEWEST, earlier, left_unfinished
from ivr.call.session import Session
from ivr.errors import TelephonyDown
from ivr.flow.events import HungUp, KeyPressed
from tests.unit.fakes import FakeAnswers, FakeLine, FakeSpeaker, OneHotline, make_room
from tests.unit.identity_house import AYSE, LINE
from tests.unit.resume_house import HOTLINE
from tests.virtual_time import run_virtual, until

NOW = 1_800_000_000.0
MOBILE = "05321112233"
IN_FAULT = Progress("fault", "v", "tr", node="since", phase="asking", level=Level.RECOGNISED)


def interaction(
    name: str, ago: float, ended: float | None = None, seen: float = NOW, ani: str | None = "+905321112233"
) -> Interaction:
    end = ended and NOW - ended
    return Interaction(name, "c", "call", "one", ani, "444", NOW - ago, end, seen_at=seen)


def story(*calls: Interaction, notes: tuple[Note, ...] = ()) -> Story:
    return Story(Conversation("c", NOW, NOW, "tr"), calls, None, notes, len(calls))


def note(kind: NoteKind, ago: float, call: str = "a", **data: Json) -> Note:
    return Note(kind, NOW - ago, "", data, call)


def left(progresses: Mapping[str, Progress], *notes: Note, agent: float = 600) -> Unfinished | None:
    """What the calls called a, b, c (the newest last) left."""
    calls = [interaction(name, 1000 - 100 * n, 950 - 100 * n) for n, name in enumerate(sorted(progresses))]
    return left_unfinished(HOTLINE, calls[::-1], progresses, notes, NOW - agent)


UNASKED = Progress("test", "v", "tr", node="who", phase="asking")
SETTLED = Progress("test", "v", "tr", node="anything", phase="ended", gone=True, settled=True, outcome="hung_up")
WITH_PEOPLE = Progress("test", "v", "tr", node="agent", phase="transferred", outcome="transferred", queue="faults")


def test_what_was_left_in_the_middle_is_told_with_all_that_belongs_to_it() -> None:
    found = left({"a": IN_FAULT})
    assert found
    assert (found.interaction, found.progress, found.level) == ("a", IN_FAULT, Level.RECOGNISED)
    assert (found.at, found.number) == (NOW - 950, "+905321112233")
    assert found.agent == ""


@pytest.mark.parametrize(
    ("after", "decisive"),
    [
        (UNASKED, "a"),  # hung up in the greeting
        (replace(UNASKED, phase="ended", gone=True, outcome="hung_up"), "a"),
        (replace(UNASKED, node="left_off"), "a"),  # in the offer
        (SETTLED, None),  # said that it is done, or went on and came to an end
        (WITH_PEOPLE, None),
        (IN_FAULT, "b"),
    ],
)
def test_the_newest_call_that_says_something_is_decisive(after: Progress, decisive: str | None) -> None:
    found = left({"a": IN_FAULT, "b": after})
    assert (found and found.interaction) == decisive


def test_a_call_of_which_nothing_was_saved_says_nothing() -> None:
    calls = [interaction("b", 100, 50), interaction("a", 1000, 900)]
    found = left_unfinished(HOTLINE, calls, {"a": IN_FAULT}, (), NOW)
    assert found
    assert found.interaction == "a"


def test_calls_that_are_going_on_do_not_count_and_those_that_nobody_ended_do() -> None:
    live = interaction("live", 300, seen=NOW - LIVE_SECONDS + 1)
    dead = interaction("dead", 900, seen=NOW - LIVE_SECONDS - 1)
    own = interaction("own", 10, ani="+905329998877")
    assert earlier(story(dead, live, own), own, NOW) == (dead,)


def test_a_call_from_the_same_number_is_over_though_the_exchange_has_not_noticed() -> None:
    live = interaction("live", 300, seen=NOW - 1)
    assert earlier(story(live), interaction("own", 1), NOW) == (live,)
    withheld = interaction("withheld", 300, seen=NOW - 1, ani=None)
    assert earlier(story(withheld), interaction("own", 1, ani=None), NOW) == ()


def test_few_calls_are_looked_at_the_newest_first() -> None:
    calls = [interaction(str(n), 1000 - n, 999 - n) for n in range(20)]
    assert [call.id for call in earlier(story(*calls), interaction("own", 1), NOW)] == ["19", "18", "17", "16", "15"][
        :NEWEST
    ]


CONNECTED, PARTED = NoteKind.CONNECTED, NoteKind.PARTED


@pytest.mark.parametrize(
    ("notes", "agent"),
    [
        ([(CONNECTED, 500, {}), (PARTED, 60, {"by": "caller"})], "1001"),
        ([(CONNECTED, 500, {}), (PARTED, 60, {"by": ""})], "1001"),
        ([(CONNECTED, 500, {}), (PARTED, 60, {"by": "agent"})], None),
        ([(CONNECTED, 500, {}), (PARTED, 60, {"by": "transfer"})], None),
        ([(CONNECTED, 500, {}), (PARTED, 60, {"by": "caller"}), (NoteKind.WRAPPED_UP, 50, {"solved": True})], None),
        ([(CONNECTED, 500, {}), (PARTED, 60, {"by": "caller"}), (NoteKind.WRAPPED_UP, 50, {"solved": False})], "1001"),
        ([(CONNECTED, 500, {}), (NoteKind.PASSED, 70, {"to": "queue"}), (PARTED, 60, {"by": "caller"})], None),
        ([(CONNECTED, 500, {})], None),  # they are still talking, or nobody saw the end
        ([(PARTED, 60, {"by": "caller"})], "1001"),  # the beginning is too long ago to have been read
        ([(CONNECTED, 900, {}), (PARTED, 700, {"by": "caller"})], None),  # too long ago
    ],
)
def test_who_was_cut_off_from_an_agent(notes: list[tuple[NoteKind, float, dict[str, Json]]], agent: str | None) -> None:
    found = left({"a": WITH_PEOPLE}, *(note(kind, ago, agent="1001", **data) for kind, ago, data in notes))
    assert (found and found.agent) == agent
    if found:
        assert found.queue == "faults"
        assert found.at == NOW - 60


def test_the_agent_of_another_caller_is_not_offered() -> None:
    """While the first talked to an agent, and was cut off, the second came to the end of the menus."""
    talk = note(CONNECTED, 500, agent="1001"), note(PARTED, 60, agent="1001", by="caller")
    found = left({"a": WITH_PEOPLE, "b": replace(UNASKED, phase="ended", outcome="completed")}, *talk)
    assert found
    assert (found.interaction, found.agent) == ("a", "1001")
    assert left({"a": WITH_PEOPLE, "b": replace(SETTLED, outcome="completed")}, *talk) is None


def test_strange_notes_offer_nobody() -> None:
    assert left({"a": WITH_PEOPLE}, note(CONNECTED, 500), note(PARTED, 60, agent=7, by="caller")) is None


class Phones:
    """Whether phones are free, or the exchange in trouble."""

    def __init__(self, free: bool | Exception | None) -> None:
        self.free_now = free

    async def is_free(self, agent: str) -> bool:
        if self.free_now is None:
            await asyncio.sleep(1000)
        if isinstance(self.free_now, Exception):
            raise self.free_now
        return bool(self.free_now)

    async def free(self) -> frozenset[str]:
        raise NotImplementedError

    async def pass_to_queue(self, channel: str, queue: str) -> None:
        raise NotImplementedError

    async def pass_to_agent(self, channel: str, agent: str, queue: str) -> None:
        raise NotImplementedError

    async def pass_to_menu(self, channel: str) -> None:
        raise NotImplementedError


class Forgetful(MemoryStore):
    """Cannot tell what is in it, once `away`."""

    away = False

    async def progresses(self, conversation: str, interactions: object) -> Mapping[str, Progress]:
        if self.away:
            raise StoreUnavailable("away")
        return await super().progresses(conversation, interactions)  # type: ignore[arg-type] # as it came


class House:
    """Callers whose number is a customer's, one after the other."""

    def __init__(self, phones: Phones | None = None) -> None:
        self.store = Forgetful()
        matches = [{"way": "caller_number", "customer": AYSE, "line": LINE}]
        company = FakeAnswers({"directory.find": {"matches": matches}, "ticket.open": {"number": "481516"}})
        self.room = make_room(self.store, OneHotline(HOTLINE, FakeSpeaker()), company, phones=phones)
        self.calls = 0

    async def call(self, keys: str, *heard: str) -> FakeLine:
        """A call that presses one key after each of these prompts, and hangs up after the last."""
        self.calls += 1
        line = FakeLine(f"chan-{self.calls}")
        self.session = session = Session(self.room, line, Arrival(line.id, MOBILE, "4440000"))
        line.put = session.put
        task = asyncio.create_task(session.run())
        for prompt, key in zip(heard, f"{keys}-", strict=False):
            await until(lambda prompt=prompt: any(prompt in files for what, files in line.done if what == "play"))  # type: ignore[misc] # bound now
            session.put(HungUp(time.time()) if key == "-" else KeyPressed(time.time(), key))
        await task
        return line


def test_a_caller_who_dropped_hears_what_it_was_and_goes_on_with_the_answers_given() -> None:
    async def test() -> None:
        house = House()
        await house.call("11", "menu", "lights", "since")
        first = house.session.conversation
        line = await house.call("1", "fault_left", "since")
        played = [files for what, files in line.done if what == "play"]
        assert played == ["fault_left.wav,offer.wav", "since.wav"]
        assert house.session.conversation == first
        story = await house.store.story(first)
        assert story
        assert [call.outcome for call in story.interactions] == ["hung_up", "hung_up"]
        assert {note.data["how"] for note in story.notes if note.kind is NoteKind.RESUMED} == {"went_on"}
        assert len([note for note in story.notes if note.kind is NoteKind.JOINED]) == 1
        assert story.progress
        assert story.progress.answers["lights"].value == "on"

    run_virtual(test)


def test_a_store_that_cannot_tell_offers_nothing() -> None:
    async def test() -> None:
        house = House()
        await house.call("11", "menu", "lights", "since")
        await house.call("", "fault_left")
        house.store.away = True
        line = await house.call("", "menu")
        assert not any("offer" in files for _, files in line.done)

    run_virtual(test)


@pytest.mark.parametrize(
    ("free", "offered"), [(True, True), (False, False), (TelephonyDown("away"), False), (None, False)]
)
def test_who_was_cut_off_is_offered_the_same_agent_if_that_one_is_free(
    free: bool | Exception | None, offered: bool
) -> None:
    async def test() -> None:
        house = House(Phones(free))
        await house.call("2", "menu", "pin")
        call = house.session
        progress = replace(call._progress, phase="transferred", outcome="transferred", queue="faults", settled=True)
        saved = call._record._next(progress)
        await house.store.save(saved)
        now = time.time()
        agent = {"agent": "1001"}
        by = call._record.interaction.id
        talk = [Note(CONNECTED, now, "", agent, by), Note(PARTED, now, "", {**agent, "by": "caller"}, by)]
        await house.store.add_notes(call.conversation, talk)
        if offered:
            line = await house.call("1", "same_agent", "connecting")
            assert line.done[-1] == ("transfer", "faults 1001")
        else:
            line = await house.call("", "menu")
            assert not any("same_agent" in files for _, files in line.done)

    run_virtual(test)
