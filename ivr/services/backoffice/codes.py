"""One-time codes by SMS. One is made for every claim, whoever it means, so that nothing tells whether it means anybody.

A code counts for the very claim that it was sent for: once, for some minutes, and at most three tries. A newer one
takes its place. It goes to a mobile: the main number, one of the household, or one that a caller had remembered, but
that only after a day. Until then the notice on the main number can be acted upon: who has got hold of one proof and had
their own mobile remembered must not at once get a second proof out of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from context_store.records import Json
from ivr.services.backoffice import outbox
from ivr.services.backoffice.claims import Claim
from ivr.services.backoffice.handlers import Office
from ivr.services.backoffice.queries import Row, all_rows, moment, one_row
from ivr.services.backoffice.secret_digests import Kept, keep

DIGITS = 6
MINUTES = 5
TRIES = 3

_MOBILES = "+905*"

_RECIPIENTS = """
SELECT meant.id, n.number FROM meant LEFT JOIN numbers n
  ON n.customer = meant.id AND n.number GLOB :mobiles
 AND (n.kind != 'registered' OR (n.registered_at <= :yesterday AND n.until >= :today))
ORDER BY n.kind = 'registered', n.kind = 'alternate', n.registered_at, n.number
"""
_FORGET = "DELETE FROM codes WHERE expires <= ?"
_KEEP = "INSERT OR REPLACE INTO codes VALUES (?, ?, ?, ?, ?, ?, ?)"
_TRY = """
UPDATE codes SET tries = tries - 1 WHERE way = ? AND claim = ? AND tries > 0 AND expires > ?
RETURNING customer, salt, digest
"""
# By its digest, too: a newer code may have taken its place while the given one was stretched.
_SPEND = "DELETE FROM codes WHERE way = ? AND claim = ? AND customer = ? AND digest = ? RETURNING customer"


@dataclass(frozen=True, slots=True)
class Code:
    """A new code, and what is kept of it."""

    digits: str = field(repr=False)
    kept: Kept


async def make(office: Office) -> Code:
    """Make a code. Takes milliseconds, so it is made before the transaction that sends it."""
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    return Code(digits, keep(await office.stretcher.stretch(digits), secrets.token_bytes(16)))


async def send(office: Office, claim: Claim, code: Code) -> dict[str, Json]:
    """The answer of code.send. Writes the same rows for every claim; those for nobody are not seen.

    Run in a transaction.
    """
    database, now = office.database, office.now()
    seconds = int(now.timestamp())
    customer, mobile = await _recipient(office, claim)
    await database.execute(_FORGET, (seconds,))
    row = (claim.way, claim.text, customer, code.kept.salt, code.kept.digest, seconds + MINUTES * 60, TRIES)
    await database.execute(_KEEP, row)
    await outbox.put_code(database, mobile, code.digits, now, seconds + MINUTES * 60)
    return {"sent": True}


async def tried(office: Office, claim: Claim) -> list[Row]:
    """The code that counts for a claim: customer, salt, digest. One of its tries is used up by asking."""
    async with office.ledger.transaction():
        return await all_rows(office.database, _TRY, (claim.way, claim.text, int(office.now().timestamp())))


async def spent(office: Office, claim: Claim, customer: str | None, code: Sequence[Row]) -> str | None:
    """The customer, whose code was right and counts no more. None when it had been used meanwhile, or for nobody.

    `code` is what `tried` gave.
    """
    digest = code[0][-1] if code else None
    async with office.ledger.transaction():
        row = await one_row(office.database, _SPEND, (claim.way, claim.text, customer, digest))
    return row[0] if row else None


async def _recipient(office: Office, claim: Claim) -> tuple[str | None, str | None]:
    """The customer whom a claim means, and their mobile. None twice unless it means exactly one who has a mobile."""
    now = office.now()
    values = {"mobiles": _MOBILES, "today": now.date().isoformat(), "yesterday": moment(now - timedelta(days=1))}
    rows = await all_rows(office.database, claim.asked(_RECIPIENTS), {**claim.values, **values})
    one = len({customer for customer, _ in rows}) == 1 and rows[0][1] is not None
    return rows[0] if one else (None, None)
