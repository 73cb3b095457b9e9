"""The dead man's switch: Asterisk takes a caller to the fallback queue when no controller looks after the call.

Every channel that is ours has a time limit in Asterisk (`TIMEOUT(absolute)`) that is put off again and again. When it
runs out, the dialplan's extension T takes the caller on. Each round begins with a look at what is ours, which also
finds the channels that have gone without an event.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from ivr.errors import ChannelGone, TelephonyError
from ivr.telephony.applications import present
from ivr.telephony.backoff import Backoff
from ivr.telephony.guard import succeeds
from ivr.telephony.line import AriLine
from ivr.telephony.lines import Lines

log = logging.getLogger(__name__)

_ROUND = 0.25  # seconds between two looks
_MOST_AT_ONCE = 100  # time limits put off in one round
_FRESH = 1.0  # seconds for which a look counts; one that took longer may be of before we were paused


class DeadMansSwitch:
    """Puts off the time limits of our channels, each to `seconds` from then, about four times in that time.

    `on_vanished` is told of a channel that two looks in a row have not found, though its leaving was not told. It must
    return at once.
    """

    def __init__(
        self, lines: Lines, seconds: int, on_vanished: Callable[[str], None], *, every: float = _ROUND
    ) -> None:
        self._lines = lines
        self._seconds = seconds
        self._on_vanished = on_vanished
        self._every = every
        self._pause = Backoff(seconds / 4, seconds / 4)  # shortened by chance, so that calls that came together spread
        self._due: dict[str, float] = {}
        self._set_at: dict[str, float] = {}  # of the channels that have a time limit
        self._missed: frozenset[str] = frozenset()
        self._told = False  # that time limits cannot be set

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if self._lines.ours and self._lines.client.connected:
                await succeeds(self._round, "looking after our channels")
            await asyncio.sleep(self._every)

    async def _round(self) -> None:
        lines, began = dict(self._lines.ours), _now()
        there = await present(self._lines.client, self._lines.client.app)
        missed = lines.keys() - there
        for channel in missed & self._missed & self._lines.ours.keys():
            log.warning("channel %s has gone without an event", channel)
            self._on_vanished(channel)
        self._missed = frozenset(missed)
        self._forget(lines.keys() & there)
        # Who was paused since may find callers in a queue now, and a time limit would throw them out.
        if _now() - began < _FRESH:
            due = [channel for channel in lines.keys() & there if self._due.get(channel, 0.0) <= _now()]
            due.sort(key=lambda channel: self._due.get(channel, 0.0))
            await asyncio.gather(*(self._put_off(lines[channel]) for channel in due[:_MOST_AT_ONCE]))

    def _forget(self, present_lines: set[str]) -> None:
        self._due = {channel: due for channel, due in self._due.items() if channel in present_lines}
        self._set_at = {channel: at for channel, at in self._set_at.items() if channel in present_lines}

    async def _put_off(self, line: AriLine) -> None:
        self._due[line.id] = _now() + self._pause.delay()
        try:
            await line.stay(self._seconds)
        except ChannelGone:
            pass  # its event is on the way
        except TelephonyError as error:
            self._complain(error)
            if _now() - self._set_at.get(line.id, _now()) > self._seconds / 2:
                self._lines.client.see_to(self._let_stay(line), "taking a time limit away")
        else:
            self._set_at[line.id] = _now()
            self._told = False

    async def _let_stay(self, line: AriLine) -> None:
        """We live, but cannot say so: rather no time limit than one that takes a caller from us."""
        with suppress(TelephonyError):  # tried again soon
            await line.stay_for_ever()
            self._set_at.pop(line.id, None)

    def _complain(self, error: TelephonyError) -> None:
        if not self._told:
            log.error(
                "no time limit can be set for callers, whom nobody would take on if this controller died: %s; "
                "`asterisk.ami_user` needs `write = call` in manager.conf, as `ivr render` writes it",
                error,
            )
        self._told = True


def _now() -> float:
    return asyncio.get_running_loop().time()
