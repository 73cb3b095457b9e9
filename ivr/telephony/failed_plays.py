"""Plays that Asterisk could not play: tells an operator who can mend it, and leaves callers who hung up out of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

_TOLD_EVERY = 60.0  # seconds: with an unreadable prompt cache every play fails


class FailedPlays:
    """Asterisk says "failed" for a missing file and for a caller who hung up in mid-prompt alike.

    The caller's leaving is told within `grace` seconds after it, so each failure waits that long for its judgement.
    `on_failed_play` is called for each that was the play's own; it must return at once.
    """

    def __init__(self, grace: float, on_failed_play: Callable[[], None] | None = None) -> None:
        self._grace = grace
        self._on_failed_play = on_failed_play
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._untold = 0
        self._told_at: float | None = None

    def failed(self, channel: str) -> None:
        """A play failed on a channel that has not left us yet."""
        if channel not in self._waiting:
            self._waiting[channel] = asyncio.get_running_loop().call_later(self._grace, self._judge, channel)

    def left(self, channel: str) -> None:
        """The channel's caller is leaving or has left: a failure just before was no fault."""
        if waiting := self._waiting.pop(channel, None):
            waiting.cancel()

    def close(self) -> None:
        """Forget what waits."""
        for channel in list(self._waiting):
            self.left(channel)

    def _judge(self, channel: str) -> None:
        del self._waiting[channel]
        self._tell(channel)
        if self._on_failed_play:
            self._on_failed_play()

    def _tell(self, channel: str) -> None:
        now = asyncio.get_running_loop().time()
        self._untold += 1
        if self._told_at is not None and now - self._told_at < _TOLD_EVERY:
            return
        log.error(
            "channel %s heard nothing: Asterisk could not play; can it read or fetch prompts? (%d since last told)",
            channel,
            self._untold,
        )
        self._told_at, self._untold = now, 0
