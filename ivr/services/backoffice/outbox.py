"""What the sample back office sends by SMS: put down here, for somebody at the demo to read (`ivr outbox`).

Codes disappear when they expire. Everything else stays, as a gateway's log would.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import aiosqlite

from context_store.records import Json
from ivr.services.backoffice.queries import all_rows, moment

MOST = 100  # messages in an answer

_CODE = (
    "Doğrulama kodunuz: {code}. Bizi siz aramadıysanız kodu kimseye söylemeyin. "
    "Your code is {code}. If you did not call us, tell it to nobody."
)
_REGISTERED = MappingProxyType(
    {
        "tr": "Sonu {number} olan numara, sonu {line} olan hattınız için hatırlanacak. Siz istemediyseniz bizi arayın: "
        "numara hemen unutulur.",
        "en": "The number ending {number} will be remembered for your line ending {line}. If you did not want that, "
        "call us: it is forgotten at once.",
    }
)
_FORGOTTEN = MappingProxyType(
    {
        "tr": "Sonu {number} olan numara artık sizin için hatırlanmıyor.",
        "en": "The number ending {number} is not remembered for you any more.",
    }
)

_COLUMNS = ("id", "at", "to", "kind", "text")

_FORGET = "DELETE FROM outbox WHERE expires <= ?"
_PUT = "INSERT INTO outbox (at, to_number, kind, text, expires) VALUES (?, ?, ?, ?, ?)"
# To the main number. A customer without one is told at the line, as long as it is theirs.
_PUT_NOTICE = """
WITH main AS (SELECT number FROM numbers WHERE customer = :customer AND kind = 'main')
INSERT INTO outbox (at, to_number, kind, text)
SELECT :at, number, 'notice', :text FROM (
    SELECT number FROM main
    UNION ALL
    SELECT number FROM lines WHERE number = :line AND customer = :customer AND NOT EXISTS (SELECT 1 FROM main)
)
"""
_NEWEST = """
SELECT id, at, to_number, kind, text FROM outbox
WHERE to_number IS NOT NULL AND (expires IS NULL OR expires > ?) ORDER BY id DESC LIMIT ?
"""


async def put_code(database: aiosqlite.Connection, to: str | None, code: str, now: datetime, expires: int) -> None:
    """Send a code, or do as if: `to` is None where nobody gets it. Codes that have expired go."""
    await database.execute(_FORGET, (int(now.timestamp()),))
    await database.execute(_PUT, (moment(now), to, "code", _CODE.format(code=code), expires))


async def put_registered(
    database: aiosqlite.Connection, customer: str, line: str, number: str, language: str, now: datetime
) -> None:
    """Tell a customer that a number was remembered for a line."""
    text = _in(_REGISTERED, language).format(number=number[-2:], line=line[-2:])
    await _put_notice(database, customer, line, text, now)


async def put_forgotten(
    database: aiosqlite.Connection, customer: str, line: str, number: str, language: str, now: datetime
) -> None:
    """Tell a customer that a number is not remembered any more, for that line or others."""
    await _put_notice(database, customer, line, _in(_FORGOTTEN, language).format(number=number[-2:]), now)


async def _put_notice(database: aiosqlite.Connection, customer: str, line: str, text: str, now: datetime) -> None:
    values = {"customer": customer, "line": line, "at": moment(now), "text": text}
    await database.execute(_PUT_NOTICE, values)


async def newest(database: aiosqlite.Connection, now: datetime, most: int = MOST) -> list[Json]:
    """The newest messages, oldest first: {"id", "at", "to", "kind" (code, notice), "text"}."""
    rows = await all_rows(database, _NEWEST, (int(now.timestamp()), most))
    return [dict(zip(_COLUMNS, row, strict=True)) for row in reversed(rows)]


def _in(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language, texts["en"])
