"""Pops follow the queue: shown, answered, ended, taken back; twice, out of order, and without a store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Literal

import pytest

from context_store.errors import BadRecord, StoreUnavailable
from context_store.memory import MemoryStore
from context_store.records import Level, Note, NoteKind, Story
from ivr.call.board import MOST_POPS, MOST_RECENT, Board, PopState, expired
from ivr.call.pops import Pops
from ivr.call.ports import QueueEvent
from ivr.call.watch import Watch
from tests.unit.stories import CALL, CONVERSATION, call_in, named, saved, verified

Kind = Literal["ringing", "retracted", "connected", "ended", "abandoned"]
LIMIT = 5.0  # seconds until a test that waits for nothing fails


def event(kind: Kind, at: float, conversation: str = CONVERSATION, agent: str = "1001", call: str = "l1") -> QueueEvent:
    return QueueEvent(kind, at, conversation, "faults", agent, call, visits=(call_in(conversation),))


class FlakyStore(MemoryStore):
    """A store that can be away. `asked` counts the reads that were tried."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.hangs = False
        self.refuses = False
        self.asked = 0

    async def story(self, conversation: str, last: int = 200) -> Story | None:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.away:
            raise StoreUnavailable("away")
        return await super().story(conversation, last)

    async def add_notes(self, conversation: str, notes: Sequence[Note]) -> None:
        if self.refuses:
            raise BadRecord("no")
        if self.away:
            raise StoreUnavailable("away")
        await super().add_notes(conversation, notes)

    async def kinds(self, conversation: str = CONVERSATION) -> list[NoteKind]:
        story = await super().story(conversation)
        phone = (NoteKind.RANG, NoteKind.RETRACTED, NoteKind.CONNECTED)
        return [note.kind for note in story.notes if note.kind in phone] if story else []


@pytest.fixture
async def store() -> FlakyStore:
    store = FlakyStore()
    await store.save(saved(verified()))
    return store


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def pops(store: FlakyStore, watch: Watch) -> AsyncIterator[Pops]:
    async with Pops(store, watch, patience=0.05, retry_first=0.001) as pops:
        yield pops


async def tell(pops: Pops, *events: QueueEvent) -> Board:
    """The first agent's board after these events."""
    for one in events:
        pops.queue_event(one)
    await asyncio.wait_for(pops.idle(), LIMIT)
    return pops.board("1001")


def states(board: Board) -> list[PopState]:
    return [pop.state for pop in board.pops]


async def test_a_call_rings_is_answered_ends_and_is_put_away(pops: Pops, store: FlakyStore) -> None:
    board = await tell(pops, event("ringing", 60))
    assert states(board) == [PopState.RINGING]
    assert board.pops[0].screen.who.name == "Ayşe Yılmaz"
    board = await tell(pops, event("connected", 65))
    assert states(board) == [PopState.ANSWERED]
    assert (board.pops[0].rang_at, board.pops[0].answered_at) == (60, 65)
    assert states(await tell(pops, event("ended", 90))) == [PopState.ENDED]
    pops.wrap_up("1001", CALL, solved=False)
    board = await tell(pops)
    assert board.pops == ()
    assert [pop.state for pop in board.recent] == [PopState.ENDED]
    assert await store.kinds() == [NoteKind.RANG, NoteKind.CONNECTED]


async def test_an_answered_pop_has_the_ring_and_the_answer_in_its_timeline(pops: Pops) -> None:
    board = await tell(pops, event("ringing", 60), event("connected", 65))
    assert [note.kind for note in board.pops[0].screen.timeline][-2:] == [NoteKind.RANG, NoteKind.CONNECTED]


async def test_a_call_that_is_not_answered_is_taken_back(pops: Pops, store: FlakyStore) -> None:
    board = await tell(pops, event("ringing", 60), event("retracted", 75))
    assert board.pops == ()
    assert [pop.state for pop in board.recent] == [PopState.RETRACTED]
    assert await store.kinds() == [NoteKind.RANG, NoteKind.RETRACTED]


async def test_the_same_phone_may_ring_again(pops: Pops) -> None:
    board = await tell(pops, event("ringing", 60), event("retracted", 75), event("ringing", 77))
    assert states(board) == [PopState.RINGING]
    assert board.recent == ()


async def test_a_caller_who_gives_up_is_taken_from_every_page(pops: Pops) -> None:
    both = event("ringing", 60), event("ringing", 60, agent="1002")
    board = await tell(pops, *both, event("abandoned", 70, agent=""))
    assert board.pops == ()
    assert pops.board("1002").pops == ()
    assert board.recent[0].state is PopState.ABANDONED


