"""The page on operations: what `ivr init` writes, the JSON of a conversation and the limits are as it says."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import fields
from pathlib import Path

from context_store.attempts import COSTS
from context_store.records import Note
from ivr.call.screen import (
    Certainty,
    CutOff,
    Failure,
    Finding,
    Given,
    Goal,
    Passed,
    ScreenPop,
    Settled,
    Trouble,
    Who,
)
from ivr.settings import IdentificationSettings
from ivr.starter import write_starter
from tests.unit.doc_pages import blocks, page, rows, section

PAGE = page("operations")
_, FIELDS = section(PAGE, "Watching").split("| field ")
JSON_ROWS = dict(rows("| field " + FIELDS)[1:])
PARTS = {
    "who": Who,
    "sure": Certainty,
    "settled": Settled,
    "given": Given,
    "found": Finding,
    "done": Finding,
    "trouble": Trouble,
    "timeline": Note,
    "passed": Passed,
    "cut_off": CutOff,
}


def test_everything_that_init_writes_is_told(tmp_path: Path) -> None:
    write_starter(tmp_path / "hotline")
    written = {path.name + ("/" if path.is_dir() else "") for path in (tmp_path / "hotline").iterdir()}
    [told] = [text for text in blocks(PAGE, "text") if text.startswith("devam.toml")]
    assert {line.split()[0] for line in told.splitlines()} == written


def test_every_field_of_a_conversation_is_told() -> None:
    told: dict[str, set[str]] = defaultdict(set)
    for field in JSON_ROWS:
        names, _, inside = field.partition(": ")
        for name in re.findall(r"\w+", names):
            told[name] |= set(re.findall(r"\w+", inside))
    for part in fields(ScreenPop):
        kind = PARTS.get(part.name)
        assert told[part.name] == ({field.name for field in fields(kind)} if kind else set()), part.name
    assert told.keys() == {part.name for part in fields(ScreenPop)}


def test_the_example_of_a_conversation_has_every_field() -> None:
    [told] = [text for text in blocks(PAGE, "text") if text.startswith('{"conversation"')]
    for kind in (ScreenPop, Who, Certainty):
        for field in fields(kind):
            assert f'"{field.name}": ' in told


def test_where_a_caller_was_passed_on_to_is_told() -> None:
    [told] = [means for field, means in JSON_ROWS.items() if "goal" in field]
    assert set(re.findall(r"`(\w+)", told)) == {field.name for field in fields(Goal)}


def test_what_a_failure_says_is_told() -> None:
    [told] = [means for field, means in JSON_ROWS.items() if "failures" in field]
    assert set(re.findall(r"`(\w+)", told)) == {field.name for field in fields(Failure)}


def test_the_limits_and_what_they_let_through_are_told() -> None:
    limits = IdentificationSettings()
    told = {cell.split("`")[0]: (cell, gets) for cell, gets, _ in rows(section(PAGE, "What to set"))[1:]}
    for name, (cell, _) in told.items():
        assert int(cell.rpartition("= ")[2]) == getattr(limits, name)
    assert told.keys() == {name for name in IdentificationSettings.model_fields if name.endswith("_attempts")}
    a_day = 24 * 60 / limits.window_minutes
    gets = told["claim_attempts"][1]
    assert f"{limits.claim_attempts * a_day:.0f} a day" in gets
    assert f"{limits.claim_attempts // COSTS['birth_year'] * a_day:.0f} a day" in gets
