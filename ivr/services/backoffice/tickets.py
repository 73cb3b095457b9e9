"""Fault tickets and the technicians' days, as the sample back office keeps them. Shapes are those of the answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import aiosqlite

from context_store.records import Json
from ivr.services.backoffice.queries import one_row

FIRST_TICKET = 480_001
OFFERED = 3  # days at a time
FURTHEST = 30  # days ahead

_OPEN = """
INSERT INTO tickets (number, line, symptom, contact, state, opened, appointment)
SELECT max(ifnull(max(number) + 1, 0), ?), ?, ?, ?, 'waiting', ?, ? FROM tickets
RETURNING number, appointment
"""
_FIND = """
SELECT number, state, opened, appointment FROM tickets WHERE line = ? AND state != 'closed' ORDER BY number DESC LIMIT 1
"""
_APPOINTMENT = "SELECT appointment FROM tickets WHERE number = ? AND state != 'closed' AND appointment >= ?"


@dataclass(frozen=True, slots=True)
class Fault:
    """What a ticket is opened for."""

    line: str
    symptom: str
    contact: str


async def open_ticket(database: aiosqlite.Connection, fault: Fault, today: date) -> dict[str, Json]:
    """Open a ticket for a line that exists."""
    visit = next(_working_days(today, first=1))
    values = (FIRST_TICKET, fault.line, fault.symptom, fault.contact, today.isoformat(), visit.isoformat())
    async with database.execute(_OPEN, values) as cursor:
        [(number, day)] = await cursor.fetchall()
    return {"number": f"{number:06}", "appointment": day}


async def find(database: aiosqlite.Connection, line: str, today: date) -> dict[str, Json]:
    """The newest open ticket of a line, if there is one. An appointment of the past is none."""
    row = await one_row(database, _FIND, (line,))
    if row is None:
        return {"ticket": None}
    number, state, opened, day = row
    coming = day if day and day >= today.isoformat() else None
    return {"ticket": {"number": f"{number:06}", "state": state, "opened": opened, "appointment": coming}}


async def appointment(database: aiosqlite.Connection, number: str, today: date) -> date | None:
    """When the technician comes for a ticket. None when there is no such ticket, or nobody will come."""
    row = await one_row(database, _APPOINTMENT, (int(number), today.isoformat()))
    return date.fromisoformat(row[0]) if row else None


def slots(present: date, today: date) -> list[date]:
    """The next days on which a technician could come instead."""
    free = (day for day in _working_days(today, first=2) if day != present)
    return [next(free) for _ in range(OFFERED)]


async def move(database: aiosqlite.Connection, number: str, day: date, present: date, today: date) -> dict[str, Json]:
    """Have the technician come on another day, if one is free on it."""
    if day not in _working_days(today, first=2):
        return {"moved": False, "appointment": present.isoformat()}
    await database.execute("UPDATE tickets SET appointment = ? WHERE number = ?", (day.isoformat(), int(number)))
    return {"moved": True, "appointment": day.isoformat()}


def _working_days(today: date, first: int) -> Iterator[date]:
    """Mondays to Fridays, from `first` days from now on."""
    days = (today + timedelta(days=ahead) for ahead in range(first, FURTHEST + 1))
    return (day for day in days if day.isoweekday() <= 5)
