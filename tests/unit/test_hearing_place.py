"""One caller's place: sound in, events out. The server answers at once, so every test is the same each time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from ivr.flow.commands import Listen
from ivr.flow.events import Deaf, Event, SpeechBegan, Spoke
from ivr.flow.heard import vocabulary
from ivr.settings_hearing import HearingSettings
from ivr.speech.hearing.place import VoskPlace
from ivr.speech.hearing.voice import FRAME_BYTES
from tests.unit.hearing_house import SILENCE, Events, ScriptedModel, ScriptedServer, frames, tones, vowel

FATURA = Listen("l1", "tr", ("Fatura", "İptal"))
NOW = 12.5
BEGAN, FATURA_SAID = SpeechBegan(NOW, "l1"), Spoke(NOW, "fatura", 0.9, "l1")


class Caller:
    """Somebody at a place, who was silent for a while."""

    def __init__(self, server: ScriptedServer) -> None:
        self.events = Events()
        self.left = 0
        self.place = VoskPlace(self.events.put, {"tr": server}, HearingSettings(), lambda: NOW, self._leave)
        self.hears(SILENCE * 20)

    def _leave(self, _: VoskPlace) -> None:
        self.left += 1

    def hears(self, sound: bytes) -> None:
        """The place gets it all at once."""
        for frame in frames(sound):
            self.place.hear(frame)

    async def says(self, sound: bytes) -> list[Event]:
        """The place gets it in its time. What it told."""
        for frame in frames(sound):
            self.place.hear(frame)
            await self.moment()
        return self.events.taken()

    async def says_and_waits(self, sound: bytes) -> list[Event]:
        return await self.says(sound + SILENCE * 50)

    async def moment(self) -> None:
        """Time for everybody to do what there is to do."""
        for _ in range(8):
            await asyncio.sleep(0)


@pytest.fixture
def server() -> ScriptedServer:
    return ScriptedServer(ScriptedModel())


@pytest.fixture
async def caller(server: ScriptedServer) -> AsyncIterator[Caller]:
    caller = Caller(server)
    yield caller
    await caller.place.aclose()
    assert server.open == 0


async def test_what_is_said_is_heard(caller: Caller, server: ScriptedServer) -> None:
    caller.place.listen(FATURA)
    assert await caller.says_and_waits(vowel(500)) == [BEGAN, FATURA_SAID]
    assert server.model.grammars == [("fatura", "iptal")]
    assert caller.place.languages == ("tr",)


async def test_speech_is_certain_before_it_is_over(caller: Caller) -> None:
    caller.place.listen(FATURA)
    assert await caller.says(vowel(220)) == []
    assert await caller.says(vowel(200)) == [BEGAN]
    assert await caller.says(SILENCE * 10) == []
    assert await caller.says(SILENCE * 10) == [FATURA_SAID]  # nothing can follow a whole phrase


async def test_after_a_digit_of_a_number_there_may_be_another(caller: Caller, server: ScriptedServer) -> None:
    server.model.hears = "bir"
    caller.place.listen(Listen("l1", "tr", ("bir", "iki")))  # options of a menu
    assert [type(event) for event in await caller.says(vowel(500) + SILENCE * 20)] == [SpeechBegan, Spoke]
    caller.place.listen(Listen("l2", "tr", (*vocabulary("digits", "tr"), "müşteri temsilcisi")))
    assert [type(event) for event in await caller.says(vowel(500) + SILENCE * 20)] == [SpeechBegan]
    assert [type(event) for event in await caller.says(SILENCE * 20)] == [Spoke]


async def test_who_may_say_a_number_is_expected_to_say_digits_in_a_row(caller: Caller, server: ScriptedServer) -> None:
    number = vocabulary("digits", "tr")
    for phrases, expected in ((number, True), (vocabulary("digit", "tr"), False), (vocabulary("date", "tr"), False)):
        caller.place.listen(Listen("l1", "tr", phrases))
        await caller.says_and_waits(vowel(500))
        told = server.model.grammars[-1]
        assert set(phrases) <= set(told)
        assert ("sıfır beş" in told, "beş beş" in told) == (expected, expected)


async def test_one_after_the_other(caller: Caller) -> None:
    caller.place.listen(FATURA)
    for _ in range(3):
        assert await caller.says_and_waits(vowel(500)) == [BEGAN, FATURA_SAID]
    assert await caller.says_and_waits(b"") == []


async def test_speech_without_a_word_is_told_without_words(caller: Caller, server: ScriptedServer) -> None:
    server.model.hears = "[unk]"
    caller.place.listen(FATURA)
    assert await caller.says_and_waits(vowel(1000)) == [BEGAN, Spoke(NOW, "", 0.0, "l1")]


async def test_words_beside_others(caller: Caller, server: ScriptedServer) -> None:
    server.model.hears = "[unk] fatura"
    caller.place.listen(FATURA)
    assert await caller.says_and_waits(vowel(500)) == [BEGAN, Spoke(NOW, "[unk] fatura", 0.9, "l1")]


async def test_a_short_word_is_heard_at_its_end(caller: Caller) -> None:
    caller.place.listen(FATURA)
    assert await caller.says(vowel(160) + SILENCE * 20) == []
    assert await caller.says(SILENCE * 20) == [BEGAN, FATURA_SAID]


@pytest.mark.parametrize(
    "sound",
    [vowel(300), vowel(80), vowel(300) + SILENCE * 8 + vowel(300), tones(300, 770, 1336), vowel(80) + SILENCE * 29],
)
async def test_a_cough_and_a_key_are_nothing(caller: Caller, server: ScriptedServer, sound: bytes) -> None:
    server.model.hears = "[unk]"
    caller.place.listen(FATURA)
    assert await caller.says_and_waits(sound) == []
    server.model.hears = None
    assert await caller.says_and_waits(vowel(500)) == [BEGAN, FATURA_SAID]


async def test_a_word_right_after_a_click(caller: Caller, server: ScriptedServer) -> None:
    server.model.hears = "[unk]"
    caller.place.listen(FATURA)
    assert await caller.says(vowel(80) + SILENCE * 31) == []
    server.slow.clear()  # the click is still being looked at
    caller.hears(vowel(400))
    server.model.hears = None
    server.slow.set()
    assert await caller.says_and_waits(vowel(400)) == [BEGAN, FATURA_SAID]


async def test_who_is_silent_costs_nothing(caller: Caller, server: ScriptedServer) -> None:
    caller.place.listen(FATURA)
    assert await caller.says(SILENCE * 150 + tones(400, 697, 1209)) == []
    assert server.model.grammars == []


async def test_what_is_said_while_nobody_listens_goes_nowhere(caller: Caller, server: ScriptedServer) -> None:
    assert await caller.says(vowel(800)) == []
    caller.place.listen(FATURA)
    caller.place.stop("l1")
    caller.place.stop("l1")
    assert await caller.says_and_waits(vowel(800)) == []
    assert server.model.taken == 0


async def test_what_was_said_before_is_not_heard_by_the_next(caller: Caller, server: ScriptedServer) -> None:
    await caller.says(vowel(600))
    caller.place.listen(FATURA)
    await caller.says(SILENCE * 5)
    server.model.hears = "[unk]"
    await caller.says_and_waits(vowel(500))
    loud = server.model.loud
    await caller.says(vowel(600))
    await caller.says_and_waits(SILENCE * 5)
    assert server.model.loud - loud > loud  # the first time, there was nothing of the 600 ms before


async def test_stopping_another_is_nothing(caller: Caller) -> None:
    caller.place.listen(FATURA)
    caller.place.stop("another")
    assert await caller.says_and_waits(vowel(500)) == [BEGAN, FATURA_SAID]


async def test_who_is_stopped_while_they_speak_says_nothing_more(caller: Caller, server: ScriptedServer) -> None:
    caller.place.listen(FATURA)
    assert await caller.says(vowel(500)) == [BEGAN]
    caller.place.stop("l1")
    assert await caller.says_and_waits(vowel(500)) == []
    assert server.open == 0


async def test_a_question_is_followed_by_another(caller: Caller, server: ScriptedServer) -> None:
    caller.place.listen(FATURA)
    assert await caller.says(vowel(500)) == [BEGAN]
    caller.place.listen(Listen("l2", "tr", ("evet", "hayır")))
    assert await caller.says_and_waits(b"") == []
    assert await caller.says_and_waits(vowel(500)) == [SpeechBegan(NOW, "l2"), Spoke(NOW, "evet", 0.9, "l2")]
    assert server.model.grammars == [("fatura", "iptal"), ("evet", "hayır")]


@pytest.mark.parametrize("listen", [Listen("l1", "tr", ()), Listen("l1", "tr", ("?",))])
async def test_there_is_nothing_to_hear(caller: Caller, server: ScriptedServer, listen: Listen) -> None:
    caller.place.listen(listen)
    assert await caller.says_and_waits(vowel(800)) == []
    assert server.model.taken == 0


async def test_a_server_that_is_away_is_told_once(caller: Caller, server: ScriptedServer) -> None:
    server.away = "it is away"
    caller.place.listen(FATURA)
    assert await caller.says_and_waits(vowel(500)) == [Deaf(NOW)]
    server.away = ""
    caller.place.listen(FATURA)
    caller.place.hear(b"")
    assert await caller.says_and_waits(vowel(500)) == []


async def test_a_server_that_goes_away_amid_a_word(caller: Caller, server: ScriptedServer) -> None:
    caller.place.listen(FATURA)
    assert await caller.says(vowel(500)) == [BEGAN]
    server.away = "it has gone away"
    assert await caller.says_and_waits(vowel(200)) == [Deaf(NOW)]


async def test_a_server_that_goes_away_at_the_end(caller: Caller, server: ScriptedServer) -> None:
    caller.place.listen(FATURA)
    assert await caller.says(vowel(500)) == [BEGAN]
    server.slow.clear()
    assert await caller.says_and_waits(b"") == []
    server.away = "it has gone away"
    server.slow.set()
    assert await caller.says(SILENCE) == [Deaf(NOW)]


async def test_a_language_that_is_lost_costs_the_words_of_those_who_speak_it(
    caller: Caller, server: ScriptedServer
) -> None:
    place = VoskPlace(caller.events.put, {"tr": server, "en": server}, HearingSettings(), lambda: NOW, lambda _: None)
    place.listen(FATURA)
    place.lose(["en"])
    assert caller.events.taken() == []
    assert (place.languages, place.deaf) == (("tr",), False)
    place.stop("l1")
    place.listen(Listen("l2", "en", ("yes",)))
    assert (caller.events.taken(), place.deaf) == ([Deaf(NOW)], True)
    place.lose(["tr"])
    place.listen(FATURA)
    assert caller.events.taken() == []
    await place.aclose()
    place.lose(["tr"])
    place.listen(Listen("l3", "en", ("yes",)))
    assert caller.events.taken() == []


@pytest.mark.parametrize(("listen", "lost"), [(FATURA, ["tr"]), (None, ["tr", "en"])])
async def test_a_language_that_is_lost_while_it_is_spoken_or_as_the_last_one(
    caller: Caller, server: ScriptedServer, listen: Listen | None, lost: list[str]
) -> None:
    place = VoskPlace(caller.events.put, {"tr": server, "en": server}, HearingSettings(), lambda: NOW, lambda _: None)
    if listen:
        place.listen(listen)
    place.lose(lost)
    assert caller.events.taken() == [Deaf(NOW)]
    await place.aclose()


async def test_a_model_that_knows_none_of_the_phrases(caller: Caller) -> None:
    caller.place.listen(Listen("l1", "tr", ("xyzzy",)))
    assert await caller.says_and_waits(vowel(500)) == [Deaf(NOW)]


async def test_a_server_that_lags_is_given_up(caller: Caller, server: ScriptedServer) -> None:
    caller.place.listen(FATURA)
    assert await caller.says(vowel(500)) == [BEGAN]
    server.slow.clear()
    assert await caller.says(2 * (vowel(400) + SILENCE * 8)) == []
    assert await caller.says(2 * (vowel(400) + SILENCE * 8)) == [Deaf(NOW)]


async def test_the_sound_breaks_off(caller: Caller) -> None:
    caller.place.listen(FATURA)
    assert await caller.says(vowel(500)) == [BEGAN]
    caller.place.hear(b"")
    assert await caller.says_and_waits(vowel(500)) == [Deaf(NOW)]


async def test_what_is_no_frame_is_left_out(caller: Caller, server: ScriptedServer) -> None:
    caller.place.listen(FATURA)
    for frame in (b"\0", bytes(FRAME_BYTES - 1), bytes(10 * FRAME_BYTES), vowel(500)):
        caller.place.hear(frame)
    assert await caller.says_and_waits(b"") == []


async def test_a_place_is_left_once_everything_has_ended(server: ScriptedServer) -> None:
    caller = Caller(server)
    caller.place.listen(FATURA)
    assert await caller.says(vowel(500)) == [BEGAN]
    server.slow.clear()
    await caller.place.aclose()
    assert (caller.left, server.open) == (1, 0)
    caller.place.listen(FATURA)
    caller.place.hear(b"")
    assert await caller.says_and_waits(vowel(500)) == []


async def test_a_mistake_of_our_own_costs_the_words_and_no_more(
    caller: Caller, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    said = "internetim kesildi"

    def fail() -> None:
        raise RuntimeError(said)

    server.model.before_answering = fail
    caller.place.listen(FATURA)
    assert await caller.says_and_waits(vowel(500)) == [Deaf(NOW)]
    assert "RuntimeError" in caplog.text
    assert "kesildi" not in caplog.text
