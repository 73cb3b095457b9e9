"""What a call hears: a place is taken, used and given back, and nothing that goes wrong with it costs the call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from context_store.errors import StaleRevision
from context_store.records import Json
from ivr.call.hearing import BEGIN_SECONDS, STOP_SECONDS, Hearing
from ivr.call.ports import Place
from ivr.errors import ChannelGone, TelephonyDown, TelephonyRefused
from ivr.flow.commands import Listen
from ivr.flow.events import Deaf, Event, SpeechBegan, Spoke
from ivr.flow.model import Flow
from ivr.flow.reading.loader import parse_flow
from tests.unit.fakes import FakeLine, FakePlace, FakeRecogniser
from tests.virtual_time import run_virtual, until

FRAME = b"\x01\x00" * 160
LISTEN = Listen("l1", "tr", ("fatura",))
WORDS = "internetim kesildi"


def hotline(nodes: str, head: str = "languages: [tr]") -> Flow:
    return parse_flow(f"flow: small\n{head}\nstart: ask\nnodes:\n{nodes}  bye: {{end: bye}}\n", "small.yaml")


MENU = hotline("  ask: {menu: ask, choices: {bill: {key: 1, phrases: [fatura], next: bye}}}\n")


class Sluggish(FakeLine):
    """Takes for ever until the sound comes, or until it stops."""

    def __init__(self, *slow: str) -> None:
        super().__init__()
        self.slow = slow

    async def hear(self, sink: Callable[[bytes], None]) -> None:
        await super().hear(sink)
        await self._wait("hear")

    async def stop_hearing(self) -> None:
        await super().stop_hearing()
        await self._wait("stop")

    async def _wait(self, what: str) -> None:
        if what in self.slow:
            await asyncio.sleep(1000)


class Failing(FakeLine):
    """Cannot bring the sound."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    async def hear(self, sink: Callable[[bytes], None]) -> None:
        raise self.error


class Misbehaving(FakePlace):
    """Raises where a place must not, with words of the caller in the message."""

    where = ""
    slow = False

    def hear(self, frame: bytes) -> None:
        self._fail("hear")
        super().hear(frame)

    def listen(self, listen: Listen) -> None:
        self._fail("listen")
        super().listen(listen)

    def stop(self, listening: str) -> None:
        self._fail("stop")
        super().stop(listening)

    async def aclose(self) -> None:
        await super().aclose()
        self._fail("aclose")
        if self.slow:
            await asyncio.sleep(1000)

    def _fail(self, what: str) -> None:
        if self.where == what:
            raise ValueError(WORDS)


