"""What is known where a condition holds; and which wordings a hotline brings along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import FlowError
from ivr.flow.expressions import holds
from ivr.flow.reading.implied import surely_known
from ivr.hotline.reading import flow_file, read_hotline

NAMES = ("status", "bill", "order")


@pytest.mark.parametrize(
    ("when", "known"),
    [
        ("status", {"status"}),
        ("status.outage.area", {"status"}),
        ('status["outage"]', {"status"}),
        ("status.state == 'down'", {"status"}),
        ("'down' == status.state", {"status"}),
        ("bill.amount > 5", {"bill"}),
        ("1 < bill.amount <= order.total", {"bill", "order"}),
        ("status.state in ['up', 'down']", {"status"}),
        ("now.date in order.days", {"order"}),
        ("status and bill.number", {"status", "bill"}),
        ("status or bill", set()),
        ("status.a == 1 or status.b and bill", {"status"}),
        ("status is defined", {"status"}),
        ("not status", set()),
        ("not (not status)", set()),
        ("status is undefined", set()),
        ("status.state != 'up'", set()),
        ("status.state == bill.state", set()),
        ("status.state not in ['up']", set()),
        ("status.outage | default('x')", set()),
        ("status.outage or 'x'", set()),
        ("(bill if status else order)", set()),
        ("bill.amount + 1", set()),
        ("true", set()),
    ],
)
def test_what_a_condition_implies(when: str, known: set[str]) -> None:
    assert surely_known(when) & set(NAMES) == known


TERMS = st.sampled_from(
    [*NAMES, *(f"{name}.x" for name in NAMES), "'a'", "1", "true", "none", "['a', 1]", "now", "order.x | default('a')"]
)
WHENS = st.recursive(
    TERMS | TERMS.map(lambda term: f"({term} is defined)") | TERMS.map(lambda term: f"({term} is none)"),
    lambda inner: st.one_of(
        st.builds(
            "({} {} {})".format, inner, st.sampled_from(["and", "or", "==", "!=", "<", ">=", "in", "not in"]), inner
        ),
        inner.map(lambda one: f"(not {one})"),
        st.builds("({} if {} else {})".format, inner, inner, inner),
    ),
    max_leaves=6,
)
FACTS: list[Any] = [{"x": "a"}, {"x": None}, {"x": 1}, {"x": ["a", 1]}, {}, None, "a", 1, ["a"]]


@given(WHENS, st.fixed_dictionaries({}, optional={name: st.sampled_from(FACTS) for name in (*NAMES, "now")}))
def test_where_it_holds_it_is_known(when: str, facts: dict[str, Any]) -> None:
    if holds(when, facts):
        assert surely_known(when) <= facts.keys()


FLOW = """\
flow: worded
languages: [tr, en]
start: ask
defaults: {otherwise: no_answer}
nodes:
  ask: {menu: welcome, choices: {yes: {key: 1, next: asked}}}
  asked:
    choose: [{when: "wording.agreed and level == 'unknown'", next: no_answer}]
    otherwise: registered
  registered:
    call: number.register
    with: {customer: "1", line: "2", number: "3", language: tr, wording: "{{ wording.agreed }}"}
    into: registered
    next: no_answer
  no_answer: {transfer: agents, reason: no_answer}
"""
BOOK = """\
prompts: {welcome: Hello., noinput: Hello?, nomatch: Pardon?, agreed: "AGREED", other: Other.}
labels:
  {ask: Ask, ask.yes: "Yes", number.register: Register, agents: Agents, no_answer: No answer, flow_failed: Failed}
"""


def hotline(folder: Path) -> Path:
    (folder / "worded.yaml").write_text(FLOW, encoding="utf-8")
    return folder / "worded.yaml"


def prompts(folder: Path, agreed: dict[str, str]) -> Path:
    (folder / "prompts").mkdir()
    for language, text in agreed.items():
        (folder / "prompts" / f"{language}.yaml").write_text(BOOK.replace("AGREED", text), encoding="utf-8")
    return folder / "prompts"


def test_the_wordings_that_are_named_come_with_the_flow(tmp_path: Path) -> None:
    agreed = {"tr": "Kabul   ediyorum.", "en": "I agree."}
    flow, _ = read_hotline(hotline(tmp_path), prompts(tmp_path, agreed))
    assert flow.wordings == {"tr": {"agreed": "Kabul ediyorum."}, "en": {"agreed": "I agree."}}


def test_a_wording_that_cannot_be_said_is_none(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="at most 1000"):
        read_hotline(hotline(tmp_path), prompts(tmp_path, {"tr": "a" * 1001, "en": "I agree."}))


def test_the_sample_hotline_keeps_what_callers_agree_to() -> None:
    flow, book = read_hotline(flow_file(None, "hotline"), None)
    for language in flow.languages:
        assert flow.wordings[language].items() >= {("remember_number", book.text("remember_number", language, {}))}
