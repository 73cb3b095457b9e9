"""Customers' PINs and the codes sent to them: kept as digests only, compared in constant time.

A secret that is given is stretched (scrypt, milliseconds of CPU) once, whatever it is compared with: nothing, or what
several customers have. So neither the work nor the time tells whether there was something to compare. What is kept
beside that has a salt of its own, so equal PINs look different.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

# The same for everybody: stretching must not depend on who is meant. n is small, as four digits are soon tried
# through at any n.
_SALT = b"Devam's sample back office"
_COST = 2**10


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a secret."""

    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)


def stretch(secret: str) -> bytes:
    """The secret, stretched. Takes milliseconds: on the loop, use a `Stretcher`."""
    return hashlib.scrypt(secret.encode(), salt=_SALT, n=_COST, r=8, p=1)


def keep(stretched: bytes, salt: bytes) -> Kept:
    """What to keep of a stretched secret. `salt`: another one for each."""
    return Kept(salt, hmac.digest(salt, stretched, "sha256"))


def is_same(stretched: bytes, kept: Kept) -> bool:
    """Whether it is the secret that was kept."""
    return hmac.compare_digest(keep(stretched, kept.salt).digest, kept.digest)


class Stretcher:
    """Stretches secrets one after the other in a thread of its own.

    A campaign of guesses waits for itself: it takes neither every core nor the threads that others wait for.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stretcher")

    async def stretch(self, secret: str) -> bytes:
        """The secret, stretched. One that nobody waits for any more is not begun."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, stretch, secret)

    def close(self) -> None:
        """Let go of the thread, after the one secret that it may be working on."""
        self._thread.shutdown(cancel_futures=True)
