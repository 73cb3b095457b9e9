"""What the commands share: the terminal, the options, and how a command runs until it is stopped."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console

from ivr.settings import Settings, load, settings_file
from ivr.stop import Stop

out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)

SettingsOption = Annotated[
    Path | None, typer.Option("--settings", "-s", help="Settings file; default: $DEVAM_SETTINGS, or ./devam.toml.")
]
FlowOption = Annotated[Path | None, typer.Option("--flow", "-f", help="Flow file; default: the settings' one.")]
PromptsOption = Annotated[
    Path | None, typer.Option("--prompts", "-p", help="Folder of prompts; default: the settings'.")
]
FolderOption = Annotated[
    Path | None, typer.Option("--folder", help="Where the components are unpacked; default: ./.sandbox in a checkout.")
]


def report(line: str) -> None:
    """One line of progress."""
    out.print(line, markup=False)


def run_until_stopped(work: Callable[[Stop], Coroutine[Any, Any, None]]) -> None:
    """Run `work` with an event that SIGINT and SIGTERM set; another of them sets its `hurry`."""

    async def stoppable() -> None:
        stop = Stop()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.ask)
        await work(stop)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(stoppable())


def hotline_files(flow: Path | None, prompts: Path | None, settings: Path | None) -> tuple[Path, Path | None]:
    """The flow and the prompts to work on: the given ones, the settings' ones, or those that come with Devam."""
    from ivr.hotline.reading import flow_file

    loaded: Settings | None = load(settings) if settings_file(settings) else None
    flows, name = (loaded.paths.flows, loaded.controller.flow) if loaded else (None, "hotline")
    return flow or flow_file(flows, name), prompts or (loaded.paths.prompts if loaded else None)
