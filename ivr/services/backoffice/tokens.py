"""Tokens that stand for a customer who comes from another channel: the app that starts a call hands one on.

Random, kept as digests only, good for one use within minutes. Run in a transaction.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from context_store.records import Json
from ivr.services.backoffice.handlers import Office
from ivr.services.backoffice.queries import belonging, moment, one_row

MINUTES = 10
_BYTES = 24  # 32 characters

_FORGET = "DELETE FROM tokens WHERE expires <= ?"
_KEEP = "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, NULL)"
_USE = """
UPDATE tokens SET used_at = ? WHERE digest = ? AND used_at IS NULL AND expires > ?
RETURNING customer, line, level
"""


async def issue(office: Office, customer: str, line: str | None, level: str) -> dict[str, Json] | None:
    """A new token: {"token", "until" (local)}. Without a line it is for all of them. None for what is not there."""
    if await belonging(office.database, customer, line) is None:
        return None
    token, now = secrets.token_urlsafe(_BYTES), office.now()
    until = now + timedelta(minutes=MINUTES)
    await office.database.execute(_FORGET, (int(now.timestamp()),))
    await office.database.execute(_KEEP, (_digest(token), customer, line, level, int(until.timestamp())))
    return {"token": token, "until": moment(until)}


async def redeem(office: Office, token: str) -> dict[str, Json]:
    """The answer of directory.redeem."""
    now = office.now()
    row = await one_row(office.database, _USE, (moment(now), _digest(token), int(now.timestamp())))
    customer, line, level = row or (None, None, None)
    belongs = await belonging(office.database, customer, line)
    return {"known": True, "level": level, **belongs} if belongs else {"known": False}


def _digest(token: str) -> bytes:
    # Nobody tries through what is random and this long, so it is not stretched.
    return hashlib.sha256(token.encode()).digest()
