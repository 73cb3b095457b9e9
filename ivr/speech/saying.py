"""The filters of the prompt book: how digits, numbers, money and times are said in a language.

A language with a `Wording` here has all that is common, and what its grammar needs besides: Turkish its cases. Any
other has none, so that a prompt that needs one is a mistake that the check finds. Filters raise ValueError without
repeating the value, which may be personal.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Protocol

from ivr.speech import numbers_en, numbers_tr, reading, spelling, suffixes_tr
from ivr.speech.grouping import groups

Filter = Callable[[object], str]

_MINUTES, _HOURS, _DAYS = 60, 3600, 86400  # seconds


class Wording(Protocol):
    """The words of one language. Numbers are from 0 to 10^12, digits are ASCII."""

    DIGITS: tuple[str, ...]
    MINUS: str
    POINT: str
    LIRA: tuple[str, str]
    DAY: str
    HOUR: str
    MINUTE: str
    SECOND: str

    def cardinal(self, number: int, /) -> str:
        """How many."""
        ...

    def ordinal(self, number: int, /) -> str:
        """Which in a row."""
        ...

    def fraction(self, digits: str, /) -> str:
        """What follows the decimal point."""
        ...

    def phone(self, code: str, parts: Sequence[str], /) -> str:
        """A telephone number in groups, with pauses; `code` is the country's, "" at home."""
        ...

    def ending(self, digits: str, /) -> str:
        """The last digits of a number."""
        ...

    def percent(self, number: str, /) -> str:
        """A spoken number as a percentage."""
        ...

    def unit(self, count: int, name: str, /) -> str:
        """A count and its unit."""
        ...

    def both(self, larger: str, smaller: str, /) -> str:
        """An amount and its smaller part."""
        ...

    def date(self, day: datetime.date, /) -> str:
        """Day and month."""
        ...

    def full_date(self, day: datetime.date, /) -> str:
        """Day, month and year."""
        ...

    def weekday(self, day: datetime.date, /) -> str:
        """The day of the week."""
        ...

    def time(self, moment: datetime.time, /) -> str:
        """Hour and minute."""
        ...


WORDINGS: Mapping[str, Wording] = {"tr": numbers_tr, "en": numbers_en}

# What is put to words or spoken numbers; a question in English needs nothing more than its question mark.
_ENDINGS: Mapping[str, Mapping[str, Callable[[str], str]]] = {
    "tr": {**suffixes_tr.CASES, "asked": suffixes_tr.asked},
    "en": {"asked": str.strip},
}


def filters(language: str, region: str) -> Mapping[str, Filter]:
    """Name → filter for prompts of `language`, empty when we do not know its numbers.

    `region` ("TR") is where telephone numbers without a country code belong.
    """
    words = WORDINGS.get(language)
    if words is None:
        return {}
    common: dict[str, Filter] = {
        "digits": partial(_digits, words),
        "number": partial(_number, words),
        "ordinal": partial(_ordinal, words),
        "phone": partial(_phone, words, region),
        "ending": partial(_ending, words),
        "money": partial(_money, words),
        "date": lambda value: words.date(reading.date(value)),
        "full_date": lambda value: words.full_date(reading.date(value)),
        "time": lambda value: words.time(reading.time(value)),
        "duration": partial(_duration, words),
        "percent": partial(_percent, words),
        "weekday": lambda value: words.weekday(reading.date(value)),
        "spell": partial(_spell, words, language),
    }
    return common | {name: partial(_ended, words, end) for name, end in _ENDINGS[language].items()}


def _digits(words: Wording, value: object) -> str:
    """4815 → "dört sekiz bir beş"; more than four with pauses between groups."""
    spoken = (" ".join(words.DIGITS[int(digit)] for digit in group) for group in groups(reading.digits(value)))
    return ", ".join(spoken)


def _number(words: Wording, value: object) -> str:
    """1250.5 → "bin iki yüz elli virgül beş"."""
    number = reading.decimal(value)
    whole, _, rest = format(abs(number), "f").partition(".")
    spoken = words.cardinal(int(whole)) + (f" {words.POINT} {words.fraction(rest)}" if rest else "")
    return f"{words.MINUS} {spoken}" if number < 0 else spoken


def _percent(words: Wording, value: object) -> str:
    """20 → "yüzde yirmi"."""
    number = reading.decimal(value)
    spoken = words.percent(_number(words, abs(number)))
    return f"{words.MINUS} {spoken}" if number < 0 else spoken


def _ordinal(words: Wording, value: object) -> str:
    """5 → "beşinci"."""
    number = reading.whole(value)
    if number < 0:
        raise ValueError("a position in a row cannot be negative")
    return words.ordinal(number)


def _phone(words: Wording, region: str, value: object) -> str:
    """+905321234567 → "sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi"."""
    code, parts = reading.phone_groups(value, region)
    return words.phone(code, parts)


def _ending(words: Wording, value: object) -> str:
    """The last two digits: "+902129990041" → "kırk bir"."""
    text = value.removeprefix("+") if isinstance(value, str) else value
    return words.ending(reading.digits(text)[-2:])


def _money(words: Wording, value: object) -> str:
    """149.9 → "yüz kırk dokuz lira doksan kuruş"."""
    amount = reading.decimal(value)
    lira, kurus = divmod(int((abs(amount) * 100).quantize(Decimal(1), ROUND_HALF_UP)), 100)
    parts = [words.unit(lira, words.LIRA[0])] if lira or not kurus else []
    parts += [words.unit(kurus, words.LIRA[1])] if kurus else []
    spoken = words.both(*parts) if len(parts) == 2 else parts[0]
    return f"{words.MINUS} {spoken}" if amount < 0 and (lira or kurus) else spoken


def _duration(words: Wording, value: object) -> str:
    """Seconds, said with the two largest units: 5400 → "bir saat otuz dakika"."""
    seconds = reading.whole(value)
    if seconds < 0:
        raise ValueError("a duration cannot be negative")
    counts = (
        (seconds // _DAYS, words.DAY),
        (seconds % _DAYS // _HOURS, words.HOUR),
        (seconds % _HOURS // _MINUTES, words.MINUTE),
        (seconds % _MINUTES, words.SECOND),
    )
    first = next((index for index, (count, _) in enumerate(counts) if count), len(counts) - 1)
    parts = [words.unit(count, name) for count, name in counts[first : first + 2] if count]
    return words.both(*parts) if len(parts) == 2 else "".join(parts) or words.unit(0, words.SECOND)


def _spell(words: Wording, language: str, value: object) -> str:
    """ "AB12" → "Adana Bolu, bir iki"."""
    return spelling.spell(value if isinstance(value, str) else reading.digits(value), language, words.DIGITS)


def _ended(words: Wording, end: Callable[[str], str], value: object) -> str:
    """Puts an ending to a text or, spoken, to a number: 14 → "on dörde"."""
    text = reading.text(value)
    return end(_number(words, value) if text is None else text)
