"""What logs and lists may show of numbers and names."""

from __future__ import annotations

import io
import logging
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context_store.privacy import MaskDigits, ending, mask_digits, mask_name, mask_number
from context_store.records import new_id

NUMBER = "+905321234567"


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        (NUMBER, "+90532•••••67"),
        ("0532 123 45 67", "0532•••••67"),
        ("(0212) 123-45-41", "0212•••••41"),
        ("+123456789012345", "+12345••••••••45"),
        ("4440000", "•••••00"),
        ("12345", "•••••"),
        ("", "•••••"),
        (None, "withheld"),
        ("ayse@example.com", "•••••"),
        ("1" * 500, "•••••"),
        ("٠٥٣٢١٢٣٤٥٦٧", "•••••"),
        ("<b>5321234567", "•••••"),
    ],
)
def test_a_number_shows_its_beginning_and_ending(number: str | None, masked: str) -> None:
    assert mask_number(number) == masked


@given(st.from_regex(r"\+?[0-9]{7,15}", fullmatch=True))
@settings(derandomize=True)
def test_at_least_five_digits_are_hidden(number: str) -> None:
    assert mask_number(number).count("•") >= 5


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Ayşe Yılmaz", "A. Y."),
        ("  İlker\tÖz ", "İ. Ö."),
        ("I\u0307lker", "İ."),
        ("Ayşe +905321234567", "A."),
        ("905321234567", ""),
        ("", ""),
        (None, ""),
        ("\x1b[31m\r\nX", "X."),
        ("a b c d e f g", "a. b. c. d."),
        ("王小明", "王."),
        ("\ud800", ""),
    ],
)
def test_a_name_shows_its_initials(name: str | None, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "digits"), [("+902121234541", "41"), ("0212 123 45 4 1", "41"), ("7", "7"), ("", ""), (None, "")]
)
def test_the_ending_of_a_line(number: str | None, digits: str) -> None:
    assert ending(number) == digits


@pytest.mark.parametrize(
    "hidden",
    [
        "+90 532 123 45 67",
        "0532-123-45-67",
        "(0532) 123 45 67",
        "05321234567",
        "1 2 3 4 5 6 7",
        "1234567",
        "٠٥٣٢١٢٣٤٥٦٧",
    ],
)
@pytest.mark.parametrize("around", ["{}", "ani={}", "tel{}x", "PJSIP/{}-00000001", "<{}>", "{},", "3f{}g"])
def test_digits_are_hidden_wherever_they_stand(hidden: str, around: str) -> None:
    masked = mask_digits(around.format(hidden))
    assert not re.search(r"\d\D{0,3}\d\D{0,3}\d\D{0,3}\d\D{0,3}\d\D{0,3}\d\D{0,3}\d", masked.replace("00000001", ""))
    assert "•" in masked


@pytest.mark.parametrize(
    "readable",
    [
        "conversation 3f9a123456789012 step 12",
        "edition 3637914cde14 is taken up",
        "5d41402abc4b2a76b9719d911017c592",
        "550e8400-e29b-41d4-a716-446655440000",
        "2026-07-05 13:45:12,123 INFO",
        "2026-07-05T13:45:12Z",
        "linkedid 1763783000.12",
        "127.0.0.1:5060",
        "123456",
        "took 0.00123 s",
    ],
)
def test_ids_and_times_stay_readable(readable: str) -> None:
    assert mask_digits(readable) == readable


def test_our_ids_stay_readable() -> None:
    ids = [made for made in (new_id() for _ in range(500)) if not made.isdigit()]
    assert [mask_digits(f"conversation={made}:") for made in ids] == [f"conversation={made}:" for made in ids]


def test_a_long_line_is_masked_in_time_linear_to_its_length() -> None:
    assert mask_digits("1 " * 200_000 + "x") == "••••••• x"
    assert mask_digits("123456x" * 100_000) == "123456x" * 100_000


class Log:
    """A logger that writes through `MaskDigits` into `text`."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        handler = logging.StreamHandler(self.stream)
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s %(args)s"))
        handler.addFilter(MaskDigits())
        self.logger = logging.Logger("masked")
        self.logger.addHandler(handler)

    @property
    def text(self) -> str:
        return self.stream.getvalue()


class Unprintable:
    """An argument that cannot be formatted."""

    def __str__(self) -> str:
        raise RuntimeError(NUMBER)

    __repr__ = __str__


@pytest.fixture
def log() -> Log:
    return Log()


def test_messages_and_arguments_are_masked(log: Log) -> None:
    log.logger.info("from %s to %d", NUMBER, 902121234541)
    log.logger.info("%(ani)s called", {"ani": NUMBER, "unused": "05321234567"})
    log.logger.info(NUMBER)
    assert log.text == "INFO from ••••••• to ••••••• None\nINFO ••••••• called None\nINFO ••••••• None\n"


def test_percent_signs_of_arguments_are_not_formatted_again(log: Log) -> None:
    log.logger.info("said %s", "100 %s %d")
    assert log.text == "INFO said 100 %s %d None\n"


def test_tracebacks_are_masked(log: Log) -> None:
    try:
        raise ValueError(f"no such line {NUMBER}")
    except ValueError:
        log.logger.exception("lookup failed", stack_info=True)
    assert "ValueError: no such line •••••••" in log.text
    assert "5321234567" not in log.text


def test_an_exception_without_numbers_is_left_to_other_handlers(log: Log) -> None:
    try:
        raise ValueError("no such line")
    except ValueError:
        record = log.logger.makeRecord("masked", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    MaskDigits().filter(record)
    assert record.exc_info is not None


def test_a_line_that_does_not_fit_its_arguments_neither_raises_nor_leaks(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    log.logger.info("%d calls from %s", NUMBER)
    log.logger.info("%s", Unprintable())
    log.logger.info(Unprintable())
    try:
        raise ValueError(Unprintable())
    except ValueError:
        log.logger.exception("failed")
    assert log.text.count("does not fit its arguments") == 3
    assert "5321234567" not in log.text + capsys.readouterr().err
