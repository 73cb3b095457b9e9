"""No pop is lost: found again after a restart, followed when its call joins another conversation, ended as it was."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from context_store.errors import StoreUnavailable
from context_store.memory import MemoryStore
from context_store.records import Note, NoteKind
from ivr.call.board import Board, PopState
from ivr.call.pops import Pops
from ivr.call.ports import QueueEvent
from ivr.call.screen import Goal
from ivr.call.watch import Watch
from tests.unit.stories import CALL, CONVERSATION, named, note, saved
from tests.unit.test_pops import LIMIT, FlakyStore, Kind, event, pops, states, store, tell, watch

__all__ = ["pops", "store", "watch"]  # fixtures

AT = 1000.0


def found(kind: Kind, at: float) -> QueueEvent:
    """What the exchange tells a controller that has not heard of it."""
    return replace(event(kind, at), heard=False)


def own(at: float, kind: NoteKind, agent: str = "1001", **data: object) -> Note:
    """What that agent's phone did for the caller of the story."""
    return replace(note(at, kind, "", agent=agent, **data), interaction=CALL)


def ended(at: float, by: str, agent: str = "1001") -> QueueEvent:
    return replace(event("ended", at, agent=agent), by=by)


async def log(store: FlakyStore, conversation: str = CONVERSATION) -> list[Note]:
    story = await MemoryStore.story(store, conversation)
    return list(story.notes) if story else []


async def test_a_phone_that_rings_already_gets_its_pop(pops: Pops, store: FlakyStore) -> None:
    board = await tell(pops, found("ringing", 60))
    assert states(board) == [PopState.RINGING]
    assert board.pops[0].screen.who.name == "Ayşe Yılmaz"
    assert await store.kinds() == [NoteKind.RANG], "nobody had heard of it"
    assert (await tell(pops, event("retracted", 61))).pops == ()


async def test_a_talk_is_found_with_the_time_that_another_controller_noted(pops: Pops, store: FlakyStore) -> None:
    noted = [own(60.2, NoteKind.RANG), own(70.5, NoteKind.CONNECTED)]
    await store.add_notes(CONVERSATION, noted)
    board = await tell(pops, found("connected", 60))
    assert states(board) == [PopState.ANSWERED]
    assert board.pops[0].answered_at == 70.5
    assert await store.kinds() == [NoteKind.RANG, NoteKind.CONNECTED], "not noted twice"
    assert states(await tell(pops, event("ended", 90))) == [PopState.ENDED]


async def test_a_talk_that_nobody_noted_began_when_the_phone_rang(pops: Pops, store: FlakyStore) -> None:
    board = await tell(pops, found("connected", 60))
    assert board.pops[0].answered_at == 60
    assert await store.kinds() == [NoteKind.CONNECTED]


@pytest.mark.parametrize(
    "other",
    [
        own(70, NoteKind.CONNECTED, "1002"),
        own(59, NoteKind.CONNECTED),
        replace(own(70, NoteKind.CONNECTED), interaction="another caller's"),
    ],
)
async def test_what_another_phone_did_or_this_one_before_is_not_taken_for_it(
    pops: Pops, store: FlakyStore, other: Note
) -> None:
    await store.add_notes(CONVERSATION, [other])
    assert (await tell(pops, found("connected", 60))).pops[0].answered_at == 60


async def test_an_answer_that_was_missed_is_shown_though_the_ring_was_heard_later(pops: Pops) -> None:
    """The phone's channel is made a moment before its ring is told."""
    board = await tell(pops, event("ringing", 60.3), found("connected", 60))
    assert states(board) == [PopState.ANSWERED]


async def test_without_a_store_the_pop_is_found_all_the_same(store: FlakyStore, watch: Watch) -> None:
    async with Pops(store, watch, patience=0.05, retry_first=3600) as pops:
        store.away = True
        board = await tell(pops, found("connected", 60))
        assert states(board) == [PopState.ANSWERED]
        assert board.pops[0].unread


@pytest.mark.parametrize(("by", "told"), [("caller", "caller"), ("agent", "agent"), ("", "")])
async def test_who_hung_up_is_noted(pops: Pops, store: FlakyStore, by: str, told: str) -> None:
    board = await tell(pops, event("ringing", 60), event("connected", 65), ended(90, by))
    assert board.pops[0].by == told
    [parted] = [one for one in await log(store) if one.kind is NoteKind.PARTED]
    assert (parted.at, parted.data) == (90, {"agent": "1001", "by": told})


