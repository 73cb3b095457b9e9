"""`ivr schema`: editors accept every flow that the loader accepts, and see the commonest mistakes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from typer.testing import CliRunner

from ivr.cli import app
from ivr.flow.model import KINDS
from ivr.flow.reading.schema import flow_schema
from ivr.flow.reading.yaml_source import scan_yaml
from ivr.resources import packaged
from tests.unit.doc_pages import blocks, page
from tests.unit.flow_house import GOOD, GOOD_FILES, WIDE

SCHEMA = flow_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
BROKEN = Path(__file__).parent / "broken_flows"
SAMPLES = sorted((packaged("dialplans") / "flows").glob("*.yaml"))


def mistakes(text: str) -> list[ValidationError]:
    return list(VALIDATOR.iter_errors(scan_yaml(text, "x.yaml").data))


def test_it_is_a_schema_of_the_dialect_that_it_names() -> None:
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_sample_hotline_is_right(path: Path) -> None:
    assert mistakes(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("text", [GOOD, WIDE, *GOOD_FILES.values()])
def test_good_flows_are_right(text: str) -> None:
    assert mistakes(text) == []


def test_whole_flows_of_the_documentation_are_right() -> None:
    flows = [text for text in blocks(page("flows"), "yaml") if text.startswith("flow:")]
    assert flows
    for text in flows:
        assert mistakes(text) == []


@pytest.mark.parametrize(
    "name",
    [
        *("unknown_kind", "unknown_keys", "missing_keys", "wrong_values", "wrong_head", "no_head", "no_nodes"),
        *("empty_node", "key_words", "levels_written", "phrases_written", "verify_missing"),
    ],
)
def test_what_one_file_shows_to_be_wrong_is_seen(name: str) -> None:
    assert mistakes((BROKEN / f"{name}.yaml").read_text(encoding="utf-8")) != []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("timeout: 5s", "timeout: 5"),
        ("key: 1", "key: 12.5"),
        ("key: 1", "key: 12345"),
        ("type: phone", "type: fax"),
        ("bargein: no", "bargein: maybe"),
        ("next: ticket", "next: [ticket]"),
        ("fault: {key", "Fault: {key"),
        ("flow: small", "flow: small\nversion: abc"),
        ("flow: small", "flow: small\nsubflows: {}"),
        ("into: status", "into: status\n    arguments: {}"),
    ],
)
def test_one_mistake_is_seen(right: str, wrong: str) -> None:
    assert right in GOOD
    assert mistakes(GOOD) == []
    assert mistakes(GOOD.replace(right, wrong, 1)) != []


def test_each_kind_is_known_by_its_key() -> None:
    nodes = SCHEMA["properties"]["nodes"]["additionalProperties"]["anyOf"]
    assert [ref["$ref"].rpartition("/")[2] for ref in nodes] == [node.__name__ for node in KINDS.values()]
    for kind, node in KINDS.items():
        definition = SCHEMA["$defs"][node.__name__]
        assert kind in definition["required"]
        assert not {"result", "arguments"} & definition["properties"].keys()


def properties(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in (schema, *schema["$defs"].values()):
        yield from part.get("properties", {}).items()


def test_every_key_says_what_it_means() -> None:
    assert [key for key, value in properties(SCHEMA) if not value.get("description")] == []


def test_times_are_written_as_people_write_them() -> None:
    timeouts = [
        value for key, value in properties(SCHEMA) if key in ("timeout", "lookup_timeout") and "default" in value
    ]
    assert {value["default"] for value in timeouts} == {"5s", "3s", "2s"}


@pytest.mark.parametrize("what", [[], ["flow"], ["test"]])
def test_the_command_writes_it(what: list[str]) -> None:
    done = CliRunner().invoke(app, ["schema", *what])
    assert done.exit_code == 0
    written = json.loads(done.stdout)
    Draft202012Validator.check_schema(written)
    assert (written == SCHEMA) == (what != ["test"])
