"""What `ivr check --format` writes: JSON, SARIF 2.1.0 and GitHub's annotations."""

from __future__ import annotations

import json
from pathlib import Path, PurePath
from typing import Any

import pytest
from typer.testing import CliRunner

from ivr.cli import app
from ivr.commands.shared import err
from ivr.errors import Problem
from ivr.flow.reading.check import rule_texts
from ivr.flow.reading.report import Form, written

PROBLEMS = [
    Problem("/here/flows/a b.yaml", 7, 5, "100% of 'x, y: z' is wrong", "mend it,\nor not", rule="values"),
    Problem("/there/ş.yaml", 0, 0, "cannot be read", rule="files"),
    Problem("prompts/tr.yaml", 3, 0, "the text cannot be read"),
]
HERE = PurePath("/here")
RULES = rule_texts()


def test_text_is_what_the_terminal_shows() -> None:
    assert written(PROBLEMS[:1], Form.TEXT, RULES, HERE) == str(PROBLEMS[0])


def test_json_has_every_part_of_a_problem() -> None:
    read = json.loads(written(PROBLEMS, Form.JSON, RULES, HERE))["problems"]
    assert read[0] == {
        "file": "/here/flows/a b.yaml",
        "line": 7,
        "column": 5,
        "what": "100% of 'x, y: z' is wrong",
        "mend": "mend it,\nor not",
        "rule": "values",
    }
    assert [one["rule"] for one in read] == ["values", "files", "prompt_book"]
    assert json.loads(written([], Form.JSON, RULES, HERE)) == {"problems": []}


def test_annotations_are_escaped() -> None:
    assert written(PROBLEMS, Form.GITHUB, RULES, HERE).splitlines() == [
        "::error file=flows/a b.yaml,title=values,line=7,col=5::100%25 of 'x, y: z' is wrong%0Amend it,%0Aor not",
        "::error file=/there/ş.yaml,title=files::cannot be read",
        "::error file=prompts/tr.yaml,title=prompt_book,line=3,col=1::the text cannot be read",
    ]
    strange = Problem("a,b:c%.yaml", 1, 1, "x")
    assert "file=a%2Cb%3Ac%25.yaml," in written([strange], Form.GITHUB, RULES, HERE)
    assert written([], Form.GITHUB, RULES, HERE) == ""


def sarif(problems: list[Problem]) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(written(problems, Form.SARIF, RULES, HERE))
    assert log["version"] == "2.1.0"
    assert len(log["runs"]) == 1
    run: dict[str, Any] = log["runs"][0]
    return run


def test_sarif_has_what_its_schema_requires() -> None:
    run = sarif(PROBLEMS)
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "devam"
    ids = [rule["id"] for rule in rules]
    assert len(set(ids)) == len(ids)
    assert all(rule["shortDescription"]["text"].endswith((".", ".)")) for rule in rules)
    assert len(run["results"]) == 3
    for result in run["results"]:
        assert result["message"]["text"]
        assert result["level"] == "error"
        assert ids[result["ruleIndex"]] == result["ruleId"]


def test_sarif_knows_the_places() -> None:
    places = [result["locations"][0]["physicalLocation"] for result in sarif(PROBLEMS)["results"]]
    assert places == [
        {"artifactLocation": {"uri": "flows/a%20b.yaml"}, "region": {"startLine": 7, "startColumn": 5}},
        {"artifactLocation": {"uri": "file:///there/%C5%9F.yaml"}},
        {"artifactLocation": {"uri": "prompts/tr.yaml"}, "region": {"startLine": 3, "startColumn": 1}},
    ]


def test_sarif_of_no_mistake_has_no_result() -> None:
    run = sarif([])
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"]


BROKEN = Path(__file__).parent / "broken_flows" / "unknown_node.yaml"


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_the_command_tells_mistakes_and_fails(form: str) -> None:
    done = CliRunner().invoke(app, ["check", "--flow", str(BROKEN), "--format", form])
    assert done.exit_code == 1
    assert "mian" in done.stdout


def test_the_command_tells_no_mistakes_and_succeeds(tmp_path: Path) -> None:
    flow, prompts = tmp_path / "short.yaml", tmp_path / "prompts"
    prompts.mkdir()
    flow.write_text("flow: short\nlanguages: [en]\nstart: bye\nnodes: {bye: {end: bye}}\n", encoding="utf-8")
    words = "prompts: {bye: Goodbye.}\nlabels: {agents: People, flow_failed: Out of order}\n"
    (prompts / "en.yaml").write_text(words, encoding="utf-8")
    command = ["check", "--flow", str(flow), "--prompts", str(prompts)]
    done = CliRunner().invoke(app, [*command, "--format", "json"])
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"problems": []})
    assert CliRunner().invoke(app, [*command, "--format", "github"]).stdout.strip() == ""
    assert ": 1 nodes, version " in CliRunner().invoke(app, command).stdout


def test_line_numbers_are_no_pictures(capsys: pytest.CaptureFixture[str]) -> None:
    """Rich takes :100: for an emoji."""
    err.print(str(Problem("x.yaml", 100, 7, "is wrong")))
    assert "x.yaml:100:7: is wrong" in capsys.readouterr().err
