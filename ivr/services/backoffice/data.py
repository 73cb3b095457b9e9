"""The sample back office's database file: made with the sample customers where there is none, and checked."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing, suppress
from datetime import date
from pathlib import Path

import aiosqlite

from ivr.errors import SettingsError
from ivr.services.backoffice.population import COUNT, population_rows
from ivr.services.backoffice.sample_rows import Rows, sample_rows
from ivr.services.backoffice.tables import TABLES, VERSION


@asynccontextmanager
async def opened(file: Path, today: date, population: int = 0) -> AsyncIterator[aiosqlite.Connection]:
    """The database in `file`, made where there is none with sample data whose days are counted from `today`.

    Customers of the population are added until there are that many. Each statement is its own transaction, unless one
    is begun.

    Raises `SettingsError` when the file cannot be used.
    """
    # At DEBUG it would log every statement with its values, which are personal data.
    logging.getLogger("aiosqlite").setLevel(logging.INFO)
    try:
        await asyncio.to_thread(_prepare, file, today, population)
    except (sqlite3.DatabaseError, OSError) as error:
        raise SettingsError(f"{file}: {error}; name another file for the back office's data, or remove it") from None
    async with aiosqlite.connect(file, isolation_level=None) as database:
        await database.execute("PRAGMA foreign_keys = ON")
        yield database


def _prepare(file: Path, today: date, population: int) -> None:
    """Make the tables and the customers, all or nothing, unless they are there. For the file's owner alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        file.touch(mode=0o600, exist_ok=False)  # SQLite would make it readable by everybody
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")  # of two that start at once, one makes them
        [version] = database.execute("PRAGMA user_version").fetchone()
        [tables] = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if version == 0 and tables == 0:
            for statement in TABLES:
                database.execute(statement)
            _fill(database, sample_rows(today))
        elif version != VERSION:
            raise sqlite3.DatabaseError(_other_version(version))
        [(present,)] = database.execute(COUNT)
        _fill(database, population_rows(range(present, population), today))
        database.execute("COMMIT")
    if file.stat().st_mode & 0o077:  # made by an earlier version; only now is it known to be ours
        file.chmod(0o600)


def _fill(database: sqlite3.Connection, tables: Iterable[Rows]) -> None:
    for table, rows in tables:
        if not rows:
            continue
        places = ", ".join("?" * len(rows[0]))
        database.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - the names are our own


def _other_version(version: int) -> str:
    """What is wrong with a file that is no database of this version."""
    if 0 < version < VERSION:
        return f"was made by an earlier Devam (its tables are version {version}, now it is {VERSION})"
    return "holds something else than this version's data"
