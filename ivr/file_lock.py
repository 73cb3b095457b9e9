"""One process at a time does what a file stands for. Writes only that file."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def only_one(lock: Path, report: Callable[[str], None], what: str) -> Iterator[None]:
    """Hold `lock`, so that two at a time do not undo each other's work. Blocks. Raises `OSError`.

    `report` hears of waiting for `what` ("set-up"). The lock ends with the process, however that ends.
    """
    with open(lock, "w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(f"another {what} is running; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
