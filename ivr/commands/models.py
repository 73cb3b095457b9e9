"""Commands for the speech models with which callers' words are recognised: get one, list them, remove one."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.commands.shared import SettingsOption, out, report
from ivr.errors import ModelError, SettingsError
from ivr.settings import load, settings_file
from ivr.settings_hearing import HearingSettings

if TYPE_CHECKING:
    from ivr.speech.models.folder import Installed
    from ivr.speech.models.getting import Wish
    from ivr.speech.models.listing import Listed

commands = typer.Typer()
models_app = typer.Typer(help="Speech models: with them, callers can say it.", no_args_is_help=True)
commands.add_typer(models_app, name="models")

LanguageArgument = Annotated[str, typer.Argument(help="tr, en, …")]
FolderOption = Annotated[
    Path | None,
    typer.Option("--folder", help="Where the models are; default: the settings' hearing.models, or models."),
]
ListOption = Annotated[
    str | None, typer.Option("--list", help="Address of another list: a mirror of the Vosk project's.")
]


@models_app.command("get")
def get_model(
    language: LanguageArgument,
    name: Annotated[str | None, typer.Option(help="Another one than the small one: see `ivr models list tr`.")] = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="What you have fetched yourself: a zip, a tar.gz or a folder.")
    ] = None,
    address: ListOption = None,
    folder: FolderOption = None,
    settings: SettingsOption = None,
) -> None:
    """Fetch a speech model, check it, try it, put it in its place; the same command goes on after an interruption."""
    from ivr.cli_progress import download_bar
    from ivr.speech.models.getting import get, take

    wish, models = _wish(language, name, address), _models(folder, settings)
    if source and (name or address):
        raise SettingsError("--from is what is taken: leave out --name and --list")
    try:
        if source:
            take(source, models, language, _tell)
        else:
            get(wish, models, _tell, partial(download_bar, out))
    except KeyboardInterrupt:
        report("stopped; the same command goes on where this one ended")
        raise typer.Exit(130) from None


@models_app.command("list")
def list_models(
    language: Annotated[str | None, typer.Argument(help="Also tell which there are to get: tr, en, …")] = None,
    address: ListOption = None,
    folder: FolderOption = None,
    settings: SettingsOption = None,
) -> None:
    """List the installed speech models, and those that there are for a language."""
    from ivr.speech.models.folder import bring, installed
    from ivr.speech.models.getting import offered

    models = _models(folder, settings)
    here = installed(models)
    for model in here:
        out.print(_told(model), markup=False)
    if not here:
        report(f"no speech model is installed in {models}; {bring(language or 'tr', models)} brings one")
    if language:
        for entry in asyncio.run(offered(_wish(language, None, address))):
            out.print(_offered(entry, here), markup=False)


@models_app.command("remove")
def remove_model(language: LanguageArgument, folder: FolderOption = None, settings: SettingsOption = None) -> None:
    """Remove an installed speech model. Callers who speak that language have keys only, from the next start on."""
    from ivr.speech.models.installing import place, remove

    _wish(language, None, None)
    models = _models(folder, settings)
    if not models.is_dir():
        raise ModelError(f"there is no model of {language!r} in {models}")
    with place(models, report):
        remove(models, language)
    report(f"{models / language}: removed")


def _models(folder: Path | None, settings: Path | None) -> Path:
    if folder is None and settings_file(settings):
        return load(settings).hearing.models
    return folder or HearingSettings().models


def _wish(language: str, name: str | None, address: str | None) -> Wish:
    from ivr.speech.models.folder import LANGUAGE
    from ivr.speech.models.getting import Wish

    if not LANGUAGE.fullmatch(language):
        raise SettingsError(f"{language!r} is not a language: write two small letters, as in tr")
    return Wish(language, name, address, own=True) if address else Wish(language, name)


def _tell(line: str) -> None:
    """Lines on a terminal break between words; files and pipes have them whole."""
    out.print(line, markup=False, soft_wrap=not out.is_terminal)


def _told(model: Installed) -> str:
    source = f", from {model.origin.source}" if model.origin else ""
    return f"{model.language}  {model.name}, {model.megabytes:.0f} MB{source}, in {model.folder}"


def _offered(entry: Listed, here: list[Installed]) -> str:
    installed = any(model.origin and model.origin.name == entry.name for model in here)
    notes = [entry.type, f"{entry.size / 1e6:.0f} MB", entry.licence]
    notes += ["obsolete"] * entry.obsolete + ["installed"] * installed
    return f"    {entry.lang:6} {entry.name}: {', '.join(filter(None, notes))}"
