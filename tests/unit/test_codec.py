"""Records to bytes and back: nothing lost, nothing secret kept, nothing broken believed."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context_store import codec
from context_store.errors import BadRecord, StoreError
from context_store.records import (
    Answer,
    Conversation,
    Held,
    Interaction,
    Json,
    Level,
    Note,
    NoteKind,
    Progress,
    Saved,
    Sensitivity,
    Standing,
)

PIN = "731946"

CONVERSATION = Conversation(
    id="c1", opened_at=1.5, updated_at=2.25, language="tr", level=Level.CLAIMED, customer_name="Ayşe Yılmaz"
)
INTERACTION = Interaction("i1", "c1", "call", "one", "+905321234567", "4440000", 1.5, 9.0, "transferred")
PROGRESS = Progress(
    flow="hotline",
    version="abc",
    language="tr",
    node="ask",
    phase="asking",
    visits={"ask": 2},
    level=Level.VERIFIED,
    answers={
        "line": Answer("line", "+902121234541", Sensitivity.PERSONAL, "ask"),
        "pin": Answer("pin", "", Sensitivity.SECRET, "prove"),
    },
    facts={"customer": {"name": "Çağla", "lines": [1, 2.5, None, True, "\u2028'\"\\"]}},
    timer="t7",
)
NOTE = Note(NoteKind.PRESSED, 3.0, "menu", {"key": "1", "choice": "fault"})


def with_pin(sensitivity: Any) -> Progress:
    return replace(PROGRESS, answers={"pin": Answer("pin", PIN, sensitivity, "prove")}, held=Held(PIN, PIN))


def test_records_come_back_as_they_were() -> None:
    assert codec.conversations.decode(codec.conversations.encode(CONVERSATION)) == CONVERSATION
    assert codec.interactions.decode(codec.interactions.encode(INTERACTION)) == INTERACTION
    assert codec.progresses.decode(codec.progresses.encode(PROGRESS)) == PROGRESS
    assert codec.notes.decode(codec.notes.encode(NOTE)) == NOTE


def test_enumerations_come_back_as_such() -> None:
    read = codec.progresses.decode(codec.progresses.encode(PROGRESS))
    assert isinstance(read.level, Level)
    assert isinstance(read.answers["pin"].sensitivity, Sensitivity)
    assert isinstance(codec.notes.decode(codec.notes.encode(NOTE)).kind, NoteKind)


def test_each_record_carries_its_format() -> None:
    encoded = [
        codec.conversations.encode(CONVERSATION),
        codec.interactions.encode(INTERACTION),
        codec.progresses.encode(PROGRESS),
        codec.notes.encode(NOTE),
    ]
    assert [json.loads(data)["v"] for data in encoded] == [1, 1, 1, 1]


def test_pressed_keys_are_not_written() -> None:
    data = codec.progresses.encode(replace(PROGRESS, held=Held(keys=PIN, ahead=PIN)))
    assert PIN.encode() not in data
    assert "held" not in json.loads(data)
    assert codec.progresses.decode(data) == PROGRESS


def test_a_token_is_not_written() -> None:
    token = "t0ken_of-the-app_0123456789"
    assert token.encode() not in codec.progresses.encode(replace(PROGRESS, held=Held(secrets={"token": token})))


@pytest.mark.parametrize("facts", [PROGRESS.facts, {"name": "A\ud800"}])
def test_what_is_played_aside_is_not_written(facts: dict[str, Json]) -> None:
    data = codec.progresses.encode(replace(PROGRESS, facts=facts, aside="whole", queued=("hello", "menu")))
    assert {"aside", "queued"} & json.loads(data).keys() == set()
    assert codec.progresses.decode(data) == codec.progresses.decode(
        codec.progresses.encode(replace(PROGRESS, facts=facts))
    )


@pytest.mark.parametrize("more", [{"aside": "whole"}, {"queued": ["hello"]}, {"held": {"keys": PIN}}])
def test_what_is_of_the_moment_is_not_read(more: dict[str, Json]) -> None:
    data = {**json.loads(codec.progresses.encode(PROGRESS)), **more}
    assert codec.progresses.decode(json.dumps(data)) == PROGRESS


@pytest.mark.parametrize("line", [{"number": "+902125554141", "ending": "41", "product": "Fiber"}, None])
def test_a_standing_comes_back_as_it_was(line: dict[str, Json] | None) -> None:
    standing = Standing(Level.VERIFIED, {"id": "C1001", "name": "Ayşe Yılmaz"}, line, 1_795_322_517.84)
    read = codec.standings.decode(codec.standings.encode(standing))
    assert read == standing
    assert isinstance(read.level, Level)
    assert "Ayşe" not in repr(standing)


def test_a_standing_of_a_version_that_knew_no_end_has_none_left() -> None:
    """Whoever takes it is verified; it is not left again."""
    fields = json.loads(codec.standings.encode(Standing(Level.VERIFIED, {"id": "C1001", "name": "Ayşe"}, None, 7.0)))
    del fields["until"]
    assert codec.standings.decode(json.dumps(fields)).until == 0


def test_pressed_keys_are_not_written_when_text_has_to_be_mended() -> None:
    data = codec.progresses.encode(replace(with_pin(Sensitivity.SECRET), facts={"name": "A\ud800"}))
    assert PIN.encode() not in data
    assert codec.progresses.decode(data).facts == {"name": "A\ufffd"}


@pytest.mark.parametrize("sensitivity", [Sensitivity.SECRET, "secret"])
def test_a_secret_answer_loses_its_value(sensitivity: Any) -> None:
    data = codec.progresses.encode(with_pin(sensitivity))
    assert PIN.encode() not in data
    assert codec.progresses.decode(data).answers["pin"] == Answer("pin", "", Sensitivity.SECRET, "prove")


@pytest.mark.parametrize("sensitivity", ["SECRET", "", "persnal", 1])
def test_an_answer_of_no_known_sensitivity_is_refused_without_repeating_it(sensitivity: Any) -> None:
    with pytest.raises(BadRecord) as refused:
        codec.progresses.encode(with_pin(sensitivity))
    assert PIN not in str(refused.value)


@pytest.mark.parametrize("sensitivity", [Sensitivity.PLAIN, Sensitivity.PERSONAL])
def test_other_answers_keep_their_value(sensitivity: Sensitivity) -> None:
    read = codec.progresses.decode(codec.progresses.encode(with_pin(sensitivity)))
    assert read.answers["pin"].value == PIN


@pytest.mark.parametrize(
    "data",
    [
        {"name": "pin", "value": PIN, "sensitivity": "secret"},
        {"name": "pin", "value": PIN, "sensitivity": Sensitivity.SECRET},
        {"name": "pin", "value": PIN, "sensitivity": "secret", "keys": PIN},
        {"name": "pin", "value": [PIN], "sensitivity": "Secret"},
        {"name": "pin", "value": PIN, "sensitivity": ["plain"]},
        {"name": "pin", "value": PIN},
    ],
)
def test_a_note_of_a_secret_keeps_only_that_it_was_given(data: dict[str, Json]) -> None:
    encoded = codec.notes.encode(Note(NoteKind.ANSWERED, 1.0, "prove", data))
    assert PIN.encode() not in encoded
    assert codec.notes.decode(encoded).data == {"name": "pin", "value": None, "sensitivity": "secret"}


def test_a_note_of_an_open_answer_keeps_it() -> None:
    note = Note(NoteKind.ANSWERED, 1.0, "ask", {"name": "line", "value": "+902121234541", "sensitivity": "personal"})
    assert codec.notes.decode(codec.notes.encode(note)) == note


TEXT = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
PROGRESSES = st.builds(
    Progress,
    flow=TEXT,
    version=TEXT,
    language=TEXT,
    node=TEXT,
    visits=st.dictionaries(TEXT, st.integers(0, 99), max_size=4),
    level=st.sampled_from(Level),
    answers=st.dictionaries(
        TEXT,
        st.builds(Answer, TEXT, TEXT, st.sampled_from([Sensitivity.PLAIN, Sensitivity.PERSONAL]), TEXT),
        max_size=4,
    ),
    facts=st.dictionaries(TEXT, JSON, max_size=4),
    held=st.builds(Held, TEXT, TEXT),
)


@given(PROGRESSES)
@settings(derandomize=True, deadline=None)
def test_any_progress_comes_back_without_what_is_held(progress: Progress) -> None:
    assert codec.progresses.decode(codec.progresses.encode(progress)) == replace(progress, held=Held())


@given(st.builds(Note, st.sampled_from(NoteKind), st.floats(0, 2e9), TEXT, st.dictionaries(TEXT, JSON, max_size=4)))
@settings(derandomize=True, deadline=None)
def test_any_note_comes_back_unless_it_is_an_answer_of_unknown_sensitivity(note: Note) -> None:
    read = codec.notes.decode(codec.notes.encode(note))
    assert read == note or (note.kind is NoteKind.ANSWERED and read.data["value"] is None)


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\udc00\ud800"])
def test_text_cut_within_a_character_is_kept_as_far_as_possible(text: str) -> None:
    note = codec.notes.decode(codec.notes.encode(Note(NoteKind.SAID, 1.0, text, {text: [text, 1, None]})))
    assert "\ufffd" in note.node
    assert note.data[note.node] == [note.node, 1, None]


CIRCLE: list[Json] = []
CIRCLE.append(CIRCLE)


@pytest.mark.parametrize("value", [object(), b"\xff", CIRCLE])
def test_what_is_no_json_is_refused_without_repeating_it(value: Any) -> None:
    with pytest.raises(BadRecord, match="progress holds something that is not JSON") as refused:
        codec.progresses.encode(replace(PROGRESS, facts={"customer": "Ayşe", "x": value}))
    assert "Ayşe" not in str(refused.value)


def test_a_field_of_another_type_is_refused_without_repeating_it() -> None:
    wrong: Any = {"ani": 905321234567}
    with pytest.raises(BadRecord) as refused:
        codec.interactions.encode(replace(INTERACTION, **wrong))
    assert "905321234567" not in str(refused.value)


def test_whole_seconds_and_read_only_mappings_may_be_given() -> None:
    note = Note(NoteKind.SAID, 5, Level.UNKNOWN, MappingProxyType({"prompts": ("a", "b")}))
    assert codec.notes.decode(codec.notes.encode(note)) == Note(NoteKind.SAID, 5.0, "unknown", {"prompts": ["a", "b"]})


GOOD = codec.progresses.encode(PROGRESS)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"null",
        b"[]",
        b'"v"',
        b"{}",
        GOOD[:-1],
        GOOD[1:],
        GOOD + b"x",
        b'{"v":1}',
        b"[" * 100_000,
    ],
)
def test_broken_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(BadRecord):
        codec.progresses.decode(data)


@pytest.mark.parametrize("version", ["2", "0", "-1", '"1"', "null", "[1]", "1e9"])
def test_other_formats_are_refused(version: str) -> None:
    data = GOOD.replace(b'"v":1', b'"v":' + version.encode())
    with pytest.raises(StoreError, match="bring all controllers to the same version"):
        codec.progresses.decode(data)


def test_a_wrong_field_is_named_and_its_value_is_not() -> None:
    data = GOOD.replace(b'"attempts":0', b'"attempts":"+905321234567x"')
    with pytest.raises(BadRecord, match="progress cannot be read: attempts: ") as refused:
        codec.progresses.decode(data)
    assert "905321234567" not in str(refused.value)


def test_a_field_of_a_later_version_is_passed_over() -> None:
    assert codec.progresses.decode(GOOD.replace(b'"v":1', b'"v":1,"mood":"calm"')) == PROGRESS


def test_held_keys_in_the_store_are_not_believed() -> None:
    data = GOOD.replace(b'"v":1', b'"v":1,"held":{"keys":"731946","ahead":""}')
    assert codec.progresses.decode(data).held == Held()


def test_the_digest_tells_steps_apart_and_knows_no_secrets() -> None:
    def digest(**changes: Any) -> str:
        return codec.encode_step(replace(Saved(CONVERSATION, INTERACTION, PROGRESS, (NOTE,), 1), **changes)).digest

    assert digest() == digest(progress=replace(PROGRESS, held=Held(PIN)))
    assert (
        len({digest(), digest(notes=()), digest(notes=(NOTE, NOTE)), digest(progress=with_pin(Sensitivity.PLAIN))}) == 4
    )
