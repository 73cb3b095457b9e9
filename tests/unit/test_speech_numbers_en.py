"""English as it is spoken, checked by hand; smaller than the Turkish table."""

from __future__ import annotations

import pytest

from ivr.speech import suffixes_tr
from ivr.speech.saying import filters
from ivr.speech.templates import TemplateMistakes, Templates

SAY = filters("en", "TR")

CASES: list[tuple[str, object, str]] = [
    ("number", 0, "zero"),
    ("number", 7, "seven"),
    ("number", 10, "ten"),
    ("number", 13, "thirteen"),
    ("number", 20, "twenty"),
    ("number", 21, "twenty-one"),
    ("number", 100, "one hundred"),
    ("number", 101, "one hundred and one"),
    ("number", 999, "nine hundred and ninety-nine"),
    ("number", 1000, "one thousand"),
    ("number", 1001, "one thousand and one"),
    ("number", 1100, "one thousand one hundred"),
    ("number", 123_456, "one hundred and twenty-three thousand four hundred and fifty-six"),
    ("number", 1_000_000, "one million"),
    ("number", 1_000_100, "one million one hundred"),
    ("number", 10**12, "one trillion"),
    ("number", -3, "minus three"),
    ("number", "3.05", "three point zero five"),
    ("digits", "4815", "four eight one five"),
    ("digits", "4815162", "four eight one, five one, six two"),
    ("ordinal", 1, "first"),
    ("ordinal", 2, "second"),
    ("ordinal", 3, "third"),
    ("ordinal", 4, "fourth"),
    ("ordinal", 5, "fifth"),
    ("ordinal", 8, "eighth"),
    ("ordinal", 9, "ninth"),
    ("ordinal", 12, "twelfth"),
    ("ordinal", 20, "twentieth"),
    ("ordinal", 21, "twenty-first"),
    ("ordinal", 100, "one hundredth"),
    ("phone", "+905321234567", "zero five three two, one two three, four five, six seven"),
    ("phone", "+442079460958", "plus four four, two zero, seven nine four six, zero nine five eight"),
    ("ending", "+902129990041", "four one"),
    ("money", 1, "one lira"),
    ("money", 149.9, "one hundred and forty-nine lira and ninety kurush"),
    ("money", "0.05", "five kurush"),
    ("date", "2025-11-22", "the twenty-second of November"),
    ("full_date", "2025-11-01", "the first of November two thousand and twenty-five"),
    ("time", "00:00", "midnight"),
    ("time", "12:00", "noon"),
    ("time", "12:30", "twelve thirty p m"),
    ("time", "00:05", "twelve oh five a m"),
    ("time", "09:00", "nine a m"),
    ("time", "14:30", "two thirty p m"),
    ("duration", 1, "one second"),
    ("duration", 5400, "one hour and thirty minutes"),
    ("duration", 172_800, "two days"),
    ("percent", 20, "twenty percent"),
    ("percent", 0, "zero percent"),
    ("percent", "-2.5", "minus two point five percent"),
    ("weekday", "2026-01-01", "Thursday"),
    ("weekday", "2026-01-04T09:00", "Sunday"),
    ("spell", "AB12", "Alfa Bravo, one two"),
    ("spell", "qwxyz", "Quebec Whiskey X-ray, Yankee Zulu"),
    ("spell", "Iiİ", "India India India"),
    ("spell", "Işık", "India Sierra with cedilla dotless India Kilo"),
    ("spell", 40, "four zero"),
    ("asked", 14, "fourteen"),
    ("asked", "bill", "bill"),
]


@pytest.mark.parametrize(("name", "value", "words"), CASES, ids=lambda part: str(part)[:24])
def test_is_said_as_an_english_speaker_says_it(name: str, value: object, words: str) -> None:
    assert SAY[name](value) == words


def test_both_languages_have_the_same_filters_but_for_the_cases_and_others_have_none() -> None:
    assert SAY.keys() == filters("tr", "TR").keys() - suffixes_tr.CASES.keys()
    assert filters("de", "TR") == {}


def test_a_case_in_an_english_text_is_a_mistake_that_the_check_finds() -> None:
    with pytest.raises(TemplateMistakes, match="there is no filter 'dative'"):
        Templates("en", "TR").prompt("{{ city | dative }}")
