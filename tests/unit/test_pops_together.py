"""Several callers in one conversation, of a household or from one switchboard: each has a pop of their own."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from context_store.errors import StoreUnavailable
from context_store.records import Answer, Level, NoteKind, Progress, Sensitivity
from ivr.call.board import PopState
from ivr.call.pops import Pops
from ivr.call.ports import QueueEvent
from ivr.call.screen import Goal
from ivr.call.stories import UNWRITTEN_LIMIT
from ivr.call.watch import Watch
from tests.unit.stories import CALL, CONVERSATION, MOBILE, note, saved, verified
from tests.unit.test_pops import LIMIT, FlakyStore, Kind, event, pops, states, store, tell, watch

__all__ = ["pops", "store", "watch"]  # fixtures

SECOND = "face"
THEIRS = "+905559998877"


def of_second(kind: Kind, at: float, agent: str = "1002") -> QueueEvent:
    return replace(event(kind, at, agent=agent, call="l2"), visits=(SECOND,))


async def joins(store: FlakyStore, level: Level, *, customer: bool = True) -> None:
    """Another caller comes into the conversation of the story: of the same household, or a stranger."""
    story = verified()
    assert story.progress
    facts = story.progress.facts if customer else {}
    answers = {"symptom": Answer("symptom", "slow", Sensitivity.PLAIN, "symptom")}
    progress = Progress("hotline", "v1", "tr", phase="transferred", level=level, facts=facts, answers=answers)
    notes = (
        note(50, NoteKind.STARTED, ani=THEIRS),
        note(51, NoteKind.PRESSED, "symptom", key="3", choice="slow"),
        note(52, NoteKind.TRANSFERRED, queue="faults", reason="asked"),
    )
    call = replace(story.interactions[0], id=SECOND, ani=THEIRS, started_at=50)
    await store.save(replace(saved(story), interaction=call, progress=progress, notes=notes))


async def test_who_calls_and_how_sure_that_is_is_each_callers_own(pops: Pops, store: FlakyStore) -> None:
    """The first has given the PIN; the second calls about the same line from a number that is theirs."""
    await joins(store, Level.RECOGNISED)
    first = (await tell(pops, event("ringing", 60), of_second("ringing", 61))).pops[0].screen
    second = pops.board("1002").pops[0].screen
    assert (first.sure.level, first.sure.proof, first.who.calling) == (Level.VERIFIED, "pin", MOBILE)
    assert (second.sure.level, second.sure.proof, second.who.calling) == (Level.RECOGNISED, None, THEIRS)
    assert [one.who.name for one in (first, second)] == ["Ayşe Yılmaz"] * 2
    assert [one.sure.failed_proofs for one in (first, second)] == [1, 0]
    assert {one.kind for one in second.settled} == {"name", "line", "answer", "done"}, (
        "the ticket is about their line, too"
    )
    assert [one.reason for one in (first, second)] == ["fault", "asked"]
    symptoms = [next(given.value for given in one.given if given.question == "symptom") for one in (first, second)]
    assert symptoms == ["no_internet", "slow"]


async def test_who_shares_a_number_with_a_customer_is_not_that_customer(pops: Pops, store: FlakyStore) -> None:
    """They called from one switchboard; then one of them proved to be Ayşe."""
    await joins(store, Level.UNKNOWN, customer=False)
    await tell(pops, of_second("ringing", 61))
    pop = pops.board("1002").pops[0].screen
    assert (pop.who.name, pop.who.customer_id, pop.who.line) == (None, None, None)
    assert (pop.sure.level, pop.sure.way, pop.line_state) == (Level.UNKNOWN, None, None)
    assert [(one.question, one.value) for one in pop.given] == [("symptom", "slow")]
    assert (pop.done, pop.found) == ((), ())
    assert (pop.who.calling, pop.trouble.interactions) == (THEIRS, 2)


async def test_so_it_is_when_the_conversation_does_not_know_the_customer(pops: Pops, store: FlakyStore) -> None:
    """The stranger's step wrote the summary last."""
    await joins(store, Level.UNKNOWN, customer=False)
    story = await store.story(CONVERSATION)
    assert story
    anybody = replace(story.conversation, customer_id=None, customer_name=None, line=None)
    call, progress = story.interactions[-1], (await store.progresses(CONVERSATION, [SECOND]))[SECOND]
    await store.save(replace(saved(verified(), 2), conversation=anybody, interaction=call, progress=progress, notes=()))
    await tell(pops, of_second("ringing", 61))
    pop = pops.board("1002").pops[0].screen
    assert [one.question for one in pop.given] == ["symptom"]
    assert (pop.done, pop.found) == ((), ())


async def test_a_caller_of_whom_the_store_knows_nothing_is_nobody(pops: Pops) -> None:
    lost = replace(of_second("ringing", 61), visits=("abcd",))
    await tell(pops, lost)
    pop = pops.board("1002").pops[0].screen
    assert (pop.who.name, pop.who.calling, pop.sure.level) == (None, None, Level.UNKNOWN)
    assert pop.incomplete
    assert pop.timeline, "the history is there"


async def test_one_is_answered_while_the_other_rings_on(pops: Pops) -> None:
    await tell(pops, event("ringing", 60), of_second("ringing", 61), event("connected", 63))
    assert states(pops.board("1001")) == [PopState.ANSWERED]
    assert states(pops.board("1002")) == [PopState.RINGING]


