"""The spoken types by name. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from ivr.flow.heard import amounts, dates_en, dates_tr, digits, letters, times_en, times_tr, yes_no
from ivr.flow.heard.spoken import Spoken

Kind = Literal["yes_no", "digit", "digits", "amount", "date", "time", "phone", "letters"]

_MOST_CHARACTERS = 500  # who answers a question does it at once

_KINDS: Mapping[Kind, Mapping[str, Spoken]] = MappingProxyType({
    "yes_no": yes_no.SPOKEN,
    "digit": digits.DIGIT,
    "digits": digits.DIGITS,
    "phone": digits.PHONE,
    "amount": amounts.SPOKEN,
    "date": {"tr": dates_tr.DATE, "en": dates_en.DATE},
    "time": {"tr": times_tr.TIME, "en": times_en.TIME},
    "letters": letters.SPOKEN,
})  # fmt: skip


@lru_cache(maxsize=32)
def vocabulary(kind: Kind, language: str) -> tuple[str, ...]:
    """Every word and phrase that may be said for a value of that kind, in small letters; () where a language has none.

    They are written as recognisers know them: "o'clock", "that's".
    """
    spoken = _KINDS.get(kind, {}).get(language)
    return tuple(sorted(spoken.phrases)) if spoken else ()


def likely(kind: Kind, language: str) -> tuple[str, ...]:
    """Words in a row that are likelier than the others of `vocabulary`: a recogniser may be told of them, too."""
    return digits.PAIRS.get(language, ()) if kind in ("digits", "phone") else ()


def keys_of(kind: Kind, words: str, language: str, today: date | None = None) -> str | None:
    """The keys that mean what was said, as a question takes them: "149*90", "2411", "1430".

    None where it means nothing, or two things, or where there are words beside it that are not understood. `today` is
    the day where the caller is: without it nobody knows what "yarın" is. Never raises, whatever was said.
    """
    spoken = _KINDS.get(kind, {}).get(language)
    return spoken.keys(words[:_MOST_CHARACTERS], today) if spoken else None
