"""Which screen-pop is on which agent's page. Hears of queue events, reads the stories, tells the pages.

One task owns all state: events, the agent's clicks and retries reach it through one inbox. A page gets whole boards,
and only the newest: a slow or reconnected page misses nothing. What a controller did not hear of, because it was not
there, the exchange tells it (`QueueEvent.heard`), and another one may have written it down.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self

from context_store.records import Note, NoteKind
from context_store.store import Store
from ivr.call import board as boards
from ivr.call.board import Board, Pop, PopState
from ivr.call.handover import blank_pop
from ivr.call.ports import QueueEvent
from ivr.call.screen import Goal, ScreenPop
from ivr.call.stories import Outcome, Stories
from ivr.call.watch import Happening, Watch

log = logging.getLogger(__name__)

PATIENCE = 0.3  # seconds that a ringing phone waits for the store before the pop is shown without a story
RETRY_FIRST, RETRY_MOST = 0.25, 5.0  # seconds until the store is asked again, doubling
RING_LIMIT = 180.0  # seconds; no queue rings one phone longer, so the end of this ring was lost

_NOTES = {
    "ringing": NoteKind.RANG,
    "retracted": NoteKind.RETRACTED,
    "connected": NoteKind.CONNECTED,
    "ended": NoteKind.PARTED,
}


_Work = Callable[[], Coroutine[None, None, None]]


class Pops:
    """A `QueueWatcher` and the pages' source. Use it as `async with Pops(store, watch) as pops`.

    `patience`, `retry_first` and `ring_limit` are seconds; tests make them short. `clock` gives epoch seconds.
    """

    def __init__(
        self,
        store: Store,
        watch: Watch | None = None,
        *,
        patience: float = PATIENCE,
        retry_first: float = RETRY_FIRST,
        ring_limit: float = RING_LIMIT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._stories = Stories(store, patience, self._try_later)
        self._watch = watch or Watch()
        self._clock = clock
        self._retry_first = self._retry = retry_first
        self._ring_limit = ring_limit
        self._inbox: asyncio.Queue[_Work] = asyncio.Queue()
        self._boards: defaultdict[str, Board] = defaultdict(Board)
        self._readers: defaultdict[str, set[asyncio.Queue[Board]]] = defaultdict(set)
        self._timers: dict[Hashable, asyncio.TimerHandle] = {}
        self._behind: set[str] = set()  # conversations on pages of which something newer could not be read
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._serve(), name="pops")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop; what is still in the inbox is left."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def queue_event(self, event: QueueEvent) -> None:
        """Take note of what a queue did; only enqueues."""
        self._inbox.put_nowait(partial(self._queue_did, event))

    def close(self, agent: str, caller: str) -> None:
        """The agent needs to see no more of a caller (`Pop.caller`) who was passed on; only enqueues."""
        self._inbox.put_nowait(partial(self._change, agent, partial(boards.closed, caller=caller)))

    def wrap_up(self, agent: str, caller: str, *, solved: bool) -> None:
        """The agent says what became of a call that has ended: solved closes the conversation; only enqueues."""
        self._inbox.put_nowait(partial(self._wrap_up, agent, caller, self._clock(), solved=solved))

    def passed(self, agent: str, pop: Pop, goal: Goal, at: float) -> None:
        """The agent has passed the caller on, at that time; only enqueues. It is noted already (`keep`)."""
        change = partial(boards.passed, caller=pop.caller, goal=goal, at=at)
        self._inbox.put_nowait(partial(self._change, agent, change))
        self._inbox.put_nowait(partial(self._reread, pop.conversation))

    def tell(self, conversation: str, note: Note) -> None:
        """Add a note of what an agent did to the conversation, and show it; only enqueues."""
        self._inbox.put_nowait(partial(self._stories.add, conversation, note))
        self._inbox.put_nowait(partial(self._reread, conversation))

    async def keep(self, conversation: str, *notes: Note) -> None:
        """Add notes; returns when they are written, or have to wait for the store. They are not shown yet."""
        kept = asyncio.Event()
        self._inbox.put_nowait(partial(self._keep, conversation, notes, kept))
        await kept.wait()

    def board(self, agent: str) -> Board:
        """What that agent's page shows now."""
        return self._boards.get(agent, Board())

    async def idle(self) -> None:
        """Return when everything that was enqueued until now is done."""
        await self._inbox.join()

    @contextmanager
    def subscribe(self, agent: str) -> Iterator[asyncio.Queue[Board]]:
        """A queue that holds that agent's newest board: the present one at once, then each that differs.

        A caller who seems to be with the agent may have been passed on at another controller's page: that is read.
        """
        reader: asyncio.Queue[Board] = asyncio.Queue(1)
        reader.put_nowait(self.board(agent))
        for pop in self.board(agent).pops:
            if pop.state is PopState.ANSWERED:
                self._inbox.put_nowait(partial(self._reread, pop.conversation))
        self._readers[agent].add(reader)
        try:
            yield reader
        finally:
            self._readers[agent].discard(reader)

    async def _serve(self) -> None:
        while True:
            work = await self._inbox.get()
            try:
                await work()
            except Exception:  # one event gone wrong must not take the pops from everybody
                log.exception("an agent's page may miss something")
            finally:
                self._inbox.task_done()

    async def _queue_did(self, event: QueueEvent) -> None:
        event, noted = (event, False) if event.heard else await self._remembered(event)
        changed = [agent for agent in self._concerned(event) if boards.is_news(self.board(agent), event)]
        if not changed and event.kind != "abandoned":
            return
        data = {"event": event.kind, "agent": event.agent}
        self._watch.publish(Happening(event.at, event.conversation, "queue", data=data, call=event.interaction))
        for agent in changed:
            await self._show(agent, event)
        if event.kind == "connected":
            self._answered_elsewhere(event)
        if event.kind in _NOTES and event.by != "transfer" and not noted:
            await self._stories.add(event.conversation, _note(event))
        if event.kind in ("connected", "ended"):
            await self._reread(event.conversation)

    async def _remembered(self, event: QueueEvent) -> tuple[QueueEvent, bool]:
        """An event that was not heard when it happened, as somebody else has noted it; and whether anybody has.

        Who seems to have ended a talk may have passed the caller on long before. A phone was first called at
        `event.at`: what it did was then or later.
        """
        screen = await self._read(event)
        if screen:
            self._set(event.agent, boards.refreshed(self.board(event.agent), event.caller, screen))
        if event.kind == "ended":
            return event, False
        known, wanted = self.board(event.agent).find(event.caller), _note(event)
        for note in reversed(screen.timeline if screen else ()):
            same = (note.kind, note.interaction) == (wanted.kind, wanted.interaction)
            if same and note.data.get("agent") == event.agent and note.at >= event.at:
                return replace(event, at=note.at), True
        return replace(event, at=max(event.at, known.at if known else 0.0)), False

    async def _change(self, agent: str, change: Callable[[Board], Board]) -> None:
        self._set(agent, change(self.board(agent)))

    async def _wrap_up(self, agent: str, caller: str, at: float, *, solved: bool) -> None:
        board = self.board(agent)
        pop, wrapped_up = board.find(caller), boards.wrapped_up(board, caller, solved=solved)
        if pop is None or wrapped_up == board:
            return
        self._set(agent, wrapped_up)
        data = {"agent": agent, "solved": solved}
        note = Note(NoteKind.WRAPPED_UP, at, data=data, interaction=pop.interaction)
        closing = (Outcome("solved", at),) if solved else ()
        await self._stories.add(pop.conversation, note, *closing)

    async def _keep(self, conversation: str, notes: Sequence[Note], kept: asyncio.Event) -> None:
        try:
            await self._stories.add(conversation, *notes)
        finally:
            kept.set()

    def _concerned(self, event: QueueEvent) -> list[str]:
        if event.kind != "abandoned":
            return [event.agent] if event.agent else []
        return [agent for agent, board in self._boards.items() if board.find(event.caller)]

    async def _show(self, agent: str, event: QueueEvent) -> None:
        board = self.board(agent)
        screen, known = None, board.find(event.caller)
        if event.kind == "ringing" or known is None:
            screen = await self._read(event)
        blank = blank_pop(event.conversation, event.queue)
        self._set(agent, boards.after(board, event, screen or blank, unread=screen is None))
        if event.kind == "ringing":
            over = partial(boards.expired, caller=event.caller, at=event.at)
            work = partial(self._change, agent, over)
            self._later(("ring", agent, event.caller), self._ring_limit, work)

    def _answered_elsewhere(self, event: QueueEvent) -> None:
        """Phones that rang at the same time have stopped."""
        for agent, board in list(self._boards.items()):
            pop = board.find(event.caller)
            if agent != event.agent and pop and pop.state is PopState.RINGING:
                self._set(agent, boards.expired(board, event.caller, pop.at))

    async def _read(self, event: QueueEvent) -> ScreenPop | None:
        return (await self._stories.read(event.conversation, [event.visits])).get(event.visits)

    async def _reread(self, conversation: str) -> None:
        """The story has changed: for all of its callers."""
        callers = {pop.caller: pop.visits for pop in self._pops() if pop.conversation == conversation}
        screens = await self._stories.read(conversation, set(callers.values())) if callers else {}
        (self._behind.add if callers and not screens else self._behind.discard)(conversation)
        for caller in callers if screens else ():
            for agent, board in list(self._boards.items()):
                self._set(agent, boards.refreshed(board, caller, screens[callers[caller]]))

    async def _catch_up(self) -> None:
        self._stories.away = False
        await self._stories.write()
        for conversation in self._unread():
            await self._reread(conversation)
        if not self._stories.away and not self._unread():
            self._retry = self._retry_first

    def _unread(self) -> set[str]:
        pops = [pop for board in self._boards.values() for pop in board.pops]
        self._behind.intersection_update(pop.conversation for pop in pops)
        return self._behind.union(pop.conversation for pop in pops if pop.unread)

    def _pops(self) -> Iterator[Pop]:
        return (pop for board in self._boards.values() for pop in board.pops + board.recent)

    def _try_later(self) -> None:
        if "retry" not in self._timers:
            self._later("retry", self._retry, self._catch_up)
            self._retry = min(self._retry * 2, RETRY_MOST)

    def _later(self, name: Hashable, seconds: float, work: _Work) -> None:
        def due() -> None:
            self._timers.pop(name, None)
            self._inbox.put_nowait(work)

        if earlier := self._timers.pop(name, None):
            earlier.cancel()
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, due)

    def _set(self, agent: str, board: Board) -> None:
        if board == self._boards[agent]:
            return
        self._boards[agent] = board
        for reader in self._readers[agent]:
            if reader.full():
                reader.get_nowait()
            reader.put_nowait(board)


def _note(event: QueueEvent) -> Note:
    by = {"by": event.by} if event.kind == "ended" else {}
    return Note(_NOTES[event.kind], event.at, data={"agent": event.agent, **by}, interaction=event.interaction)
