"""How a call came to the agent when it was not straight from the menus: passed on by another, or cut off before.

Pure, over the notes of a conversation. Their data may be of any shape: they may come from elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from context_store.records import Interaction, Json, Note, NoteKind, Story
from ivr.call.screen import CutOff, Goal, Passed
from ivr.call.whose import notes_of

NOT_PASSED = "not_passed"  # the reason of a FAILED note: what was noted as passed on could not be done
# Seconds; who calls again later than that after a talk is not told of as cut off, unless they asked for the same agent.
# No setting: what an agent reads is the same whether or not callers are offered that (`conversations.agent_minutes`).
SOON = 600.0

_AT_ONCE = 60.0  # seconds; a caller who was sent to the menus is there before


def passed(notes: Sequence[Note]) -> Passed | None:
    """The last time that an agent passed on the caller of the present call, if anybody did.

    `notes` are those of the present visit and of the one before on the same channel, oldest first.
    """
    index = _last(notes, NoteKind.PASSED)
    goal = goal_of(notes[index]) if index is not None else None
    if index is None or goal is None:
        return None
    note, later = notes[index], notes[index + 1 :]
    if any(one.kind is NoteKind.FAILED and one.data.get("reason") == NOT_PASSED for one in later):
        return None
    back = _came_back(note, goal, later)
    if back is None:
        return None
    words = (_told(one, "words") for one in later if one.kind is NoteKind.REMARKED and one.at == note.at)
    return Passed(_told(note, "agent"), goal, _told(note, "queue") or None, next(words, "") or None, note.at, back)


def cut_off(story: Story, present: Interaction, notes: Sequence[Note]) -> CutOff | None:
    """Who talked to the caller when the call before this one ended, if not the agent ended it and it was just now.

    The call before is that from the same number: others may be in the conversation. `notes` are those of this one.
    """
    again = any(note.kind is NoteKind.RESUMED and note.data.get("how") == "agent" for note in notes)
    earlier = [one for one in reversed(story.interactions) if one.started_at < present.started_at]
    if not again:
        earlier = [one for one in earlier if one.ani and one.ani == present.ani][:1]
    talks = (left_talking(notes_of(story, story.notes, [one.id])) for one in earlier)
    found = next((talk for talk in talks if talk), None)
    return found if found and (again or present.started_at - found.at <= SOON) else None


def goal_of(note: Note) -> Goal | None:
    """Where a PASSED note says that the caller went; None when it does not say."""
    return goal(note.data.get("to"), note.data.get("name"))


def goal(to: Json, name: Json) -> Goal | None:
    """Where a caller goes, as a note or a page says it; None when it is nothing of ours."""
    match to, name:
        case ("queue" | "agent") as to, str(name):
            return Goal(to, name)
        case "menu", _:
            return Goal("menu")
    return None


def left_talking(notes: Sequence[Note]) -> CutOff | None:
    """Who talked to the caller when the call of these notes ended, if it was not the agent who ended it.

    An agent who keeps the conversation open may well want the caller back; one who says that it is solved does not.
    """
    parted, passed_on = None, False
    for note in notes:
        if note.kind is NoteKind.CONNECTED:
            parted, passed_on = None, False
        elif note.kind is NoteKind.PARTED and not passed_on:
            parted = note
        elif note.kind in (NoteKind.PASSED, NoteKind.TRANSFERRED) or _is_solved(note):
            parted, passed_on = None, True
    if parted is None or _told(parted, "by") not in ("caller", ""):
        return None
    agent = _told(parted, "agent")
    return CutOff(agent, parted.at) if agent else None


def _is_solved(note: Note) -> bool:
    return note.kind is NoteKind.WRAPPED_UP and note.data.get("solved") is True


def _came_back(note: Note, goal: Goal, later: Sequence[Note]) -> bool | None:
    """Whether the caller has been in the menus since; None when this is another call by now."""
    starts = [one.at for one in later if one.kind is NoteKind.STARTED]
    if not starts:
        return False
    visit = goal.to == "menu" and len(starts) == 1 and starts[0] - note.at <= _AT_ONCE
    return True if visit else None


def _last(notes: Sequence[Note], kind: NoteKind) -> int | None:
    return next((index for index in reversed(range(len(notes))) if notes[index].kind is kind), None)


def _told(note: Note, name: str) -> str:
    value = note.data.get(name)
    return value if isinstance(value, str) else ""
