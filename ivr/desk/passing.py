"""An agent passes the caller on: to another queue, to a colleague whose phone is free, or back to the menus.

What the agent writes for the next one is personal: it goes into the conversation and nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from context_store.records import Note, NoteKind
from ivr.call.board import Pop, PopState
from ivr.call.passing import NOT_PASSED
from ivr.call.ports import Phones
from ivr.call.screen import Goal
from ivr.desk.room import Room
from ivr.desk.texts import clean
from ivr.errors import TelephonyError

log = logging.getLogger(__name__)

LONGEST_WORDS = 300  # characters
_WRITING = 1.0  # seconds that the note may take before the caller is passed on without waiting for it


@dataclass(frozen=True, slots=True)
class Goals:
    """Where an agent may pass a caller on to now: the names of queues, the phones of free colleagues, and the menus."""

    queues: Sequence[str]
    colleagues: Sequence[str]

    def __contains__(self, goal: Goal) -> bool:
        names = {"queue": self.queues, "agent": self.colleagues, "menu": [""]}
        return goal.name in names[goal.to]


async def goals(room: Room, agent: str, caller: str) -> Goals | None:
    """Where this agent may pass that caller on to; None when they may not, for it is not they who talk to them."""
    pop = _talking(room, agent, caller)
    if pop is None:
        return None
    try:
        free = await room.phones.free()
    except TelephonyError as error:
        log.warning("no colleague is offered: %s", error)
        free = frozenset()
    colleagues = [phone for phone in room.names if phone in free and phone != agent]
    return Goals([queue for queue in room.queues if queue != pop.queue], colleagues)


async def pass_on(room: Room, agent: str, caller: str, wish: Goal, words: str) -> bool:
    """Do it, if this agent may; whether it was done. It is noted first: the next agent's phone rings at once."""
    offered = await goals(room, agent, caller)
    pop = _talking(room, agent, caller)
    if pop is None or offered is None or wish not in offered or caller in room.passing:
        return False
    at = room.clock()
    room.passing.add(caller)
    try:
        await _keep(room, pop.conversation, _notes(pop, wish, words, at))
        await _move(room.phones, pop, wish, room.queues)
    except TelephonyError as error:
        log.warning("the caller of conversation %s could not be passed on: %s", pop.conversation, error)
        failed = Note(NoteKind.FAILED, room.clock(), data={"reason": NOT_PASSED}, interaction=pop.interaction)
        room.pops.tell(pop.conversation, failed)
        return False
    finally:
        room.passing.discard(caller)
    room.pops.passed(agent, pop, wish, at)
    return True


def _talking(room: Room, agent: str, caller: str) -> Pop | None:
    pop = room.pops.board(agent).find(caller)
    return pop if pop and pop.state is PopState.ANSWERED and pop.channel else None


def _notes(pop: Pop, wish: Goal, words: str, at: float) -> list[Note]:
    told = {"agent": pop.agent, "to": wish.to, "name": wish.name, "queue": pop.queue or pop.screen.queue or ""}
    notes = [Note(NoteKind.PASSED, at, data=told, interaction=pop.interaction)]
    if remark := clean(words, LONGEST_WORDS):
        said = {"agent": pop.agent, "words": remark}
        notes.append(Note(NoteKind.REMARKED, at, data=said, interaction=pop.interaction))
    return notes


async def _keep(room: Room, conversation: str, notes: Sequence[Note]) -> None:
    try:
        async with asyncio.timeout(_WRITING):
            await room.pops.keep(conversation, *notes)
    except TimeoutError:
        log.warning("conversation %s is passed on before that is written", conversation)


async def _move(phones: Phones, pop: Pop, wish: Goal, queues: Sequence[str]) -> None:
    match wish.to:
        case "queue":
            await phones.pass_to_queue(pop.channel, wish.name)
        case "agent":
            came_through = (pop.queue, pop.screen.queue or "")
            behind = next((queue for queue in (*came_through, *queues) if queue in queues), "")
            await phones.pass_to_agent(pop.channel, wish.name, behind)
        case "menu":
            await phones.pass_to_menu(pop.channel)
