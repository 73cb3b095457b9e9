"""What the flow wants done at the caller's channel: saying, hearing, waiting, handing over, hanging up.

What cannot be said is skipped: the flow goes on as if it had been heard.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

from context_store.records import Json
from ivr.call.hearing import Hearing
from ivr.call.own_line import OwnLine
from ivr.call.ports import Speaker
from ivr.errors import ChannelGone, SpeechError, TelephonyError
from ivr.flow.commands import HangUp, Listen, Play, StartTimer, StopListening, StopPlaying, StopTimer, Transfer
from ivr.flow.events import Event, PlayEnded, TimerFired

log = logging.getLogger(__name__)

HESITATION = 2.0  # seconds that the caller may have longer, who is perhaps saying something when the time is over
GLANCE = 0.1  # seconds between two looks whether they still are

Deed = Play | StopPlaying | Listen | StopListening | StartTimer | StopTimer | Transfer | HangUp


class Doing:
    """Carries out the commands of one call, one after the other. `put` takes the events, `publish` feeds the watch."""

    def __init__(
        self,
        line: OwnLine,
        hearing: Hearing,
        put: Callable[[Event], None],
        publish: Callable[[str, Mapping[str, Json]], None],
    ) -> None:
        self._line = line
        self._hearing = hearing
        self._put = put
        self._publish = publish
        self._timer: asyncio.TimerHandle | None = None
        self._unmarked = ""  # the conversation that the channel is still to be marked with

    async def mark(self, conversation: str) -> None:
        """The call belongs to that conversation now. What fails is tried once more before people get the caller.

        May raise `ChannelGone` and `StaleRevision`.
        """
        self._unmarked = conversation
        try:
            await self._line.mark(conversation)
        except ChannelGone:
            raise
        except TelephonyError as error:
            log.warning("call %s is not marked with its conversation: %s", self._line.id, error)
        else:
            self._unmarked = ""

    async def do(self, deed: Deed, speaker: Speaker, arrived: float) -> None:
        """Do it. `arrived` (by `time.perf_counter`) is when that came which it is the answer to.

        May raise `ChannelGone`, `StaleRevision`, and `TelephonyError` where a caller cannot be handed over.
        """
        match deed:
            case Play():
                await self._play(deed, speaker, arrived)
            case StopPlaying(id=play):
                await self._stop_playing(play)
            case Listen():
                self._hearing.listen(deed)
            case StopListening(id=listening):
                self._hearing.stop(listening)
            case StartTimer(id=timer, seconds=seconds):
                self._start_timer(timer, seconds)
            case StopTimer():
                self.close()
            case Transfer(queue=queue, agent=agent):
                if self._unmarked:
                    await self.mark(self._unmarked)
                await self._line.transfer(queue, agent)
            case HangUp():
                await self._line.hang_up()

    def close(self) -> None:
        """Wait for nothing any more."""
        if self._timer:
            self._timer.cancel()
            self._timer = None

    async def _play(self, play: Play, speaker: Speaker, arrived: float) -> None:
        try:
            spoken = await speaker.speak(play.prompts, play.language, play.variables)
            if not spoken.files:
                raise SpeechError("there is nothing to say")
            ready = time.perf_counter()
            await self._line.play(play.id, spoken.files)
        except ChannelGone:
            raise
        except (SpeechError, TelephonyError) as error:
            log.error("call %s: prompts %s were not heard: %s", self._line.id, ", ".join(play.prompts), error)
            self._put(PlayEnded(time.time(), play.id))
        else:
            took = round((ready - arrived) * 1000, 2)
            self._publish("spoken", {"text": spoken.text, "prompts": list(play.prompts), "ms": took})

    async def _stop_playing(self, play: str) -> None:
        try:
            await self._line.stop_playing(play)
        except ChannelGone:
            raise
        except TelephonyError as error:
            log.warning("call %s: a prompt was not stopped: %s", self._line.id, error)

    def _start_timer(self, timer: str, seconds: float) -> None:
        self.close()
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        self._timer = loop.call_at(until, self._time_is_over, timer, until + HESITATION)
        self._publish("listening", {"seconds": seconds})

    def _time_is_over(self, timer: str, latest: float) -> None:
        """Who has begun to speak a moment before is not interrupted until it is known whether they say anything."""
        loop = asyncio.get_running_loop()
        if loop.time() < latest and self._hearing.undecided():
            self._timer = loop.call_later(GLANCE, self._time_is_over, timer, latest)
        else:
            self._put(TimerFired(time.time(), timer))
