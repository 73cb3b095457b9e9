"""Whatever is in the files of a hotline, the check gives a flow or problems, each of which can be found and printed."""

from __future__ import annotations

import copy
import json
import random
from pathlib import PurePath
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ivr.flow.model import KINDS
from ivr.flow.reading.check import check_flows, rule_texts
from ivr.flow.reading.report import Form, written
from ivr.flow.reading.texts import FlowTexts
from tests.unit.flow_house import BOOK, GOOD_FILES, QUEUES, SERVICES, WIDE

RULES = rule_texts()
SIGNS = [
    *"{}[]:,&*!|>'\"%@`#?-~ \t\r\n\0\\",
    *(": ", "\n  ", "{{ ", " }}", "<<: ", "---\n", "&a ", "*a", "!!x ", "\ufeff", "\ud800", '"\\ud800"', "flow: "),
]
VALUES: list[Any] = [
    *(None, True, 0, -1, 1.5, "", "next", "payment", "hotline", "wide", "\ud800", "9" * 100, "1..2", "..", "today..x"),
    *([], {}, [[]], {"": {}}, {"say": "x"}, {"flow": "payment"}, ["first"], "{{ a.b }}", "{{ secrets.x.y }}", "a.b"),
    *("verified", "secret", "choice", "5s", "0.1s", "*", ["*", "*"], {"tr": ["a", "A"]}, {"x": {"key": 1}}),
]
KEYS = [*KINDS, "needs", "into", "with", "choices", "range", "length", "confirm", "on_hangup", "keys", "hours", "x", ""]


def gives_flow_or_problems(files: dict[str, str]) -> None:
    flow, problems = check_flows(FlowTexts("hotline", files, "flows"), BOOK, SERVICES, QUEUES)
    assert flow is not None or problems
    for problem in problems:
        assert problem.what
        assert problem.rule in RULES
        assert problem.file.startswith("flows/")
    "".join(map(str, problems)).encode()
    for form in Form:
        written(problems, form, RULES, PurePath("flows")).encode()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.sampled_from(sorted(GOOD_FILES)),
    st.floats(0, 1),
    st.integers(0, 20),
    st.lists(st.sampled_from(SIGNS), max_size=3).map("".join),
)
def test_any_change_of_a_good_hotline(name: str, where: float, cut: int, put: str) -> None:
    text = GOOD_FILES[name]
    at = int(where * len(text))
    gives_flow_or_problems({**GOOD_FILES, name: text[:at] + put + text[at + cut :]})


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(max_size=60) | st.lists(st.sampled_from(SIGNS) | st.text(max_size=4), max_size=20).map("".join))
def test_any_text_for_a_subflow(text: str) -> None:
    gives_flow_or_problems({**GOOD_FILES, "payment": text})


def _containers(part: Any) -> list[Any]:
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [
        *([part] if part and isinstance(part, dict | list) else []),
        *(one for two in inner for one in _containers(two)),
    ]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_any_exchange_of_keys_and_values(dice: random.Random) -> None:
    files = {"hotline": WIDE, "payment": GOOD_FILES["payment"]}
    data = {name: YAML(typ="safe", pure=True).load(text) for name, text in files.items()}
    data["hotline"]["nodes"]["pay"] = {"flow": "payment", "with": {"line": "1"}, "into": "paid", "next": "told"}
    for _ in range(dice.randint(1, 4)):
        part = dice.choice(_containers(data[dice.choice(sorted(data))]))
        key = dice.choice(list(part) if isinstance(part, dict) else range(len(part)))
        if isinstance(part, dict) and dice.random() < 0.3:
            part[dice.choice(KEYS)] = part.pop(key)
        else:
            part[key] = copy.deepcopy(dice.choice(VALUES))
    gives_flow_or_problems({name: json.dumps(content, default=str) for name, content in data.items()})
