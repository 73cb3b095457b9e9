"""Numbers, money, dates and times in English words, as in Britain. Pure; implements `saying.Wording`."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from ivr.speech.grouping import groups

DIGITS: tuple[str, ...] = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MINUS = "minus"
PLUS = "plus"
POINT = "point"
LIRA = ("lira", "kurush")  # so that an English voice says it rightly
DAY, HOUR, MINUTE, SECOND = "day", "hour", "minute", "second"

_TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_THOUSANDS = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth",
    "eight": "eighth", "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def cardinal(number: int) -> str:
    """Words of a whole number from 0 to 10^12: 1101 → "one thousand one hundred and one"."""
    if number == 0:
        return DIGITS[0]
    words: list[str] = []
    for size, name in _THOUSANDS:
        count, number = divmod(number, size)
        words += [_hundreds(count), name] if count else []
    if words and 0 < number < 100:
        words.append("and")
    return " ".join([*words, _hundreds(number)] if number else words)


def _hundreds(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{DIGITS[hundreds]} hundred"] if hundreds else []
    words += [_below_hundred(rest)] if rest else []
    return " and ".join(words)


def _below_hundred(number: int) -> str:
    if number < 20:
        return DIGITS[number] if number < 10 else _TEENS[number - 10]
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens]}-{DIGITS[ones]}" if ones else _TENS[tens]


def ordinal(number: int) -> str:
    """5 → "fifth", 21 → "twenty-first"."""
    words = cardinal(number)
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    first, last = words[:cut], words[cut:]
    plain = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return first + _ORDINALS.get(last, plain)


def fraction(digits: str) -> str:
    """What follows the decimal point: "14" → "one four"."""
    return _one_by_one(digits)


def phone(code: str, parts: Sequence[str]) -> str:
    """Digit by digit, with a pause after each group."""
    spoken = [f"{PLUS} {_one_by_one(code)}"] if code else []
    return ", ".join(spoken + [_one_by_one(group) for part in parts for group in _pieces(part)])


def _pieces(part: str) -> Sequence[str]:
    return (part,) if len(part) <= 4 else groups(part)


def ending(digits: str) -> str:
    """The last digits of a number: "41" → "four one"."""
    return _one_by_one(digits)


def _one_by_one(digits: str) -> str:
    return " ".join(DIGITS[int(digit)] for digit in digits)


def percent(number: str) -> str:
    """ "twenty" → "twenty percent"."""
    return f"{number} percent"


def unit(count: int, name: str) -> str:
    """1 → "one hour", 3 → "three hours"; lira and kurush have no plural."""
    return f"{cardinal(count)} {name}" + ("s" if count != 1 and name not in LIRA else "")


def both(larger: str, smaller: str) -> str:
    """Joins an amount and its smaller part: "ten lira and fifty kurush"."""
    return f"{larger} and {smaller}"


def date(day: datetime.date) -> str:
    """2025-11-22 → "the twenty-second of November"."""
    return f"the {ordinal(day.day)} of {_MONTHS[day.month - 1]}"


def full_date(day: datetime.date) -> str:
    """2025-11-22 → "the twenty-second of November two thousand and twenty-five"."""
    return f"{date(day)} {cardinal(day.year)}"


def weekday(day: datetime.date) -> str:
    """2025-11-22 → "Saturday"."""
    return _WEEKDAYS[day.weekday()]


def time(moment: datetime.time) -> str:
    """14:30 → "two thirty p m", 09:05 → "nine oh five a m", 12:00 → "noon", 00:00 → "midnight"."""
    if not moment.minute and moment.hour % 12 == 0:
        return "noon" if moment.hour else "midnight"
    words = [cardinal(moment.hour % 12 or 12)]
    if moment.minute:
        words += ["oh"] if moment.minute < 10 else []
        words.append(cardinal(moment.minute))
    return " ".join([*words, "a m" if moment.hour < 12 else "p m"])
