"""The hour that is meant, morning or afternoon, and the keys of a time: HHMM. Pure.

Who says "üç buçuk" without a part of the day means what a hotline is asked for in daytime: from 1 to 7 it is the
afternoon, from 8 to 12 it is as it was said. A zero in front ("sıfır üç otuz") and hours from 13 on stand for
themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ivr.flow.heard.numbers import Numbers
from ivr.flow.heard.rules import Rule, between, counted, either, numeral, then

DAYTIME = range(8, 20)
_MIDNIGHT = 24 * 60  # minutes


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour as said. `exact`: by a clock of 24 hours."""

    said: int
    exact: bool = False

    def within(self, part: range | None) -> int | None:
        """The hour of the day in this part of it; parts may go on after 24. None where it has no such hour."""
        if part is None and (self.exact or self.said > 12):
            return self.said
        cycle = 24 if self.exact or self.said > 12 else 12
        return next((hour for hour in part or DAYTIME if hour % cycle == self.said % cycle), None)


@dataclass(frozen=True, slots=True)
class Clock:
    """An hour and minutes after it; less than 0: before it."""

    hour: Hour
    minutes: int = 0

    def keys(self, part: range | None) -> str | None:
        """HHMM in a part of the day."""
        hour = self.hour.within(part)
        if hour is None:
            return None
        minute = (hour * 60 + self.minutes) % _MIDNIGHT
        return f"{minute // 60:02}{minute % 60:02}"


_TYPED_ZERO = then(lambda text: None if int(text) else 0, numeral(1, 2))
_TYPED = then(
    lambda text: Clock(Hour(int(text[:2]), exact=True), int(text[2:])) if text[:2] < "24" and text[2:] < "60" else None,
    numeral(4, 4),
)


def parted(clock: Rule[Clock], parts: Rule[range], named: Rule[Clock]) -> Rule[str]:
    """A clock with the part of the day before or after it, or without one, or a moment with a name of its own."""
    return either(
        then(lambda clock: clock.keys(None), clock),
        then(lambda part, clock: clock.keys(part), parts, clock),
        then(lambda clock, part: clock.keys(part), clock, parts),
        then(lambda clock: clock.keys(None), either(named, _TYPED)),
    )


def hours(numbers: Numbers, zero: Rule[int]) -> Rule[Hour]:
    """An hour from 0 to 23; `zero` is how midnight's is said."""
    exact = either(numbers.led, counted(either(zero, _TYPED_ZERO)))
    return either(then(Hour, between(numbers.small, 1, 23)), then(lambda hour: Hour(hour, exact=True), exact))


def minutes(numbers: Numbers, zero: Rule[int]) -> Rule[int]:
    """Minutes as they follow an hour: with a zero before them where they have one figure."""
    return either(between(numbers.small, 10, 59), numbers.led, counted(either(zero, _TYPED_ZERO)))


def keys(found: str, today: date | None) -> str:
    """The rule has them already."""
    return found
