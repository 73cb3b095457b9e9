"""What one agent's page shows, and how queue events change it. Pure: `ivr.call.pops` does the waiting and reading.

Queue events may come twice and out of order, so each is judged against the newest one that is known of its caller.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ivr.call.ports import QueueEvent
from ivr.call.screen import Goal, ScreenPop

MOST_POPS = 6  # on one page; an agent has one phone, so more are left over from lost events
MOST_RECENT = 8


class PopState(enum.StrEnum):
    """Where a pop stands. The last two are never on the page itself, only among the recent calls."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"  # stays on the page while the agent wraps up
    PASSED = "passed"  # somebody else has the caller now; stays until the agent has seen it
    RETRACTED = "retracted"
    ABANDONED = "abandoned"


_STATES = {
    "ringing": PopState.RINGING,
    "connected": PopState.ANSWERED,
    "ended": PopState.ENDED,
    "retracted": PopState.RETRACTED,
    "abandoned": PopState.ABANDONED,
}
_LIVE = (PopState.RINGING, PopState.ANSWERED)
_OVER = (PopState.ENDED, PopState.PASSED)
# Of two events with the same time, the one further on in this order is the newer.
_ORDER = list(PopState)


@dataclass(frozen=True, slots=True)
class Pop:
    """One caller on one agent's page. Times are epoch seconds; `at` is when it came into `state`.

    `caller`, `visits` and `channel` as in `QueueEvent`: others may be in the conversation, and on this page, too.
    `unread` marks a story that could not be read yet; reading it is tried again. `by` tells who hung up first, as
    `QueueEvent.by`; `passed` where the caller was passed on to, if that was from this very controller; `solved` what
    the agent said in the end.
    """

    conversation: str
    agent: str
    call: str
    queue: str
    state: PopState
    at: float
    rang_at: float
    answered_at: float | None
    screen: ScreenPop
    caller: str
    visits: tuple[str, ...] = ()
    unread: bool = False
    channel: str = ""
    by: str = ""
    passed: Goal | None = None
    solved: bool | None = None

    @property
    def interaction(self) -> str:
        """The caller's, "" when it is not known."""
        return self.visits[0] if self.visits else ""


@dataclass(frozen=True, slots=True)
class Board:
    """An agent's pops and recent calls, both newest first; a caller is in one of them at most once."""

    pops: tuple[Pop, ...] = ()
    recent: tuple[Pop, ...] = ()

    def find(self, caller: str) -> Pop | None:
        """The pop of that caller, on the page or among the recent ones."""
        return next((pop for pop in self.pops + self.recent if pop.caller == caller), None)


def is_news(board: Board, event: QueueEvent) -> bool:
    """Whether the event tells something that the board does not know yet."""
    known, state = board.find(event.caller), _state(event)
    if known is None:
        return state in (PopState.RINGING, PopState.ANSWERED)
    if (event.at, _ORDER.index(state)) <= (known.at, _ORDER.index(known.state)):
        return False
    if state is PopState.RINGING:
        return known.call != event.call or known.state not in _LIVE
    if state is PopState.ANSWERED:
        return known.state is not PopState.ANSWERED or known.call != event.call
    if state in _OVER:
        return known.state in _LIVE
    return known.state is PopState.RINGING


def after(board: Board, event: QueueEvent, screen: ScreenPop, *, unread: bool) -> Board:
    """The board after an event that is news. `screen` and `unread` are for a pop that is new on the page."""
    known, state = board.find(event.caller), _state(event)
    if known is None or state is PopState.RINGING:
        known = _new_pop(event, state, screen, unread=unread)
        board = _without(board, known.caller)
        board = replace(board, pops=(known, *board.pops))
    pop = replace(known, state=state, at=event.at, conversation=event.conversation)
    pop = replace(pop, call=event.call, channel=event.channel, by=event.by)
    if state is PopState.ANSWERED:
        pop = replace(pop, answered_at=event.at)
    return _tidied(_put(board, pop), newest=pop)


