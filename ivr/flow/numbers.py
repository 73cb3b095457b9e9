"""Telephone numbers: what people type and networks send, as E.164. Pure; the numbering plans are `phonenumbers`'."""

from __future__ import annotations

import re

import phonenumbers

# ASCII only: `phonenumbers` itself would also read other scripts' digits, letters as keys, and extensions.
_WRITTEN = re.compile(r"\(?\+?[0-9 ().\-/]{1,40}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")

# How many keys make a complete number, by its beginning; the longest one that fits counts. 0: cannot be told.
_LENGTHS: dict[str, dict[str, int]] = {
    # national (5321234567), with the 0 (05321234567), with the country's code (905321234567), international (0049…)
    "TR": {"": 10, "0": 11, "00": 0, "90": 12},
}


def to_e164(text: str, region: str = "TR") -> str | None:
    """The E.164 form of a number as typed or sent by a network, read as someone in `region` would.

    None for what is not a valid number: withheld ("anonymous"), short codes, too short or long, letters, anything else.
    """
    if not _WRITTEN.fullmatch(text.strip(" ")):
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written if _E164.fullmatch(written) else None


def local_length(keys: str, region: str = "TR") -> int:
    """How many keys make a complete number that starts with `keys`; 0 when that cannot be told (00…, other regions)."""
    lengths = _LENGTHS.get(region, {})
    fitting = [start for start in lengths if keys.startswith(start)]
    if not keys or not fitting or not (keys.isascii() and keys.isdecimal()):
        return 0
    return lengths[max(fitting, key=len)]
