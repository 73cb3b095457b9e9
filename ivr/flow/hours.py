"""Opening hours and holidays: whether a place is open at a moment. Pure; the zone's rules come with the flow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from ivr.flow.part import Part

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAYS = re.compile(rf"({'|'.join(DAYS)})(?:-({'|'.join(DAYS)}))?")
_TIMES = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
_YEARLY = re.compile(r"[0-9]{2}-[0-9]{2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # `date.fromisoformat` reads 2026-W44-4, too


def _days(value: Any) -> Any:
    if not isinstance(value, str) or not _DAYS.fullmatch(value):
        raise ValueError(f"{value!r} is not a day of the week; write it like mon, mon-fri or sat")
    return value


def _times(value: Any) -> Any:
    if not isinstance(value, str) or not _TIMES.fullmatch(value):
        raise ValueError(f"{value!r} is not a span of time; write it like 08:00-20:00, at the longest 00:00-24:00")
    opens, closes = value.split("-")
    if not opens < closes <= "24:00":
        raise ValueError(f"{value!r} ends before it begins; for a night, write both days up to and from midnight")
    return value


def _day(value: Any) -> Any:
    text = f"2024-{value}" if _YEARLY.fullmatch(str(value)) else str(value)
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f"{value!r} is not a day; write it like 2026-10-29, or 10-29 for every year")
    return value


class Hours(Part):
    """When a place is open: spans by day of the week, and days on which it is closed all the same.

    A span of days wins over nothing: a day that stands in none is closed; the last line that names a day counts.
    """

    days: dict[Annotated[str, BeforeValidator(_days)], Annotated[str, BeforeValidator(_times)]] = Field(
        min_length=1, description="mon-fri: 08:00-20:00"
    )
    closed: tuple[Annotated[str, BeforeValidator(_day)], ...] = ()

    def is_open(self, local: datetime) -> bool:
        """Whether it is open at that local time."""
        day = f"{local:%Y-%m-%d}"
        if day in self.closed or day[5:] in self.closed:
            return False
        span = self._spans.get(local.weekday())
        return span is not None and span[0] <= f"{local:%H:%M}" < span[1]

    @cached_property
    def _spans(self) -> dict[int, tuple[str, str]]:
        """Day of the week (Monday is 0) → when it opens and closes."""
        spans: dict[int, tuple[str, str]] = {}
        for days, times in self.days.items():
            opens, _, closes = times.partition("-")
            spans |= dict.fromkeys(_numbers(days), (opens, closes))
        return spans


def local_time(at: float, zone: ZoneInfo) -> datetime:
    """The time of an event where the callers are."""
    return datetime.fromtimestamp(at, zone)


def _numbers(days: str) -> Iterator[int]:
    """The days of a span, Monday is 0. A span may go over the end of the week: sat-mon."""
    first, _, last = days.partition("-")
    start, end = DAYS.index(first), DAYS.index(last or first)
    yield from (day % 7 for day in range(start, end + 1 if end >= start else end + 8))