@dataclass
class Heard:
    """A call's hearing, and what came of it."""

    line: FakeLine = field(default_factory=FakeLine)
    recogniser: FakeRecogniser = field(default_factory=FakeRecogniser)
    events: list[Event] = field(default_factory=list)
    told: list[tuple[str, Mapping[str, Json]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hearing = Hearing(
            self.recogniser, self.line, self.events.append, lambda kind, data: self.told.append((kind, data))
        )

    async def begin(self, flow: Flow = MENU) -> FakePlace:
        """With a place, whose sound comes."""
        assert self.hearing.take_place(flow)
        self.hearing.begin()
        await until(lambda: ("hear", "") in self.line.done)
        return self.recogniser.made[0]

    @property
    def deafened(self) -> int:
        return sum(isinstance(event, Deaf) for event in self.events)


def test_sound_goes_to_the_place_and_words_come_to_the_call() -> None:
    async def test() -> None:
        heard = Heard()
        place = await heard.begin()
        heard.hearing.listen(LISTEN)
        heard.line.sink(FRAME)
        place.put(SpeechBegan(1.0, "l1"))
        place.put(Spoke(2.0, "fatura", 0.9, "l1"))
        heard.hearing.stop("l1")
        assert place.frames == [FRAME]
        assert place.asked == [LISTEN, "l1"]
        assert heard.events == [SpeechBegan(1.0, "l1"), Spoke(2.0, "fatura", 0.9, "l1")]
        assert heard.told == [("hearing", {"languages": ["tr"]})]
        await heard.hearing.end()
        assert heard.line.done[-1] == ("stop hearing", "")
        assert heard.recogniser.taken == 0

    run_virtual(test)


def test_after_the_end_neither_sound_nor_words_go_anywhere() -> None:
    async def test() -> None:
        heard = Heard()
        place = await heard.begin()
        sink, ending = heard.line.sink, asyncio.create_task(heard.hearing.end())
        await asyncio.sleep(0)
        sink(FRAME)
        place.put(Spoke(2.0, "fatura", 0.9, "l1"))
        place.put(Deaf(2.0))
        await ending
        sink(FRAME)
        sink(b"")
        heard.hearing.listen(LISTEN)
        heard.hearing.begin()
        await heard.hearing.end()
        assert not place.frames
        assert not place.asked
        assert not heard.events
        assert place.closed == 1
        assert [what for what, _ in heard.line.done] == ["hear", "stop hearing"]

    run_virtual(test)


def test_who_finds_no_place_has_keys_only() -> None:
    async def test() -> None:
        heard = Heard(recogniser=FakeRecogniser(places=0))
        assert heard.hearing.take_place(MENU) == ()
        heard.hearing.begin()
        heard.hearing.listen(LISTEN)
        await heard.hearing.end()
        assert not heard.line.done
        assert not heard.events

    run_virtual(test)


def test_without_a_recogniser_there_are_keys_only() -> None:
    async def test() -> None:
        line = FakeLine()
        hearing = Hearing(None, line, lambda event: None, lambda kind, data: None)
        assert hearing.take_place(MENU) == ()
        hearing.begin()
        await hearing.end()
        assert not line.done

    run_virtual(test)


def test_only_languages_of_the_flow_count_and_none_means_no_place() -> None:
    async def test() -> None:
        heard = Heard(recogniser=FakeRecogniser(languages=("de", "tr", "en")))
        assert heard.hearing.take_place(MENU) == ("tr",)
        await heard.hearing.end()
        other = Heard(recogniser=FakeRecogniser(languages=("de",)))
        assert other.hearing.take_place(MENU) == ()
        await other.hearing.end()
        assert heard.recogniser.taken == other.recogniser.taken == 0

    run_virtual(test)


SILENT = [
    "  ask: {say: ask, next: bye}\n",
    "  ask: {menu: ask, choices: {bill: {key: 1, next: bye}}}\n",
    "  ask: {menu: ask, listen: false, choices: {bill: {key: 1, phrases: [fatura], next: bye}}}\n",
    "  ask: {collect: ask, sensitivity: secret, next: bye}\n",
    "  ask: {collect: ask, type: choice, choices: {bill: {key: 1}, fault: {key: 2}}, next: bye}\n",
]
SPOKEN_TO = [
    "  ask: {menu: ask, choices: {bill: {key: 1, phrases: [fatura], next: bye}}}\n",
    "  ask: {collect: ask, next: bye}\n",
    "  ask: {collect: ask, type: date, next: bye}\n",
    "  ask: {collect: ask, type: choice, confirm: right, choices: {bill: {key: 1}, fault: {key: 2}}, next: bye}\n",
    "  ask: {identify: [fault_line], next: bye}\n",
    "  ask: {callback: agents, reason: asked, next: bye}\n",
    "  ask: {collect: ask, type: choice, choices: {bill: {key: 1, phrases: [fatura]}, fault: {key: 2}}, next: bye}\n",
]


@pytest.mark.parametrize("nodes", SILENT)
def test_where_nothing_can_be_said_no_place_is_taken(nodes: str) -> None:
    heard = Heard()
    assert heard.hearing.take_place(hotline(nodes)) == ()
    assert not heard.recogniser.made


@pytest.mark.parametrize("nodes", SPOKEN_TO)
def test_where_something_can_be_said_a_place_is_taken(nodes: str) -> None:
    assert Heard().hearing.take_place(hotline(nodes)) == ("tr",)


def test_a_phrase_that_every_question_takes_can_be_said_at_a_menu_without_phrases() -> None:
    head = "languages: [tr]\nkeys: {repeat: 9, phrases: {repeat: [tekrar]}}"
    assert Heard().hearing.take_place(hotline(SILENT[1], head)) == ("tr",)
    assert Heard().hearing.take_place(hotline(SILENT[3], head)) == (), "not where a secret is given"


def test_where_the_flow_listens_to_nobody_no_place_is_taken() -> None:
    head = "languages: [tr]\ndefaults: {listen: false}"
    deaf = hotline(SPOKEN_TO[0], head)
    assert Heard().hearing.take_place(deaf) == ()
    spoken = hotline(SPOKEN_TO[0].replace("menu: ask", "menu: ask, listen: true"), head)
    assert Heard().hearing.take_place(spoken) == ("tr",)


@pytest.mark.parametrize(
    "error",
    [
        ChannelGone("gone"),
        TelephonyRefused("no such context"),
        TelephonyDown("no connection"),
        StaleRevision("others have the call"),
        ZeroDivisionError("a bug"),
    ],
)
def test_sound_that_does_not_come_leaves_the_keys(error: Exception) -> None:
    async def test() -> None:
        heard = Heard(Failing(error))
        heard.hearing.take_place(MENU)
        heard.hearing.begin()
        await until(lambda: heard.recogniser.taken == 0)
        assert heard.deafened == 1
        assert [kind for kind, _ in heard.told] == ["deaf"]
        await heard.hearing.end()
        assert heard.recogniser.made[0].closed == 1

    run_virtual(test)


def test_sound_that_is_long_in_coming_is_given_up() -> None:
    async def test() -> None:
        heard = Heard(Sluggish("hear"))
        await heard.begin()
        await until(lambda: heard.deafened == 1, within=BEGIN_SECONDS + 1)
        await heard.hearing.end()
        assert asyncio.get_running_loop().time() == pytest.approx(BEGIN_SECONDS, abs=0.1)
        assert heard.recogniser.taken == 0

    run_virtual(test)


def test_an_end_while_the_sound_is_on_its_way_waits_for_nothing() -> None:
    async def test() -> None:
        heard = Heard(Sluggish("hear"))
        await heard.begin()
        await heard.hearing.end()
        assert asyncio.get_running_loop().time() < 0.1
        assert ("stop hearing", "") in heard.line.done, "what has come half-way"
        assert heard.recogniser.taken == 0
        assert not heard.events, "it was meant to end"

    run_virtual(test)


def test_an_end_before_the_beginning_gives_the_place_back() -> None:
    async def test() -> None:
        heard = Heard()
        heard.hearing.take_place(MENU)
        heard.hearing.begin()
        await heard.hearing.end()  # before the task that brings the sound has run
        other = Heard()
        other.hearing.take_place(MENU)
        await other.hearing.end()
        assert heard.recogniser.taken == other.recogniser.taken == 0
        assert not other.line.done

    run_virtual(test)


def test_an_exchange_and_a_place_that_do_not_let_go_keep_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    class Stubborn(FakeRecogniser):
        def place(self, put: Callable[[Event], None]) -> Place | None:
            self.made.append(Misbehaving(put))
            self.made[-1].slow = True  # type: ignore[attr-defined]  # it has just been made
            return self.made[-1]

    async def test() -> None:
        heard = Heard(Sluggish("stop"), Stubborn())
        await heard.begin()
        await heard.hearing.end()
        assert asyncio.get_running_loop().time() == pytest.approx(STOP_SECONDS, abs=0.1)

    run_virtual(test)


def test_sound_that_breaks_off_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        heard = Heard()
        place = await heard.begin()
        heard.line.sink(b"")
        heard.line.sink(b"")
        place.put(Deaf(1.0))
        await heard.hearing.end()
        assert place.frames == [b""]
        assert heard.deafened == 1
        assert heard.line.done[-1] == ("stop hearing", "")
        assert place.closed == 1

    run_virtual(test)
    assert "its sound has broken off" in caplog.text
    assert "the recogniser does not hear it" not in caplog.text, "who mends it would look there"


def test_a_place_that_does_not_tell_that_it_is_deaf_is_believed_to_be() -> None:
    class Silent(FakeRecogniser):
        def place(self, put: Callable[[Event], None]) -> Place | None:
            self.made.append(FakePlace(lambda event: None))
            return self.made[-1]

    async def test() -> None:
        heard = Heard(recogniser=Silent())
        await heard.begin()
        heard.line.sink(b"")
        await heard.hearing.end()
        assert heard.deafened == 1

    run_virtual(test)


@pytest.mark.parametrize("where", ["hear", "listen", "stop", "aclose"])
def test_a_place_that_raises_costs_the_words_and_not_the_call(where: str, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(FakeRecogniser):
        def place(self, put: Callable[[Event], None]) -> Place | None:
            place = Misbehaving(put)
            place.where = where
            self.made.append(place)
            return place

    async def test() -> None:
        heard = Heard(recogniser=Broken())
        place = await heard.begin()
        heard.hearing.listen(LISTEN)
        heard.line.sink(FRAME)
        heard.line.sink(FRAME)
        heard.hearing.stop("l1")
        await heard.hearing.end()
        assert heard.deafened == (where != "aclose")
        assert place.closed == 1

    run_virtual(test)
    assert "ValueError" in caplog.text
    assert WORDS not in caplog.text


def test_a_recogniser_that_raises_is_none() -> None:
    class Broken(FakeRecogniser):
        def place(self, put: Callable[[Event], None]) -> Place | None:
            raise RuntimeError("a bug")

    async def test() -> None:
        heard = Heard(recogniser=Broken())
        assert heard.hearing.take_place(MENU) == ()
        await heard.hearing.end()
        assert not heard.events

    run_virtual(test)


def test_a_place_that_is_deaf_from_the_beginning_is_none() -> None:
    class Deafened(FakeRecogniser):
        def place(self, put: Callable[[Event], None]) -> Place | None:
            place = super().place(put)
            put(Deaf(0.0))
            return place

    async def test() -> None:
        heard = Heard(recogniser=Deafened())
        assert heard.hearing.take_place(MENU) == ()
        await heard.hearing.end()
        assert heard.recogniser.taken == 0
        assert not heard.events

    run_virtual(test)


def test_whoever_ends_it_may_be_cancelled_and_the_place_is_free_all_the_same() -> None:
    async def test() -> None:
        heard = Heard(Sluggish("stop"))
        await heard.begin()
        ending = asyncio.create_task(heard.hearing.end())
        await asyncio.sleep(0)
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)
        await heard.hearing.end()
        assert heard.recogniser.taken == 0

    run_virtual(test)


def test_what_was_said_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    async def test() -> None:
        heard = Heard()
        place = await heard.begin()
        place.put(Spoke(1.0, WORDS, 0.9, "l1"))
        place.put(Deaf(2.0))
        await heard.hearing.end()
        assert WORDS not in repr(heard.events)

    run_virtual(test)
    assert "keys only" in caplog.text
    assert WORDS not in caplog.text
