"""The command of the recogniser: a process of its own, started by a controller, or by hand to take load from it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from aiohttp import web

from ivr.commands.shared import SettingsOption, report, run_until_stopped
from ivr.errors import ModelError, SettingsError
from ivr.settings import load, settings_file
from ivr.settings_hearing import HearingSettings

commands = typer.Typer()

_LESS_URGENT = 5  # a prompt that is late is noticed, words that are late by as much are not


@commands.command()
def recogniser(
    settings: SettingsOption = None,
    models: Annotated[Path | None, typer.Option(help="Folder of the models; default: the settings' one.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Serve this one; default: all that have a model.")] = None,
    host: Annotated[
        str, typer.Option(help="Where to listen. Who can connect can use it: no open network.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where to listen.")] = 2700,
    socket: Annotated[Path | None, typer.Option(help="Listen on this Unix socket instead.")] = None,
    places: Annotated[int | None, typer.Option(min=1, help="Serve so many at a time; default: the settings'.")] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, max=64, help="Recognise so many at a time; default: the settings'.")
    ] = None,
    as_child: Annotated[bool, typer.Option("--as-child", hidden=True)] = False,
) -> None:
    """Recognise callers' words for controllers: a server that speaks vosk-server's protocol, at /tr, /en and so on.

    A controller starts one by itself. On another machine, start one by hand, and name it in the controllers'
    settings as hearing.servers: tr = "ws://10.0.0.9:2700/tr".
    """
    # A controller gives its child all that it needs: what became of the file since it began is nothing to the child.
    own = HearingSettings() if as_child else _own(settings)
    served = _models(models or own.models, language)
    many = places or own.places or HearingSettings().places

    async def work(stop: asyncio.Event) -> None:
        async with _serving(_app(served, many, threads or own.threads), socket or (host, port)) as at:
            report(f"hears {', '.join(served)}: {many} at a time, at {at}")
            await _ends(stop, with_parent=as_child)

    if as_child:
        os.nice(_LESS_URGENT)
    run_until_stopped(work)
    if as_child:
        os._exit(0)  # Python would wait for a thread that hangs in Vosk


def _own(settings: Path | None) -> HearingSettings:
    """The settings' own, where there are settings."""
    return load(settings).hearing if settings or settings_file(None) else HearingSettings()


@asynccontextmanager
async def _serving(app: web.Application, where: Path | tuple[str, int]) -> AsyncIterator[str]:
    """Serve at that socket, or host and port; as which address, is yielded. Raises `SettingsError`."""
    at = f"socket {where}" if isinstance(where, Path) else f"ws://{where[0]}:{where[1]}"
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.UnixSite(runner, str(where)) if isinstance(where, Path) else web.TCPSite(runner, *where)
        await site.start()
        yield at
    except OSError as error:
        raise SettingsError(f"{at} cannot be used ({error.strerror}); name another one") from None
    finally:
        await runner.cleanup()


def _models(folder: Path, languages: list[str] | None) -> dict[str, Path]:
    """The folders of the models to serve, by language. Raises `ModelError` when one is missing."""
    from ivr.speech.models.folder import bring, installed

    there = {one.language: one.folder for one in installed(folder)}
    wanted = languages or list(there)
    missing = [language for language in wanted if language not in there] if wanted else ["tr"]
    if missing:
        mend = "; ".join(bring(language, folder) for language in missing)
        raise ModelError(
            f"{folder}: there is no speech model{' of ' + ', '.join(missing) if languages else ''}: {mend}"
        )
    return {language: there[language] for language in wanted}


def _app(folders: dict[str, Path], places: int, threads: int) -> web.Application:
    """The server, with all models loaded. It is here that vosk is imported, and nowhere in a controller."""
    from ivr.speech.hearing.server import RecognitionServer
    from ivr.speech.hearing.vosk_model import VoskModel

    models = {language: VoskModel(folder) for language, folder in folders.items()}
    return RecognitionServer(models, places, threads).app()


async def _ends(stop: asyncio.Event, *, with_parent: bool) -> None:
    """Return when it is to stop: asked to, or because whoever started it has ended, and our standard input with it."""
    if not with_parent:
        await stop.wait()
        return
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        pass
