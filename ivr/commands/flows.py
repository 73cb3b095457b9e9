"""Commands for those who write flows: begin, check, test, play, draw."""

from __future__ import annotations

import asyncio
import enum
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ivr.commands.shared import (
    FlowOption,
    FolderOption,
    PromptsOption,
    SettingsOption,
    hotline_files,
    out,
    report,
    run_until_stopped,
)
from ivr.errors import FlowError, SettingsError
from ivr.flow.reading.report import Form, written
from ivr.graph.formats import Format
from ivr.settings import load, settings_file
from ivr.settings_hearing import HearingSettings

if TYPE_CHECKING:
    from ivr.flowtest.reading import Written
    from ivr.flowtest.running import Run
    from ivr.sandbox.rehearsal.rehearsal import Piece

commands = typer.Typer()


class Schema(enum.StrEnum):
    """What editors can be told of."""

    FLOW = "flow"
    TEST = "test"


@commands.command()
def init(folder: Annotated[Path, typer.Argument(help="A new folder, for your own copy.")]) -> None:
    """Write your own settings, flows, prompts, flow tests and dialplan templates to edit."""
    from ivr.starter import write_starter

    write_starter(folder)
    report(f"{folder}: edit devam.toml, then `cd {folder}`, `ivr check`, `ivr test` and `ivr doctor`")


@commands.command()
def check(
    flow: FlowOption = None,
    prompts: PromptsOption = None,
    form: Annotated[Form, typer.Option("--format", help="text; json, sarif, github for other programs.")] = Form.TEXT,
    settings: SettingsOption = None,
) -> None:
    """Check a flow and its prompts; every mistake at once, exit status 1 when there is one."""
    from ivr.flow.reading.check import rule_texts
    from ivr.hotline.hearing import heard_notes, unheard_in
    from ivr.hotline.reading import queue_names, read_hotline

    file, folder = hotline_files(flow, prompts, settings)
    own = load(settings) if settings_file(settings) else None
    models = (own.hearing if own else HearingSettings()).models
    try:
        if own and not flow and not prompts:
            checked, _ = read_hotline(file, folder, own.controller.region, queue_names(own), unheard_in(models))
        else:
            checked, _ = read_hotline(file, folder, unheard=unheard_in(models))
    except FlowError as error:
        if form is Form.TEXT:
            raise
        typer.echo(written(error.problems, form, rule_texts(), Path.cwd()))
        raise typer.Exit(1) from None
    if form is Form.TEXT:
        report(f"{file}: {checked.size} nodes, version {checked.version}: no mistakes")
        for note in heard_notes(models, checked):
            report(note)
    else:
        typer.echo(written((), form, rule_texts(), Path.cwd()))


@commands.command()
def schema(
    what: Annotated[Schema, typer.Argument(help="What the editor is to know: a flow, or a flow test.")] = Schema.FLOW,
) -> None:
    """Write the JSON Schema with which an editor completes and checks flows, or flow tests, while they are written."""
    from ivr.flow.reading.schema import flow_schema
    from ivr.flowtest.schema import file_schema

    found = flow_schema() if what is Schema.FLOW else file_schema()
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False))


