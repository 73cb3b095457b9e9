"""When somebody speaks, and when they have spoken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.settings_hearing import HearingSettings
from ivr.speech.hearing.endpoint import Endpoint, Turn

SETTINGS = HearingSettings(voice_ms=240, silence_ms=600, certain_ms=300, longest_seconds=3)


def endpoint() -> Endpoint:
    return Endpoint(SETTINGS, {"fatura"})


def hear(endpoint: Endpoint, milliseconds: int, *, voiced: bool) -> list[tuple[int, Turn]]:
    """What turns came, and after how many milliseconds."""
    turns = [((number + 1) * 20, endpoint.frame(voiced)) for number in range(milliseconds // 20)]
    return [(at, turn) for at, turn in turns if turn]


def test_voice_begins_it_and_a_click_does_not() -> None:
    ears = endpoint()
    assert hear(ears, 40, voiced=True) == []
    assert hear(ears, 400, voiced=False) == []
    assert hear(ears, 200, voiced=True) == [(60, Turn.BEGUN)]


def test_a_word_is_certain_as_soon_as_there_is_enough_voice() -> None:
    ears = endpoint()
    hear(ears, 100, voiced=True)
    assert ears.partial("fatura") is None
    assert hear(ears, 140, voiced=True) == [(140, Turn.CERTAIN)]
    assert ears.partial("fatura bilgisi") is None  # it has been said


def test_a_word_that_is_recognised_late_is_certain_then() -> None:
    ears = endpoint()
    hear(ears, 300, voiced=True)
    hear(ears, 200, voiced=False)
    assert ears.partial("[unk]") is None
    assert ears.partial("[unk] fatura") is Turn.CERTAIN


def test_voice_on_end_is_speech_without_a_word() -> None:
    ears = endpoint()
    assert hear(ears, 700, voiced=True) == [(60, Turn.BEGUN)]
    assert hear(ears, 20, voiced=False) == []
    assert hear(ears, 700, voiced=True) == []  # that was not on end
    assert hear(ears, 20, voiced=True) == [(20, Turn.CERTAIN)]


def test_two_coughs_are_nothing() -> None:
    ears = endpoint()
    for _ in range(2):
        hear(ears, 300, voiced=True)
        hear(ears, 160, voiced=False)
    assert hear(ears, 1000, voiced=False) == [
        (600 - 160, Turn.OVER)
    ]  # to be seen by its words, of which there are none


def test_what_is_shorter_than_a_word_is_not_even_looked_at() -> None:
    ears = endpoint()
    hear(ears, 100, voiced=True)
    assert hear(ears, 1000, voiced=False) == [(600, Turn.NOTHING_SAID)]


@pytest.mark.parametrize(("words", "after"), [("fatura", 300), ("fatura [unk]", 600), ("iptal", 600), ("[unk]", 600)])
def test_it_is_over_sooner_when_nothing_can_follow(words: str, after: int) -> None:
    ears = endpoint()
    ears_turns = hear(ears, 800, voiced=True)
    assert ears_turns[-1][1] is Turn.CERTAIN
    ears.partial(words)
    assert hear(ears, 1000, voiced=False) == [(after, Turn.OVER)]


def test_who_does_not_end_is_taken_at_their_word() -> None:
    ears = endpoint()
    turns = hear(ears, 2 * (60 + 3000), voiced=True)
    assert [turn for _, turn in turns] == [Turn.BEGUN, Turn.CERTAIN, Turn.OVER] * 2
    assert turns[2][0] == 60 + 3000
    assert turns[5][0] == 2 * (60 + 3000)


def test_what_was_recognised_of_the_one_before_is_not_of_the_next() -> None:
    ears = endpoint()
    hear(ears, 300, voiced=True)
    ears.partial("fatura")
    assert hear(ears, 1000, voiced=False) == [(300, Turn.OVER)]
    assert ears.partial("fatura") is None
    assert hear(ears, 300, voiced=True) == [(60, Turn.BEGUN)]
    assert hear(ears, 1000, voiced=False) == [(600, Turn.OVER)]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["", "[unk]", "fatura", "iptal"])), max_size=600))
def test_turns_come_in_their_order(said: list[tuple[bool, str]]) -> None:
    ears, state = endpoint(), "silent"
    may = {"silent": {Turn.BEGUN}, "speaking": {Turn.CERTAIN, Turn.OVER, Turn.NOTHING_SAID}, "certain": {Turn.OVER}}
    for voiced, words in said:
        for turn in (ears.frame(voiced), ears.partial(words)):
            if turn:
                assert turn in may[state]
                state = {Turn.BEGUN: "speaking", Turn.CERTAIN: "certain"}.get(turn, "silent")
