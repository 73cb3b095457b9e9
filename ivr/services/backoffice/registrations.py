"""Numbers that callers have had remembered for a line: with their consent, for a year, and not without limit.

Every change is told to the customer's main number, or at the line where there is none. Run in a transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from context_store.records import Json
from ivr.services.backoffice import outbox
from ivr.services.backoffice.handlers import Office
from ivr.services.backoffice.queries import all_rows, moment, one_row

MOST_NUMBERS = 5  # of a customer
DAYS = 365

_LINE = "SELECT 1 FROM lines WHERE number = ? AND customer = ?"
_KNOWN = """
SELECT 1 FROM numbers WHERE number = :number AND customer = :customer AND kind != 'registered'
UNION ALL SELECT 1 FROM lines WHERE number = :number AND customer = :customer
"""
_OTHERS = """
SELECT count(DISTINCT number) FROM numbers
WHERE customer = :customer AND kind = 'registered' AND until >= :today AND number != :number
"""
_EXPIRED = "DELETE FROM numbers WHERE customer = ? AND kind = 'registered' AND until < ?"
# Renewing one keeps the day since which it is remembered.
_REGISTER = """
INSERT INTO numbers VALUES (:number, :customer, 'registered', :line, :now, :until, :language, :wording, :now)
ON CONFLICT DO UPDATE SET until = excluded.until, consent_language = excluded.consent_language,
    consent_wording = excluded.consent_wording, consent_at = excluded.consent_at
"""
_FORGET = (
    "DELETE FROM numbers WHERE customer = ? AND number = ? AND kind = 'registered' RETURNING line, consent_language"
)


@dataclass(frozen=True, slots=True)
class Consent:
    """What a caller has agreed to: to be known by a number, for a line, in these words."""

    customer: str
    line: str
    number: str = field(repr=False)
    language: str
    wording: str


async def register(office: Office, consent: Consent) -> dict[str, Json] | None:
    """The answer of number.register. None when the customer has no such line."""
    database, now = office.database, office.now()
    if await one_row(database, _LINE, (consent.line, consent.customer)) is None:
        return None
    await database.execute(_EXPIRED, (consent.customer, office.today.isoformat()))
    if refused := await _refused(office, consent):
        return {"registered": False, "reason": refused, "until": None}
    until = (office.today + timedelta(days=DAYS)).isoformat()
    whose = {"number": consent.number, "customer": consent.customer, "line": consent.line}
    agreed = {"language": consent.language, "wording": consent.wording}
    await database.execute(_REGISTER, {**whose, **agreed, "now": moment(now), "until": until})
    await outbox.put_registered(database, consent.customer, consent.line, consent.number, consent.language, now)
    return {"registered": True, "reason": "", "until": until}


async def forget(office: Office, customer: str, number: str) -> dict[str, Json]:
    """The answer of number.forget. Only what a caller had remembered can be forgotten so."""
    rows = await all_rows(office.database, _FORGET, (customer, number))
    if rows:
        line, language = rows[0]
        await outbox.put_forgotten(office.database, customer, line, number, language, office.now())
    return {"forgotten": bool(rows)}


async def _refused(office: Office, consent: Consent) -> str:
    """Why a number cannot be remembered: known, limit. Empty when it can."""
    values = {"customer": consent.customer, "number": consent.number, "today": office.today.isoformat()}
    if await one_row(office.database, _KNOWN, values):
        return "known"
    [(others,)] = await all_rows(office.database, _OTHERS, values)
    return "limit" if others >= MOST_NUMBERS else ""
