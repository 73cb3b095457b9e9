"""The `ivr` command. Each command reads settings, calls one room and tells a person what came of it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console

from context_store.errors import StoreError
from ivr.errors import DevamError, SettingsError
from ivr.settings import Settings, load, settings_file

app = typer.Typer(
    help="Devam: an IVR and voice self-service server on Asterisk.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_enable=False,
)
sandbox_app = typer.Typer(
    help="Real Asterisk and Redis without root, on this machine only.", invoke_without_command=True
)
prompts_app = typer.Typer(help="What callers hear.", no_args_is_help=True)
app.add_typer(sandbox_app, name="sandbox")
app.add_typer(prompts_app, name="prompts")

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

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


def main() -> None:
    """Run the command; what goes wrong is told in one piece on standard error, with exit status 1."""
    try:
        app()
    except (DevamError, StoreError) as error:
        err.print(f"[red]error:[/] {str(error).replace('[', chr(92) + '[')}")
        raise SystemExit(1) from None


def report(line: str) -> None:
    """One line of progress."""
    out.print(line, markup=False)


def run_until_stopped(work: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Run `work` with an event that SIGINT and SIGTERM set."""

    async def stoppable() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await work(stop)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(stoppable())


@app.command()
def serve(settings: SettingsOption = None) -> None:
    """Serve calls: a controller with the agents' page."""
    from ivr import app as wiring

    loaded = load(settings)
    wiring.set_up_logging(loaded.log.level)
    run_until_stopped(lambda stop: wiring.serve(loaded, stop, report))


@app.command()
def check(flow: FlowOption = None, prompts: PromptsOption = None, settings: SettingsOption = None) -> None:
    """Check a flow and its prompts; every mistake at once, exit status 1 when there is one."""
    from ivr.hotline import read_hotline, read_settings_hotline

    file, folder = hotline_files(flow, prompts, settings)
    checked, _ = read_hotline(file, folder)
    if not flow and not prompts and settings_file(settings):
        read_settings_hotline(load(settings))
    report(f"{file}: {len(checked.nodes)} nodes, version {checked.version}: no mistakes")


@app.command()
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


@app.command()
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


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="A new folder, for your own copy.")]) -> None:
    """Write your own settings, flows, prompts and dialplan templates to edit."""
    from ivr.starter import write_starter

    write_starter(folder)
    report(f"{folder}: edit devam.toml, then `cd {folder}`, `ivr check` and `ivr doctor`")


@app.command()
def doctor(settings: SettingsOption = None) -> None:
    """Tell what is missing on this machine and how to mend it; exit status 1 when something is."""
    from ivr.doctor import examine

    findings = asyncio.run(examine(settings))
    for finding in findings:
        out.print(("[green]ok[/]      " if finding.ok else "[red]missing[/] ") + finding.what, markup=True)
        if not finding.ok:
            out.print(f"          {finding.mend}", markup=False)
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@app.command("settings")
def show_settings(settings: SettingsOption = None) -> None:
    """Show the settings in force; secrets as stars."""
    report(load(settings).model_dump_json(indent=2))


@app.command()
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


@app.command()
def backoffice(
    database: Annotated[Path, typer.Option(help="SQLite file; made with sample customers when missing.")] = Path(
        "backoffice.db"
    ),
    settings: SettingsOption = None,
) -> None:
    """Run the sample back office: invented customers, lines, outages and tickets."""
    from yarl import URL

    from ivr.services.backoffice.app import serving

    services = load(settings).services
    url = URL(services.url)

    async def work(stop: asyncio.Event) -> None:
        host, port = url.host or "127.0.0.1", url.port or 80
        try:
            async with serving(host, port, database, services.token.get_secret_value()) as base:
                report(f"sample back office at {base}")
                await stop.wait()
        except OSError as error:
            raise SettingsError(f"services.url: {host}:{port} cannot be used: {error.strerror}") from None

    run_until_stopped(work)


@prompts_app.command("build")
def build_prompts(settings: SettingsOption = None) -> None:
    """Make the sound of every prompt that has no variables."""
    from ivr.cli_progress import progress_bar
    from ivr.hotline import make_speaker, read_settings_hotline

    loaded = load(settings)
    _, book = read_settings_hotline(loaded)
    with progress_bar(out, "prompts") as step:
        asyncio.run(make_speaker(loaded, book).build(step))


@sandbox_app.callback()
def sandbox(context: typer.Context, folder: FolderOption = None) -> None:
    """Start Redis and Asterisk with a set of settings of their own, until Ctrl-C."""
    if context.invoked_subcommand:
        return
    from ivr.sandbox.sandbox import Sandbox
    from ivr.sandbox.unpack import default_folder, ensure

    home = folder or default_folder()
    components = ensure(home, report)

    async def work(stop: asyncio.Event) -> None:
        async with Sandbox(components, home, usual_ports=True) as box:
            report(f"settings: {box.settings_file}  (use them: export DEVAM_SETTINGS={box.settings_file})")
            report("Ctrl-C stops everything")
            await stop.wait()

    run_until_stopped(work)


@sandbox_app.command("setup")
def sandbox_setup(folder: FolderOption = None) -> None:
    """Get Asterisk, Redis, espeak-ng and SIPp onto this machine, once."""
    from ivr.sandbox.unpack import default_folder, ensure

    ensure(folder or default_folder(), report)


@app.command()
def demo(folder: FolderOption = None) -> None:
    """Show the story: a call from an unknown mobile about a dead line reaches an agent with everything she told."""
    from ivr.sandbox.demo import run_demo
    from ivr.sandbox.unpack import default_folder

    home = folder or default_folder()
    run_until_stopped(lambda stop: run_demo(home, stop, out))


def hotline_files(flow: Path | None, prompts: Path | None, settings: Path | None) -> tuple[Path, Path | None]:
    """The flow and the prompts to work on: the given ones, the settings' ones, or those that come with Devam."""
    from ivr.hotline import flow_file

    loaded: Settings | None = load(settings) if settings_file(settings) else None
    flows, name = (loaded.paths.flows, loaded.controller.flow) if loaded else (None, "hotline")
    return flow or flow_file(flows, name), prompts or (loaded.paths.prompts if loaded else None)
