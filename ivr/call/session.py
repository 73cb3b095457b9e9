"""One live call. One task owns it and takes its events one by one: advance, save, then carry out the commands.

No fault of ours drops a caller: what cannot be said is skipped, a store that is away is written later, and anything
unforeseen hands the caller to the fallback queue.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from context_store.attempts import Attempts
from context_store.errors import StaleRevision
from context_store.records import Interaction, Note, Progress, new_id
from context_store.returns import Returns
from context_store.store import Store
from ivr.call.counted import CountedServices
from ivr.call.ports import Arrival, Hotlines, Line, Served, Services
from ivr.call.record import CallRecord
from ivr.call.requests import Requests
from ivr.call.returning import ReturningCaller
from ivr.call.unwritten import Unwritten
from ivr.call.watch import Happening, Watch
from ivr.errors import ChannelGone, SpeechError, TelephonyDown, TelephonyError
from ivr.flow.commands import (
    AskService,
    Command,
    HangUp,
    LookUp,
    Play,
    StartTimer,
    StopPlaying,
    StopTimer,
    Transfer,
    Write,
)
from ivr.flow.engine import begin, traced
from ivr.flow.events import Event, HungUp, PlayEnded, Started, TimerFired
from ivr.flow.numbers import to_e164

log = logging.getLogger(__name__)

RESCUE_SECONDS = 3.0  # how long handing a caller to the fallback queue may take
CONNECTION_PATIENCE, CONNECTION_RETRY = 30.0, 0.25  # seconds that a call waits for the exchange, and between two tries


@dataclass(frozen=True, slots=True)
class Room:
    """What every call of this controller shares.

    `return_seconds` is how long it counts what a caller had proved whose call dropped; 0: not at all.
    """

    store: Store
    hotlines: Hotlines
    services: Services
    attempts: Attempts
    returns: Returns
    watch: Watch
    unwritten: Unwritten
    controller: str
    region: str = "TR"
    language: str = "tr"
    fallback_queue: str = "agents"
    return_seconds: float = 600.0


class Session:
    """One call from arrival to hand-over or hang-up, with the edition of the hotline that was live when it began."""

    _served: Served

    def __init__(self, room: Room, line: Line, arrival: Arrival) -> None:
        self._room = room
        self._line = line
        self._arrival = arrival
        self._events: asyncio.Queue[tuple[Event, float]] = asyncio.Queue()
        self._progress = Progress(flow="", version="", language=room.language)  # until it is known what is served
        self._timer: asyncio.TimerHandle | None = None
        self.in_charge = True  # False: the caller is with somebody else, or gone; what is left is to write that down
        self._ani = to_e164(arrival.caller, room.region)
        interaction = Interaction(
            new_id(), new_id(), "call", room.controller, self._ani, arrival.called, started_at=time.time()
        )
        self._record = CallRecord(room.store, interaction)
        services = CountedServices(room.services, room.attempts, self.conversation, self._ani)
        self._requests = Requests(services, self.conversation, self.put)
        self._returning = ReturningCaller(room.returns, self._ani, room.return_seconds)

    @property
    def conversation(self) -> str:
        """The opaque id that other systems may know."""
        return self._record.conversation

    def put(self, event: Event) -> None:
        """Something happened. Only enqueues."""
        self._events.put_nowait((event, time.perf_counter()))

    async def run(self) -> None:
        """Serve the caller until the flow is over. Cancelled: hand the caller to the fallback queue first."""
        ours = True
        try:
            await self._serve()
        except StaleRevision:
            ours = False
            log.warning("call %s is served by another controller now", self._line.id)
        except asyncio.CancelledError:
            await self._rescue()
            raise
        except Exception:
            log.exception("call %s cannot go on; the caller goes to the fallback queue", self._line.id)
            await self._rescue()
        finally:
            self.in_charge = False
            self._stop_timer()
            await self._requests.close()
            if ours:
                await self._returning.leave(self._progress)
            self._room.unwritten.keep(await self._record.close(self._progress))

    async def _serve(self) -> None:
        arrived = time.perf_counter()
        # Before the call is answered: a store that is slow lets the caller hear ringing, not silence.
        room, arrival = self._room, self._arrival
        async with asyncio.TaskGroup() as tasks:
            recalled = tasks.create_task(self._returning.recall(), name="recall")
            served = self._served = await room.hotlines.current()
        self._progress = begin(served.flow, room.language, room.region)
        await self._unless_gone(self._patiently(lambda: self._line.answer(self.conversation)))
        started = Started(time.time(), self._ani, arrival.called, served.announcement, arrival.token, recalled.result())
        await self._unless_gone(self._step(started, arrived))
        # A service that was asked to change something is heard to its end: what was done must be told.
        while not self._progress.over or (self._progress.request and self._requests.changing):
            event, arrived = await self._events.get()
            await self._unless_gone(self._step(event, arrived))

    async def _unless_gone(self, work: Awaitable[None]) -> None:
        """A channel that has gone is a caller who hung up, whoever notices first."""
        try:
            await work
        except ChannelGone:
            self.put(HungUp(time.time()))

    async def _patiently(self, ask: Callable[[], Awaitable[None]]) -> None:
        """Ask the exchange; while there is no connection to it the call waits rather than go on unheard."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + CONNECTION_PATIENCE
        while True:
            try:
                return await ask()
            except TelephonyDown:
                if loop.time() > deadline:
                    raise
                await asyncio.sleep(CONNECTION_RETRY)

    async def _step(self, event: Event, arrived: float) -> None:
        before = self._progress
        progress, commands, trace = traced(self._served.flow, before, event)
        notes = [command.note for command in commands if isinstance(command, Write)]
        await self._record.save(before, progress, notes)
        self._progress = progress
        self.in_charge = self.in_charge and not progress.gone
        self._returning.heed(notes)
        self._tell(notes)
        if trace.nodes:
            self._publish("passed", nodes=list(trace.nodes))
        for command in commands:
            await self._carry_out(command, arrived)

    async def _carry_out(self, command: Command, arrived: float) -> None:
        match command:
            case Play():
                await self._play(command, arrived)
            case StopPlaying(id=play):
                await self._stop_playing(play)
            case StartTimer(id=timer, seconds=seconds):
                self._start_timer(timer, seconds)
            case StopTimer():
                self._stop_timer()
            case AskService() | LookUp():
                self._requests.make(command)
            case Transfer(queue=queue):
                await self._patiently(lambda: self._line.transfer(queue))
                self.in_charge = False
            case HangUp():
                await self._patiently(self._line.hang_up)
                self.in_charge = False
            case Write():
                pass  # saved with the progress

    async def _play(self, play: Play, arrived: float) -> None:
        try:
            spoken = await self._served.speaker.speak(play.prompts, play.language, play.variables)
            if not spoken.files:
                raise SpeechError("there is nothing to say")
            ready = time.perf_counter()
            await self._patiently(lambda: self._line.play(play.id, spoken.files))
        except ChannelGone:
            raise
        except (SpeechError, TelephonyError) as error:
            log.error("call %s: prompts %s were not heard: %s", self._line.id, ", ".join(play.prompts), error)
            self.put(PlayEnded(time.time(), play.id))
        else:
            took = round((ready - arrived) * 1000, 2)
            self._publish("spoken", text=spoken.text, prompts=list(play.prompts), ms=took)

    async def _stop_playing(self, play: str) -> None:
        try:
            await self._line.stop_playing(play)
        except ChannelGone:
            raise
        except TelephonyError as error:
            log.warning("call %s: a prompt was not stopped: %s", self._line.id, error)

    def _start_timer(self, timer: str, seconds: float) -> None:
        self._stop_timer()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(seconds, lambda: self.put(TimerFired(time.time(), timer)))
        self._publish("listening", seconds=seconds)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    async def _rescue(self) -> None:
        if not self.in_charge:
            return
        try:
            async with asyncio.timeout(RESCUE_SECONDS):
                await self._line.transfer(self._room.fallback_queue)
        except (TelephonyError, TimeoutError) as error:
            log.error("call %s could not be handed to the fallback queue: %s", self._line.id, error)

    def _tell(self, notes: Sequence[Note]) -> None:
        for note in notes:
            self._room.watch.publish(Happening(note.at, self.conversation, note.kind.value, note.node, note.data))

    def _publish(self, kind: str, **data: object) -> None:
        self._room.watch.publish(Happening(time.time(), self.conversation, kind, self._progress.node, data))
