"""The `Attempts` protocol: how often somebody may try to prove who they are, and the log of all who tried.

Knows neither flows nor services. What was keyed in as proof never comes here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

Scope = Literal["caller", "claim", "overall"]
Deed = Literal["prove", "send_code"]
Outcome = Literal["proved", "wrong", "sent", "failed"]

# As how many an attempt with this proof counts; all others count as one. The easier to guess, the fewer guesses: the
# four digits of a PIN are one of ten thousand, but a year of birth fits about one caller in 65.
COSTS: Mapping[str, int] = {"birth_year": 3}


@dataclass(frozen=True, slots=True)
class Limits:
    """How many attempts may have failed within `seconds`, counted back from now. Withheld numbers share one window.

    A window is full when what counts in it (see `COSTS`) has reached its limit.
    """

    caller: int = 10
    withheld: int = 60
    claim: int = 6
    overall: int = 200
    seconds: float = 3600.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody wants to prove that `claim` is theirs, or have a code sent for it.

    `caller` is E.164, or None when withheld. `way` and `proof` are those of the flow language.
    """

    deed: Deed
    conversation: str
    at: float
    caller: str | None = field(repr=False)
    way: str
    claim: str = field(repr=False)
    proof: str

    @property
    def cost(self) -> int:
        """As how many it counts, in each window."""
        return COSTS.get(self.proof, 1)


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether an attempt may be made. `exceeded` names the window that is full; empty: it may, and counts from now."""

    id: str
    exceeded: Scope | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log. `outcome` is "limited" for an attempt that was refused, "open" for one whose end is
    not known (the controller died)."""

    id: str
    attempt: Attempt
    outcome: Outcome | Literal["limited", "open"]
    exceeded: Scope | Literal[""] = ""


class Attempts(Protocol):
    """Counts attempts over all controllers and keeps the audit log. Every method may raise `StoreUnavailable`."""

    async def begin(self, attempt: Attempt) -> Admission:
        """Count the attempt in each of its windows, or none of them when one is full; log it. One round trip."""
        ...

    async def settle(self, attempt: Attempt, admission: Admission, outcome: Outcome) -> None:
        """Log how an admitted attempt ended. Only a wrong one, or a code that was sent, goes on counting.

        Who has proved a claim had a right to their earlier slips: what this caller got wrong for the same claim counts
        no more, except overall. Attempts for other claims do, or a customer could guess at strangers' without end.
        """
        ...

    async def audit(self, last: int = 100) -> Sequence[AuditEntry]:
        """The `last` newest attempts, oldest first."""
        ...