@commands.command("test")
def play_tests(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files, folders; default: tests/scenarios, or tests beside devam.toml."),
    ] = None,
    flow: FlowOption = None,
    prompts: PromptsOption = None,
    only: Annotated[str, typer.Option("-k", help="Only tests with this text in their name or file's name.")] = "",
    coverage: Annotated[bool, typer.Option("--coverage", help="Tell all nodes and ways that no test took.")] = False,
    need_all: Annotated[bool, typer.Option("--need-all", help="Exit status 1 when any was not taken.")] = False,
    junit: Annotated[Path | None, typer.Option(help="Write the result to this file, as JUnit XML.")] = None,
    live: Annotated[bool, typer.Option("--live", help="Play them as real calls, in the sandbox.")] = False,
    folder: FolderOption = None,
    settings: SettingsOption = None,
) -> None:
    """Play flow tests without Asterisk, in virtual time; exit status 1 when one fails, or when there is none."""
    from ivr.flow.reading.texts import gather
    from ivr.flowtest.junit import write_junit
    from ivr.hotline import flow_tests
    from ivr.hotline.reading import read_hotline

    if live and (coverage or need_all):
        raise SettingsError("--live tells nothing of coverage: leave out --coverage and --need-all")
    own = settings_file(settings)
    region = load(settings).controller.region if own else "TR"
    file, texts = hotline_files(flow, prompts, settings)
    read, book = read_hotline(file, texts, region)
    tests = flow_tests.only(flow_tests.find_tests(paths or [], own, region), only)
    stage = flow_tests.stage(read, book, region)
    if live:
        from ivr.sandbox.rehearsal.rehearsal import Piece

        run, seconds = _play_live(Piece(stage, book, gather(file), texts), tests, folder)
    else:
        run, seconds = flow_tests.run(stage, tests, out, whole=coverage or need_all)
    if junit:
        write_junit(run, seconds, junit)
    if run.failed or not run.results or (need_all and not run.coverage.complete):
        raise typer.Exit(1)


def _play_live(piece: Piece, tests: Sequence[Written], folder: Path | None) -> tuple[Run, float]:
    """Play tests as real calls, until Ctrl-C."""
    from ivr.sandbox.rehearsal.running import rehearse_until
    from ivr.sandbox.unpack import default_folder

    done: list[tuple[Run, float]] = []

    async def work(stop: asyncio.Event) -> None:
        if result := await rehearse_until(stop, piece, tests, folder or default_folder(), out):
            done.append(result)

    run_until_stopped(work)
    if not done:
        report("stopped")
        raise typer.Exit(1)
    return done[0]


@commands.command()
def simulate(
    flow: FlowOption = None,
    prompts: PromptsOption = None,
    caller: Annotated[str, typer.Option(help="The number that calls; empty when withheld.")] = "05551112233",
    language: Annotated[str, typer.Option(help="The language to begin with; default: the flow's first.")] = "",
    services: Annotated[
        str, typer.Option(help="Who answers: sample (the sample back office), mock (you), or a URL of your systems.")
    ] = "sample",
    at: Annotated[str, typer.Option(help="When the call is, as in '2026-11-23 21:00'; default: now.")] = "",
    announce: Annotated[str, typer.Option(help="What `ivr announce` has every caller hear.")] = "",
    token: Annotated[str, typer.Option(help="What the call brings from another channel, such as the app.")] = "",
    speech: Annotated[
        bool, typer.Option(help="Words are heard, as on a telephone where speech is recognised.")
    ] = False,
    save: Annotated[Path | None, typer.Option(help="Save what was played as a flow test, at the end.")] = None,
    settings: SettingsOption = None,
) -> None:
    """Play a call in this terminal, by text and with no Asterisk: you are the caller."""
    from ivr.simulate.play import Options, play

    file, folder = hotline_files(flow, prompts, settings)
    region = load(settings).controller.region if settings_file(settings) else "TR"
    options = Options(file, folder, caller, language, services, at, announce, token, save, speech)
    try:
        play(options, lambda: load(settings), Console(highlight=False), region)
    except KeyboardInterrupt:
        out.print()
        raise typer.Exit(130) from None


@commands.command()
def graph(
    flow: FlowOption = None,
    prompts: PromptsOption = None,
    form: Annotated[Format, typer.Option("--format", help="svg; or text for Mermaid or Graphviz.")] = Format.SVG,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; default: the terminal.")] = None,
    only: Annotated[str | None, typer.Option(help="One flow of the hotline, by its name.")] = None,
    language: Annotated[str | None, typer.Option(help="Whose prompts to show; default: the flow's first.")] = None,
    settings: SettingsOption = None,
) -> None:
    """Draw a flow with its subflows: what callers hear, what they can do, and where each way leads."""
    from ivr.hotline.picture import drawn

    picture = drawn(*hotline_files(flow, prompts, settings), form, only, language)
    if output is None:
        typer.echo(picture, nl=False)
        return
    try:
        output.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"--output {output}: {error.strerror}; give a file that can be written") from None
    report(f"{output}: drawn")
