"""Which entries of a conversation's log are which caller's: several may be in one at a time. Pure.

Two people of a household call about their line, or two colleagues from one switchboard. What one of them has said and
proved is not the other's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from context_store.records import Note, NoteKind, Story

# Every controller that hears of a queue event writes it down; the same thing within this many seconds is one thing.
_SAME_SECONDS = 1.0
_PHONE_NOTES = (NoteKind.RANG, NoteKind.RETRACTED, NoteKind.CONNECTED, NoteKind.PARTED)


def notes_of(story: Story, notes: Iterable[Note], interactions: Collection[str]) -> list[Note]:
    """Those of the notes that are of these interactions.

    In a conversation that has only one, all are its own: older notes do not tell whose they are.
    """
    alone = story.contacts <= 1 and [one for one in story.interactions if one.id in interactions]
    return [note for note in notes if alone or note.interaction in interactions]


def history_of(story: Story, notes: Iterable[Note], own: Sequence[Note], customer: str | None) -> list[Note]:
    """The notes as far as they may be told as a caller's, their own last, for those count.

    `own` are the caller's notes, and `customer` the id of whom they have proved to be. What is another customer's is
    left out, and what somebody said who is known, while this caller is not.
    """
    mine = {id(note) for note in own}
    others = [note for note in notes if id(note) not in mine]
    known = story.conversation.customer_id
    somebody = known is not None or any(note.kind is NoteKind.IDENTIFIED for note in others)
    theirs = known in (None, customer) if customer else not somebody
    return [*others, *own] if theirs else list(own)


def each_once(notes: Iterable[Note]) -> list[Note]:
    """The notes without what several controllers have written down."""
    kept: list[Note] = []
    last: dict[tuple[NoteKind, str, str], float] = {}
    for note in notes:
        if note.kind in _PHONE_NOTES:
            what = (note.kind, note.interaction, str(note.data.get("agent")))
            if what in last and abs(note.at - last[what]) < _SAME_SECONDS:
                continue
            last[what] = note.at
        kept.append(note)
    return kept
