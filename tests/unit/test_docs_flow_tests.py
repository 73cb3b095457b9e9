"""docs/flow-tests.md keeps up with flow tests: its examples pass, and no key of a test is missing in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from typer.testing import CliRunner

from ivr.cli import app
from ivr.errors import FlowError
from ivr.flow.part import Part
from ivr.flow.reading.hints import span
from ivr.flow.reading.yaml_source import read_yaml
from ivr.flowtest.reading import COMPANY_FILE, find_files, read_tests
from ivr.flowtest.replies import Company, Reply
from ivr.flowtest.running import run_tests
from ivr.flowtest.scenario import KINDS, WORDS, Earlier, Expectation, Never, Scenario, ScenarioFile
from ivr.hotline.flow_tests import stage
from ivr.hotline.reading import flow_file, read_hotline
from ivr.services.catalogue import SERVICES
from tests.unit.doc_pages import blocks, page, rows, section

PAGE = page("flow-tests")
SAMPLE = Path(__file__).parents[1] / "scenarios"
[WHOLE, SEVERAL, CALL, SPEECH, EARLIER, REPLIES, EXPECT] = blocks(PAGE, "yaml")
# The snippet of a call is of somebody who is known, with a bill that cannot be looked up.
AROUND = "test: x\ncaller: 0532 555 11 11\nservices: {bill.current: {fails: rejected}}\n"


def written(folder: Path, text: str) -> list[Path]:
    (folder / COMPANY_FILE).write_text((SAMPLE / COMPANY_FILE).read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "page.yaml").write_text(text, encoding="utf-8")
    return find_files([folder])


@pytest.mark.parametrize(
    "text", [WHOLE, SEVERAL, AROUND + CALL, SPEECH, EARLIER], ids=["whole", "several", "call", "speech", "earlier"]
)
def test_the_calls_on_the_page_go_as_written(text: str, tmp_path: Path) -> None:
    flow, book = read_hotline(flow_file(None, "hotline"), None)
    run = run_tests(stage(flow, book, "TR"), read_tests(written(tmp_path, text), SERVICES))
    assert [(result.outcome.failure, result.outcome.transcript) for result in run.failed] == []


def test_replies_and_expectations_on_the_page_are_right(tmp_path: Path) -> None:
    read_tests(written(tmp_path, f"test: x\n{REPLIES}{EXPECT}"), SERVICES)
    assert set(read_yaml(EXPECT, "page").data["expect"]) == set(Expectation.model_fields)
    assert set(read_yaml(EXPECT, "page").data["expect"]["never"]) == set(Never.model_fields)
    shown = [
        reply
        for replies in Company.model_validate(read_yaml(REPLIES, "page").data).services.values()
        for reply in replies
    ]
    assert {key for reply in shown for key in reply.model_fields_set} == set(Reply.model_fields)


def test_every_step_is_shown_and_told() -> None:
    shown = [step for text in (CALL, SPEECH) for step in read_yaml(text, "page").data["call"]]
    steps = {step if isinstance(step, str) else next(iter(step)) for step in shown}
    told = [cells[0] for cells in rows(section(PAGE, "The call"))[1:]]
    assert steps == {*KINDS, *WORDS}
    assert sorted(told) == sorted(steps)


def as_written(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        return "required"
    if isinstance(default, float):
        return span(default)
    return default if isinstance(default, str) and default else "—"


@pytest.mark.parametrize(
    ("part", "heading"),
    [(Scenario, "Files"), (Earlier, "Calls before"), (Reply, "What services reply")],
    ids=["scenario", "earlier", "reply"],
)
def test_every_key_is_told_with_its_default(part: type[Part], heading: str) -> None:
    told = {cells[0]: cells[1] for cells in rows(section(PAGE, heading))[1:]}
    expected = {key: as_written(field) for key, field in part.model_fields.items()}
    extra = {"tests": "—"} if part is Scenario else {}
    assert told == {**expected, **extra}
    assert set(ScenarioFile.model_fields) <= {*Scenario.model_fields, "tests"}


def test_every_expectation_is_told() -> None:
    told = {key.strip("` ") for cells in rows(section(PAGE, "What must come of it"))[1:] for key in cells[0].split(",")}
    assert told == set(Expectation.model_fields)


def test_the_mistakes_on_the_page_are_told_so(tmp_path: Path) -> None:
    text = (
        "test: x\ncaller: 0532 555 01 02\ncall:\n  - press: 1\nexpect:\n  queue: faults\n\n"
        'services:\n  ticket.open: {number: "482913"}\n'
    )
    with pytest.raises(FlowError) as caught:
        read_tests(written(tmp_path, text), SERVICES)
    mistakes: list[Any] = blocks(PAGE, "text")[1].removeprefix("error: ").rstrip().split("\n")
    assert str(caught.value).replace(f"{tmp_path}/page.yaml", "tests/scenarios/fault.yaml").split("\n") == mistakes


# Told on other pages: they are the same for several commands.
SHARED = {"--flow", "-f", "--prompts", "-p", "--settings", "-s", "--help", "-h"}


def test_every_option_is_told() -> None:
    shown = CliRunner().invoke(app, ["test", "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}).stdout
    options = {
        name for line in shown.splitlines() for name in re.findall(r" (--?[a-z][a-z-]*)", line.partition("<")[0])
    }
    told = {cells[0].split()[0] for cells in rows(section(PAGE, "`ivr test`"))[1:]}
    assert told == options - SHARED
