"""Whether claim and proof belong together. Nothing else is told, neither in words nor by the work that it takes.

Each way and proof has one course of statements, and one secret that is stretched, whoever exists and whatever is right.
How often somebody may try is not counted here (Devam does, before it asks); only a code ends after three tries.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from context_store.records import Json
from ivr.services.backoffice import codes
from ivr.services.backoffice.claims import Claim
from ivr.services.backoffice.handlers import Office
from ivr.services.backoffice.queries import Row, all_rows, belonging
from ivr.services.backoffice.secret_digests import Kept, is_same

# A guess at a proof counts for everybody whom the claim may mean, so it must not mean many.
MOST_MEANT = 3
FEWEST_DIGITS = 4  # of a bill's number


@dataclass(frozen=True, slots=True)
class _Given:
    """What was given as a proof."""

    value: str = field(repr=False)
    stretched: bytes = field(repr=False)

    def is_text(self, text: str) -> bool:
        return hmac.compare_digest(self.value.encode(), text.encode())

    def ends_number(self, number: str) -> bool:
        return self.is_text(number[-max(len(self.value), FEWEST_DIGITS) :])

    def is_secret(self, salt: bytes, digest: bytes) -> bool:
        return is_same(self.stretched, Kept(salt, digest))


@dataclass(frozen=True, slots=True)
class _Proof:
    """A kind of proof. `evidence` gives customers, each with what `fits` compares; `nobodys` stands in for them."""

    evidence: Callable[[Office, Claim], Awaitable[Sequence[Row]]]
    fits: Callable[..., bool]
    nobodys: Row


def _kept(query: str) -> Callable[[Office, Claim], Awaitable[Sequence[Row]]]:
    """Evidence that this query finds."""

    async def rows(office: Office, claim: Claim) -> Sequence[Row]:
        return await all_rows(office.database, claim.asked(query), claim.values)

    return rows


_NOBODYS_SECRET, _NOBODYS_TEXT = (None, bytes(16), bytes(32)), (None, "00000000")

_PROOFS: Mapping[str, _Proof] = MappingProxyType(
    {
        "pin": _Proof(
            _kept("SELECT id, pin_salt, pin_digest FROM meant JOIN customers USING (id)"),
            _Given.is_secret,
            _NOBODYS_SECRET,
        ),
        "invoice": _Proof(
            _kept(
                """SELECT meant.id, b.number FROM meant
                JOIN lines l ON l.customer = meant.id JOIN bills b ON b.line = l.number"""
            ),
            _Given.ends_number,
            _NOBODYS_TEXT,
        ),
        "birth_year": _Proof(
            _kept(
                """SELECT id, CAST(birth_year AS TEXT) FROM meant JOIN customers USING (id)
                WHERE birth_year IS NOT NULL"""
            ),
            _Given.is_text,
            _NOBODYS_TEXT,
        ),
        "sms_code": _Proof(codes.tried, _Given.is_secret, _NOBODYS_SECRET),
    }
)


async def prove(office: Office, claim: Claim, proof: str, value: str) -> dict[str, Json]:
    """The answer of directory.prove. `proof`: pin, invoice, birth_year or sms_code; `value` is what was keyed in."""
    kind = _PROOFS[proof]
    rows = await kind.evidence(office, claim)
    given = _Given(value, await office.stretcher.stretch(value))
    customer = _only_fitting(kind, rows, given)
    if proof == "sms_code":
        customer = await codes.spent(office, claim, customer, rows)
    proved = await belonging(office.database, customer, claim.line)
    return {"proved": True, **proved} if proved else {"proved": False}


def _only_fitting(kind: _Proof, rows: Sequence[Row], given: _Given) -> str | None:
    """The customer whose proof it is. None for nobody's, and for that of several whom the claim may mean."""
    if len({customer for customer, *_ in rows}) > MOST_MEANT:
        rows = ()
    fitting = {customer for customer, *kept in rows or [kind.nobodys] if kind.fits(given, *kept)}
    return fitting.pop() if len(fitting) == 1 else None
