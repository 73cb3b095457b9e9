"""Commands for those who see to what callers hear: make the sound, check it, list it, have it recorded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.commands.shared import FlowOption, PromptsOption, SettingsOption, err, hotline_files, out, report
from ivr.errors import Problem, SettingsError
from ivr.settings import load, settings_file

if TYPE_CHECKING:
    from ivr.flow.model import Flow
    from ivr.speech.book import PromptBook
    from ivr.speech.inventory import Entry

commands = typer.Typer()
prompts_app = typer.Typer(help="What callers hear: make, check, list and record it.", no_args_is_help=True)
commands.add_typer(prompts_app, name="prompts")

LanguageOption = Annotated[
    list[str] | None, typer.Option("--language", "-l", help="Only this language, such as tr; default: all.")
]


@prompts_app.command("build")
def build_prompts(settings: SettingsOption = None) -> None:
    """Make the sound of all that is the same in each call: static prompts, and the constant pieces of the others."""
    from ivr.cli_progress import progress_bar
    from ivr.hotline.reading import read_settings_hotline
    from ivr.hotline.voice import make_speaker

    loaded = load(settings)
    _, book = read_settings_hotline(loaded)
    with progress_bar(out, "prompts") as step:
        built = asyncio.run(make_speaker(loaded, book).build(step))
    report(f"{built.recorded} recorded, {built.there} there already, {built.made} made: {loaded.speech.cache}")


@prompts_app.command("check")
def check_prompts(flow: FlowOption = None, prompts: PromptsOption = None, settings: SettingsOption = None) -> None:
    """Check texts, recordings and voices; exit status 1 when something is wrong. Notes tell what is worth a look."""
    from ivr.hotline.unused import unused_prompts
    from ivr.hotline.voice import failing_voices
    from ivr.speech.inventory import inventory, stale_recordings, wrong_recordings

    read, book = _hotline(flow, prompts, settings)
    entries, failed = inventory(book)
    voices = asyncio.run(failing_voices(load(settings).speech)) if settings_file(settings) else {}
    problems = [*map(str, failed), *map(str, wrong_recordings(entries))]
    problems += [f"the voice of {language!r} fails: {why}" for language, why in voices.items()]
    for line in problems:
        report(line)
    for note in stale_recordings(book):
        report(f"note: {note}")
    for name, languages in unused_prompts(read, book).items():
        report(f"note: no flow says the prompt {name!r} ({', '.join(languages)})")
    _tell_languages(book, entries)
    report(f"{len(problems)} mistake{'s' if len(problems) > 1 else ''}" if problems else "no mistakes")
    raise typer.Exit(1 if problems else 0)


@prompts_app.command("list")
def list_prompts(
    language: LanguageOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="For other programs, with every piece.")] = False,
    flow: FlowOption = None,
    prompts: PromptsOption = None,
    settings: SettingsOption = None,
) -> None:
    """List prompts: static or dynamic, in how many constant pieces, recorded or synthesised, and their texts."""
    from ivr.speech.listing import as_data, as_lines

    entries, unfit = _entries(language, flow, prompts, settings)
    if as_json:
        typer.echo(json.dumps(as_data(entries), indent=2, ensure_ascii=False))
    else:
        for line in as_lines(entries, out.width if out.is_terminal else None):
            report(line)
    _tell_unfit(unfit)


@prompts_app.command("record-sheet")
def record_sheet(
    language: LanguageOption = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only what is not recorded.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; default: the terminal.")] = None,
    separator: Annotated[str, typer.Option(help="Between columns; Excel in Turkish wants the semicolon.")] = ";",
    flow: FlowOption = None,
    prompts: PromptsOption = None,
    settings: SettingsOption = None,
) -> None:
    """Write the sheet for a voice studio, as CSV: id, language, text, file name, and how to speak it."""
    from ivr.speech.sheet import sheet

    if len(separator) != 1 or separator in '"\r\n':
        raise SettingsError("--separator is one character, such as ; or ,")
    entries, unfit = _entries(language, flow, prompts, settings)
    written = sheet(entries, separator, missing=missing)
    if output is None:
        typer.echo(written, nl=False)
    else:
        _write_sheet(output, written)
    _tell_unfit(unfit)


def _write_sheet(output: Path, written: str) -> None:
    try:
        # With the mark by which Excel knows UTF-8.
        output.write_text(written, encoding="utf-8-sig", newline="")
    except OSError as error:
        raise SettingsError(f"--output {output}: {error.strerror}; give a file that can be written") from None
    report(f"{output}: {written.count(chr(10)) - 1} to record")


def _entries(
    languages: list[str] | None, flow: Path | None, prompts: Path | None, settings: Path | None
) -> tuple[list[Entry], list[Problem]]:
    """What is to be listed, and what is wrong with recordings: they count as missing."""
    from ivr.hotline.reading import read_to_list
    from ivr.speech.inventory import inventory

    book, unfit = read_to_list(*hotline_files(flow, prompts, settings), _region(settings))
    for language in languages or ():
        if language not in book.languages:
            raise SettingsError(f"--language {language}: there is {', '.join(book.languages)}")
    entries, _ = inventory(book, languages or ())
    return entries, unfit


def _tell_unfit(unfit: Sequence[Problem]) -> None:
    """Not among what is listed, which others read."""
    for problem in unfit:
        err.print(f"not used: {problem}", markup=False)


def _hotline(flow: Path | None, prompts: Path | None, settings: Path | None) -> tuple[Flow, PromptBook]:
    from ivr.hotline.reading import read_hotline

    return read_hotline(*hotline_files(flow, prompts, settings), _region(settings))


def _region(settings: Path | None) -> str:
    return load(settings).controller.region if settings_file(settings) else "TR"


def _tell_languages(book: PromptBook, entries: Sequence[Entry]) -> None:
    """A line for each language: how much there is, what is recorded, and what only others have."""
    every = {name for language in book.languages for name in book.prompts(language)}
    for language in book.languages:
        own = [entry for entry in entries if entry.language == language]
        parts = [part for entry in own for part in entry.parts]
        recorded = sum(part.recording is not None for part in parts)
        report(
            f"{language}: {len(own)} prompts, {recorded} of {len(parts)} pieces recorded, the others are synthesised"
        )
        if lacking := sorted(every - book.prompts(language).keys()):
            report(f"note: {language} has no {', '.join(lacking)}")
