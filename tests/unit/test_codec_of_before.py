"""Records that versions before wrote are read, and what has come since is kept apart from what must not be kept."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from context_store import codec
from context_store.records import (
    Answer,
    Conversation,
    Frame,
    Held,
    Interaction,
    Json,
    Level,
    Note,
    NoteKind,
    Place,
    Progress,
    Sensitivity,
    Standing,
    Unfinished,
)
from tests.unit.store_steps import PIN, step, step_with_pin

ANSWER = Answer("line", "+902121234541", Sensitivity.PERSONAL, "ask")
PROGRESS = Progress(
    flow="hotline",
    version="abc",
    language="tr",
    node="ask",
    phase="asking",
    visits={"ask": 2},
    level=Level.VERIFIED,
    answers={"line": ANSWER},
    facts={"customer": {"id": "C1"}},
    timer="t7",
    stack=(Frame("main", "n", {"a": 1}),),
)
WRITTEN_BEFORE = """{"v":1,"flow":"hotline","version":"abc","language":"tr","region":"TR","node":"ask","phase":"asking",
"step":"","visits":{"ask":2},"attempts":0,"tries":0,"unproven":0,"level":"verified","answers":{"line":{"name":"line",
"value":"+902121234541","sensitivity":"personal","node":"ask"}},"facts":{"customer":{"id":"C1"}},"serial":0,
"playing":"","timer":"t7","request":"","stack":[{"flow":"main","node":"n","arguments":{"a":1}}],"trail":[],
"bound_for":"","bound_needs":null,"gone":false,"failed":false,"queue":"","reason":"","outcome":""}"""


def test_a_progress_of_before_this_issue_is_read() -> None:
    assert codec.progresses.decode(WRITTEN_BEFORE) == PROGRESS


def test_other_records_of_before_are_read() -> None:
    conversation = """{"v":1,"id":"c1","opened_at":1.5,"updated_at":2.25,"language":"tr","level":"claimed",
        "customer_id":null,"customer_name":"Ay\u015fe","line":null,"queue":null,"reason":null,"incomplete":false}"""
    interaction = """{"v":1,"id":"i1","conversation":"c1","channel":"call","controller":"one","ani":"+905321234567",
        "dnis":"4440000","started_at":1.5,"ended_at":9.0,"outcome":"transferred"}"""
    note = '{"v":1,"kind":"pressed","at":3.0,"node":"menu","data":{"key":"1","choice":"fault"}}'
    standing = '{"v":1,"level":"verified","customer":{"id":"C1"},"line":null,"until":7.0}'
    assert codec.conversations.decode(conversation) == Conversation(
        "c1", 1.5, 2.25, "tr", Level.CLAIMED, customer_name="Ayşe"
    )
    assert codec.interactions.decode(interaction) == Interaction(
        "i1", "c1", "call", "one", "+905321234567", "4440000", 1.5, 9.0, "transferred"
    )
    assert codec.notes.decode(note) == Note(NoteKind.PRESSED, 3.0, "menu", {"key": "1", "choice": "fault"})
    assert codec.standings.decode(standing) == Standing(Level.VERIFIED, {"id": "C1"}, None, 7.0)


def test_what_has_come_since_is_read_back() -> None:
    place = Place(
        "fault", "ask", (Frame("main", "n", demanded=Level.CLAIMED),), ("a", "b"), Level.VERIFIED, True, ("t",)
    )
    progress = replace(PROGRESS, run="r1", demanded=Level.VERIFIED, done=("ticket.open",), settled=True, left=place)
    assert codec.progresses.decode(codec.progresses.encode(progress)) == progress
    conversation = replace(step().conversation, lost=7, incomplete=True, closed_at=5.0, outcome="solved")
    assert codec.conversations.decode(codec.conversations.encode(conversation)) == conversation
    interaction = replace(step().interaction, seen_at=4.5)
    assert codec.interactions.decode(codec.interactions.encode(interaction)) == interaction


UNFINISHED = Unfinished("i0", 1.0, "+905321112233", Level.VERIFIED, replace(step_with_pin().progress, facts={"p": PIN}))


@pytest.mark.parametrize("facts", [{}, {"name": "cut \ud800"}])
def test_what_was_left_in_an_earlier_call_is_not_written_into_this_one(facts: dict[str, Json]) -> None:
    data = codec.progresses.encode(replace(PROGRESS, facts=facts, held=Held(unfinished=UNFINISHED)))
    assert not [part for part in (b"held", b"unfinished", b"5321112233", PIN.encode()) if part in data]
    assert codec.progresses.decode(data).held == Held()


def test_what_was_left_is_not_believed_from_the_store() -> None:
    forged = {**json.loads(WRITTEN_BEFORE), "held": {"unfinished": {"interaction": "i0"}}}
    assert codec.progresses.decode(json.dumps(forged)) == PROGRESS


def test_what_was_left_is_not_printed() -> None:
    assert not [
        part for part in ("5321112233", PIN) if part in repr(replace(PROGRESS, held=Held(unfinished=UNFINISHED)))
    ]
    assert not [part for part in ("5321112233", PIN) if part in repr(UNFINISHED)]


def test_a_step_sent_to_where_its_conversation_has_moved_is_the_same_step() -> None:
    sent, moved = codec.encode_step(step(2)), codec.encode_step(step(2), "c9")
    assert moved.digest == sent.digest == codec.encode_step(step(2), "c1").digest
    assert codec.conversations.decode(moved.conversation) == replace(step(2).conversation, id="c9")
    assert codec.interactions.decode(moved.interaction) == replace(step(2).interaction, conversation="c9")
    assert (moved.progress, moved.notes) == (sent.progress, sent.notes)
