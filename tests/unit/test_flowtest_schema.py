"""What an editor says of flow tests (`ivr schema test`): the sample's are right, and what is wrong is seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ivr.flow.reading.yaml_source import read_text, read_yaml
from ivr.flowtest.schema import file_schema

FILES = sorted((Path(__file__).parents[1] / "scenarios").rglob("*.yaml"))
EDITOR = jsonschema.Draft202012Validator(file_schema())


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(file_schema())


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_the_samples_are_right(file: Path) -> None:
    EDITOR.validate(read_yaml(read_text(file), str(file)).data)


@pytest.mark.parametrize(
    "test",
    [
        {"call": ["silence", {"presses": 1}, {"presses": "*1"}, {"hears": ["a", "b"]}, {"waits": "5s"}]},
        {"call": [{"asks": "ticket.open"}, {"asks": {"ticket.open": {"line": "1"}}}, {"says": "arıza"}, "hangs_up"]},
        {"expect": {"never": {"hears": "a", "asks": ["ticket.open"]}, "answers": {"pin": None}, "level": "verified"}},
        {"services": {"line.status": {"state": "up"}, "ticket.open": [{"fails": "timeout"}, {"number": "1"}]}},
        {"at": "2026-11-23", "caller": None, "announcement": {"tr": "Grev"}},
    ],
)
def test_every_way_to_write_it_is_right(test: dict[str, Any]) -> None:
    EDITOR.validate({"test": "x", **test})
    EDITOR.validate({"tests": [{"test": "x", **test}]})


@pytest.mark.parametrize(
    "wrong",
    [
        {"call": ["silence"]},
        {"test": "x", "cal": []},
        {"test": "x", "call": ["presses"]},
        {"test": "x", "call": [{"hear": "a"}]},
        {"test": "x", "call": [{"waits": 5}]},
        {"test": "x", "call": [{"presses": "one"}]},
        {"test": "x", "expect": {"level": "high"}},
        {"test": "x", "at": "tomorrow"},
        {"tests": []},
        {"service": {}},
    ],
)
def test_what_is_wrong_is_seen(wrong: dict[str, Any]) -> None:
    assert not EDITOR.is_valid(wrong)
