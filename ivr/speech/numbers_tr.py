"""Numbers, money, dates and times in Turkish words. Pure; implements `saying.Wording`."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from ivr.speech.grouping import groups, zeros_and_rest

DIGITS: tuple[str, ...] = ("sıfır", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz")
MINUS = "eksi"
PLUS = "artı"
POINT = "virgül"
LIRA = ("lira", "kuruş")
DAY, HOUR, MINUTE, SECOND = "gün", "saat", "dakika", "saniye"

_TENS = ("", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan")
_THOUSANDS = ((10**12, "trilyon"), (10**9, "milyar"), (10**6, "milyon"), (10**3, "bin"))
_ORDINALS = {
    "sıfır": "sıfırıncı", "bir": "birinci", "iki": "ikinci", "üç": "üçüncü", "dört": "dördüncü", "beş": "beşinci",
    "altı": "altıncı", "yedi": "yedinci", "sekiz": "sekizinci", "dokuz": "dokuzuncu", "on": "onuncu",
    "yirmi": "yirminci", "otuz": "otuzuncu", "kırk": "kırkıncı", "elli": "ellinci", "altmış": "altmışıncı",
    "yetmiş": "yetmişinci", "seksen": "sekseninci", "doksan": "doksanıncı", "yüz": "yüzüncü", "bin": "bininci",
    "milyon": "milyonuncu", "milyar": "milyarıncı", "trilyon": "trilyonuncu",
}  # fmt: skip
_MONTHS = (
    "ocak", "şubat", "mart", "nisan", "mayıs", "haziran",
    "temmuz", "ağustos", "eylül", "ekim", "kasım", "aralık",
)  # fmt: skip
_WEEKDAYS = ("pazartesi", "salı", "çarşamba", "perşembe", "cuma", "cumartesi", "pazar")


def cardinal(number: int) -> str:
    """Words of a whole number from 0 to 10^12: 1101 → "bin yüz bir"."""
    if number == 0:
        return DIGITS[0]
    words: list[str] = []
    for size, name in _THOUSANDS:
        count, number = divmod(number, size)
        if count and not (name == "bin" and count == 1):  # "bin", never "bir bin"
            words += _hundreds(count)
        if count:
            words.append(name)
    return " ".join(words + _hundreds(number))


def _hundreds(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = [DIGITS[hundreds]] if hundreds > 1 else []  # "yüz", never "bir yüz"
    words += ["yüz"] if hundreds else []
    words += [_TENS[tens]] if tens else []
    return words + ([DIGITS[ones]] if ones else [])


def ordinal(number: int) -> str:
    """5 → "beşinci", 21 → "yirmi birinci"."""
    *first, last = cardinal(number).split()
    return " ".join([*first, _ORDINALS[last]])


def fraction(digits: str) -> str:
    """What follows the decimal comma: "14" → "on dört", "05" → "sıfır beş"."""
    return " ".join(_as_number(group) for group in groups(digits))


def phone(code: str, parts: Sequence[str]) -> str:
    """Group by group as numbers: ("0532", "123") → "sıfır beş yüz otuz iki, yüz yirmi üç"."""
    spoken = [f"{PLUS} {cardinal(int(code))}"] if code else []
    for part in parts:
        zeros, rest = zeros_and_rest(part)
        if zeros and len(rest) == 3:  # "0532": trunk prefix and area code
            spoken.append(_as_number(part))
        elif len(part) == 4:
            spoken += [_as_number(part[:2]), _as_number(part[2:])]
        else:
            spoken += [_as_number(group) for group in groups(part)]
    return ", ".join(spoken)


def ending(digits: str) -> str:
    """The last digits of a number as one would say them: "41" → "kırk bir", "07" → "sıfır yedi"."""
    return _as_number(digits)


def _as_number(group: str) -> str:
    zeros, rest = zeros_and_rest(group)
    return " ".join([DIGITS[0]] * zeros + ([cardinal(int(rest))] if rest else []))


def percent(number: str) -> str:
    """ "yirmi" → "yüzde yirmi"."""
    return f"yüzde {number}"


def unit(count: int, name: str) -> str:
    """Turkish has no plural after a number: 3 → "üç saat"."""
    return f"{cardinal(count)} {name}"


def both(larger: str, smaller: str) -> str:
    """Joins an amount and its smaller part: "on lira elli kuruş"."""
    return f"{larger} {smaller}"


def date(day: datetime.date) -> str:
    """2025-11-22 → "yirmi iki kasım"."""
    return f"{cardinal(day.day)} {_MONTHS[day.month - 1]}"


def full_date(day: datetime.date) -> str:
    """2025-11-22 → "yirmi iki kasım iki bin yirmi beş"."""
    return f"{date(day)} {cardinal(day.year)}"


def weekday(day: datetime.date) -> str:
    """2025-11-22 → "cumartesi"."""
    return _WEEKDAYS[day.weekday()]


def time(moment: datetime.time) -> str:
    """14:30 → "on dört otuz", 09:05 → "dokuz sıfır beş", 14:00 → "on dört", 00:15 → "sıfır sıfır on beş"."""
    hour = cardinal(moment.hour) if moment.hour else _as_number("00")
    return f"{hour} {_as_number(f'{moment.minute:02}')}" if moment.minute else hour
