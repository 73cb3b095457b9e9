"""Customers' PINs: kept as scrypt hashes, compared without telling by shape or time whether there was one to compare.

Hashing takes milliseconds of CPU, so `is_right` is to be called in a thread.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PinHash:
    """What is kept of a PIN."""

    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)


def hash_pin(pin: str, salt: bytes) -> PinHash:
    """Hash a PIN. `n` is small: four digits are soon tried through at any `n`, so a few milliseconds are enough."""
    return PinHash(salt, hashlib.scrypt(pin.encode(), salt=salt, n=2**10, r=8, p=1))


# Stands in for a line that does not exist, so that it costs the same work as a wrong PIN.
_NOBODYS = PinHash(b"nobody's PIN", bytes(64))


def is_right(pin: str, kept: PinHash | None) -> bool:
    """Whether it is the PIN. False, after the same work, where there is none."""
    against = kept or _NOBODYS
    same = hmac.compare_digest(hash_pin(pin, against.salt).digest, against.digest)
    return same and kept is not None
