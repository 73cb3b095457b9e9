"""Numbers as people type them and networks send them."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ivr.flow.numbers import local_length, to_e164

MOBILE = "+905321234567"
FIXED = "+902125554141"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Turkish mobiles, every way they are written
        ("05321234567", MOBILE),
        ("5321234567", MOBILE),
        ("905321234567", MOBILE),
        ("00905321234567", MOBILE),
        ("+905321234567", MOBILE),
        ("+90 532 123 45 67", MOBILE),
        ("+90 (532) 123 45 67", MOBILE),
        ("+90 (0)532 123 45 67", MOBILE),
        ("(+90) 532 123 45 67", MOBILE),
        ("0532 123 45 67", MOBILE),
        ("0 532 123 45 67", MOBILE),
        ("0532-123-45-67", MOBILE),
        ("0532.123.45.67", MOBILE),
        ("0532/1234567", MOBILE),
        ("(0532) 123 45 67", MOBILE),
        ("0090 532 123 45 67", MOBILE),
        ("90 532 123 45 67", MOBILE),
        ("  05321234567  ", MOBILE),
        # Turkish fixed lines and services
        ("02125554141", FIXED),
        ("2125554141", FIXED),
        ("902125554141", FIXED),
        ("+90 212 555 41 41", FIXED),
        ("0(212)555-41-41", FIXED),
        ("08502220000", "+908502220000"),
        ("4440000", "+904440000"),
        # abroad
        ("+4930123456", "+4930123456"),
        ("004930123456", "+4930123456"),
        ("+1 212-555-1234", "+12125551234"),
        ("0012125551234", "+12125551234"),
        ("+44 20 7946 0958", "+442079460958"),
        ("+39 06 12345678", "+390612345678"),
        # withheld
        ("", None),
        (" ", None),
        ("anonymous", None),
        ("Anonymous", None),
        ("unknown", None),
        ("Restricted", None),
        ("unavailable", None),
        # not a whole number, or too much of one
        ("112", None),
        ("155", None),
        ("0112", None),
        ("0", None),
        ("00", None),
        ("+", None),
        ("+90", None),
        ("5554141", None),
        ("0532123456", None),
        ("053212345678", None),
        ("0532123456789012345", None),
        ("+999123456789", None),
        ("+0905321234567", None),
        # hostile
        ("++905321234567", None),
        ("+90+5321234567", None),
        ("0532CALLNOW", None),
        ("1-800-FLOWERS", None),
        ("05321234567 ext 9", None),
        ("05321234567;ext=9", None),
        ("05321234567#1", None),
        ("0532*1234567", None),
        ("05321234567\n", None),
        ("0532\x001234567", None),
        ("٠٥٣٢١٢٣٤٥٦٧", None),
        ("०५३२१२३४५६७", None),
        ("０５３２１２３４５６７", None),
        ("＋905321234567", None),
        ("0532\u200b1234567", None),
        ("-5321234567-" * 1000, None),
        ("0" * 100_000, None),
        ("'; DROP TABLE lines; --", None),
        ("\ud800", None),
    ],
)
def test_to_e164(text: str, expected: str | None) -> None:
    assert to_e164(text) == expected


def test_the_region_says_what_a_local_number_means() -> None:
    assert to_e164("030 123456", "DE") == "+4930123456"
    assert to_e164("030 123456", "TR") is None
    assert to_e164("05321234567", "nowhere") is None
    assert to_e164(MOBILE, "nowhere") == MOBILE


@given(st.one_of(st.text(), st.text(alphabet="+0123456789 ()-./*#")), st.sampled_from(["TR", "DE", "US", "", "??"]))
@example("+" + "9" * 16, "TR")
@example("+49" + "1" * 15, "DE")
def test_any_text_gives_e164_or_nothing(text: str, region: str) -> None:
    number = to_e164(text, region)
    assert number is None or re.fullmatch(r"\+[1-9][0-9]{6,14}", number)


@given(st.from_regex(r"\A0?[25][0-9]{9}\Z"))
def test_what_is_read_once_reads_the_same_again(text: str) -> None:
    number = to_e164(text)
    assert number is None or to_e164(number) == number


@pytest.mark.parametrize(
    ("keys", "length"),
    [
        ("0", 11),
        ("05", 11),
        ("05321234567", 11),
        ("0900", 11),
        ("5", 10),
        ("5321234567", 10),
        ("2", 10),
        ("9", 10),
        ("90", 12),
        ("905321234567", 12),
        ("00", 0),
        ("0049301", 0),
        ("", 0),
        ("*", 0),
        ("05#", 0),
        ("٠٥", 0),
        ("5x", 0),
    ],
)
def test_local_length(keys: str, length: int) -> None:
    assert local_length(keys) == length


def test_other_regions_lengths_are_not_known() -> None:
    assert local_length("030", "DE") == 0


@pytest.mark.parametrize("number", ["05321234567", "5321234567", "905321234567", "02125554141"])
def test_a_number_is_complete_at_its_length_and_not_before(number: str) -> None:
    complete = [typed for end in range(1, len(number) + 1) if len(typed := number[:end]) >= local_length(typed) > 0]
    assert complete == [number]
    assert to_e164(number)
