"""What the sample back office asks its database. The shapes are those of the services' answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import aiosqlite

from context_store.records import Json
from ivr.services.backoffice.pins import PinHash

FIRST_TICKET = 480_001

# By main contact number or own line: the line called from comes first. Then by a registered alternate number.
_FIND = """
SELECT 'caller_number' AS way, c.id, c.name, l.number, l.product, l.number = :number AS own
FROM customers c JOIN lines l ON l.customer = c.id
WHERE l.number = :number
   OR EXISTS (SELECT 1 FROM numbers n WHERE n.number = :number AND n.customer = c.id AND n.kind = 'main')
UNION ALL
SELECT 'alternate_number', c.id, c.name, l.number, l.product, 0
FROM numbers n JOIN customers c ON c.id = n.customer JOIN lines l ON l.customer = c.id
WHERE n.number = :number AND n.kind = 'alternate'
ORDER BY way DESC, own DESC, c.id, l.number
"""

_PROOF = """
SELECT c.pin_salt, c.pin_digest, c.id, c.name, l.number, l.product
FROM lines l JOIN customers c ON c.id = l.customer WHERE l.number = ?
"""

_STATUS = """
SELECT l.state, l.product, o.id, o.area, o.cause, o.until
FROM lines l LEFT JOIN outages o ON o.area = l.area WHERE l.number = ?
"""

# One statement: the unique key decides who is first, also between processes; the update is there to return the row.
_OPEN_TICKET = """
INSERT INTO tickets (idempotency_key, line, symptom, contact, appointment) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (idempotency_key) DO UPDATE SET idempotency_key = excluded.idempotency_key
RETURNING id, appointment, line, symptom, contact
"""


class KeyReused(Exception):
    """The idempotency key came before, with another request."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The hash that a PIN for a line has to match, and what may be told to someone who knows the PIN."""

    pin: PinHash
    belongs: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Fault:
    """What a ticket is opened for."""

    line: str
    symptom: str
    contact: str


async def find(database: aiosqlite.Connection, number: str) -> list[Json]:
    """The lines that someone who calls from `number` may mean."""
    async with database.execute(_FIND, {"number": number}) as cursor:
        rows = await cursor.fetchall()
    return [{"way": way, **_belongs(*rest)} for way, *rest, _ in rows]


async def proof(database: aiosqlite.Connection, line: str) -> Proof | None:
    """What proves that someone is the line's customer. None when there is no such line."""
    row = await _one(database, _PROOF, (line,))
    if row is None:
        return None
    salt, digest, *rest = row
    return Proof(PinHash(salt, digest), _belongs(*rest))


async def status(database: aiosqlite.Connection, line: str) -> dict[str, Json] | None:
    """How a line is. None when there is no such line."""
    row = await _one(database, _STATUS, (line,))
    if row is None:
        return None
    state, product, *broken = row
    outage = dict(zip(("id", "area", "cause", "until"), broken, strict=True)) if broken[0] else None
    return {"state": state, "outage": outage, "product": product}


async def open_ticket(database: aiosqlite.Connection, key: str, fault: Fault, today: date) -> dict[str, Json]:
    """Open a ticket for a line that exists, once per `key`: whoever comes later with it gets the same ticket.

    Raises `KeyReused` when the key was used for another fault.
    """
    appointment = _next_working_day(today).isoformat()
    async with database.execute(_OPEN_TICKET, (key, fault.line, fault.symptom, fault.contact, appointment)) as cursor:
        [(serial, day, *kept)] = await cursor.fetchall()
    if Fault(*kept) != fault:
        raise KeyReused
    return {"number": f"{FIRST_TICKET + serial - 1:06}", "appointment": day}


async def _one(database: aiosqlite.Connection, query: str, values: tuple[str, ...]) -> tuple[Any, ...] | None:
    async with database.execute(query, values) as cursor:
        row = await cursor.fetchone()
    return tuple(row) if row else None


def _belongs(customer: str, name: str, number: str, product: str) -> dict[str, Json]:
    return {
        "customer": {"id": customer, "name": name},
        "line": {"number": number, "ending": number[-2:], "product": product},
    }


def _next_working_day(today: date) -> date:
    day = today + timedelta(days=1)
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return day
