"""Text for people: made harmless, short and readable. Pure.

Names, numbers and answers on the page come from callers, networks and other systems. The templates escape them; here
go the characters that would still do harm: controls, bidirectional overrides, towers of accents, ten-kilobyte names.
"""

from __future__ import annotations

import unicodedata
from datetime import date

import phonenumbers

LONGEST = 160
_FIRST_ACCENT = "\u0300"  # no character below combines with another
_ACCENTS = 2  # combining marks on one letter; no name needs more
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def clean(text: str, longest: int = LONGEST) -> str:
    """One line of visible characters, cut with an ellipsis after `longest`."""
    if len(text) <= longest and text.isprintable() and max(text, default="") < _FIRST_ACCENT:
        return " ".join(text.split())  # almost every text; the page has to be fast
    kept: list[str] = []
    accents = 0
    for letter in text[: longest * 8]:
        category = unicodedata.category(letter)
        accents = accents + 1 if category in ("Mn", "Me") else 0
        if accents <= _ACCENTS:
            kept.append(" " if category in _UNSEEN else letter)
    line = " ".join("".join(kept).split())
    return line if len(line) <= longest and len(text) <= longest * 8 else line[: longest - 1].rstrip() + "…"


def phone(number: str, region: str) -> str:
    """A number as people of the region write it ("0532 123 45 67"); as it is when it is not a number."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return clean(number, 40)
    if not phonenumbers.is_possible_number(parsed):
        return clean(number, 40)
    home = parsed.country_code == phonenumbers.country_code_for_region(region)
    shape = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, shape).replace("(", "").replace(")", "")


def looks_like_phone(value: str) -> bool:
    """Whether a value is in E.164, as answers of type phone are kept."""
    return value.startswith("+") and value[1:].isdecimal() and 7 <= len(value) <= 16


def day(value: str) -> str | None:
    """A date that is kept as 2026-03-27 in the order that people of Turkey and Europe use; None for anything else."""
    try:
        return date.fromisoformat(value).strftime("%d.%m.%Y") if len(value) == 10 else None
    except ValueError:
        return None


def humanised(key: str) -> str:
    """A label key that has no label, as words: "main_menu" becomes "Main menu"."""
    words = clean(key.replace("_", " ").replace(".", " · "), 60)
    return words[:1].upper() + words[1:]
