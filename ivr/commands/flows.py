"""Commands for those who write flows: begin, check, play."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ivr.commands.shared import FlowOption, PromptsOption, SettingsOption, hotline_files, out, report
from ivr.settings import load, settings_file

commands = typer.Typer()


@commands.command()
def init(folder: Annotated[Path, typer.Argument(help="A new folder, for your own copy.")]) -> None:
    """Write your own settings, flows, prompts and dialplan templates to edit."""
    from ivr.starter import write_starter

    write_starter(folder)
    report(f"{folder}: edit devam.toml, then `cd {folder}`, `ivr check` and `ivr doctor`")


@commands.command()
def check(flow: FlowOption = None, prompts: PromptsOption = None, settings: SettingsOption = None) -> None:
    """Check a flow and its prompts; every mistake at once, exit status 1 when there is one."""
    from ivr.hotline import read_hotline, read_settings_hotline

    file, folder = hotline_files(flow, prompts, settings)
    checked, _ = read_hotline(file, folder)
    if not flow and not prompts and settings_file(settings):
        read_settings_hotline(load(settings))
    report(f"{file}: {len(checked.nodes)} nodes, version {checked.version}: no mistakes")


@commands.command()
def simulate(
    flow: FlowOption = None,
    prompts: PromptsOption = None,
    caller: Annotated[str, typer.Option(help="The number that calls; empty when withheld.")] = "05551112233",
    language: Annotated[str, typer.Option(help="The language to begin with.")] = "tr",
    settings: SettingsOption = None,
) -> None:
    """Play a flow in this terminal, by text, with no Asterisk and the sample back office."""
    from ivr.simulate import play

    asyncio.run(play(*hotline_files(flow, prompts, settings), caller, language, out))
