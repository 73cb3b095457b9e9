"""What our own prompts say of a value is understood as that value."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.heard import keys_of
from ivr.flow.identity.letters import letter_keys
from ivr.speech.saying import WORDINGS, filters
from ivr.speech.spelling import ALPHABETS

LANGUAGES = ["tr", "en"]
SAY = {language: filters(language, "TR") for language in LANGUAGES}
TODAY = date(2026, 10, 29)


@pytest.mark.parametrize("language", LANGUAGES)
def test_whole_numbers(language: str) -> None:
    cardinal = WORDINGS[language].cardinal
    wrong = [number for number in range(10_000) if keys_of("digits", cardinal(number), language) != str(number)]
    assert wrong == []


@given(st.integers(0, 10**9), st.sampled_from(LANGUAGES))
def test_large_numbers(number: int, language: str) -> None:
    assert keys_of("digits", WORDINGS[language].cardinal(number), language) == str(number)


@given(st.text("0123456789", min_size=1, max_size=20), st.sampled_from(LANGUAGES))
def test_digits_one_by_one(digits: str, language: str) -> None:
    assert keys_of("digits", SAY[language]["digits"](digits), language) == digits
    assert keys_of("digits", SAY[language]["digits"](digits).replace(",", ""), language) == digits


@given(st.integers(0, 10**9), st.sampled_from(LANGUAGES))
def test_money(hundredths: int, language: str) -> None:
    lira, kurus = divmod(hundredths, 100)
    spoken = SAY[language]["money"](Decimal(hundredths) / 100)
    assert keys_of("amount", spoken, language) == (f"{lira}*{kurus:02}" if kurus else str(lira))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_amount_of_kurus(language: str) -> None:
    wrong = [
        kurus
        for kurus in range(1, 100)
        if keys_of("amount", SAY[language]["money"](f"149.{kurus:02}"), language) != f"149*{kurus:02}"
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_day_of_two_years(language: str) -> None:
    words = WORDINGS[language]
    for ahead in range(731):
        day = date(2027, 1, 1) + timedelta(ahead)
        assert keys_of("date", words.full_date(day), language, TODAY) == f"{day:%d%m%Y}"
        assert keys_of("date", words.date(day), language) == f"{day:%d%m}"


def test_every_minute_in_english() -> None:
    for minute in range(24 * 60):
        moment = time(*divmod(minute, 60))
        assert keys_of("time", WORDINGS["en"].time(moment), "en") == f"{moment:%H%M}"


def test_every_minute_in_turkish_is_in_the_afternoon_from_one_to_seven() -> None:
    for minute in range(24 * 60):
        moment = time(*divmod(minute, 60))
        meant = moment.replace(hour=moment.hour + 12) if 1 <= moment.hour <= 7 else moment
        assert keys_of("time", WORDINGS["tr"].time(moment), "tr") == f"{meant:%H%M}"
        if 1 <= moment.hour <= 7:
            part = "sabah" if moment.hour >= 4 else "gece"
            assert keys_of("time", f"{part} {WORDINGS['tr'].time(moment)}", "tr") == f"{moment:%H%M}"


@given(st.sampled_from([532, 530, 545, 501, 212, 312, 258]), st.integers(2_000_000, 9_999_999))
def test_telephone_numbers_of_the_country(area: int, rest: int) -> None:
    number = phonenumbers.parse(f"+90{area}{rest}", None)
    if phonenumbers.is_valid_number(number):
        for language in LANGUAGES:
            assert keys_of("phone", SAY[language]["phone"](f"+90{area}{rest}"), language) == f"0{area}{rest}"


@pytest.mark.parametrize("number", ["+442079460000", "+4915112345678", "+12025550143"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_telephone_numbers_abroad(number: str, language: str) -> None:
    assert keys_of("phone", SAY[language]["phone"](number), language) == f"00{number[1:]}"


@pytest.mark.parametrize(
    ("language", "letter"), [(language, letter) for language, words in ALPHABETS.items() for letter in words]
)
def test_the_letters_of_the_telephone_alphabet(language: str, letter: str) -> None:
    assert keys_of("letters", ALPHABETS[language][letter], language) == letter_keys(letter, "tr", 1)
