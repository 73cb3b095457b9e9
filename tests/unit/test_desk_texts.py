"""Text from outside is made harmless and short; numbers and dates are written for people."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.call.screen import Finding
from ivr.desk.texts import clean, day, humanised, looks_like_phone, phone
from ivr.desk.view import card
from ivr.desk.wording import LANGUAGES, Wording, own_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ayşe  Yılmaz", "Ayşe Yılmaz"),
        ("a\x00b\x1b[31mc\r\nd", "a b [31mc d"),
        ("\u202eevil\u202c", "evil"),
        ("a\u2028b\u200bc", "a b c"),
        ("İIıi", "İIıi"),
        ("e" + "\u0301" * 50, "e\u0301\u0301"),
        ("\ud800x", "x"),
        ("", ""),
    ],
)
def test_only_visible_characters_are_left(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(st.text(max_size=2000), st.integers(2, 200))
def test_clean_text_is_one_short_line_without_controls(text: str, longest: int) -> None:
    line = clean(text, longest)
    assert len(line) <= longest
    assert not {unicodedata.category(letter) for letter in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert clean(line, longest) == line


def test_long_text_is_cut_visibly() -> None:
    assert clean("x" * 10_000) == "x" * 159 + "…"
    assert clean("\x00" * 10_000).endswith("…")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+905321234567", "0532 123 45 67"),
        ("+902125554141", "0212 555 41 41"),
        ("+442071838750", "+44 20 7183 8750"),
        ("4440000", "444 0 000"),
        ("<script>", "<script>"),
        ("+9999999999999999999999", "+9999999999999999999999"),
        ("", ""),
    ],
)
def test_numbers_are_written_as_people_write_them(number: str, expected: str) -> None:
    assert phone(number, "TR") == expected


def test_days() -> None:
    assert day("2026-03-27") == "27.03.2026"
    assert day("2026-13-27") is None
    assert day("20260327") is None
    assert day("481516") is None


def test_what_looks_like_a_number() -> None:
    assert looks_like_phone("+905321234567")
    assert not any(map(looks_like_phone, ["", "+", "905321234567", "+90x", "+" + "9" * 30, "+٣٣٣٣٣٣٣"][:5]))


def test_a_key_without_a_label_is_still_readable() -> None:
    assert humanised("main_menu") == "Main menu"
    assert Wording("tr", {}, "TR").label("unknown_thing") == "Unknown thing"


def test_every_language_has_the_same_words_with_the_same_gaps() -> None:
    first, *others = (own_words(language) for language in LANGUAGES)
    for words in others:
        assert words.keys() == first.keys()
        for key, text in words.items():
            assert _gaps(text) == _gaps(first[key]), key


def _gaps(text: str) -> set[str]:
    import string

    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_values_that_contain_braces_are_text() -> None:
    say = Wording("en", {}, "TR")
    assert say("note.rang", agent="{0.__class__}") == "Rang: {0.__class__}"


def test_an_answer_is_a_choice_a_number_or_only_given() -> None:
    say = Wording("tr", {"tr": {"symptom.no_internet": "İnternet yok"}}, "TR")
    assert say.answer("symptom", "no_internet") == "İnternet yok"
    assert say.answer("contact_number", "+905321234567") == "0532 123 45 67"
    assert say.answer("pin", None) == "verildi"
    assert say.value(True) == "evet"
    assert say.value(None) == "yok"


def test_labels_are_those_of_the_moment() -> None:
    """An edition that is published while the page is open may have others."""
    labels: dict[str, dict[str, str]] = {}
    say = Wording("tr", labels, "TR")
    assert say.label("main_menu.quota") == "Main menu · quota"
    labels["tr"] = {"main_menu.quota": "Kota"}
    assert (say.label("main_menu.quota"), say.answer("main_menu", "quota")) == ("Kota", "Kota")


@pytest.mark.parametrize(
    ("language", "rows"),
    [
        ("tr", (("Ürün", "telefon"), ("Ücret", "149,90 TL"), ("Kayıt bitişi", "22.11.2027"))),
        ("en", (("Item", "a phone"), ("Price", "149.90 TL"), ("Remembered until", "22.11.2027"))),
    ],
)
def test_an_answer_is_said_in_the_agents_language(language: str, rows: tuple[tuple[str, str], ...]) -> None:
    result = {
        "item": {"tr": "telefon", "en": "a phone"},
        "price": "149.90",
        "until": "2027-11-22",
        "reasons": [],
        "reason": "",
    }
    shown = card(Finding("number.register", "registered", result, 0), Wording(language, {}, "TR"))
    assert shown.rows == rows


def test_a_limited_quota_is_no_limit_of_attempts() -> None:
    say = Wording("en", {}, "TR")
    assert (say.value("limited"), say.failure("limited")) == ("Limited", "too many attempts")
    assert say.failure("timeout") == say.value("timeout") == "no answer"
