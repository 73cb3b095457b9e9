"""What a filter was given, read strictly: a wrong value is an error and never spoken as nonsense.

Values come from callers, services and templates. They may be personal, so no message repeats one. Pure.
"""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal

import phonenumbers

LARGEST = 10**12
_DECIMAL = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,20})?")
_DIGITS = re.compile(r"[0-9]+")
_PHONE = re.compile(r"[+(]?[0-9][0-9 ()./-]*")
_PLACES = Decimal("0.000001")  # floats carry noise beyond it


def digits(value: object) -> str:
    """ASCII digits of a text or a whole number; spaces and hyphens between them are dropped. Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"digits are needed, not {_kind(value)}")
    bare = re.sub(r"[ -]", "", value)
    if not _DIGITS.fullmatch(bare):
        raise ValueError(f"digits are needed, not {_kind(value)}")
    return bare


def decimal(value: object) -> Decimal:
    """A number from -10^12 to 10^12; its fraction has at most six places and no zeros at its end. Raises ValueError.

    Texts are as machines write them: "1250.5", never "1.250,5".
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise ValueError(f"a number is needed, not {_kind(value)}")
    # A float is turned into the digits that people would write for it, and fails the pattern when it is huge or NaN.
    text = value.strip() if isinstance(value, str) else format(Decimal(str(value)), "f")
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"a number such as 1250 or 12.5 is needed, not {_kind(value)}")
    number = Decimal(text)
    if abs(number) > LARGEST:
        raise ValueError("the number is too large to be spoken: at most 10^12")
    rounded = number.quantize(_PLACES, ROUND_HALF_UP)
    return rounded.to_integral_value() if rounded == rounded.to_integral_value() else rounded.normalize()


def whole(value: object) -> int:
    """A whole number from -10^12 to 10^12. Raises ValueError."""
    number = decimal(value)
    if number != number.to_integral_value():
        raise ValueError("a whole number is needed, this one has a fraction")
    return int(number)


def phone_groups(value: object, region: str) -> tuple[str, tuple[str, ...]]:
    """A telephone number as people of `region` would write it: country code ("" at home) and groups of digits.

    Takes E.164 and local formats: "+905321234567" → ("", ("0532", "123", "45", "67")). Raises ValueError.
    """
    if not isinstance(value, str) or not _PHONE.fullmatch(value.strip()):
        raise ValueError(f"a telephone number is needed, not {_kind(value)}")
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        raise ValueError(f"a telephone number is needed, not {_kind(value)}") from None
    if number.country_code == phonenumbers.country_code_for_region(region):
        national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        return "", tuple(_DIGITS.findall(national))
    abroad = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    code, *groups = _DIGITS.findall(abroad)
    return code, tuple(groups)


def text(value: object) -> str | None:
    """A text that is no number; None for a number, or a text such as "14" or "12.5". Raises ValueError."""
    if isinstance(value, str):
        if not value.strip():
            raise ValueError("a word or a number is needed, not an empty text")
        return None if _DECIMAL.fullmatch(value.strip()) else value
    decimal(value)
    return None


def date(value: object) -> datetime.date:
    """The day of "2025-11-22" or of "2025-11-22T14:30". Raises ValueError."""
    try:
        return _local(datetime.datetime.fromisoformat(_text(value))).date()
    except ValueError:
        raise ValueError(f"a date such as 2025-11-22, without a time zone, is needed, not {_kind(value)}") from None


def time(value: object) -> datetime.time:
    """The time of day of "14:30" or of "2025-11-22T14:30". Raises ValueError."""
    text = _text(value)
    try:
        if len(text) > len("14:30:00") and text[10] in "T ":
            return _local(datetime.datetime.fromisoformat(text)).time()
        if ":" not in text or datetime.time.fromisoformat(text).tzinfo:
            raise ValueError
        return datetime.time.fromisoformat(text)
    except (ValueError, IndexError):
        raise ValueError(f"a time such as 14:30, without a time zone, is needed, not {_kind(value)}") from None


def _local(moment: datetime.datetime) -> datetime.datetime:
    # Said as it stands, a time of another zone would be wrong for the caller; only its sender knows the caller's zone.
    if moment.tzinfo:
        raise ValueError
    return moment


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _kind(value: object) -> str:
    """What a value is, without saying it."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"a text of {len(value)} characters"
    return f"a value of type {type(value).__name__}"
