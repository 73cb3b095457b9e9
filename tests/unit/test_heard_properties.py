"""Whatever is said, understanding it ends, never raises, and gives keys or nothing."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.heard import Kind, keys_of, vocabulary
from ivr.flow.words import normal, yes_or_no

KINDS: tuple[Kind, ...] = ("yes_no", "digit", "digits", "amount", "date", "time", "phone", "letters")
LANGUAGES = ("tr", "en")
KEYS = re.compile(r"[0-9]+(\*[0-9]{2})?")
BOTH = [(kind, language) for kind in KINDS for language in LANGUAGES]

talk = st.sampled_from(BOTH).flatmap(
    lambda both: st.tuples(
        st.just(both[0]),
        st.just(both[1]),
        st.lists(st.sampled_from(vocabulary(*both)), max_size=12).map(" ".join),
    )
)


@given(st.sampled_from(KINDS), st.text(max_size=80), st.sampled_from(["tr", "en", "de", ""]), st.dates() | st.none())
def test_any_text(kind: Kind, words: str, language: str, today: date | None) -> None:
    keys = keys_of(kind, words, language, today)
    assert keys is None or KEYS.fullmatch(keys)
    assert keys_of(kind, words, language, today) == keys


@given(talk, st.dates() | st.none())
def test_any_words_of_the_grammar(said: tuple[Kind, str, str], today: date | None) -> None:
    kind, language, words = said
    keys = keys_of(kind, words, language, today)
    assert keys is None or KEYS.fullmatch(keys)
    if kind == "date" and keys:
        assert len(keys) in (4, 8)
        date(int(keys[4:] or "2000"), int(keys[2:4]), int(keys[:2]))
    if kind == "time" and keys:
        assert len(keys) == 4
        assert keys[:2] < "24"
        assert keys[2:] < "60"


@given(talk)
def test_a_word_that_was_not_understood_makes_all_but_a_no_unknown(said: tuple[Kind, str, str]) -> None:
    kind, language, words = said
    keys = keys_of(kind, f"{words} [unk]", language, date(2026, 10, 29))
    assert keys is None or (kind == "yes_no" and keys == "2")


@pytest.mark.parametrize(("kind", "language"), BOTH)
def test_all_that_may_be_said_at_once(kind: Kind, language: str) -> None:
    phrases = vocabulary(kind, language)
    assert len(set(phrases)) == len(phrases)
    for phrase in phrases:
        assert normal(phrase, language) == " ".join(phrase.replace("'", " ").split())
        keys_of(kind, f"{phrase} " * 500, language, date(2026, 10, 29))
    keys_of(kind, " ".join(phrases), language, date(2026, 10, 29))


def test_other_languages_have_no_words() -> None:
    assert vocabulary("digits", "de") == ()
    assert keys_of("digits", "142", "de") is None


@pytest.mark.parametrize("words", ["yarın", "salı", "ayın beşi", "iki gün sonra", "beş mart yirmi altı"])
def test_without_today_nobody_knows_when_that_is(words: str) -> None:
    assert keys_of("date", words, "tr") is None
    assert keys_of("date", words, "tr", date(2026, 10, 29))


@pytest.mark.parametrize("today", [date.min, date.max])
@pytest.mark.parametrize("words", ["yarın", "dün", "geçen salı", "haftaya cuma", "ayın otuzu", "salı beş mart"])
def test_the_calendar_has_ends(words: str, today: date) -> None:
    assert keys_of("date", words, "tr", today) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_listened_for_where_it_is_yes_or_no(language: str) -> None:
    answers = {phrase: yes_or_no(phrase, language) for phrase in vocabulary("yes_no", language)}
    assert {"yes", "no", None} == set(answers.values())
    assert {keys_of("yes_no", phrase, language) for phrase, answer in answers.items() if answer == "yes"} == {"1"}
    assert {keys_of("yes_no", phrase, language) for phrase, answer in answers.items() if answer == "no"} == {"2"}
