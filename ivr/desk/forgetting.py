"""The agent has the number forgotten that a caller had registered for their line: on the caller's word."""

from __future__ import annotations

import logging

from context_store.records import Note, NoteKind
from ivr.desk.room import Room
from ivr.errors import ServiceError

log = logging.getLogger(__name__)

SERVICE = "number.forget"
_SECONDS = 3.0


async def forget_number(room: Room, agent: str, caller: str) -> None:
    """Ask the company to forget the number that is calling, and tell it in the conversation.

    Nothing happens unless the call is on this agent's page with a number that can be forgotten. Asked twice, it is done
    once: the idempotency key is the caller's.
    """
    pop = room.pops.board(agent).find(caller)
    who = pop and pop.screen.who
    if not pop or not who or not who.remembered or not who.customer_id or not who.calling:
        return
    arguments = {"customer": who.customer_id, "number": who.calling}
    whose = pop.interaction
    try:
        key = f"{caller}:desk:{SERVICE}"
        result = await room.services.ask(SERVICE, arguments, timeout=_SECONDS, idempotency_key=key)
        note = Note(
            NoteKind.DID,
            room.clock(),
            data={"service": SERVICE, "into": "forgotten", "result": dict(result), "agent": agent},
            interaction=whose,
        )
    except ServiceError as error:
        log.warning("a number was not forgotten: %s", error)
        failed = {"service": SERVICE, "reason": error.reason}
        note = Note(NoteKind.FAILED, room.clock(), data=failed, interaction=whose)
    room.pops.tell(pop.conversation, note)
