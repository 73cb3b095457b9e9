"""One live call. One task owns it and takes its events one by one: advance, save, then carry out the commands.

No fault of ours drops a caller: what cannot be said is skipped, a store that is away is written later, and anything
unforeseen hands the caller to the fallback queue. A call that somebody else has is left alone, whatever happens.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Mapping
from contextlib import nullcontext
from dataclasses import replace

from context_store.errors import StaleRevision
from context_store.going_on import Taken
from context_store.records import Json, Progress
from ivr.call.beginning import Beginning, begin_anew, came_back, go_on, interaction_on, take
from ivr.call.counted import CountedServices
from ivr.call.doing import Doing
from ivr.call.hearing import Hearing
from ivr.call.joining import Joining
from ivr.call.own_line import OwnLine
from ivr.call.ports import Arrival, Line
from ivr.call.recalling import Recalling
from ivr.call.record import CallRecord
from ivr.call.requests import Requests
from ivr.call.returning import ReturningCaller
from ivr.call.room import Room
from ivr.call.taping import Recording
from ivr.call.watch import Happening
from ivr.errors import ChannelGone, TelephonyError
from ivr.flow.commands import AskService, Command, HangUp, LookUp, Recall, Transfer, Write
from ivr.flow.engine import traced
from ivr.flow.events import Event, HungUp, Started, TakenOver

log = logging.getLogger(__name__)

RESCUE_SECONDS = 3.0  # how long handing a caller to the fallback queue may take


class Session:
    """One call from arrival to hand-over or hang-up, with the edition of the hotline that was live when it began.

    `found`: nobody serves the channel, though somebody may have done so before. `turns` bounds how many are taken over
    at once.
    """

    _beginning: Beginning

    def __init__(
        self, room: Room, line: Line, arrival: Arrival, *, found: bool = False, turns: asyncio.Semaphore | None = None
    ) -> None:
        interaction = interaction_on(room, arrival, found=found)
        self._room = room
        self._arrival = arrival
        self._found = found
        self._known = found or bool(arrival.conversation)  # somebody may have served the call before
        self._call, self._ani = interaction.id, interaction.ani
        self._events: asyncio.Queue[tuple[Event | None, float]] = asyncio.Queue()  # None: the store is back
        self._progress = Progress(flow="", version="", language=room.language)  # until it is known what is served
        self._record = CallRecord(room.store, room.outage, interaction, room.tenure.token, self._nudge)
        self._line = OwnLine(line, self._record, room.tenure)
        self._hearing = Hearing(room.recogniser, self._line, self.put, self._publish)
        self._doing = Doing(self._line, self._hearing, self.put, self._publish)
        self._joining = Joining(room, self._record, self._ani)
        self._recalling = Recalling(room, self._record, self._joining)
        services = CountedServices(room.services, room.attempts, lambda: self.conversation, self._ani)
        self._requests = Requests(services, self._call, self.put)
        self._returning = ReturningCaller(room.returns, self._ani, room.spans.returning)
        self._recording: Recording | None = None
        self._ours = not self._known  # whether we may write what becomes of the call
        self.in_charge = self._ours  # False: the caller is with somebody else, or gone
        self.finding_out = self._known  # whether the call is ours
        self._left = False  # to others, perhaps before it was found out whether it is ours
        self.refused = False  # whether the store has said that it is somebody else's
        self._turn = turns if self._known and turns else nullcontext()

    @property
    def conversation(self) -> str:
        """The opaque id that other systems may know."""
        return self._record.conversation

    def put(self, event: Event) -> None:
        """Something happened. Only enqueues."""
        self._events.put_nowait((event, time.perf_counter()))

    def let_go(self) -> None:
        """Others go on with the call where its last step was saved: from now on do nothing, and write nothing."""
        self._ours = self.in_charge = False
        self._left = True

    async def run(self) -> None:
        """Serve the caller until the flow is over. Cancelled: hand the caller to the fallback queue first."""
        try:
            async with self._turn:
                begun = await self._begin()
            self.finding_out = False
            if begun:
                await self._serve()
        except StaleRevision:
            self.refused = True
            self.let_go()
            log.warning("call %s is served by another controller now", self._line.id)
        except asyncio.CancelledError:
            await self._rescue()
            raise
        except Exception:
            log.exception("call %s cannot go on; the caller goes to the fallback queue", self._line.id)
            await self._rescue()
        finally:
            self.in_charge = self.finding_out = False
            await self._end()

    async def _begin(self) -> bool:
        """Find out where the call stands. False: somebody else has it, or nobody can tell; then nothing was done."""
        room = self._room
        found = await take(room, self._record.interaction) if self._known else "unknown"
        if self._left or found == "held" or (found == "away" and self._found):
            return False
        self._ours = self.in_charge = True
        if isinstance(found, Taken):
            self._record.take_up(found, room.controller)
            self._joining.go_on(found)
            self._progress = found.progress
            if not await self._bring(found.progress.playing):
                return False
            self._beginning = await go_on(room, found.progress)
            return True
        if found == "unreadable":
            self._record.begin_anew()
        elif self._known:
            await self._come_back()
        if self._found and not await self._bring(""):
            return False
        self._beginning = await begin_anew(room, self._arrival, self._ani, self._returning)
        self._progress = self._beginning.progress
        self._recording = room.tapes.recording(self._beginning.served.flow, room.language, room.region)
        await self._unless_gone(self._line.answer(self.conversation))
        return True

    async def _bring(self, play: str) -> bool:
        """Have the channel come to us. False: it has not come as yet, and is left alone, for it may be served.

        It is ours in the store. So when it comes, or is found again, the call is gone on with.
        """
        try:
            await self._unless_gone(self._line.take_over(play), vanished=True)
        except TelephonyError as error:
            log.warning("call %s cannot be taken over as yet: %s", self._line.id, error)
            self._ours = self.in_charge = False
            return False
        return True

    async def _come_back(self) -> None:
        """The channel has a conversation, and this is a new call in it: people have sent the caller back to us."""
        before = await came_back(self._room, self._arrival)
        if before:
            self._record.belong_to(before.conversation)
            self._returning.comes_back(before.standing)
        if before or not self._found:
            self._joining.stay(before and before.conversation)

    async def _serve(self) -> None:
        await self._unless_gone(self._step(self._first(), time.perf_counter()))
        self._hearing.begin()  # only now: the greeting does not wait for it
        # A service that was asked to change something is heard to its end: what was done must be told.
        while not self._progress.over or (self._progress.request and self._requests.changing):
            event, arrived = await self._events.get()
            if event is None:
                await self._record.catch_up(self._progress)
            else:
                await self._unless_gone(self._step(event, arrived))

    def _first(self) -> Started | TakenOver:
        """The first event, with the languages in which the caller is heard."""
        served, progress, first = self._beginning
        if progress.over or progress.gone:
            return first
        return replace(first, hears=self._hearing.take_place(served.flow))

    async def _unless_gone(self, work: Awaitable[None], *, vanished: bool = False) -> None:
        """A channel that has gone is a caller who hung up, whoever notices first."""
        try:
            await work
        except ChannelGone:
            self.put(HungUp(time.time(), vanished))

    async def _step(self, event: Event, arrived: float) -> None:
        await self._line.make_sure()
        before, where = self._progress, self.conversation
        progress, commands, trace = traced(self._beginning.served.flow, before, event)
        notes = [command.note for command in commands if isinstance(command, Write)]
        asked = any(isinstance(command, Recall) for command in commands)
        if joined := await self._joining.settle(before, progress, asked=asked):
            notes.append(joined)
        if self.conversation != where and self.in_charge and not progress.gone:
            # Before the save: whoever takes the call over has to look where we do, or both would find it theirs.
            await self._unless_gone(self._doing.mark(self.conversation))
        await self._record.save(before, progress, notes)
        self._progress = progress
        self.in_charge = self.in_charge and not progress.gone
        self._returning.heed(notes)
        if self._recording:
            self._recording.step(event, before, progress, commands)
        for note in notes:
            self._publish(note.kind.value, note.data, note.at, note.node)
        if trace.nodes:
            self._publish("passed", {"nodes": list(trace.nodes)})
        if progress.over or progress.gone:
            await self._hearing.end()  # before the caller is with people
        for command in commands:  # each of them: what the company is asked has to be heard, though the caller has gone
            await self._unless_gone(self._carry_out(command, arrived))

    async def _carry_out(self, command: Command, arrived: float) -> None:
        match command:
            case AskService() | LookUp():
                self._requests.make(command, self._progress.run or self._call)
            case Recall():
                self.put(await self._recalling.answer(command, self._beginning.served.flow))
            case Write():
                pass  # saved with the progress
            case _:
                await self._doing.do(command, self._beginning.served.speaker, arrived)
        if isinstance(command, Transfer | HangUp):
            self.in_charge = False

    async def _rescue(self) -> None:
        if not self.in_charge:
            return
        try:
            async with asyncio.timeout(RESCUE_SECONDS):
                await self._hearing.end()
                await self._line.transfer(self._room.fallback_queue)
        except StaleRevision:
            self.let_go()
        except (TelephonyError, TimeoutError) as error:
            log.error("call %s could not be handed to the fallback queue: %s", self._line.id, error)

    async def _end(self) -> None:
        self._doing.close()
        await self._hearing.end()
        await self._requests.close()
        if self._ours:
            await self._returning.leave(self._progress)
            self._room.unwritten.leave(await self._record.close(self._progress))
            if self._recording:
                self._room.tapes.over(self._recording)

    def _nudge(self) -> None:
        self._events.put_nowait((None, time.perf_counter()))

    def _publish(self, kind: str, data: Mapping[str, Json], at: float | None = None, node: str | None = None) -> None:
        at, node = at or time.time(), self._progress.node if node is None else node
        self._room.watch.publish(Happening(at, self.conversation, kind, node, data, self._call))
