"""Commands for those who run a controller: serve, and see that everything around it is right."""

from __future__ import annotations

import asyncio
import gc
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from ivr.commands.shared import SettingsOption, out, report, run_until_stopped
from ivr.errors import SettingsError
from ivr.flow.scalars import Seconds
from ivr.settings import load

commands = typer.Typer()


def _seconds(text: str) -> float:
    try:
        return TypeAdapter(Seconds).validate_python(text)
    except ValidationError as error:
        raise typer.BadParameter(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


@commands.command()
def serve(settings: SettingsOption = None) -> None:
    """Serve calls: a controller with the agents' page."""
    from ivr import app as wiring
    from ivr.cli_progress import progress_bar

    loaded = load(settings)
    wiring.set_up_logging(loaded.log.level)
    run_until_stopped(lambda stop: wiring.serve(loaded, stop, report, partial(progress_bar, out)))


@commands.command()
def doctor(settings: SettingsOption = None) -> None:
    """Tell what is missing on this machine and how to mend it; exit status 1 when something is."""
    from ivr.doctor import examine

    findings = asyncio.run(examine(settings))
    for finding in findings:
        out.print(("[green]ok[/]      " if finding.ok else "[red]missing[/] ") + finding.what, markup=True)
        if not finding.ok:
            out.print(f"          {finding.mend}", markup=False)
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@commands.command("settings")
def show_settings(settings: SettingsOption = None) -> None:
    """Show the settings in force; secrets as stars."""
    report(load(settings).model_dump_json(indent=2))


@commands.command()
def render(
    target: Annotated[Path, typer.Argument(help="Folder to write Asterisk's configuration into.")],
    settings: SettingsOption = None,
    configuration: Annotated[
        Path, typer.Option(help="Where Asterisk will read it from, if that is another folder.")
    ] = Path("/etc/asterisk"),
) -> None:
    """Write Asterisk's configuration from the settings and the dialplan templates."""
    from ivr.telephony.dialplan import Places
    from ivr.telephony.dialplan import render as write

    for file in write(load(settings), target, Places.installed(configuration)):
        report(str(file))


@commands.command()
def asterisk(
    command: Annotated[list[str], typer.Argument(help="A command of Asterisk's console, such as: queue show")],
    settings: SettingsOption = None,
) -> None:
    """Give Asterisk one console command and show its answer."""
    from ivr.telephony.operator import run_command

    asterisk = load(settings).asterisk
    if asterisk.operator_password is None:
        raise SettingsError("set asterisk.operator_password, `ivr render` again and reload Asterisk")
    password = asterisk.operator_password.get_secret_value()
    line = " ".join(command)
    report(run_command(asterisk.host, asterisk.ami_port, asterisk.operator_user, password, line, asterisk.timeout))


@commands.command()
def backoffice(
    database: Annotated[Path, typer.Option(help="SQLite file; made with sample customers when missing.")] = Path(
        "backoffice.db"
    ),
    population: Annotated[
        int, typer.Option(min=0, max=10_000, help="Have that many other invented customers, too, for load.")
    ] = 0,
    delay: Annotated[
        float | None,
        typer.Option(
            parser=_seconds,
            metavar="TIME",
            help="Answer that much later, such as 800ms, to see how a hotline fares with slow systems.",
        ),
    ] = None,
    settings: SettingsOption = None,
) -> None:
    """Run the sample back office: invented customers, lines, outages and tickets."""
    from yarl import URL

    from ivr.services.backoffice.app import serving

    services = load(settings).services
    url, token = URL(services.url), services.token.get_secret_value()

    async def work(stop: asyncio.Event) -> None:
        host, port = url.host or "127.0.0.1", url.port or 80
        try:
            async with serving(host, port, database, token, population=population, delay=delay or 0.0) as base:
                # All of this stays. Looking through it for garbage would keep whoever asks waiting.
                gc.collect()
                gc.freeze()
                report(f"sample back office at {base}")
                await stop.wait()
        except OSError as error:
            raise SettingsError(f"services.url: {host}:{port} cannot be used: {error.strerror}") from None

    run_until_stopped(work)


@commands.command()
def outbox(settings: SettingsOption = None) -> None:
    """Show what the sample back office has sent by SMS: codes that still count, and notices."""
    from context_store.privacy import mask_number
    from ivr.services.backoffice.sent import sent_messages
    from ivr.services.opening import company_services
    from ivr.settings_services import COMPANY

    services = load(settings).services

    async def read() -> None:
        async with company_services(services, None) as company:
            [system] = [system for system in company.systems if system.place.name == COMPANY]
            messages = await sent_messages(system)
            if not messages:
                report("nothing has been sent by SMS, or no longer counts")
            for message in messages:
                report(f"{message.at[11:16]}  {mask_number(message.to)}  {message.text}")

    asyncio.run(read())
