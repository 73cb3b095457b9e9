"""Commands for those who look into a call that went wrong: record calls, and play them again on the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivr.commands.shared import SettingsOption, err, out, report, run_until_stopped
from ivr.settings import load

commands = typer.Typer()


@commands.command()
def record(
    to: Annotated[Path, typer.Option(help="Folder for the tapes; made when missing.")] = Path("tapes"),
    calls: Annotated[int, typer.Option(min=1, max=10_000, help="Stop after so many calls.")] = 10,
    settings: SettingsOption = None,
) -> None:
    """Record the next calls of the running controller, event by event; secrets are left out, other data is not.

    A call is written when it is over. Play it again with `ivr replay`. Ctrl-C ends it earlier.
    """
    from ivr.recording.folder import Folder
    from ivr.recording.listening import record_calls

    loaded, folder = load(settings), Folder(to)
    report(f"recording the next {calls} calls into {to}; they hold numbers and names of callers, keep them safe")
    run_until_stopped(lambda stop: record_calls(loaded, folder, calls, stop, report))


@commands.command()
def replay(
    tapes: Annotated[list[Path], typer.Argument(help="Tapes, or folders of tapes.", exists=True)],
) -> None:
    """Play recorded calls again on this version's engine, each with the flows that it was recorded with.

    Exit status 1 when one goes otherwise than it went then.
    """
    from ivr.recording.folder import found
    from ivr.recording.replays import replay_file

    differ = 0
    files = found(tapes)
    for file in files:
        difference, events = replay_file(file)
        if difference is None:
            out.print(f"[green]as then[/]  {file}: {events} events", markup=True)
            continue
        differ += 1
        out.print(f"[red]differs[/]  {file}: at event {difference.step}, {difference.event}", markup=True)
        for title, deeds in (("then", difference.then), ("now", difference.now)):
            out.print(f"         {title}: " + "; ".join(deeds), markup=False)
    (err if differ else out).print(f"{len(files) - differ} of {len(files)} calls go as they went then")
    raise typer.Exit(1 if differ else 0)
