"""What callers leave with the company: messages that were not for them, and requests to be called back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import aiosqlite

from context_store.records import Json

FIRST_REPORT, FIRST_CALLBACK = 610_001, 720_001
DAYS_TO_MEND = 3

_REPORT = """
INSERT INTO reports (number, kind, arrived_at, by) SELECT max(ifnull(max(number) + 1, 0), ?), ?, ?, ? FROM reports
RETURNING number
"""
_CALL_BACK = """
INSERT INTO callbacks (number, contact, queue, reason, by)
SELECT max(ifnull(max(number) + 1, 0), ?), ?, ?, ?, ? FROM callbacks
RETURNING number
"""


async def not_mine(database: aiosqlite.Connection, kind: str, number: str, today: date) -> dict[str, Json]:
    """Have a number taken off the account whose messages come to it."""
    by = (today + timedelta(days=DAYS_TO_MEND)).isoformat()
    async with database.execute(_REPORT, (FIRST_REPORT, kind, number, by)) as cursor:
        [(report,)] = await cursor.fetchall()
    return {"number": f"{report:06}", "by": by}


async def call_back(
    database: aiosqlite.Connection, number: str, queue: str, reason: str, now: datetime
) -> dict[str, Json]:
    """Have somebody call, by noon of the next day."""
    by = f"{now.date() + timedelta(days=1)}T12:00"
    async with database.execute(_CALL_BACK, (FIRST_CALLBACK, number, queue, reason, by)) as cursor:
        [(request,)] = await cursor.fetchall()
    return {"number": f"{request:06}", "by": by}
