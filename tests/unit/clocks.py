"""Time that a test moves on."""

from __future__ import annotations


class Clock:
    """Seconds since no time in particular."""

    def __init__(self) -> None:
        self.now = 5000.0

    def __call__(self) -> float:
        return self.now

    async def passing(self, seconds: float) -> None:
        self.now += seconds
