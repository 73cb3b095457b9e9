"""Which screen-pop is on which agent's page. Hears of queue events, reads the stories, tells the pages.

One task owns all state: events, the agent's clicks and retries reach it through one inbox. A page gets whole boards,
and only the newest: a slow or reconnected page misses nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from context_store.errors import BadRecord, StoreError
from context_store.records import Note, NoteKind
from context_store.store import Store
from ivr.call import board as boards
from ivr.call.board import Board, PopState
from ivr.call.handover import blank_pop, screen_pop
from ivr.call.ports import QueueEvent
from ivr.call.screen import ScreenPop
from ivr.call.watch import Happening, Watch

log = logging.getLogger(__name__)

PATIENCE = 0.3  # seconds that a ringing phone waits for the store before the pop is shown without a story
RETRY_FIRST, RETRY_MOST = 0.25, 5.0  # seconds until the store is asked again, doubling
RING_LIMIT = 180.0  # seconds; no queue rings one phone longer, so the end of this ring was lost
UNWRITTEN_LIMIT = 1000  # notes kept while the store is away

_NOTES = {"ringing": NoteKind.RANG, "retracted": NoteKind.RETRACTED, "connected": NoteKind.CONNECTED}


@dataclass(frozen=True, slots=True)
class _Close:
    agent: str
    conversation: str


@dataclass(frozen=True, slots=True)
class _RingOver:
    agent: str
    conversation: str
    at: float


@dataclass(frozen=True, slots=True)
class _Tell:
    conversation: str
    note: Note


@dataclass(frozen=True, slots=True)
class _Retry:
    """Ask the store again: write what is unwritten, read what is unread."""


class Pops:
    """A `QueueWatcher` and the pages' source. Use it as `async with Pops(store, watch) as pops`.

    `patience`, `retry_first` and `ring_limit` are seconds; tests make them short.
    """

    def __init__(
        self,
        store: Store,
        watch: Watch | None = None,
        *,
        patience: float = PATIENCE,
        retry_first: float = RETRY_FIRST,
        ring_limit: float = RING_LIMIT,
    ) -> None:
        self._store = store
        self._watch = watch or Watch()
        self._patience = patience
        self._retry_first = self._retry = retry_first
        self._ring_limit = ring_limit
        self._inbox: asyncio.Queue[QueueEvent | _Close | _RingOver | _Tell | _Retry] = asyncio.Queue()
        self._boards: defaultdict[str, Board] = defaultdict(Board)
        self._readers: defaultdict[str, set[asyncio.Queue[Board]]] = defaultdict(set)
        self._unwritten: deque[tuple[str, Note]] = deque(maxlen=UNWRITTEN_LIMIT)
        self._timers: dict[Hashable, asyncio.TimerHandle] = {}
        self._store_away = False
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
        self._inbox.put_nowait(event)

    def close(self, agent: str, conversation: str) -> None:
        """The agent has wrapped up that call; only enqueues."""
        self._inbox.put_nowait(_Close(agent, conversation))

    def tell(self, conversation: str, note: Note) -> None:
        """Add a note of what an agent did to the conversation, and show it; only enqueues."""
        self._inbox.put_nowait(_Tell(conversation, note))

    def board(self, agent: str) -> Board:
        """What that agent's page shows now."""
        return self._boards.get(agent, Board())

    async def idle(self) -> None:
        """Return when everything that was enqueued until now is done."""
        await self._inbox.join()

    @contextmanager
    def subscribe(self, agent: str) -> Iterator[asyncio.Queue[Board]]:
        """A queue that holds that agent's newest board: the present one at once, then each that differs."""
        reader: asyncio.Queue[Board] = asyncio.Queue(1)
        reader.put_nowait(self.board(agent))
        self._readers[agent].add(reader)
        try:
            yield reader
        finally:
            self._readers[agent].discard(reader)

    async def _serve(self) -> None:
        while True:
            work = await self._inbox.get()
            try:
                await self._do(work)
            except Exception:  # one event gone wrong must not take the pops from everybody
                log.exception("could not handle %s", type(work).__name__)
            finally:
                self._inbox.task_done()

    async def _do(self, work: QueueEvent | _Close | _RingOver | _Tell | _Retry) -> None:
        match work:
            case QueueEvent():
                await self._queue_did(work)
            case _Close():
                self._set(work.agent, boards.closed(self.board(work.agent), work.conversation))
            case _RingOver():
                self._set(work.agent, boards.expired(self.board(work.agent), work.conversation, work.at))
            case _Tell():
                self._unwritten.append((work.conversation, work.note))
                await self._write()
                await self._reread(work.conversation)
            case _Retry():
                await self._catch_up()

    async def _queue_did(self, event: QueueEvent) -> None:
        changed = [agent for agent in self._concerned(event) if boards.is_news(self.board(agent), event)]
        if not changed and event.kind != "abandoned":
            return
        data = {"event": event.kind, "agent": event.agent}
        self._watch.publish(Happening(event.at, event.conversation, "queue", data=data))
        for agent in changed:
            await self._show(agent, event)
        if event.kind == "connected":
            self._answered_elsewhere(event)
        if event.kind in _NOTES:
            note = Note(_NOTES[event.kind], event.at, data={"agent": event.agent})
            self._unwritten.append((event.conversation, note))
            await self._write()
        if event.kind in ("connected", "ended") and not self._store_away:
            await self._reread(event.conversation)

    def _concerned(self, event: QueueEvent) -> list[str]:
        if event.kind != "abandoned":
            return [event.agent] if event.agent else []
        return [agent for agent, board in self._boards.items() if board.find(event.conversation)]

    async def _show(self, agent: str, event: QueueEvent) -> None:
        board = self.board(agent)
        screen, known = None, board.find(event.conversation)
        if event.kind == "ringing" or known is None:
            screen = await self._read(event.conversation)
        blank = blank_pop(event.conversation, event.queue)
        self._set(agent, boards.after(board, event, screen or blank, unread=screen is None))
        if event.kind == "ringing":
            over = _RingOver(agent, event.conversation, event.at)
            self._later(("ring", agent, event.conversation), self._ring_limit, over)

    def _answered_elsewhere(self, event: QueueEvent) -> None:
        """Phones that rang at the same time have stopped."""
        for agent, board in list(self._boards.items()):
            pop = board.find(event.conversation)
            if agent != event.agent and pop and pop.state is PopState.RINGING:
                self._set(agent, boards.expired(board, event.conversation, pop.at))

    async def _read(self, conversation: str) -> ScreenPop | None:
        """The story as a pop. None when it cannot be read now; then it is tried again soon."""
        story = None
        if not self._store_away:
            try:
                async with asyncio.timeout(self._patience):
                    story = await self._store.story(conversation)
            except (StoreError, TimeoutError) as error:
                self._missed_store(error)
        if story is None:
            self._try_later()
            return None
        return screen_pop(story)

    async def _write(self) -> None:
        while self._unwritten and not self._store_away:
            conversation, note = self._unwritten[0]
            try:
                async with asyncio.timeout(self._patience):
                    await self._store.add_notes(conversation, [note])
            except BadRecord:
                log.exception("a note of conversation %s is lost", conversation)
                self._unwritten.popleft()
            except (StoreError, TimeoutError) as error:
                self._missed_store(error)
            else:
                self._unwritten.popleft()

    async def _reread(self, conversation: str) -> None:
        if screen := await self._read(conversation):
            for agent, board in list(self._boards.items()):
                self._set(agent, boards.refreshed(board, screen))

    async def _catch_up(self) -> None:
        self._store_away = False
        await self._write()
        for conversation in self._unread():
            await self._reread(conversation)
        if not self._store_away and not self._unread():
            self._retry = self._retry_first

    def _unread(self) -> set[str]:
        return {pop.conversation for board in self._boards.values() for pop in board.pops if pop.unread}

    def _missed_store(self, error: Exception) -> None:
        log.warning("screen-pops go on without the store: %s", error or "no answer in time")
        self._store_away = True
        self._try_later()

    def _try_later(self) -> None:
        if "retry" not in self._timers:
            self._later("retry", self._retry, _Retry())
            self._retry = min(self._retry * 2, RETRY_MOST)

    def _later(self, name: Hashable, seconds: float, work: _RingOver | _Retry) -> None:
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
