"""How long to wait before the next attempt to reach Asterisk. Pure: it says seconds, others wait."""

from __future__ import annotations

import random
from collections.abc import Callable

_chance = random.SystemRandom().random


class Backoff:
    """Waiting times in seconds that double up to `most`, each shortened by chance so that controllers spread out.

    `exhausted` is the time to wait when trying again soon would do harm, by default `most`. `pick` gives a number from
    0 to 1; tests give their own.
    """

    def __init__(
        self,
        first: float = 0.25,
        most: float = 8.0,
        *,
        exhausted: float | None = None,
        pick: Callable[[], float] = _chance,
    ) -> None:
        self._first = first
        self._most = most
        self._exhausted = most if exhausted is None else exhausted
        self._pick = pick
        self._next = first

    def reset(self) -> None:
        """It worked: the next failure starts from `first` again."""
        self._next = self._first

    def exhaust(self) -> None:
        """Trying again soon would do harm: the next wait is the longest."""
        self._next = self._exhausted

    def delay(self) -> float:
        """Seconds to wait now: between half of the present step and the whole of it."""
        step, self._next = self._next, min(self._next * 2, self._most)
        return step * (0.5 + self._pick() / 2)
