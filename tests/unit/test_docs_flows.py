"""docs/flows.md keeps up with the language: its examples are right, and no key of a flow is missing in it."""

from __future__ import annotations

import enum
import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from ruamel.yaml import YAML

from ivr.flow.hours import Hours
from ivr.flow.model import (
    KINDS,
    Branch,
    Choice,
    CollectType,
    Defaults,
    Flow,
    GlobalKeys,
    Lookup,
    Proving,
    Question,
    Step,
)
from ivr.flow.part import Part
from ivr.flow.reading.check import PromptNames, check_flows, check_text
from ivr.flow.reading.hints import span
from ivr.flow.reading.raw_node import GIVEN_BY_LOADER, keys_of, targets
from ivr.flow.reading.texts import FlowTexts
from ivr.flow.scalars import Length
from ivr.hotline import reading as hotline
from ivr.services import catalogue
from tests.unit.doc_pages import blocks, page, rows, section, words_of

FLOWS = page("flows")
YAML_BLOCKS = [(text, YAML(typ="safe").load(text)) for text in blocks(FLOWS, "yaml")]


def test_the_whole_flow_needs_just_the_words_beside_it(tmp_path: Path) -> None:
    [flow] = [text for text, data in YAML_BLOCKS if "flow" in data]
    [(words, written)] = [(text, data) for text, data in YAML_BLOCKS if "labels" in data]
    names = words_of(words, tmp_path)
    assert check_text(flow, "flows.md", names, hotline.services())[1] == []
    for kind in ("prompts", "labels"):
        for name in written[kind]:
            fewer = {**written, kind: {key: text for key, text in written[kind].items() if key != name}}
            problems = check_text(flow, "flows.md", words_of(json.dumps(fewer), tmp_path), hotline.services())[1]
            assert len(problems) == 1, f"{name!r} in {kind} is not needed"


def test_the_words_that_choose_a_line_need_its_endings_and_nothing_else(tmp_path: Path) -> None:
    [words] = [text for text, data in YAML_BLOCKS if "choose_line" in data.get("prompts", {})]
    [variables] = {names["choose_line"] for names in words_of(words, tmp_path).prompts.values()}
    assert {name.partition(".")[0] for name in variables} == {"endings"}


NODES = [(text, data) for text, data in YAML_BLOCKS if not data.keys() & {"flow", "prompts", "keys", "hours"}]
HEADS = [(text, data) for text, data in YAML_BLOCKS if data.keys() & {"keys", "hours"}]
# What the flow around a snippet knows already: the names that templates may use.
FRAME = """\
flow: frame
languages: [tr, en]
start: frame_who
defaults: {otherwise: frame_end, verify: frame_prove}
nodes:
  frame_who: {identify: [fault_line], next: frame_prove}
  frame_visit: {flow: framed, next: reach, with: {amount: "1"}}
  frame_prove: {verify: [pin], next: frame_visit}
  frame_end: {end: frame}
"""
SUBFLOWS = {
    "framed": """\
flow: framed
languages: [tr, en]
start: framed_ask
arguments: [amount]
defaults: {otherwise: framed_end}
nodes:
  framed_ask: {menu: frame, choices: {one: {key: 1, next: NEXT}}}
  framed_end: {end: frame}
""",
    "payment": """\
flow: payment
languages: [tr, en]
start: payment_done
arguments: [amount, line]
nodes:
  payment_done: {return: {outcome: "{{ args.line }}{{ args.amount }}"}}
""",
}
# Nodes that a snippet may name without showing them, where a collect of digits would not do.
BESIDE = {
    "symptom": "{menu: frame, choices: {slow: {key: 1, next: frame_end}}}",
    "bill": '{call: bill.current, with: {line: "{{ line.number }}"}, into: bill, next: frame_end}',
    "expiry": "{collect: frame, sensitivity: secret, next: frame_end}",
    "code": "{collect: frame, sensitivity: secret, next: frame_end}",
}
TOLD = {
    "open_ticket": '{call: ticket.open, with: {line: "", symptom: "", contact: ""}, into: ticket, next: frame_end}',
}


class Everything(frozenset[str]):
    """Labels, or a prompt book, in which every name is."""

    def __contains__(self, name: object) -> bool:
        return True


class EveryPrompt(dict[str, frozenset[str]]):
    def __contains__(self, name: object) -> bool:
        return True


BOOK = PromptNames({"tr": EveryPrompt(), "en": EveryPrompt()}, {"tr": Everything(), "en": Everything()})


def indented(text: str) -> str:
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(keepends=True))


