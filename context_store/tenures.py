"""The `Tenures` protocol: which controllers are alive, as told by leases that they renew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

REMEMBERED = 24 * 3600.0  # seconds after its end for which a lease is told of


class Leases(NamedTuple):
    """Who is alive: `left` are the seconds that each controller's lease still holds, by name, at the time `at`.

    Zero or below is left of one that has run out, or was given up. `at` is in seconds, by the store's clock: who saw
    it at the renewal before knows whether its lease may have run out meanwhile, whatever its own clock did.
    """

    at: float
    left: Mapping[str, float]


def name_of(owner: str) -> str:
    """The name of the controller whose token this is: "NAME#…"."""
    return owner.partition("#")[0]


class Tenures(Protocol):
    """Leases by the controllers' names, on one clock, the store's. Every method may raise `StoreUnavailable`."""

    async def renew(self, name: str, seconds: float) -> Leases:
        """Hold the lease `name` for so long from now, in one round trip.

        Returns the leases of all, our own among them. Names are forgotten a day after their lease has run out; who is
        missing may also be alive and not have renewed since the store was emptied. Raises `ValueError` for a lease of
        less than a millisecond.
        """
        ...

    async def give_up(self, name: str) -> None:
        """This controller serves no calls any more: others need not wait for the end of its lease."""
        ...
