"""The wish of whoever runs a process that it stops."""

from __future__ import annotations

import asyncio


class Stop(asyncio.Event):
    """Set when the process is to stop; `hurry` is set when that is said once more."""

    def __init__(self) -> None:
        super().__init__()
        self.hurry = asyncio.Event()

    def ask(self) -> None:
        """It was said."""
        (self.hurry if self.is_set() else self).set()
