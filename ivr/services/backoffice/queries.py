"""Who is calling and how a line is, as the sample back office knows it. Shapes are those of the services' answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiosqlite

from context_store.records import Json
from ivr.services.backoffice.pins import PinHash

Values = tuple[str | int, ...]

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
SELECT l.state, l.product, o.id, o.area, o.cause_tr, o.cause_en, o.until
FROM lines l LEFT JOIN outages o ON o.area = l.area WHERE l.number = ?
"""


@dataclass(frozen=True, slots=True)
class Proof:
    """The hash that a PIN for a line has to match, and what may be told to someone who knows the PIN."""

    pin: PinHash
    belongs: dict[str, Json]


async def find(database: aiosqlite.Connection, number: str) -> list[Json]:
    """The lines that someone who calls from `number` may mean."""
    async with database.execute(_FIND, {"number": number}) as cursor:
        rows = await cursor.fetchall()
    return [{"way": way, **_belongs(*rest)} for way, *rest, _ in rows]


async def proof(database: aiosqlite.Connection, line: str) -> Proof | None:
    """What proves that someone is the line's customer. None when there is no such line."""
    row = await one_row(database, _PROOF, (line,))
    if row is None:
        return None
    salt, digest, *rest = row
    return Proof(PinHash(salt, digest), _belongs(*rest))


async def status(database: aiosqlite.Connection, line: str) -> dict[str, Json] | None:
    """How a line is. None when there is no such line."""
    row = await one_row(database, _STATUS, (line,))
    if row is None:
        return None
    state, product, broken, area, tr, en, until = row
    outage = {"id": broken, "area": area, "cause": {"tr": tr, "en": en}, "until": until} if broken else None
    return {"state": state, "outage": outage, "product": product}


async def one_row(database: aiosqlite.Connection, query: str, values: Values) -> tuple[Any, ...] | None:
    """The first row of the answer, if there is one."""
    async with database.execute(query, values) as cursor:
        row = await cursor.fetchone()
    return tuple(row) if row else None


async def all_rows(database: aiosqlite.Connection, query: str, values: Values) -> list[tuple[Any, ...]]:
    """Every row of the answer."""
    async with database.execute(query, values) as cursor:
        return [tuple(row) for row in await cursor.fetchall()]


def _belongs(customer: str, name: str, number: str, product: str) -> dict[str, Json]:
    return {
        "customer": {"id": customer, "name": name},
        "line": {"number": number, "ending": number[-2:], "product": product},
    }
