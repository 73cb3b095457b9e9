"""What the phrases of a flow are to a recogniser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.hearing.grammar import complete, grammar, words_of


@pytest.mark.parametrize(
    ("phrase", "language", "words"),
    [
        ("İPTAL, lütfen!", "tr", ("iptal", "lütfen")),
        ("ISINMA", "tr", ("ısınma",)),
        ("IT'S  OK", "en", ("it's", "ok")),
        ("that’s right", "en", ("that's", "right")),
        ("'quoted' word", "en", ("quoted", "word")),
        ("set-top box", "en", ("set", "top", "box")),
        ("Ankara'ya", "tr", ("ankara'ya",)),
        ("[unk] <eps> #0", "en", ("unk", "eps", "0")),
        ("?!", "tr", ()),
        ("' '", "tr", ()),
        ("", "tr", ()),
    ],
)
def test_words_are_those_of_a_model(phrase: str, language: str, words: tuple[str, ...]) -> None:
    assert words_of(phrase, language) == words


def test_each_phrase_once_and_none_without_words() -> None:
    assert grammar(["Fatura", "...", "fatura!", "FATURA BİLGİSİ"], "tr") == ("fatura", "fatura bilgisi")


@given(st.text(max_size=60), st.sampled_from(["tr", "en"]))
def test_whatever_is_written_there_are_no_signs_in_it(phrase: str, language: str) -> None:
    for word in words_of(phrase, language):
        assert word
        assert not set(word) & set('<>#![]"\\{} \x00')
        assert word == word.strip("'")


def test_a_phrase_is_complete_that_no_longer_one_begins_with() -> None:
    phrases = ["fatura", "fatura bilgisi", "faturam", "iptal"]
    assert complete(phrases) == {"fatura bilgisi", "faturam", "iptal"}


def test_after_a_digit_others_follow() -> None:
    assert complete(["bir", "hat bir", "iptal"], go_on={"bir"}) == {"iptal"}


@given(st.lists(st.sampled_from(["a", "a b", "a b c", "ab", "a'b", "b", "b a"]), max_size=7))
def test_complete_by_definition(phrases: list[str]) -> None:
    longer = {one for one in phrases for other in phrases if other.startswith(one + " ")}
    assert complete(phrases) == set(phrases) - longer
