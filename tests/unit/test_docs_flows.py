"""docs/flows.md keeps up with the language: its examples are right, and no key of a flow is missing in it."""

from __future__ import annotations

import enum
import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from ruamel.yaml import YAML

from ivr import hotline
from ivr.flow.model import KINDS, Branch, Choice, Defaults, Flow, Question
from ivr.flow.part import Part
from ivr.flow.reading.check import PromptNames, check_text
from ivr.flow.reading.raw_node import keys_of, targets
from ivr.services import catalogue
from tests.unit.doc_pages import blocks, page, rows, section, words_of

FLOWS = page("flows")
YAML_BLOCKS = [(text, YAML(typ="safe").load(text)) for text in blocks(FLOWS, "yaml")]


def test_the_whole_flow_needs_just_the_words_beside_it(tmp_path: Path) -> None:
    [flow] = [text for text, data in YAML_BLOCKS if "flow" in data]
    [(words, written)] = [(text, data) for text, data in YAML_BLOCKS if "prompts" in data]
    names = words_of(words, tmp_path)
    assert check_text(flow, "flows.md", names, hotline.services())[1] == []
    for kind in ("prompts", "labels"):
        for name in written[kind]:
            fewer = {**written, kind: {key: text for key, text in written[kind].items() if key != name}}
            problems = check_text(flow, "flows.md", words_of(json.dumps(fewer), tmp_path), hotline.services())[1]
            assert len(problems) == 1, f"{name!r} in {kind} is not needed"


SNIPPETS = [(text, data) for text, data in YAML_BLOCKS if not data.keys() & {"flow", "prompts"}]
# What the flow around a snippet knows already: the names that templates may use.
FRAME = """\
flow: frame
languages: [en]
start: reach
defaults: {otherwise: frame_end}
nodes:
  frame_end: {end: frame}
  frame_symptom: {menu: frame, choices: {one: {key: 1, next: reach}}}
"""


class Everything(frozenset[str]):
    """Labels, or a prompt book, in which every name is."""

    def __contains__(self, name: object) -> bool:
        return True


class EveryPrompt(dict[str, frozenset[str]]):
    def __contains__(self, name: object) -> bool:
        return True


def framed(text: str, nodes: dict[str, Any]) -> str:
    """The snippet in a flow that leads to each of its nodes and has those that it names."""
    named = {target for node in nodes.values() for _, target in targets(node)}
    filled = sorted({"symptom", "contact_number", *named} - nodes.keys())
    reach = [*nodes, "frame_symptom", *filled]
    choices = ", ".join(f"way_{key}: {{key: {key}, next: {name}}}" for key, name in enumerate(reach))
    ends = "".join(f"  {name}: {{collect: frame, next: frame_end}}\n" for name in filled)
    indented = "".join(f"  {line}" if line.strip() else line for line in text.splitlines(keepends=True))
    return f"{FRAME}  reach: {{menu: frame, choices: {{{choices}}}}}\n{ends}{indented}"


@pytest.mark.parametrize(("text", "nodes"), SNIPPETS, ids=[", ".join(nodes) for _, nodes in SNIPPETS])
def test_a_snippet_of_nodes_is_right(text: str, nodes: dict[str, Any]) -> None:
    book = PromptNames({"en": EveryPrompt()}, {"en": Everything()})
    flow, problems = check_text(framed(text, nodes), "flows.md", book, hotline.services())
    assert problems == []
    assert flow is not None
    assert nodes.keys() <= flow.nodes.keys()


def test_every_kind_of_node_has_an_example() -> None:
    assert {next(iter(node)) for _, nodes in SNIPPETS for node in nodes.values()} == KINDS.keys()


# Keys of flows


def as_written(field: FieldInfo) -> str:
    """A default as a flow's file would have it."""
    value = field.default_factory() if field.default_factory else field.default  # type: ignore[call-arg]
    if value is PydanticUndefined:
        return "required"
    if value is None or value in ({}, Defaults()):
        return ""
    if isinstance(value, enum.StrEnum):
        return value.value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value:g}s" if isinstance(value, float) else str(value)


def table_of(heading: str) -> list[tuple[str, str]]:
    return [(cells[0], cells[1]) for cells in rows(section(FLOWS, heading))[1:] if len(cells) == 3]


def documented(part: type[Part], table: list[tuple[str, str]]) -> None:
    """Each key has its row, with its default where the part has one of its own."""
    for key, field in zip(keys_of(part), fields_of(part), strict=True):
        default = as_written(field)
        found = [shown for name, shown in table if name == key]
        assert found, f"{key!r} has no row"
        assert default in found or (not default and any(shown.startswith(("—", "defaults")) for shown in found)), (
            f"{key!r}: the default is {default!r}, the page says {found}"
        )


def fields_of(part: type[Part]) -> list[FieldInfo]:
    return [field for name, field in part.model_fields.items() if name != "version"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_node_is_told(kind: str) -> None:
    table = table_of(f"`{kind}`")
    if issubclass(KINDS[kind], Question):
        assert "[question](#questions)" in section(FLOWS, f"`{kind}`")
        table += table_of("Questions")
    documented(KINDS[kind], table)


@pytest.mark.parametrize(
    ("part", "heading"),
    [(Flow, "The head"), (Defaults, "`defaults`"), (Question, "Questions"), (Choice, "`menu`"), (Branch, "`choose`")],
)
def test_every_key_of_a_part_is_told(part: type[Part], heading: str) -> None:
    documented(part, table_of(heading))


def test_no_key_is_told_that_is_not_there() -> None:
    for kind, part in KINDS.items():
        known = {*keys_of(part), *(keys_of(Choice) if kind == "menu" else keys_of(Branch) if kind == "choose" else ())}
        assert {name for name, _ in table_of(f"`{kind}`")} <= known


def test_every_service_is_told_with_its_arguments() -> None:
    told = {cells[0]: set(re.findall(r"\w+", cells[1])) for cells in rows(section(FLOWS, "Services"))}
    for name, service in catalogue.SERVICES.items():
        if name.startswith("directory."):
            assert f"`{name}`" in FLOWS
        else:
            assert told[name] == service.arguments
