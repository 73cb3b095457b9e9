"""The page of `ivr simulate` keeps up with it: its calls are played, its tables are whole."""

from __future__ import annotations

import inspect
import io
import re
import shlex
from pathlib import Path

import pytest
from rich.console import Console

from ivr.commands.flows import simulate
from ivr.flowtest.playing import play_scenario
from ivr.flowtest.reading import read_tests
from ivr.flowtest.stage import Stage
from ivr.hotline.reading import flow_file, read_hotline
from ivr.services.catalogue import SERVICES
from ivr.settings import load
from ivr.simulate.play import Options, play
from ivr.simulate.tables import COMMANDS
from tests.unit.doc_pages import blocks, page, rows, section

PAGE = page("simulate")
CALLS = blocks(PAGE, "text")
WIDTH = 96


def told(transcript: str) -> list[str]:
    """What a reader learns by: what was typed, asked, answered and came of it. Prompts may be worded anew."""
    lines = map(str.rstrip, transcript.splitlines())
    return [line for line in lines if re.match(r"Caller|Company|The call| {8}[·→\d]|\w+ {2,}\S+$", line)]


def played(call: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The call of the page, played again as it was typed."""
    command, _, transcript = call.partition("\n")
    arguments = shlex.split(command.removeprefix("$ ivr simulate "))
    speech = "--speech" in arguments
    arguments = [argument for argument in arguments if argument != "--speech"]
    given = dict(zip(arguments[::2], arguments[1::2], strict=True))
    secrets = iter(["4711"])
    typed = re.findall(r"^(?:Caller|Company)  ?(?! )(?!→)(?![a-z]+\.)(.*)$", transcript, re.MULTILINE)
    lines = [next(secrets) if line == "****" else line for line in typed]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    save = given.get("--save")
    options = Options(
        flow_file(None, "hotline"),
        None,
        given["--caller"],
        given["--language"],
        given.get("--services", "sample"),
        given["--at"],
        save=Path(save) if save else None,
        speech=speech,
    )
    out = io.StringIO()
    play(options, load, Console(file=out, width=WIDTH, highlight=False))
    return out.getvalue()


@pytest.mark.parametrize("call", CALLS, ids=("sample", "speech", "mock"))
def test_a_call_goes_as_the_page_says(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tests").mkdir()
    monkeypatch.chdir(tmp_path)
    again = played(call, monkeypatch)
    assert len(told(call)) > 10
    assert told(again) == told(call)


def test_the_saved_test_of_the_page_passes(tmp_path: Path) -> None:
    [text] = blocks(PAGE, "yaml")
    (tmp_path / "it.yaml").write_text(text, encoding="utf-8")
    [test] = read_tests([tmp_path / "it.yaml"], SERVICES)
    flow, book = read_hotline(flow_file(None, "hotline"), None)
    assert play_scenario(Stage(flow, book, SERVICES), test.scenario).failure is None


def test_every_command_is_told() -> None:
    cells = [row[0] for row in rows(section(PAGE, "What you can type"))]
    assert {cell.split("`")[0] for cell in cells if cell.startswith("/")} == set(COMMANDS)


def test_every_option_is_told() -> None:
    cells = [row[0] for row in rows(section(PAGE, "Options"))[1:]]
    named = {name.strip("`") for cell in cells for name in cell.split(", ")}
    assert named == {f"--{name}" for name in inspect.signature(simulate).parameters}
