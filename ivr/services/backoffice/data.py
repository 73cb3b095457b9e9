"""The sample back office's database: its tables, and the sample customers that a new one starts with."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import aiosqlite

from ivr.errors import SettingsError
from ivr.services.backoffice.pins import hash_pin
from ivr.services.backoffice.sample import OUTAGES, SAMPLE

VERSION = 1  # of the tables; kept in the file

_TABLES = (
    """CREATE TABLE customers (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        pin_salt BLOB NOT NULL,
        pin_digest BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE numbers (
        number TEXT NOT NULL,
        customer TEXT NOT NULL REFERENCES customers,
        kind TEXT NOT NULL CHECK (kind IN ('main', 'alternate')),
        PRIMARY KEY (number, customer, kind)
    ) STRICT""",
    """CREATE TABLE lines (
        number TEXT PRIMARY KEY,
        customer TEXT NOT NULL REFERENCES customers,
        product TEXT NOT NULL,
        area TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('up', 'down', 'suspended'))
    ) STRICT""",
    "CREATE INDEX lines_of_customer ON lines (customer)",
    """CREATE TABLE outages (
        id TEXT PRIMARY KEY,
        area TEXT NOT NULL UNIQUE,
        cause TEXT NOT NULL,
        until TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE tickets (
        id INTEGER PRIMARY KEY,
        idempotency_key TEXT NOT NULL UNIQUE,
        line TEXT NOT NULL REFERENCES lines,
        symptom TEXT NOT NULL,
        contact TEXT NOT NULL,
        appointment TEXT
    ) STRICT""",
    f"PRAGMA user_version = {VERSION}",
)

_Row = tuple[str | bytes, ...]


@asynccontextmanager
async def opened(file: Path) -> AsyncIterator[aiosqlite.Connection]:
    """The database in `file`, made with the sample data where there is none. Each statement is its own transaction.

    Raises `SettingsError` when the file cannot be used.
    """
    # At DEBUG it would log every statement with its values, which are personal data.
    logging.getLogger("aiosqlite").setLevel(logging.INFO)
    try:
        await asyncio.to_thread(_prepare, file)
    except (sqlite3.DatabaseError, OSError) as error:
        raise SettingsError(f"{file}: {error}; name another file for the back office's data, or remove it") from None
    async with aiosqlite.connect(file, isolation_level=None) as database:
        await database.execute("PRAGMA foreign_keys = ON")
        yield database


def _prepare(file: Path) -> None:
    """Make the tables and the sample customers, all or nothing, unless they are there. For the file's owner alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        file.touch(mode=0o600, exist_ok=False)  # SQLite would make it readable by everybody
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")  # of two that start at once, one makes them
        [version] = database.execute("PRAGMA user_version").fetchone()
        [tables] = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if version == 0 and tables == 0:
            for statement in _TABLES:
                database.execute(statement)
            for insert, rows in _sample():
                database.executemany(insert, rows)
        elif version != VERSION:
            raise sqlite3.DatabaseError("holds something else than this version's data")
        database.execute("COMMIT")
    if file.stat().st_mode & 0o077:  # made by an earlier version; only now is it known to be ours
        file.chmod(0o600)


def _sample() -> list[tuple[str, list[_Row]]]:
    """The statements that insert the sample data, with their rows."""
    return [
        ("INSERT INTO customers VALUES (?, ?, ?, ?)", list(_customers())),
        ("INSERT INTO numbers VALUES (?, ?, ?)", list(_numbers())),
        ("INSERT INTO lines VALUES (?, ?, ?, ?, ?)", list(_lines())),
        ("INSERT INTO outages VALUES (?, ?, ?, ?)", [(o.id, o.area, o.cause, o.until) for o in OUTAGES]),
    ]


def _customers() -> Iterator[_Row]:
    for customer in SAMPLE:
        # A salt made of the id: sample data are the same each time.
        pin = hash_pin(customer.pin, customer.id.encode())
        yield customer.id, customer.name, pin.salt, pin.digest


def _numbers() -> Iterator[_Row]:
    for customer in SAMPLE:
        yield customer.main, customer.id, "main"
        for number in customer.alternates:
            yield number, customer.id, "alternate"


def _lines() -> Iterator[_Row]:
    for customer in SAMPLE:
        for line in customer.lines:
            yield line.number, customer.id, line.product, line.area, line.state