async def test_a_caller_who_is_passed_on_has_not_hung_up(pops: Pops, store: FlakyStore) -> None:
    board = await tell(pops, event("ringing", 60), event("connected", 65), ended(90, "transfer"))
    assert states(board) == [PopState.PASSED]
    assert NoteKind.PARTED not in [one.kind for one in await log(store)]


async def test_the_late_news_that_a_talk_has_ended_changes_nothing(pops: Pops) -> None:
    board = await tell(pops, event("ringing", 60), event("connected", 65))
    pops.passed("1001", board.pops[0], Goal("menu"), 90)
    board = await tell(pops, ended(4000, "transfer"))
    assert states(board) == [PopState.PASSED]
    assert (board.pops[0].at, board.pops[0].passed) == (90, Goal("menu"))


async def test_an_end_that_is_told_late_is_no_end_of_who_was_passed_on_elsewhere(pops: Pops, store: FlakyStore) -> None:
    """This controller has not heard that its agent passed the caller on: the page was at another."""
    await tell(pops, event("ringing", 60), event("connected", 65))
    gone = note(90, NoteKind.PASSED, agent="1001", to="menu", name="", queue="faults")
    await store.add_notes(CONVERSATION, [gone])
    board = await tell(pops, replace(ended(4000, "caller"), heard=False))
    assert [(pop.state, pop.at) for pop in board.pops] == [(PopState.PASSED, 90)]
    assert NoteKind.PARTED not in [one.kind for one in await log(store)]


async def test_an_end_that_is_told_late_is_one_when_nobody_passed_the_caller_on(pops: Pops, store: FlakyStore) -> None:
    late = replace(ended(90, "caller"), heard=False)
    board = await tell(pops, event("ringing", 60), event("connected", 65), late)
    assert [(pop.state, pop.by) for pop in board.pops] == [(PopState.ENDED, "caller")]
    assert (await log(store))[-1].kind is NoteKind.PARTED


async def test_who_was_passed_on_may_ring_at_the_same_agent_again(pops: Pops) -> None:
    board = await tell(pops, event("ringing", 60), event("connected", 65))
    pops.passed("1001", board.pops[0], Goal("queue", "orders"), 90)
    board = await tell(pops, event("ringing", 93))
    assert states(board) == [PopState.RINGING]
    assert board.pops[0].passed is None


async def test_a_page_at_another_controller_learns_that_its_agent_has_passed_the_caller_on(
    pops: Pops, store: FlakyStore
) -> None:
    await tell(pops, event("ringing", 60), event("connected", 65))
    gone = note(90, NoteKind.PASSED, agent="1001", to="menu", name="", queue="faults")
    await store.add_notes(CONVERSATION, [gone])
    with pops.subscribe("1001") as boards:
        boards.get_nowait()
        board = await asyncio.wait_for(boards.get(), LIMIT)
    assert [(pop.state, pop.at) for pop in board.pops] == [(PopState.PASSED, 90)]


async def test_what_an_agent_passed_on_before_does_not_end_the_talk_of_now(pops: Pops, store: FlakyStore) -> None:
    gone = note(62, NoteKind.PASSED, agent="1001", to="queue", name="orders", queue="faults")
    await store.add_notes(CONVERSATION, [gone])
    board = await tell(pops, event("ringing", 64), event("connected", 65))
    assert states(board) == [PopState.ANSWERED]


async def wrapped_up(pops: Pops, *, solved: bool) -> Board:
    await tell(pops, event("ringing", 60), event("connected", 65), event("ended", 90))
    pops.wrap_up("1001", CALL, solved=solved)
    return await tell(pops)


@pytest.mark.parametrize("solved", [True, False])
async def test_wrapping_up_closes_what_is_solved(store: FlakyStore, watch: Watch, solved: bool) -> None:
    async with Pops(store, watch, clock=lambda: AT) as pops:
        board = await wrapped_up(pops, solved=solved)
    assert board.pops == ()
    assert [(pop.state, pop.solved) for pop in board.recent] == [(PopState.ENDED, solved)]
    assert (await log(store))[-1] == own(AT, NoteKind.WRAPPED_UP, solved=solved)
    story = await store.story(CONVERSATION)
    assert story
    assert (story.conversation.outcome, story.conversation.closed_at) == (("solved", AT) if solved else (None, None))


