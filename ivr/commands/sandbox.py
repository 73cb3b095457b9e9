"""Commands for trying everything on this machine: the demo, the sandbox."""

from __future__ import annotations

import asyncio

import typer

from ivr.commands.shared import FolderOption, out, report, run_until_stopped

commands = typer.Typer()
sandbox_app = typer.Typer(
    help="Real Asterisk and Redis without root, on this machine only.", invoke_without_command=True
)
commands.add_typer(sandbox_app, name="sandbox")


@commands.command()
def demo(folder: FolderOption = None) -> None:
    """Show the story: a call from an unknown mobile about a dead line reaches an agent with everything she told."""
    from ivr.sandbox.demo import run_demo
    from ivr.sandbox.unpack import default_folder

    home = folder or default_folder()
    run_until_stopped(lambda stop: run_demo(home, stop, out))


@sandbox_app.callback()
def sandbox(context: typer.Context, folder: FolderOption = None) -> None:
    """Start Redis and Asterisk with a set of settings of their own, until Ctrl-C."""
    if context.invoked_subcommand:
        return
    from ivr.sandbox.sandbox import Sandbox
    from ivr.sandbox.unpack import default_folder, ensure, models_folder

    home = folder or default_folder()
    components = ensure(home, report)

    async def work(stop: asyncio.Event) -> None:
        async with Sandbox(components, home, usual_ports=True, models=models_folder(home)) as box:
            report(f"settings: {box.settings_file}  (use them: export DEVAM_SETTINGS={box.settings_file})")
            report("Ctrl-C stops everything")
            await stop.wait()

    run_until_stopped(work)


@sandbox_app.command("setup")
def sandbox_setup(folder: FolderOption = None) -> None:
    """Get Asterisk, Redis, espeak-ng and SIPp onto this machine, once."""
    from ivr.sandbox.unpack import default_folder, ensure

    ensure(folder or default_folder(), report)
