"""What somebody who guesses tries, and whether what they get tells them anything."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ivr.services.backoffice.population import invented
from ivr.services.backoffice.surnames import surname_keys
from tests.live.calls.crowd import Script

POPULATION: Final = 5000  # customers that exist; as many that do not could
A_CALL: Final = 3  # proofs that the sample hotline takes in one call; then people are asked
SIGMAS: Final = 5  # groups that do not differ look as if they did once in 1.7 million times


@dataclass(frozen=True, slots=True)
class Guess:
    """A customer that exists or not, in the three ways to claim to be them, and as many proofs as a call takes."""

    exists: bool
    line: str
    customer_number: str
    last_order: str  # surname's keys and the order's last digits, in one go
    proofs: tuple[str, ...]


def guesses(count: int, chance: random.Random, digits: int = 4) -> Iterator[Guess]:
    """Existing and missing customers in turn, none twice, with random proofs of so many digits."""
    existing, missing = (chance.sample(range(first, first + POPULATION), count // 2) for first in (0, POPULATION))
    for pair in zip(existing, missing, strict=True):
        for serial in pair:
            customer = invented(serial)
            order = f"{surname_keys(customer.name)[:3]}{serial:04}"
            proofs = tuple(f"{chance.randrange(10**digits):0{digits}}" for _ in range(A_CALL))
            yield Guess(serial < POPULATION, customer.line.number, customer.number, order, proofs)


def proving(claim: str, proofs: Sequence[str]) -> Script:
    """Claim and first proof are keyed in at one go, the others when the one before was refused."""
    first, *others = proofs
    return [("", claim + first), *(("line_or_pin_wrong", proof) for proof in others)]


def callers(count: int, chance: random.Random) -> Iterator[str]:
    """As many mobile numbers that nobody knows, none twice."""
    return (f"+905559{serial:06}" for serial in chance.sample(range(10**6), count))


def separation(ones: Sequence[float], others: Sequence[float]) -> float:
    """The chance that one of the others is greater than one of the ones (Mann-Whitney's U as a share): 0.5 is even."""
    ordered = sorted([(value, 0) for value in ones] + [(value, 1) for value in others])
    values = [value for value, _ in ordered]
    first = {value: rank for rank, value in reversed(list(enumerate(values, start=1)))}
    same = Counter(values)
    ranks = math.fsum(first[value] + (same[value] - 1) / 2 for value, other in ordered if other)
    return (ranks - len(others) * (len(others) + 1) / 2) / (len(ones) * len(others))


def separation_by_chance(ones: int, others: int) -> float:
    """How far from even the separation of so many may be where nothing separates them."""
    return SIGMAS * math.sqrt((ones + others + 1) / (12 * ones * others))


def surprising(ones: Counter[tuple[str, ...]], others: Counter[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """What has come to one group of the same size too much oftener than to the other."""
    return [
        what for what in ones | others if abs(ones[what] - others[what]) > SIGMAS * math.sqrt(ones[what] + others[what])
    ]
