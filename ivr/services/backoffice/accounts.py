"""Bills, payments, data and orders, as the sample back office keeps them. Shapes are those of the answers."""

from __future__ import annotations

from datetime import date, timedelta

import aiosqlite

from context_store.records import Json
from ivr.services.backoffice.queries import all_rows, one_row

FIRST_PAYMENT = 55_000_001

_BILL = "SELECT number, amount, due, previous, paid FROM bills WHERE line = ?"
_REASONS = "SELECT tr, en, amount FROM bill_reasons WHERE bill = ? ORDER BY position"
_OWED = "SELECT amount, line FROM bills WHERE number = ? AND paid = 0"
_PAY = """
INSERT INTO payments (reference, bill, amount)
SELECT max(ifnull(max(reference) + 1, 0), ?), ?, ? FROM payments
RETURNING reference
"""
_QUOTA = "SELECT kind, total, remaining FROM quotas WHERE line = ?"
_PACKAGES = "SELECT name, gigabytes, price FROM packages ORDER BY gigabytes"
_PACKAGE = "SELECT gigabytes, price FROM packages WHERE name = ?"
# Other data than unlimited ones cannot be added to.
_TOP_UP = "UPDATE quotas SET remaining = remaining + ? WHERE line = ? AND kind = 'limited' RETURNING remaining"
_ORDER = """
SELECT number, item_tr, item_en, state, day FROM orders WHERE customer = ? ORDER BY number DESC LIMIT 1
"""


async def bill(database: aiosqlite.Connection, line: str, today: date) -> dict[str, Json] | None:
    """A line's newest bill. None when there is no such line."""
    row = await one_row(database, _BILL, (line,))
    if row is None:
        return None
    number, amount, due, previous, paid = row
    reasons = await all_rows(database, _REASONS, (number,))
    return {
        "number": number,
        "state": "paid" if paid else "overdue" if due < today.isoformat() else "open",
        "amount": lira(amount),
        "due": due,
        "previous": lira(previous),
        "reasons": [{"text": {"tr": tr, "en": en}, "amount": lira(kurus)} for tr, en, kurus in reasons],
    }


async def owes(database: aiosqlite.Connection, number: str, amount: str) -> bool:
    """Whether there is such a bill that is not paid, of that amount."""
    row = await one_row(database, _OWED, (number,))
    return row is not None and lira(row[0]) == amount


async def pay(database: aiosqlite.Connection, number: str) -> dict[str, Json]:
    """Note that a bill was paid; a line that was suspended for it is up again."""
    [(amount, line)] = await all_rows(database, _OWED, (number,))
    [(reference,)] = await all_rows(database, _PAY, (FIRST_PAYMENT, number, amount))
    await database.execute("UPDATE bills SET paid = 1 WHERE number = ?", (number,))
    await database.execute("UPDATE lines SET state = 'up' WHERE number = ? AND state = 'suspended'", (line,))
    return {"result": "paid", "reference": str(reference)}


async def quota(database: aiosqlite.Connection, line: str, today: date) -> dict[str, Json] | None:
    """A line's data of this month, and what can be added. None when there is no such line."""
    row = await one_row(database, _QUOTA, (line,))
    if row is None:
        return None
    kind, total, remaining = row
    offered = await packages(database) if kind == "limited" else []
    return {
        "kind": kind,
        "total": total,
        "remaining": remaining,
        "renews": renewal(today),
        "packages": [{"name": name, "gigabytes": size, "price": lira(price)} for name, size, price in offered],
    }


def renewal(today: date) -> str:
    """The day on which everybody's data of this month end."""
    return (today.replace(day=28) + timedelta(days=4)).replace(day=1).isoformat()


async def packages(database: aiosqlite.Connection) -> list[tuple[str, int, int]]:
    """What can be added to limited data: names, gigabytes, prices in kuruş; the smallest first."""
    return [(name, size, price) for name, size, price in await all_rows(database, _PACKAGES, ())]


async def top_up(database: aiosqlite.Connection, line: str, package: str) -> dict[str, Json] | None:
    """Add a package to a line's data. None when there is no such package, or the line takes none."""
    found = await one_row(database, _PACKAGE, (package,))
    gigabytes, price = found or (0, 0)
    added = found and await one_row(database, _TOP_UP, (gigabytes, line))
    if not added:
        return None
    await database.execute("INSERT INTO purchases (line, package, price) VALUES (?, ?, ?)", (line, package, price))
    return {"remaining": added[0], "price": lira(price)}


async def order(database: aiosqlite.Connection, customer: str) -> dict[str, Json]:
    """A customer's newest order, if there is one."""
    row = await one_row(database, _ORDER, (customer,))
    if row is None:
        return {"order": None}
    number, tr, en, state, day = row
    return {"order": {"number": number, "item": {"tr": tr, "en": en}, "state": state, "day": day}}


def lira(kurus: int) -> str:
    """149.90 from 14990."""
    return f"{kurus // 100}.{kurus % 100:02}"
