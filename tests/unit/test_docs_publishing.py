"""The page on publishing keeps up: its commands and options are there, its flow is right, its keys are told."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from context_store.keys import HotlineKeys
from ivr.cli import app
from ivr.hotline.reading import read_settings_hotline
from ivr.publishing.announcing import LONGEST, LONGEST_TIME
from tests.unit.doc_pages import blocks, page, rows, section
from tests.unit.publishing_house import Desk

PAGE = page("publishing")
COMMANDS = ("publish", "versions", "diff", "rollback", "announce")


def typed() -> list[str]:
    """Every command line on the page."""
    shown = [line[2:] for block in blocks(PAGE, "console") for line in block.splitlines() if line.startswith("$ ")]
    return shown + [line for line in re.findall(r"`(ivr [^`]+)`", PAGE) if not line.startswith("ivr test")]


def command_of(name: str) -> Any:  # typer has a click of its own
    group: Any = typer.main.get_command(app)
    return group.commands[name]


@pytest.mark.parametrize("line", typed())
def test_command_lines_are_right(line: str) -> None:
    _, name, *arguments = shlex.split(line)
    command = command_of(name)
    with command.make_context(name, list(arguments)) as context:  # parses, runs nothing
        assert context.params


def test_every_command_and_option_is_told() -> None:
    assert [cells[0].removeprefix("ivr ") for cells in rows(section(PAGE, "Commands"))[1:]] == list(COMMANDS)
    for name in COMMANDS:
        for option in command_of(name).params:
            long = [one for one in option.opts if one.startswith("--") and one not in ("--settings", "--last")]
            assert all(f"`{one}" in PAGE or f" {one}" in PAGE for one in long), long


def test_the_place_of_the_announcement_is_right(tmp_path: Path) -> None:
    """The example, in front of a hotline that has none."""
    desk = Desk(tmp_path)
    [example] = blocks(PAGE, "yaml")
    flow = (desk.folder / "flows/hotline.yaml").read_text()
    start, nodes = flow.index("nodes:"), flow.index("  main_menu:")
    desk.write("flows/hotline.yaml", flow[:start] + example.replace("welcome", "main_menu") + flow[nodes:])
    for language in ("tr", "en"):
        prompt = f"emergency: '{{{{ announcement.{language} }}}}'"
        assert prompt.split(": ")[1].strip("'") in PAGE
        desk.change(f"prompts/{language}.yaml", "prompts:\n", f"prompts:\n  {prompt}\n")
    assert read_settings_hotline(desk.settings)[0].nodes.keys() >= {"opening", "emergency"}


def test_the_limits_are_told() -> None:
    assert f"At most {LONGEST}\ncharacters" in PAGE
    assert LONGEST_TIME == 7 * 24 * 3600
    assert "at most seven days" in PAGE


def test_the_keys_in_redis_are_told() -> None:
    assert re.findall(r"`devam:\{hotline:NAME\}:(\w+)`", PAGE) == list(HotlineKeys._fields)