async def test_phones_that_rang_too_are_taken_back_when_one_answers(pops: Pops) -> None:
    await tell(pops, event("ringing", 60), event("ringing", 60, agent="1002"), event("connected", 64, agent="1002"))
    assert pops.board("1001").pops == ()
    assert states(pops.board("1002")) == [PopState.ANSWERED]


@pytest.mark.parametrize("again", ["ringing", "connected"])
async def test_events_may_come_twice(pops: Pops, store: FlakyStore, again: Kind) -> None:
    once = [event("ringing", 60), event("connected", 65)]
    before = await tell(pops, *once)
    assert await tell(pops, *once, event(again, 66)) == before
    assert await store.kinds() == [NoteKind.RANG, NoteKind.CONNECTED]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([event("connected", 65), event("ringing", 60)], [PopState.ANSWERED]),
        ([event("ringing", 60), event("ended", 90), event("connected", 65)], [PopState.ENDED]),
        ([event("ringing", 60), event("retracted", 75), event("ringing", 61)], []),
        ([event("ringing", 60), event("connected", 65), event("retracted", 70)], [PopState.ANSWERED]),
        ([event("ringing", 60), event("connected", 65), event("abandoned", 70, agent="")], [PopState.ANSWERED]),
        ([event("retracted", 60), event("ended", 61), event("abandoned", 62, agent="")], []),
        ([event("ringing", 60, agent="")], []),
    ],
)
async def test_events_out_of_order_do_no_harm(pops: Pops, events: list[QueueEvent], expected: list[PopState]) -> None:
    assert states(await tell(pops, *events)) == expected


async def test_the_conversation_may_come_back_to_the_same_agent_in_another_call(pops: Pops) -> None:
    first = [event("ringing", 60), event("connected", 65), event("ended", 90)]
    board = await tell(pops, *first, replace(event("ringing", 400, call="l2"), visits=("another",)))
    assert [(pop.caller, pop.state, pop.answered_at) for pop in board.pops] == [("another", PopState.RINGING, None)]
    assert [(pop.caller, pop.state) for pop in board.recent] == [(CALL, PopState.ENDED)]


async def test_a_caller_of_whom_the_exchange_tells_little_is_shown_once(pops: Pops) -> None:
    """Its settings are older than this controller: which visit of which channel it is, is not told."""
    first = [event("ringing", 60), event("connected", 65), event("ended", 90), event("ringing", 400, call="l2")]
    board = await tell(pops, *(replace(one, visits=()) for one in first))
    assert states(board) == [PopState.RINGING]
    assert board.pops[0].answered_at is None
    assert board.recent == ()
    assert (board.pops[0].screen.who.name, board.pops[0].screen.sure.level) == (None, Level.UNKNOWN)


async def test_an_answer_ends_the_talk_whose_end_was_missed(pops: Pops, store: FlakyStore) -> None:
    await store.save(saved(named("Mehmet Demir", "other")))
    events = [event("ringing", 60), event("connected", 65), event("ringing", 100, "other", call="l2")]
    board = await tell(pops, *events)
    assert states(board) == [PopState.RINGING, PopState.ANSWERED]
    board = await tell(pops, event("connected", 105, "other", call="l2"))
    assert states(board) == [PopState.ANSWERED, PopState.ENDED]


async def test_the_next_ring_puts_the_wrapped_up_call_away(pops: Pops, store: FlakyStore) -> None:
    await store.save(saved(named("Mehmet Demir", "other")))
    talk = [event("ringing", 60), event("connected", 65), event("ended", 90)]
    board = await tell(pops, *talk, event("ringing", 100, "other", call="l2"))
    assert [pop.conversation for pop in board.pops] == ["other"]
    assert [pop.conversation for pop in board.recent] == [CONVERSATION]


async def test_only_an_ended_call_can_be_put_away(pops: Pops) -> None:
    await tell(pops, event("ringing", 60))
    pops.close("1001", CALL)
    pops.close("1002", CALL)
    pops.close("1001", "no such caller")
    assert states(await tell(pops)) == [PopState.RINGING]


async def test_a_page_never_grows_without_end(pops: Pops, store: FlakyStore) -> None:
    for number in range(MOST_POPS + MOST_RECENT + 3):
        await store.save(saved(named("X", f"c{number}")))
        pops.queue_event(event("ringing", 60 + number, f"c{number}"))
    board = await tell(pops)
    assert len(board.pops) == MOST_POPS
    assert len(board.recent) == MOST_RECENT
    assert board.pops[0].conversation == f"c{MOST_POPS + MOST_RECENT + 2}"


async def test_a_page_that_comes_later_gets_the_same_board(pops: Pops) -> None:
    board = await tell(pops, event("ringing", 60))
    with pops.subscribe("1001") as boards:
        assert boards.get_nowait() == board