async def test_one_gives_up_while_the_other_rings_on(pops: Pops) -> None:
    await tell(pops, event("ringing", 60), of_second("ringing", 61), event("abandoned", 63, agent=""))
    assert pops.board("1001").pops == ()
    assert states(pops.board("1002")) == [PopState.RINGING]


async def test_both_may_be_on_one_page(pops: Pops, store: FlakyStore) -> None:
    await joins(store, Level.RECOGNISED)
    first = event("ringing", 60), event("connected", 61), event("ended", 90)
    board = await tell(pops, *first, of_second("ringing", 95, "1001"))
    assert [(pop.caller, pop.state) for pop in board.pops] == [(SECOND, PopState.RINGING)]
    assert [(pop.caller, pop.state) for pop in board.recent] == [(CALL, PopState.ENDED)]
    board = await tell(pops, event("ringing", 96), of_second("connected", 97, "1001"))
    assert {(pop.caller, pop.state) for pop in board.pops} == {(CALL, PopState.RINGING), (SECOND, PopState.ANSWERED)}


async def test_what_becomes_of_one_is_not_said_of_the_other(pops: Pops, store: FlakyStore) -> None:
    await joins(store, Level.RECOGNISED)
    events = event("ringing", 60), event("connected", 61), of_second("ringing", 60), of_second("connected", 61)
    board = await tell(pops, *events, event("ended", 90))
    pops.wrap_up("1001", CALL, solved=False)
    pops.wrap_up("1002", CALL, solved=False)
    pops.passed("1002", board.pops[0], Goal("menu"), 91)
    await tell(pops)
    assert pops.board("1001").pops == ()
    assert states(pops.board("1002")) == [PopState.ANSWERED]


async def test_the_log_says_with_whom_agents_talked(pops: Pops, store: FlakyStore, watch: Watch) -> None:
    await joins(store, Level.RECOGNISED)
    with watch.subscribe() as happenings:
        board = await tell(pops, event("ringing", 60), of_second("ringing", 60, "1001"), event("connected", 62))
        told = [happenings.get_nowait() for _ in range(happenings.qsize())]
    assert [(one.data["event"], one.call) for one in told] == [
        ("ringing", CALL),
        ("ringing", SECOND),
        ("connected", CALL),
    ]
    story = await store.story(CONVERSATION)
    assert story
    phone = (NoteKind.RANG, NoteKind.CONNECTED)
    noted = [(one.kind, one.interaction) for one in story.notes if one.kind in phone]
    assert noted == [(NoteKind.RANG, CALL), (NoteKind.RANG, SECOND), (NoteKind.CONNECTED, CALL)]
    rung = [one for one in board.pops[0].screen.timeline if one.kind is NoteKind.RANG]
    assert len(rung) == 2, "one phone rang for two callers at once: that is no repetition"


async def test_who_comes_back_from_the_menus_is_told_with_what_the_agent_before_wrote(
    pops: Pops, store: FlakyStore
) -> None:
    """Another caller of the conversation, who has come at the same time, has not."""
    told = {"agent": "1001", "to": "menu", "name": "", "queue": "faults"}
    gone = (note(90, NoteKind.PASSED, **told), note(90, NoteKind.REMARKED, agent="1001", words="Modem"))
    await store.add_notes(CONVERSATION, [replace(one, interaction=CALL) for one in gone])
    await joins(store, Level.RECOGNISED)
    await tell(pops, replace(event("ringing", 99), visits=("back", CALL)), of_second("ringing", 99))
    back, other = pops.board("1001").pops[0].screen, pops.board("1002").pops[0].screen
    assert back.passed
    assert (back.passed.agent, back.passed.words) == ("1001", "Modem")
    assert (back.who.name, back.sure.level) == ("Ayşe Yılmaz", Level.VERIFIED), "nobody served them since"
    assert other.passed is None


async def test_what_is_dropped_while_the_store_is_away_is_counted(
    store: FlakyStore, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    async with Pops(store, watch, patience=0.05, retry_first=0.001) as pops:
        await tell(pops, event("ringing", 60), event("connected", 61))
        store.away = True
        for number in range(UNWRITTEN_LIMIT + 3):
            pops.tell(CONVERSATION, note(70 + number, NoteKind.REMARKED, agent="1001", words="x"))
        with pops.subscribe("1001") as boards:
            await tell(pops)
            store.away = False
            async with asyncio.timeout(LIMIT):
                while (await boards.get()).pops[0].screen.lost != 3:
                    pass
    story = await store.story(CONVERSATION)
    assert story
    assert story.notes[-1].at == 70 + UNWRITTEN_LIMIT + 2, "the newest are written"
    assert "3 entries" in caplog.text


async def test_a_page_whose_caller_cannot_be_looked_up_is_filled_later(
    pops: Pops, store: FlakyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    await joins(store, Level.RECOGNISED)
    with monkeypatch.context() as patch, pops.subscribe("1002") as boards:
        patch.setattr(store, "progresses", away)
        await tell(pops, of_second("ringing", 61))
        assert pops.board("1002").pops[0].unread
        patch.undo()
        async with asyncio.timeout(LIMIT):
            while not (board := await boards.get()).pops or board.pops[0].unread:
                pass
    assert board.pops[0].screen.sure.level is Level.RECOGNISED