def refreshed(board: Board, caller: str, screen: ScreenPop) -> Board:
    """The board with a newer story of a caller; the story may be that of another conversation, which theirs has joined.

    It also tells of what another controller did: that this agent has passed the caller on.
    """

    def newer(pop: Pop) -> Pop:
        if pop.caller != caller:
            return pop
        pop = replace(pop, screen=screen, unread=False)
        passed = screen.passed
        if pop.state is PopState.ANSWERED and passed and passed.agent == pop.agent and passed.at >= pop.at:
            return replace(pop, state=PopState.PASSED, at=passed.at)
        return pop

    return Board(tuple(map(newer, board.pops)), tuple(map(newer, board.recent)))


def passed(board: Board, caller: str, goal: Goal, at: float) -> Board:
    """The board after the agent has passed the caller on."""
    pops = [pop for pop in board.pops if pop.caller == caller and pop.state in (PopState.ANSWERED, *_OVER)]
    for pop in pops:
        board = _put(board, replace(pop, state=PopState.PASSED, at=at, passed=goal))
    return board


def wrapped_up(board: Board, caller: str, *, solved: bool) -> Board:
    """The board after the agent has said what became of a call that has ended."""
    ended = [pop for pop in board.pops if _is(pop, caller, PopState.ENDED)]
    return _put_away(board, (replace(pop, solved=solved) for pop in ended))


def closed(board: Board, caller: str) -> Board:
    """The board without a caller who was passed on, and whom the agent need not see any more."""
    return _put_away(board, (pop for pop in board.pops if _is(pop, caller, PopState.PASSED)))


def expired(board: Board, caller: str, at: float) -> Board:
    """The board without a ring of which nothing more was heard: its retraction was lost."""
    lost = [pop for pop in board.pops if _is(pop, caller, PopState.RINGING) and pop.at == at]
    return _put_away(board, (replace(pop, state=PopState.RETRACTED) for pop in lost))


def _state(event: QueueEvent) -> PopState:
    return PopState.PASSED if event.by == "transfer" else _STATES[event.kind]


def _new_pop(event: QueueEvent, state: PopState, screen: ScreenPop, *, unread: bool) -> Pop:
    return Pop(
        conversation=event.conversation,
        caller=event.caller,
        agent=event.agent,
        call=event.call,
        queue=event.queue,
        state=state,
        at=event.at,
        rang_at=event.at,
        answered_at=None,
        screen=screen,
        visits=event.visits,
        unread=unread,
    )


def _put(board: Board, pop: Pop) -> Board:
    if pop.state in (PopState.RETRACTED, PopState.ABANDONED):
        return _put_away(board, (pop,))
    if all(one.caller != pop.caller for one in board.pops):  # answered after all, of the recent ones
        board = replace(_without(board, pop.caller), pops=(pop, *board.pops))
    return replace(board, pops=tuple(pop if one.caller == pop.caller else one for one in board.pops))


def _tidied(board: Board, newest: Pop) -> Board:
    """Make room: a new ring puts wrapped-up calls away; an answer ends what else the agent seemed to be talking to."""
    others = [pop for pop in board.pops if pop is not newest]
    if newest.state is PopState.RINGING:
        board = _put_away(board, (pop for pop in others if pop.state in _OVER))
    if newest.state is PopState.ANSWERED:
        for pop in others:
            if pop.state is PopState.ANSWERED:  # one phone, one talk: we missed that call's end
                board = _put(board, replace(pop, state=PopState.ENDED, at=newest.at))
    return _put_away(board, board.pops[MOST_POPS:])


def _put_away(board: Board, pops: Iterable[Pop]) -> Board:
    for pop in tuple(pops):
        rest = _without(board, pop.caller)
        board = replace(rest, recent=(pop, *rest.recent)[:MOST_RECENT])
    return board


def _without(board: Board, caller: str) -> Board:
    return Board(
        tuple(pop for pop in board.pops if pop.caller != caller),
        tuple(pop for pop in board.recent if pop.caller != caller),
    )


def _is(pop: Pop, caller: str, state: PopState) -> bool:
    return pop.caller == caller and pop.state is state