async def test_a_slow_page_gets_the_newest_board_only(pops: Pops) -> None:
    with pops.subscribe("1001") as boards:
        newest = await tell(pops, event("ringing", 60), event("connected", 65), event("ended", 90))
        assert boards.get_nowait() == newest
        assert boards.empty()


async def test_an_agent_sees_only_their_own_pops(pops: Pops) -> None:
    with pops.subscribe("1002") as boards:
        boards.get_nowait()
        await tell(pops, event("ringing", 60), event("connected", 65))
        assert boards.empty()


async def test_without_a_store_the_pop_is_shown_and_read_later(pops: Pops, store: FlakyStore) -> None:
    store.away = True
    board = await tell(pops, event("ringing", 60))
    assert board.pops[0].unread
    assert board.pops[0].screen.incomplete
    assert board.pops[0].queue == "faults"
    with pops.subscribe("1001") as boards:
        boards.get_nowait()
        store.away = False
        board = await asyncio.wait_for(boards.get(), LIMIT)
    assert not board.pops[0].unread
    assert board.pops[0].screen.who.name == "Ayşe Yılmaz"
    assert await store.kinds() == [NoteKind.RANG]  # written once the store was back


async def test_while_the_store_is_away_rings_do_not_wait_for_it(store: FlakyStore, watch: Watch) -> None:
    async with Pops(store, watch, patience=0.05, retry_first=3600) as pops:
        store.away = True
        await tell(pops, *(event("ringing", 60 + number, f"c{number}") for number in range(4)))
        assert store.asked == 1


async def test_a_store_that_hangs_delays_one_ring_only_a_little(store: FlakyStore, watch: Watch) -> None:
    async with Pops(store, watch, patience=0.001, retry_first=3600) as pops:
        store.hangs = True
        board = await tell(pops, event("ringing", 60))
        assert board.pops[0].unread


async def test_a_conversation_that_is_not_in_the_store_yet_is_looked_for_again(pops: Pops, store: FlakyStore) -> None:
    board = await tell(pops, event("ringing", 60, "late"))
    assert board.pops[0].unread
    with pops.subscribe("1001") as boards:
        boards.get_nowait()
        await store.save(saved(named("Zeynep Kaya", "late")))
        board = await asyncio.wait_for(boards.get(), LIMIT)
    assert board.pops[0].screen.who.name == "Zeynep Kaya"


async def test_a_note_that_cannot_be_written_does_not_block_the_others(pops: Pops, store: FlakyStore) -> None:
    store.refuses = True
    await tell(pops, event("ringing", 60))
    store.refuses = False
    await tell(pops, event("connected", 65))
    assert await store.kinds() == [NoteKind.CONNECTED]


async def test_a_ring_whose_end_was_lost_goes_away(store: FlakyStore, watch: Watch) -> None:
    async with Pops(store, watch, ring_limit=0.001) as pops:
        with pops.subscribe("1001") as boards:
            boards.get_nowait()
            pops.queue_event(event("ringing", 60))
            board = await asyncio.wait_for(boards.get(), LIMIT)
            while board.pops:
                board = await asyncio.wait_for(boards.get(), LIMIT)
        assert board.recent[0].state is PopState.RETRACTED


async def test_an_answered_call_does_not_go_away_with_its_ring(pops: Pops) -> None:
    board = await tell(pops, event("ringing", 60), event("connected", 65))
    assert expired(board, CALL, 60) == board


async def test_a_new_ring_does_not_go_away_with_the_old_one(pops: Pops) -> None:
    board = await tell(pops, event("ringing", 60), event("retracted", 75), event("ringing", 77))
    assert expired(board, CALL, 60) == board


async def test_one_event_gone_wrong_does_not_stop_the_others(
    pops: Pops, store: FlakyStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(conversation: str, last: int = 200) -> Story | None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(store, "story", broken)
        await tell(pops, event("ringing", 60))
    assert "may miss something" in caplog.text
    assert states(await tell(pops, event("ringing", 61))) == [PopState.RINGING]


async def test_the_live_feed_hears_each_event_once(pops: Pops, watch: Watch) -> None:
    with watch.subscribe() as happenings:
        await tell(pops, event("ringing", 60), event("ringing", 60), event("connected", 65))
        heard = [happenings.get_nowait() for _ in range(happenings.qsize())]
    assert [(one.kind, one.data["event"], one.data["agent"], one.at) for one in heard] == [
        ("queue", "ringing", "1001", 60),
        ("queue", "connected", "1001", 65),
    ]


async def test_closing_leaves_no_task_and_no_timer(store: FlakyStore, watch: Watch) -> None:
    before = asyncio.all_tasks()
    store.away = True
    async with Pops(store, watch) as pops:
        await tell(pops, event("ringing", 60))
    assert asyncio.all_tasks() == before
