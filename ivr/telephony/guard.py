"""Work that may fail without ending what it belongs to: one task's failure must not take every call with it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine

from ivr.errors import TelephonyError

log = logging.getLogger(__name__)

Duty = Callable[[], Coroutine[None, None, None]]  # work that can be begun again


async def succeeds(duty: Duty, what: str) -> bool:
    """Whether the duty did. If not, the reason is logged, and it is worth trying again."""
    try:
        await duty()
    except TelephonyError as error:
        log.warning("%s failed: %s", what, error)
    except Exception:
        log.exception("%s failed in an unforeseen way", what)
    else:
        return True
    return False


async def outlived(work: Coroutine[None, None, None], what: str) -> None:
    """Do work that is not tried again. What it did not foresee itself is logged."""
    try:
        await work
    except Exception:
        log.exception("%s failed in an unforeseen way", what)
