"""Checking flows against the house. Each file in broken_flows stands beside the exact words that it must get."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ivr.errors import Problem
from ivr.flow.reading.check import PromptNames, check_flow, check_text, rule_texts
from tests.unit.flow_house import BOOK, GOOD, QUEUES, SERVICES, WIDE, unheard

FOLDER = Path(__file__).parent / "broken_flows"
BROKEN = sorted([*FOLDER.glob("*.yaml"), *FOLDER.glob("*/hotline.yaml")])  # a folder holds a hotline with subflows


def named(path: Path) -> str:
    return path.stem if path.parent == FOLDER else path.parent.name


def found(text: str, book: PromptNames = BOOK) -> list[str]:
    return [problem.what for problem in check_text(text, "x.yaml", book, SERVICES)[1]]


@pytest.mark.parametrize("text", [GOOD, WIDE])
def test_a_good_flow_has_no_problem(text: str) -> None:
    flow, problems = check_text(text, "good.yaml", BOOK, SERVICES)
    assert flow is not None
    assert problems == []


def test_there_are_many_broken_flows() -> None:
    assert len(BROKEN) >= 70


@pytest.mark.parametrize("path", BROKEN, ids=named)
def test_a_broken_flow_gets_these_words(path: Path) -> None:
    _, problems = check_flow(path, BOOK, SERVICES, unheard=unheard)
    told = "\n".join(str(problem) for problem in problems) + "\n"
    assert told.replace(f"{path.parent}/", "") == path.with_suffix(".expected").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", BROKEN, ids=named)
def test_every_mistake_can_be_found_and_mended(path: Path) -> None:
    for problem in check_flow(path, BOOK, SERVICES, unheard=unheard)[1]:
        assert problem.line > 0
        assert problem.column > 0


def test_every_rule_has_a_broken_flow() -> None:
    told = {problem.rule for path in BROKEN for problem in check_flow(path, BOOK, SERVICES, QUEUES, unheard)[1]}
    assert told == rule_texts().keys()


def test_a_flow_that_can_be_used_is_given_with_its_problems() -> None:
    flow, problems = check_text(GOOD.replace("say: welcome", "say: wellcome"), "x", BOOK, SERVICES)
    assert flow is not None
    assert problems == [
        Problem(
            "x",
            9,
            5,
            "the prompt 'wellcome' has no text in tr, en",
            "did you mean 'welcome'? write its text in prompts/tr.yaml, prompts/en.yaml",
        )
    ]


def test_mistakes_of_the_file_and_of_the_house_come_together() -> None:
    assert found(GOOD.replace("next: who", "next: woh").replace("end: goodbye", "end: godbye")) == [
        "there is no node 'woh'",
        "the prompt 'godbye' has no text in tr, en",
    ]


def test_a_broken_node_does_not_make_its_answer_unknown() -> None:
    assert found(GOOD.replace("type: phone", "type: fax")) == ["'type' cannot be 'fax'"]


def test_nothing_is_raised_for_what_is_no_file(tmp_path: Path) -> None:
    flow, problems = check_flow(tmp_path / "missing.yaml", BOOK, SERVICES)
    assert flow is None
    assert [problem.what for problem in problems] == ["cannot be read: No such file or directory"]


def test_a_missing_default_prompt_is_told_once() -> None:
    without = {lang: {k: v for k, v in names.items() if k != "noinput"} for lang, names in BOOK.prompts.items()}
    assert found(GOOD, replace(BOOK, prompts=without)) == ["the prompt 'noinput' has no text in tr, en"]


ASKED = "identify: [caller_number, fault_line]"


@pytest.mark.parametrize(
    ("says", "lacking"),
    [
        ("identify: [returned]", []),
        ("identify: [caller_number]", ["ask_line", "choose_line"]),
        ("identify: [token, returned, alternate_number]", ["ask_line", "choose_line"]),
        (ASKED, ["ask_line", "ask_pin", "choose_line", "line_or_pin_wrong"]),
        ("identify: [fault_line]\n    proofs: [invoice]", ["ask_invoice", "ask_line", "line_or_pin_wrong"]),
        ("verify: [birth_year]", ["ask_birth_year", "ask_line", "line_or_pin_wrong"]),
        (
            "verify: [sms_code]\n    claims: [last_order]",
            [
                "ask_line",
                "ask_order",
                "ask_sms_code",
                "ask_sms_code_again",
                "ask_surname",
                "choose_line",
                "line_or_pin_wrong",
            ],
        ),
        (
            "verify: [pin]\n    claims: [customer_number]",
            ["ask_customer_number", "ask_line", "ask_pin", "choose_line", "line_or_pin_wrong"],
        ),
    ],
)
def test_an_identify_node_needs_the_words_of_its_own_ways(says: str, lacking: list[str]) -> None:
    def is_plain(name: str) -> bool:
        return name == "ask_back" or not name.startswith(("ask_", "choose_line", "line_or_pin"))

    plain = {language: {k: v for k, v in names.items() if is_plain(k)} for language, names in BOOK.prompts.items()}
    told = found(GOOD.replace(ASKED, says), replace(BOOK, prompts=plain))
    assert sorted(told) == [f"the prompt '{name}' has no text in tr, en" for name in lacking]


@pytest.mark.parametrize(
    ("says", "labels"),
    [
        ("identify: [returned]", []),
        ("identify: [alternate_number]", ["directory.find", "fault_line"]),
        ("identify: [token]", ["directory.redeem", "fault_line"]),
        (ASKED, ["directory.find", "directory.prove", "fault_line", "pin"]),
        ("verify: [sms_code]\n    claims: [fault_line]", ["code.send", "directory.prove", "fault_line", "sms_code"]),
    ],
)
def test_an_identify_node_needs_the_labels_of_its_own_ways(says: str, labels: list[str]) -> None:
    others = ("main", "main.fault", "main.english", "number", "line.status", "ticket.open", "agents", "no_answer")
    fewer = {language: frozenset({*others, "flow_failed"}) for language in BOOK.labels}
    told = found(GOOD.replace(ASKED, says), replace(BOOK, labels=fewer))
    assert sorted(told) == [f"the label '{name}' is missing in tr, en" for name in labels]


def test_the_answers_of_identify_are_provided() -> None:
    assert found(GOOD.replace('contact: "{{ answers.number }}"', 'contact: "{{ answers.fault_line }}"')) == []


def test_all_answers_together_and_keys_of_facts_are_provided() -> None:
    assert found(GOOD.replace("status.state == 'down'", "answers and status.outage.area and caller.number")) == []


def test_a_variable_of_one_language_only_is_found() -> None:
    english = {**BOOK.prompts["en"], "welcome": frozenset({"weather", "customer"})}
    assert found(GOOD, replace(BOOK, prompts={**BOOK.prompts, "en": english})) == [
        "the prompt 'welcome' uses 'weather', which nothing in this flow provides"
    ]


def test_a_book_without_any_language_is_one_problem_each() -> None:
    assert found(GOOD, PromptNames({}, {})) == [
        "there are no prompts in the language 'tr'",
        "there are no prompts in the language 'en'",
    ]


def test_a_key_that_begins_another_is_allowed() -> None:
    assert found(GOOD.replace("key: 9", "key: 12")) == []


def test_a_circle_through_a_question_is_allowed() -> None:
    assert found(GOOD.replace("otherwise: goodbye\n", "otherwise: main\n")) == []


def test_a_circle_through_the_flows_otherwise_is_found() -> None:
    text = GOOD.replace("    on_error: number\n", "").replace("otherwise: to_agent\nnodes", "otherwise: look\nnodes")
    assert found(text) == ["callers would go round for ever: look → look"]


def test_circles_that_share_nodes_are_told_once_each() -> None:
    nodes = {"a": "b", "b": "c", "c": "a", "d": "e", "e": "d", "f": "a"}
    says = "".join(f"  {name}: {{say: welcome, next: {way}}}\n" for name, way in nodes.items())
    told = found(f"flow: x\nlanguages: [tr]\nstart: f\nnodes:\n{says}")
    assert [what for what in told if "round" in what] == [
        "callers would go round for ever: a → b → c → a",
        "callers would go round for ever: d → e → d",
    ]


@pytest.mark.parametrize("line", range(GOOD.count("\n")))
def test_a_flow_without_one_of_its_lines_is_checked(line: int) -> None:
    lines = GOOD.splitlines(keepends=True)
    flow, problems = check_text("".join(lines[:line] + lines[line + 1 :]), "x.yaml", BOOK, SERVICES)
    assert flow is not None or problems
