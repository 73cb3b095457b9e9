"""What one call hears: a place at the recogniser, and the caller's sound on its way there.

Nothing here may cost a call: who cannot be heard has keys. No word is logged and no sound is kept.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

from context_store.errors import StaleRevision
from context_store.records import Json
from ivr.call.ports import Line, Place, Recogniser
from ivr.errors import ChannelGone, TelephonyError
from ivr.flow.commands import Listen
from ivr.flow.events import Deaf, Event
from ivr.flow.model import Flow
from ivr.flow.spoken_to import asks_for_words

log = logging.getLogger(__name__)

BEGIN_SECONDS = 5.0  # how long the exchange may take to bring the sound; the caller has keys meanwhile
STOP_SECONDS = 0.5  # how long each part of the end may take; who waits for an agent waits for it


class Hearing:
    """The caller's words, from the beginning of the call until people have the caller, or it is over.

    `put` takes the events, `publish` feeds the watch. What comes after the end, of sound or of words, goes nowhere,
    whatever the exchange and the recogniser do.
    """

    def __init__(
        self,
        recogniser: Recogniser | None,
        line: Line,
        put: Callable[[Event], None],
        publish: Callable[[str, Mapping[str, Json]], None],
    ) -> None:
        self._recogniser = recogniser
        self._line = line
        self._put = put
        self._publish = publish
        self._languages: tuple[str, ...] = ()
        self._place: Place | None = None  # None: nothing is heard, not as yet or not any more
        self._deaf = False  # whether the place has said so
        self._bringing: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None

    def take_place(self, flow: Flow) -> tuple[str, ...]:
        """The languages of the flow in which the caller can be heard; none: keys only. Waits for nothing."""
        if self._recogniser is None or not asks_for_words(flow):
            return ()
        place: Place | None = None
        spoken: tuple[str, ...] = ()
        with self._unharmed("the recogniser"):
            place = self._recogniser.place(self._heard)
            spoken = place.languages if place and not self._deaf else ()
        self._place = place
        self._languages = tuple(one for one in spoken if one in flow.languages)
        if not self._languages:
            log.info("call %s has keys only: nobody can hear it, or no place is left", self._line.id)
            self._cut()
        return self._languages

    def begin(self) -> None:
        """Have the sound brought, if there is a place for it. Nobody waits for that."""
        if self._place:
            self._bringing = asyncio.create_task(self._bring(), name=f"hearing of call {self._line.id}")

    def undecided(self) -> bool:
        """Whether the caller is perhaps saying something just now."""
        undecided = False
        if place := self._place:
            with self._unharmed("its place at the recogniser"):
                undecided = place.undecided
        return undecided

    def listen(self, listen: Listen) -> None:
        """Listen for these phrases from now on."""
        if place := self._place:
            with self._unharmed("its place at the recogniser"):
                place.listen(listen)

    def stop(self, listening: str) -> None:
        """Listen for them no more."""
        if place := self._place:
            with self._unharmed("its place at the recogniser"):
                place.stop(listening)

    async def end(self) -> None:
        """Hear nothing more. Returns when the exchange brings no sound and others can have the place, or soon."""
        self._cut()
        if self._leaving and (await asyncio.wait({self._leaving}, timeout=3 * STOP_SECONDS))[1]:
            log.error("call %s: its hearing does not end", self._line.id)

    async def _bring(self) -> None:
        with self._unharmed("the way of its sound"):
            try:
                async with asyncio.timeout(BEGIN_SECONDS):
                    await self._line.hear(self._sound)
            except ChannelGone:
                self._deafen("its caller has gone", logging.DEBUG)
            except (TelephonyError, TimeoutError, StaleRevision) as error:
                self._deafen(f"its sound does not come: {error or 'no answer in time'}")
            if self._place:
                self._publish("hearing", {"languages": list(self._languages)})

    def _sound(self, frame: bytes) -> None:
        """A frame has come. An empty one is the last; the place is told, too, for it may count who has become deaf."""
        if place := self._place:
            if not frame:
                self._deafen("its sound has broken off")
            with self._unharmed("its place at the recogniser"):
                place.hear(frame)

    def _heard(self, event: Event) -> None:
        """The place tells something."""
        if isinstance(event, Deaf):
            self._deaf = True
            self._deafen("the recogniser does not hear it any more")
        elif self._place:
            self._put(event)

    def _deafen(self, why: str, level: int = logging.WARNING) -> None:
        if self._place:
            log.log(level, "call %s goes on with keys only: %s", self._line.id, why)
            self._put(Deaf(time.time()))
            self._publish("deaf", {})
            self._cut()

    def _cut(self) -> None:
        """From now on nothing is heard; the rest is done in a task of its own."""
        place, self._place = self._place, None
        if place:
            self._leaving = asyncio.create_task(self._leave(place), name=f"end of hearing of call {self._line.id}")

    async def _leave(self, place: Place) -> None:
        if self._bringing:
            self._bringing.cancel()
            await asyncio.wait({self._bringing}, timeout=STOP_SECONDS)
            await asyncio.gather(self._in_time(self._line.stop_hearing()), self._in_time(place.aclose()))
        else:
            await self._in_time(place.aclose())

    async def _in_time(self, work: Awaitable[None]) -> None:
        with self._unharmed("the end of its hearing"):
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await work
            except (TelephonyError, TimeoutError) as error:
                log.info("call %s: the end of its hearing: %s", self._line.id, error or "no answer in time")

    @contextmanager
    def _unharmed(self, what: str) -> Iterator[None]:
        """Whatever goes wrong with `what`, the caller has keys."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - it is not logged as it is: words of the caller may be in it
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("call %s: %s failed (%s):\n%s", self._line.id, what, type(error).__name__, where)
            self._deafen(f"{what} does not work")
