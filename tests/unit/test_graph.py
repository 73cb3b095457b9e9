"""The picture of a hotline: every node once, every way once, what is written on each, and which ways are jumps."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from ivr.flow.model import Flow
from ivr.flow.reading.loader import read_flow
from ivr.flow.ways import THE_FLOW, ways_of
from ivr.graph.drawing import MOST_ARROWS, draw
from ivr.graph.picture import ANYTIME, BEGIN, Box, Exit, Mood, Picture
from tests.unit.flows_in_python import flow
from tests.unit.random_flows import random_flows

TOP = Path(__file__).parents[2]
SAMPLE = read_flow(TOP / "dialplans/flows/hotline.yaml")


def box(picture: Picture, key: str) -> Box:
    [found] = [one for panel in picture.panels for one in panel.boxes if one.key == key]
    return found


def exits(picture: Picture, key: str) -> dict[str, Exit]:
    return {one.way: one for one in box(picture, key).exits}


def check_whole(hotline: Flow) -> None:
    """Every node is drawn once, every way once, and who is reached is reached by an arrow."""
    picture = draw(hotline, {}, "tr")
    for panel in picture.panels:
        shown = hotline.named(panel.flow)
        nodes = [one.key for one in panel.boxes if one.kind not in (BEGIN, ANYTIME)]
        assert sorted(nodes) == sorted(shown.nodes)
        drawn = Counter((one.way, one.target) for here in panel.boxes for one in here.exits)
        assert drawn == Counter((way.name, way.target) for way in ways_of(shown))
        arrows = {one.target for here in panel.boxes for one in here.arrows}
        jumps = {one.target for here in panel.boxes for one in here.exits if one.jump and one.target != here.key}
        assert jumps <= arrows


def test_the_sample_hotline_is_drawn_whole() -> None:
    check_whole(SAMPLE)


@given(random_flows())
def test_any_hotline_is_drawn_whole(hotline: Flow) -> None:
    check_whole(hotline)


def test_boxes_come_in_the_order_in_which_callers_meet_them() -> None:
    hotline = flow({"far": {"end": []}, "near": {"say": "hello", "next": "far"}, "alone": {"end": []}}, start="near")
    [panel] = draw(hotline, {}, "tr").panels
    assert [one.key for one in panel.boxes][:3] == ["test.begin", "near", "far"]
    assert {one.key for one in panel.boxes} >= {"alone"}


def test_a_menu_names_its_keys_and_locks() -> None:
    choices = {
        "my_bill": {"key": 2, "phrases": ["fatura"], "needs": "verified", "next": "bye"},
        "english": {"key": 9, "language": "en", "next": "ask"},
    }
    picture = draw(flow({"ask": {"menu": "ask", "choices": choices, "otherwise": "bye"}}), {}, "tr")
    ways = exits(picture, "ask")
    bill, english, otherwise = ways["choices.my_bill"], ways["choices.english"], ways["otherwise"]
    assert (bill.label, bill.detail, bill.needs) == ("2 my bill", "key 2, fatura", "verified")
    assert (english.label, english.jump) == ("9 english (en)", True)
    assert (otherwise.label, otherwise.mood) == ("no answer", Mood.OTHERWISE)


def test_a_choose_names_its_conditions() -> None:
    branches = [{"when": "status.state == 'down'", "next": "bye"}]
    picture = draw(flow({"decide": {"choose": branches, "otherwise": "agent"}}), {}, "tr")
    assert [one.label for one in box(picture, "decide").exits] == ["status.state == 'down'", "otherwise"]


@pytest.mark.parametrize(
    ("node", "facts", "words", "labels"),
    [
        ({"say": ["hello", "rest"], "next": "bye"}, (), "Hello, [customer.name] . rest", [""]),
        ({"call": "ticket.open", "into": "it", "next": "bye"}, ("asks ticket.open", "as it"), "", [""]),
        (
            {"call": "line.status", "into": "it", "next": "bye", "on_error": "agent"},
            ("asks line.status", "as it"),
            "",
            ["answers", "fails"],
        ),
        (
            {"collect": "hello", "length": "4-6", "sensitivity": "secret", "confirm": "yes", "next": "bye"},
            ("digits, 4-6, read back, secret",),
            "Hello, [customer.name] .",
            [""],
        ),
        (
            {"collect": "x", "type": "date", "range": "today..", "next": "bye", "otherwise": "agent"},
            ("date, today..",),
            "x",
            ["done", "no answer"],
        ),
        (
            {"identify": ["caller_number", "fault_line"], "ask_line": "hello", "next": "bye", "otherwise": "agent"},
            ("by caller number, fault line", "proved by pin"),
            "Hello, [customer.name] .",
            ["known", "no answer"],
        ),
        (
            {"verify": ["birth_year", "pin"], "ask_birth_year": "hello", "next": "bye", "exceeded": "agent"},
            ("by birth year, pin",),
            "Hello, [customer.name] .",
            ["proved", "too often"],
        ),
        ({"identify": ["caller_number"], "next": "bye"}, ("by caller number",), "", [""]),
        ({"verify": ["pin"], "next": "bye", "otherwise": "agent"}, ("by pin",), "ask_pin", ["proved", "no answer"]),
        ({"say": "hello", "meanwhile": True, "next": "bye"}, ("goes on meanwhile",), "Hello, [customer.name] .", [""]),
        (
            {"look_up": {"a": {"call": "line.status"}, "b": {"call": "bill.current"}}, "next": "bye"},
            ("asks line.status as a", "asks bill.current as b"),
            "",
            [""],
        ),
        ({"transfer": "faults", "reason": "down"}, ("to the queue faults", "because: down"), "", []),
        ({"end": "hello", "outcome": "paid"}, ("outcome: paid",), "Hello, [customer.name] .", []),
        ({"return": {"due": "1", "paid": "{{ answers.x }}"}}, ("with due: 1, paid: [answers.x]",), "", []),
        (
            {"callback": "faults", "reason": "down", "next": "bye"},
            ("by the queue faults", "because: down"),
            "callback_offer",
            [""],
        ),
        (
            {
                "resume": "hello",
                "within": "30m",
                "agent": "same",
                "told": {"ticket.open": "opened"},
                "next": "bye",
                "done": "bye",
                "otherwise": "agent",
            },
            (
                "1 goes on with what was left in the last 30m",
                "or with the same agent",
                "tells what was done: ticket.open",
            ),
            "Hello, [customer.name] .",
            ["2 start over", "no answer", "3 done"],
        ),
        (
            {"resume": "hello", "next": "bye"},
            ("1 goes on with what was left in the last 48h",),
            "Hello, [customer.name] .",
            ["2 start over"],
        ),
    ],
)
def test_what_stands_in_a_box(node: dict[str, object], facts: tuple[str, ...], words: str, labels: list[str]) -> None:
    hello = "Hello,\n {{ customer.name | title }}{% if x %} {% endif %}."
    drawn = box(draw(flow({"it": node}), {"hello": hello}, "tr"), "it")
    assert (drawn.facts, drawn.words) == (facts, words)
    assert [one.label for one in drawn.exits] == labels


def test_a_subflow_has_a_panel_of_its_own() -> None:
    inner = flow({"back": {"return": {}}}, flow="bill", arguments=["line", "month"], return_only=True)
    hotline = flow(
        {"visit": {"flow": "bill", "with": {"line": "1", "month": "2"}, "into": "due", "next": "bye"}}, inner
    )
    picture = draw(hotline, {}, "tr")
    assert [panel.flow for panel in picture.panels] == ["test", "bill"]
    assert box(picture, "visit").opens == "bill"
    assert box(picture, "visit").facts == ("through the flow bill", "as due")
    assert box(picture, "bill.begin").facts == ("gets line, month",)
    assert [panel.flow for panel in draw(hotline, {}, "tr", only="bill").panels] == ["bill"]
    with pytest.raises(KeyError):
        draw(hotline, {}, "tr", only="bil")


def test_what_holds_at_every_node_is_drawn_once() -> None:
    head = {
        "defaults": {"otherwise": "bye", "on_error": "agent", "verify": "prove"},
        "keys": {"repeat": "*", "back": "#", "agent": {"key": [0, "*0"], "next": "agent"}},
        "on_hangup": "gone",
    }
    ask = {"menu": "m", "choices": {"one": {"key": 1, "next": "bye"}}}
    nodes: dict[str, dict[str, Any]] = {"ask": ask, "prove": {"verify": ["pin"], "next": "bye"}, "gone": {"end": []}}
    picture = draw(flow(nodes, **head), {}, "tr")
    anytime = box(picture, "test.anytime")
    assert anytime.facts == ("*: hear it again", "#: the question before")
    assert {(one.label, one.target, one.mood) for one in anytime.exits} == {
        ("no answer", "bye", Mood.OTHERWISE),
        ("fails", "agent", Mood.ERROR),
        ("needs more", "prove", Mood.NORMAL),
        ("0 or *0 agent", "agent", Mood.NORMAL),
        ("hung up", "gone", Mood.OTHERWISE),
    }
    assert [one.way for one in box(picture, "ask").exits] == ["choices.one"]
    assert {way.name for way in ways_of(flow(nodes, **head)) if way.node == THE_FLOW} == {
        "start", *(one.way for one in anytime.exits)
    }  # fmt: skip


def test_a_flow_without_such_ways_has_no_such_box() -> None:
    [panel] = draw(flow({"hello": {"end": []}}), {}, "tr").panels
    assert ANYTIME not in {one.kind for one in panel.boxes}


@pytest.mark.parametrize("boxes", [MOST_ARROWS, MOST_ARROWS + 1])
def test_of_many_boxes_that_lead_to_one_only_the_first_has_an_arrow(boxes: int) -> None:
    says: dict[str, dict[str, Any]] = {f"say{number}": {"say": "x", "next": "bye"} for number in range(boxes)}
    choices = {name: {"key": number, "next": name} for number, name in enumerate(says)}
    picture = draw(flow({"ask": {"menu": "m", "choices": choices}, **says}), {}, "tr")
    few = boxes <= MOST_ARROWS
    assert [one.jump for name in says for one in box(picture, name).exits] == [False] + [not few] * (boxes - 1)


def test_several_keys_may_lead_to_one_node() -> None:
    choices = {f"c{number}": {"key": number, "next": "bye"} for number in range(5)}
    picture = draw(flow({"ask": {"menu": "m", "choices": choices}}), {}, "tr")
    assert not any(one.jump for one in box(picture, "ask").exits)


def test_ways_back_are_jumps() -> None:
    choices = {"on": {"key": 1, "next": "far"}, "end": {"key": 2, "next": "bye"}}
    hotline = flow({"ask": {"menu": "m", "choices": choices}, "far": {"say": "x", "next": "ask"}})
    assert [one.jump for one in box(draw(hotline, {}, "tr"), "far").exits] == [True]


def test_what_is_reached_otherwise_is_no_arrow_from_everywhere() -> None:
    choices = {"one": {"key": 1, "next": "bye"}}
    head = {"defaults": {"otherwise": "bye", "on_error": "agent"}}
    picture = draw(flow({"ask": {"menu": "m", "choices": choices}}, **head), {}, "tr")
    jumps = {one.target: one.jump for one in box(picture, "test.anytime").exits}
    assert jumps == {"bye": True, "agent": False}


def test_a_node_that_needs_a_level_has_a_lock() -> None:
    assert (
        box(draw(flow({"pay": {"say": "x", "needs": "verified", "next": "bye"}}), {}, "tr"), "pay").needs == "verified"
    )