async def test_it_is_closed_when_the_store_is_back(store: FlakyStore, watch: Watch) -> None:
    async with Pops(store, watch, retry_first=0.001) as pops:
        await tell(pops, event("ringing", 60), event("connected", 65), event("ended", 90))
        store.away = True
        pops.wrap_up("1001", CALL, solved=True)
        assert (await tell(pops)).pops == (), "the agent does not wait for it"
        store.away = False
        async with asyncio.timeout(LIMIT):
            while True:
                story = await store.story(CONVERSATION)
                if story and story.conversation.closed_at:
                    break
                await asyncio.sleep(0.001)
    assert [one.kind for one in await log(store)].count(NoteKind.WRAPPED_UP) == 1


@pytest.mark.parametrize(
    "events",
    [
        [event("ringing", 60)],
        [event("ringing", 60), event("connected", 65)],
        [event("ringing", 60), event("connected", 65), ended(90, "transfer")],
        [event("ringing", 60, agent="1002"), event("connected", 65, agent="1002"), event("ended", 90, agent="1002")],
    ],
)
async def test_only_the_agents_own_call_that_has_ended_can_be_wrapped_up(
    pops: Pops, store: FlakyStore, events: list[QueueEvent]
) -> None:
    before = await tell(pops, *events)
    pops.wrap_up("1001", CALL, solved=True)
    assert await tell(pops) == before
    story = await store.story(CONVERSATION)
    assert story
    assert story.conversation.closed_at is None


async def test_a_call_is_wrapped_up_once(pops: Pops, store: FlakyStore) -> None:
    await wrapped_up(pops, solved=False)
    pops.wrap_up("1001", CALL, solved=True)
    await tell(pops)
    assert [one.kind for one in await log(store)].count(NoteKind.WRAPPED_UP) == 1


async def test_a_pop_whose_call_joins_another_conversation_shows_its_history(pops: Pops, store: FlakyStore) -> None:
    await tell(pops, event("ringing", 60))
    await store.save(saved(named("Mehmet Demir", "older")))
    await store.merge(CONVERSATION, "older", "one#1")
    board = await tell(pops, event("connected", 65))
    assert board.pops[0].screen.who.name == "Ayşe Yılmaz", "the caller is who they were"
    assert (board.pops[0].screen.conversation, board.pops[0].screen.trouble.interactions) == ("older", 2)
    assert [one.kind for one in await log(store, "older")][-1] is NoteKind.CONNECTED


async def test_notes_are_kept_before_they_are_shown(pops: Pops, store: FlakyStore) -> None:
    board = await tell(pops, event("ringing", 60), event("connected", 65))
    words = note(90, NoteKind.REMARKED, agent="1001", words="x")
    await asyncio.wait_for(pops.keep(CONVERSATION, words), LIMIT)
    assert (await log(store))[-1] == words
    assert await tell(pops) == board
    store.away = True
    await asyncio.wait_for(pops.keep(CONVERSATION, words), LIMIT)  # returns all the same


async def test_a_caller_meant_for_one_agent_shows_the_queue_of_the_story(pops: Pops) -> None:
    board = await tell(pops, replace(event("ringing", 60), queue=""))
    assert (board.pops[0].queue, board.pops[0].screen.queue) == ("", "faults")


async def test_a_store_that_fails_in_between_keeps_the_order(
    pops: Pops, store: FlakyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise StoreUnavailable("away")

    await tell(pops, event("ringing", 60), event("connected", 65), event("ended", 90))
    with monkeypatch.context() as patch:
        patch.setattr(store, "close", fails)
        pops.wrap_up("1001", CALL, solved=True)
        pops.tell(CONVERSATION, note(95, NoteKind.REMARKED, agent="1001", words="later"))
        await tell(pops)
    async with asyncio.timeout(LIMIT):
        while True:
            if (await log(store))[-1].kind is NoteKind.REMARKED:
                break
            await asyncio.sleep(0.001)
    story = await store.story(CONVERSATION)
    assert story
    assert story.conversation.closed_at
