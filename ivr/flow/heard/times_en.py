"""Times of day in English: "half past three", "three thirty p m", "quarter to four", "fourteen thirty". Pure."""

from __future__ import annotations

from ivr.flow.heard.clock import Clock, Hour, hours, keys, minutes, parted
from ivr.flow.heard.numbers import NUMBERS
from ivr.flow.heard.rules import Rule, between, either, said, then, written
from ivr.flow.heard.spoken import Spoken, one_value

# Hours of the day; a night goes on after 24.
_PARTS = {
    **dict.fromkeys(("a m", "am"), range(12)),
    **dict.fromkeys(("p m", "pm"), range(12, 24)),
    **dict.fromkeys(("in the morning", "morning"), range(1, 12)),
    **dict.fromkeys(("in the afternoon", "afternoon"), range(12, 20)),
    **dict.fromkeys(("in the evening", "evening"), range(16, 24)),
    **dict.fromkeys(("night", "tonight"), range(19, 29)),
}
_NAMED = {
    **dict.fromkeys(("noon", "midday", "twelve noon"), Clock(Hour(12, exact=True))),
    **dict.fromkeys(("midnight", "twelve midnight"), Clock(Hour(0, exact=True))),
}
_NUMBERS = NUMBERS["en"]
_ZERO = said(dict.fromkeys(("zero", "zero zero", "oh oh"), 0))


def _clock() -> Rule[Clock]:
    hour = hours(_NUMBERS, _ZERO)
    some = either(
        said({"quarter": 15}), written({"a quarter": 15}), then(int, between(_NUMBERS.small, 1, 59), "minutes?")
    )
    return either(
        then(Clock, hour, "o'clock|hundred|hundred hours?"),
        then(Clock, hour, minutes(_NUMBERS, _ZERO)),
        then(lambda hour: Clock(hour, 30), "half past|half", hour),
        then(lambda after, hour: Clock(hour, after), some, "past|after", hour, "o'clock?"),
        then(lambda before, hour: Clock(hour, -before), some, "to|before|till", hour, "o'clock?"),
    )


TIME: Spoken = one_value(
    "en", parted(_clock(), said(_PARTS), said(_NAMED)), keys, beside="at|around|about|exactly|sharp", unheard="for"
)
