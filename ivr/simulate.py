"""`ivr simulate`: a call in the terminal, by text, with no Asterisk. Engine, prompts and services are the real ones."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from context_store.records import Json, NoteKind, Progress, Sensitivity, new_id
from ivr.call.ports import Services
from ivr.errors import ServiceError, SettingsError
from ivr.flow.commands import AskService, Command, HangUp, Play, StartTimer, Transfer, Write
from ivr.flow.engine import advance, begin
from ivr.flow.events import Event, HungUp, KeyPressed, PlayEnded, ServiceAnswered, ServiceFailed, Started, TimerFired
from ivr.flow.model import Flow
from ivr.flow.numbers import to_e164
from ivr.hotline import read_hotline
from ivr.services.backoffice.app import serving
from ivr.services.backoffice.sample import AYSE
from ivr.services.http import HttpServices

HELP = "Type keys (0-9 * #) and Enter; Enter alone is silence; h hangs up."
KEYS = set("0123456789*#")


class Texts(Protocol):
    """Where the words of a prompt come from."""

    def text(self, name: str, language: str, variables: Mapping[str, Json]) -> str:
        """The prompt as it would be spoken."""
        ...


class Simulation:
    """One call in the terminal. Prompts are heard at once; time stands still while the caller thinks."""

    def __init__(self, flow: Flow, texts: Texts, services: Services, console: Console) -> None:
        self._flow = flow
        self._texts = texts
        self._services = services
        self._console = console
        self._conversation = new_id()
        self._events: list[Event] = []

    async def run(self, ani: str | None, language: str) -> Progress:
        """Play the call to its end; returns where it stood then."""
        self._console.print(f"[dim]{HELP}[/dim]")
        progress = begin(self._flow, language)
        self._events.append(Started(time.time(), ani, "simulated"))
        while not progress.over:
            progress, commands = advance(self._flow, progress, self._events.pop(0))
            for command in commands:
                await self._carry_out(command)
            if not self._events and not progress.over:
                self._events += await self._listen(progress)
        self._summarise(progress)
        return progress

    async def _carry_out(self, command: Command) -> None:
        match command:
            case Play(id=play):
                for name in command.prompts:
                    text = self._texts.text(name, command.language, command.variables)
                    self._console.print(f"[bold cyan]Devam[/]  {escape(text)}")
                self._events.append(PlayEnded(time.time(), play))
            case StartTimer():
                pass  # the caller is asked for keys when nothing else is to be done
            case AskService():
                self._events.append(await self._ask(command))
            case Transfer(queue=queue, reason=reason):
                self._console.print(f"[bold green]→ queue {escape(queue)}[/] ({escape(reason)})")
            case HangUp(outcome=outcome):
                self._console.print(f"[bold green]call ended[/] ({escape(outcome)})")
            case Write(note=note) if note.kind in (NoteKind.IDENTIFIED, NoteKind.UNPROVEN, NoteKind.FAILED):
                self._console.print(f"[dim]· {note.kind.value} {escape(str(dict(note.data)))}[/dim]")

    async def _ask(self, ask: AskService) -> Event:
        key = f"{self._conversation}:{ask.node}:{ask.visit}"
        try:
            result = await self._services.ask(ask.service, ask.arguments, timeout=ask.timeout, idempotency_key=key)
        except ServiceError as error:
            return ServiceFailed(time.time(), ask.id, error.reason)
        self._console.print(f"[dim]· {ask.service}: {escape(str(dict(result)))}[/dim]")
        return ServiceAnswered(time.time(), ask.id, result, self._services.changes_something(ask.service))

    async def _listen(self, progress: Progress) -> list[Event]:
        """What the caller does now. The end of the input is a caller who hangs up."""
        while True:
            try:
                typed = (await asyncio.to_thread(self._console.input, "[bold yellow]Caller[/] ")).strip()
            except EOFError:
                return [HungUp(time.time())]
            now = time.time()
            if typed in ("h", "H"):
                return [HungUp(now)]
            if not typed:
                return [TimerFired(now, progress.timer)]
            if set(typed) <= KEYS:
                return [KeyPressed(now, key) for key in typed]
            self._console.print(f"[red]{escape(typed)} is not on a telephone.[/] {HELP}")

    def _summarise(self, progress: Progress) -> None:
        table = Table(title=f"level {progress.level.value}, at node {progress.node}")
        table.add_column("answer")
        table.add_column("value")
        for answer in progress.answers.values():
            given = "given" if answer.sensitivity is Sensitivity.SECRET else escape(answer.value)
            table.add_row(answer.name, given)
        self._console.print(table)


async def play(flow: Path, prompts: Path | None, caller: str, language: str, console: Console) -> None:
    """Play a flow in the terminal, with the sample back office on a free port and a database that is thrown away."""
    checked, book = read_hotline(flow, prompts)
    ani = to_e164(caller)
    if caller and ani is None:
        raise SettingsError(f"--caller {caller!r} is no telephone number; leave it empty for a withheld one")
    if language not in checked.languages:
        raise SettingsError(f"--language {language!r}: the flow speaks {', '.join(checked.languages)}")
    console.print(f"[dim]A line to try: {AYSE.line.number}, typed 0{AYSE.line.number[3:]}, PIN {AYSE.pin}.[/dim]")
    token = new_id()
    with tempfile.TemporaryDirectory(prefix="devam-") as folder:
        async with (
            serving("127.0.0.1", 0, Path(folder) / "backoffice.db", token) as url,
            HttpServices(url, token) as services,
        ):
            await Simulation(checked, book, services, console).run(ani, language)
