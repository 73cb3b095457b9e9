"""Who is calling and how a line is, as the sample back office knows it. Shapes are those of the services' answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import aiosqlite

from context_store.records import Json

Value = str | int | bytes | None
Row = tuple[Any, ...]
Values = tuple[Value, ...] | Mapping[str, Value]

# By main contact number or own line: the line called from comes first. Then by an alternate number, and by one that a
# caller had remembered for a line. Each part finds its rows by an index.
_FIND = """
SELECT 'caller_number' AS way, c.id AS customer, c.name, l.number AS line, l.product, NULL AS remembered, 1 AS own
FROM lines l JOIN customers c ON c.id = l.customer WHERE l.number = :number
UNION
SELECT 'caller_number', c.id, c.name, l.number, l.product, NULL, l.number = :number
FROM numbers n JOIN customers c ON c.id = n.customer JOIN lines l ON l.customer = c.id
WHERE n.number = :number AND n.kind = 'main'
UNION ALL
SELECT 'alternate_number', c.id, c.name, l.number, l.product, NULL, 0
FROM numbers n JOIN customers c ON c.id = n.customer JOIN lines l ON l.customer = c.id
WHERE n.number = :number AND n.kind = 'alternate'
UNION ALL
SELECT 'alternate_number', c.id, c.name, l.number, l.product, substr(n.registered_at, 1, 10), 0
FROM numbers n JOIN customers c ON c.id = n.customer JOIN lines l ON l.number = n.line AND l.customer = c.id
WHERE n.number = :number AND n.kind = 'registered' AND n.until >= :today AND NOT EXISTS (
    SELECT 1 FROM numbers k WHERE k.number = n.number AND k.customer = n.customer AND k.kind != 'registered'
)
ORDER BY way DESC, own DESC, customer, line LIMIT 100
"""

_BELONGING = """
SELECT c.id, c.name, l.number, l.product FROM lines l JOIN customers c ON c.id = l.customer
WHERE c.id = :customer AND (:line IS NULL OR l.number = :line) ORDER BY l.number LIMIT 100
"""

_STATUS = """
SELECT l.state, l.product, o.id, o.area, o.cause_tr, o.cause_en, o.until
FROM lines l LEFT JOIN outages o ON o.area = l.area WHERE l.number = ?
"""


async def find(database: aiosqlite.Connection, number: str, today: date) -> list[Json]:
    """The lines that someone who calls from `number` may mean, as `shapes.Match`es."""
    rows = await all_rows(database, _FIND, {"number": number, "today": today.isoformat()})
    return [
        {"way": way, "customer": {"id": customer, "name": name}, "line": _line(line, product), "remembered": remembered}
        for way, customer, name, line, product, remembered, _ in rows
    ]


async def belonging(
    database: aiosqlite.Connection, customer: str | None, line: str | None = None
) -> dict[str, Json] | None:
    """A customer and their lines, or the one `line`: {"customer", "lines"}. None where there are none."""
    rows = await all_rows(database, _BELONGING, {"customer": customer, "line": line})
    if not rows:
        return None
    number, name = rows[0][:2]
    return {"customer": {"id": number, "name": name}, "lines": [_line(*row[2:]) for row in rows]}


async def status(database: aiosqlite.Connection, line: str) -> dict[str, Json] | None:
    """How a line is. None when there is no such line."""
    row = await one_row(database, _STATUS, (line,))
    if row is None:
        return None
    state, product, broken, area, tr, en, until = row
    outage = {"id": broken, "area": area, "cause": {"tr": tr, "en": en}, "until": until} if broken else None
    return {"state": state, "outage": outage, "product": product}


def moment(at: datetime) -> str:
    """A local time as the tables have it: 2026-11-22T14:30:00. As text, the later one is greater."""
    return at.replace(tzinfo=None).isoformat(timespec="seconds")


async def one_row(database: aiosqlite.Connection, query: str, values: Values) -> Row | None:
    """The first row of the answer, if there is one."""
    rows = await all_rows(database, query, values)
    return rows[0] if rows else None


async def all_rows(database: aiosqlite.Connection, query: str, values: Values) -> list[Row]:
    """Every row of the answer. At one go: each way to the database's thread and back takes as long as a query."""
    return [tuple(row) for row in await database.execute_fetchall(query, values)]


def _line(number: str, product: str) -> dict[str, Json]:
    return {"number": number, "ending": number[-2:], "product": product}