def framed(text: str, nodes: dict[str, Any]) -> FlowTexts:
    """The snippet in a hotline that leads to each of its nodes and has those that it names."""
    if any("return" in node for node in nodes.values()):
        inner = SUBFLOWS["framed"].replace("NEXT", next(iter(nodes))) + indented(text)
        return FlowTexts("frame", {"frame": FRAME.replace("reach", "frame_end"), "framed": inner}, "docs")
    named = {target for node in nodes.values() for _, target in targets(node)}
    beside = {name: node for name, node in BESIDE.items() if name not in nodes and (name in named or name in text)}
    beside |= TOLD if "\n  told:" in text else {}
    filled = sorted(({"contact_number"} | named) - nodes.keys() - beside.keys())
    reach = [*nodes, *beside, *filled]
    choices = ", ".join(f"way_{key}: {{key: {key}, next: {name}}}" for key, name in enumerate(reach))
    ends = "".join(f"  {name}: {{collect: frame, next: frame_end}}\n" for name in filled)
    more = "".join(f"  {name}: {node}\n" for name, node in beside.items())
    main = f"{FRAME}  reach: {{menu: frame, choices: {{{choices}}}}}\n{more}{ends}{indented(text)}"
    leaving = "  framed_back: {return: {}}\n"
    texts = {"frame": main, "framed": SUBFLOWS["framed"].replace("NEXT", "framed_back") + leaving}
    return FlowTexts(
        "frame", {**texts, **({"payment": SUBFLOWS["payment"]} if "flow: payment" in text else {})}, "docs"
    )


@pytest.mark.parametrize(("text", "nodes"), NODES, ids=[", ".join(nodes) for _, nodes in NODES])
def test_a_snippet_of_nodes_is_right(text: str, nodes: dict[str, Any]) -> None:
    flow, problems = check_flows(framed(text, nodes), BOOK, hotline.services())
    assert [str(problem) for problem in problems] == []
    assert flow is not None
    assert any(nodes.keys() <= each.nodes.keys() for each in (flow, *flow.subflows.values()))


@pytest.mark.parametrize(("text", "head"), HEADS, ids=[", ".join(head) for _, head in HEADS])
def test_a_snippet_of_a_head_is_right(text: str, head: dict[str, Any]) -> None:
    nodes = "  person: {transfer: agents, reason: fault}\n"
    look = "  look: {choose: [{when: open.office, next: person}], otherwise: person}\n" if "hours" in head else ""
    start = "look" if look else "ask"
    ask = "" if look else "  ask: {menu: frame, otherwise: person, choices: {one: {key: 1, next: person}}}\n"
    flow = f"flow: frame\nlanguages: [tr, en]\nstart: {start}\n{text}nodes:\n{nodes}{look}{ask}"
    assert [str(problem) for problem in check_text(flow, "flows.md", BOOK, hotline.services())[1]] == []


def test_every_kind_of_node_has_an_example() -> None:
    assert {next(iter(node)) for _, nodes in NODES for node in nodes.values()} == KINDS.keys()


# Keys of flows


def as_written(field: FieldInfo) -> str:
    """A default as a flow's file would have it."""
    value = field.default_factory() if field.default_factory else field.default  # type: ignore[call-arg]
    if value is PydanticUndefined:
        return "required"
    if value is None or value in ({}, (), Defaults(), GlobalKeys()):
        return ""
    if isinstance(value, Length):
        return str(value)
    if isinstance(value, enum.StrEnum):
        return value.value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(value)
    if any(getattr(limit, "le", None) == 1 for limit in field.metadata):
        return f"{value:g}"
    if isinstance(value, float):
        return span(value) if value > 3600 else f"{value:g}s"
    return str(value)


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
    return [field for name, field in part.model_fields.items() if name not in GIVEN_BY_LOADER]


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_node_is_told(kind: str) -> None:
    table = table_of(f"`{kind}`") + table_of("Every node")
    if issubclass(KINDS[kind], Question):
        assert "[question](#questions)" in section(FLOWS, f"`{kind}`")
        table += table_of("Questions")
    if issubclass(KINDS[kind], Proving):
        assert "[claims and proofs](#claims-and-proofs)" in section(FLOWS, f"`{kind}`")
        table += table_of("Claims and proofs")
    documented(KINDS[kind], table)


PARTS: list[tuple[type[Part], str]] = [
    (Flow, "The head"),
    (Defaults, "`defaults`"),
    (Step, "Every node"),
    (Choice, "`menu`"),
    (Branch, "`choose`"),
    (Lookup, "`look_up`"),
    (GlobalKeys, "Keys for every question"),
    (Hours, "Opening hours"),
]


@pytest.mark.parametrize(("part", "heading"), PARTS)
def test_every_key_of_a_part_is_told(part: type[Part], heading: str) -> None:
    documented(part, table_of(heading))


def test_every_key_of_a_question_is_told() -> None:
    documented(Question, table_of("Questions") + table_of("Every node"))


def test_every_type_of_a_collect_is_told() -> None:
    assert {name for name, _ in table_of("`collect`")} >= set(get_args(CollectType))


def test_no_key_is_told_that_is_not_there() -> None:
    inner: dict[str, type[Part]] = {"menu": Choice, "choose": Branch, "look_up": Lookup}
    for kind, part in KINDS.items():
        known = {*keys_of(part), *(keys_of(inner[kind]) if kind in inner else ())}
        extra = set(get_args(CollectType)) | {"type"} if kind == "collect" else set()
        assert {name for name, _ in table_of(f"`{kind}`")} <= known | extra


def test_every_service_is_told_with_its_arguments() -> None:
    told = {cells[0]: set(re.findall(r"\w+", cells[1])) for cells in rows(section(FLOWS, "Services"))}
    for name, service in catalogue.SERVICES.items():
        if name.startswith("directory.") or name == "code.send":
            assert f"`{name}`" in FLOWS
        else:
            assert told[name] == service.arguments
