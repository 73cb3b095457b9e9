"""Reading flows: what becomes of a good file, and that no text gets more out of the loader than a `FlowError`."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ivr.errors import FlowError, Problem
from ivr.flow.model import Call, Collect, Flow, Identify, Menu, Say
from ivr.flow.reading.loader import parse_flow, read_flow
from ivr.flow.reading.yaml_source import SIZE_LIMIT, read_text, read_yaml, scan_yaml
from tests.unit.flow_house import GOOD


def problems(text: str) -> str:
    with pytest.raises(FlowError) as caught:
        parse_flow(text, "x.yaml")
    return str(caught.value)


def test_a_good_flow_becomes_nodes() -> None:
    flow = parse_flow(GOOD, "good.yaml")
    assert (flow.flow, flow.languages, flow.start) == ("small", ("tr", "en"), "welcome")
    assert flow.defaults.timeout == 5.0
    assert list(flow.nodes)[:3] == ["welcome", "who", "main"]
    welcome, who, main, look = (flow.nodes[name] for name in ("welcome", "who", "main", "look"))
    number, opened = flow.nodes["number"], flow.nodes["opened"]
    assert isinstance(welcome, Say)
    assert welcome.say == ("welcome",)
    assert isinstance(who, Identify)
    assert isinstance(main, Menu)
    assert main.choices["fault"].key == "1"
    assert isinstance(look, Call)
    assert look.arguments == {"line": "{{ line.number }}"}
    assert isinstance(number, Collect)
    assert number.type == "phone"
    assert isinstance(opened, Say)
    assert opened.bargein is False


def test_the_version_is_that_of_the_content() -> None:
    version = parse_flow(GOOD, "good.yaml").version
    assert len(version) == 12
    assert set(version) <= set("0123456789abcdef")
    relaid = json.dumps(YAML(typ="safe", pure=True).load(GOOD.replace("bargein: no", "bargein: 'no'")), indent=3)
    assert parse_flow(relaid, "other.yaml").version == version
    assert parse_flow("# a remark\n" + GOOD.replace("\n", "\r\n"), "x").version == version
    assert parse_flow(GOOD.replace("key: 9", "key: 8"), "x").version != version


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert read_flow(file) == parse_flow(GOOD, "any")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.yaml", tmp_path / "\0"):
        with pytest.raises(FlowError, match="cannot be read"):
            read_flow(path)


def test_a_file_has_a_limit(tmp_path: Path) -> None:
    big = tmp_path / "big.yaml"
    big.write_bytes(b"#" * (SIZE_LIMIT + 1))
    with pytest.raises(FlowError, match="bigger than 1 MiB"):
        read_flow(big)
    assert "bigger than 1 MiB" in problems("#" * (SIZE_LIMIT + 1))
    big.write_bytes(b"#" * SIZE_LIMIT)
    assert len(read_text(big)) == SIZE_LIMIT


def test_every_mistake_is_told_at_once_and_in_the_order_of_the_file() -> None:
    broken = GOOD.replace("next: who", "next: woh").replace("type: phone", "type: fax").replace("reason:", "resaon:")
    with pytest.raises(FlowError) as caught:
        parse_flow(broken, "x")
    lines = [problem.line for problem in caught.value.problems]
    assert [problem.what for problem in caught.value.problems] == [
        "there is no node 'woh'",
        "'type' cannot be 'fax'",
        "'reason' is missing",
        "'resaon' is not a key that can stand here",
    ]
    assert lines == sorted(lines)
    assert all(problem.file == "x" and problem.column for problem in caught.value.problems)


def test_a_circle_of_aliases_and_a_bomb_are_refused() -> None:
    assert "the alias *a cannot be used here" in problems("a: &a [*a]")
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    assert "the alias *a28 cannot be used here" in problems(bomb)


def test_too_much_is_refused_before_it_is_read() -> None:
    assert "too many keys and values" in problems("a: [" + "1," * 200_000 + "1]")
    assert "nested more than 20 deep" in problems("[" * 100_000)
    assert "nested more than 20 deep" in problems("".join(" " * n + "a:\n" for n in range(100)))
    assert "nested more than 20 deep" in problems("a: " + "{b: " * 100)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("true", True),
        ("~", None),
        ("", None),
        ("7", 7),
        ("-7", -7),
        ("1.5", 1.5),
        ("0532", "0532"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("1e3", "1e3"),
        ("2024-01-01", "2024-01-01"),
        ("'7'", "7"),
        ("9" * 5000, "9" * 5000),
        ("٣", "٣"),
    ],
)
def test_plain_values_are_what_their_writer_meant(written: str, read: object) -> None:
    value = read_yaml(f"a: {written}", "x").data["a"]
    assert value == read
    assert type(value) is type(read)


def test_keys_are_text() -> None:
    assert read_yaml("1: a\ntrue: b\n0532: c", "x").data == {"1": "a", "true": "b", "0532": "c"}


def test_positions() -> None:
    source = read_yaml("a: 1\nb:\n  - c: 2\n    d: [x, y]\n", "x")
    assert source.position(("a",)) == (1, 1)
    assert source.position(("b", 0, "d")) == (4, 5)
    assert source.position(("b", 0, "d", 1)) == (4, 12)
    assert source.position(("b", 0, "nothing", 5)) == (3, 5)
    assert source.position(("nothing",)) == (1, 1)
    assert str(source.problem(("b",), "is wrong", "mend it")) == "x:2:1: is wrong\n    mend it"


def test_the_first_of_equal_keys_counts() -> None:
    source = scan_yaml("a: 1\na: {b: 2}\n", "x")
    assert source.data == {"a": 1}
    assert source.position(("a",)) == (1, 1)
    assert [str(problem) for problem in source.problems] == [
        "x:2:1: the key 'a' is here twice\n    it stands in line 1 already: remove or rename one of them"
    ]
    with pytest.raises(FlowError):
        read_yaml("a: 1\na: 2\n", "x")


def test_merging_is_not_known() -> None:
    assert "'<<' is not a key that can stand here" in problems(GOOD.replace("say: welcome", "say: welcome\n    <<: {}"))


def test_values_are_shown_harmless_and_short() -> None:
    told = problems(GOOD.replace("type: phone", 'type: "\\e[31m' + "x" * 500 + '"'))
    assert "the character '\\x1b' cannot stand in a text" in told
    assert "\x1b" not in told
    assert "x" * 61 not in problems(GOOD.replace("type: phone", "type: " + "x" * 500))


@pytest.mark.parametrize("escape", ["\\0", "\\r", "\\x7f", "\\x9f", "\\ud800"])
def test_escapes_cannot_smuggle_characters_in(escape: str) -> None:
    assert "cannot stand in a text" in problems(GOOD.replace("end: goodbye", f'end: "a{escape}"'))
    assert "cannot stand in a text" in problems(GOOD + f'"{escape}": 1\n')
    assert scan_yaml(f'"a{escape}": "{escape}"', "x").data == {"a\ufffd": "\ufffd"}


def test_a_big_flow_is_read() -> None:
    nodes = "".join(
        f"  n{n}:\n    menu: main\n    choices:\n      a: {{key: 1, next: n{n + 1}}}\n      b: {{key: 2, next: n{n}}}\n"
        f"      c: {{key: 3, next: end}}\n    otherwise: end\n"
        for n in range(60)
    )
    text = f"flow: big\nlanguages: [tr]\nstart: n0\nnodes:\n{nodes}  n60: {{end: bye}}\n  end: {{end: bye}}\n"
    assert len(parse_flow(text, "big").nodes) == 62


def _only_flow_or_flow_error(text: str) -> None:
    source_problems: tuple[Problem, ...] = ()
    flow: Flow | None = None
    try:
        flow = parse_flow(text, "x.yaml")
    except FlowError as error:
        source_problems = error.problems
    assert (flow is None) == bool(source_problems)
    assert all(problem.what for problem in source_problems)
    "".join(map(str, source_problems)).encode()  # can be printed
    assert flow is None or flow.start in flow.nodes


_SIGNS = [
    *"{}[]:,&*!|>'\"%@`#?-~ \t\r\n\0\\",
    *(": ", "\n  ", "{{ ", " }}", "<<: ", "---\n", "&a ", "*a", "!!x ", "\ufeff", "\ud800", '"\\ud800"'),
]
_VALUES: list[Any] = [
    *(None, True, 0, -1, 1.5, "", "next", "\ud800", "9" * 100),
    *([], {}, [[]], {"": {}}, {"say": "x"}, ["welcome"]),
]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=60) | st.lists(st.sampled_from(_SIGNS) | st.text(max_size=4), max_size=20).map("".join))
def test_any_text(text: str) -> None:
    _only_flow_or_flow_error(text)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, len(GOOD)), st.integers(0, 12), st.lists(st.sampled_from(_SIGNS), max_size=3).map("".join))
def test_any_change_of_a_good_flow(at: int, cut: int, put: str) -> None:
    _only_flow_or_flow_error(GOOD[:at] + put + GOOD[at + cut :])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_any_exchange_of_values_of_a_good_flow(dice: random.Random) -> None:
    data = YAML(typ="safe", pure=True).load(GOOD)
    for _ in range(dice.randint(1, 3)):
        part = data
        while isinstance(part, (dict, list)) and part:
            key = dice.choice(list(part) if isinstance(part, dict) else range(len(part)))
            if dice.random() < 0.3 or not isinstance(part[key], (dict, list)):
                part[key] = copy.deepcopy(dice.choice(_VALUES))
                break
            part = part[key]
    _only_flow_or_flow_error(json.dumps(data))
