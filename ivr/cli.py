"""The `ivr` command: puts the commands together, and tells in one piece what went wrong."""

from __future__ import annotations

import typer

from context_store.errors import StoreError
from ivr.commands import audit, flows, models, prompts, publishing, recogniser, recording, running, sandbox
from ivr.commands.shared import err
from ivr.errors import DevamError

app = typer.Typer(
    help="Devam: an IVR and voice self-service server on Asterisk.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_enable=False,
)
for group in (sandbox, flows, prompts, publishing, running, recording, audit, models, recogniser):
    app.add_typer(group.commands)


def main() -> None:
    """Run the command; what goes wrong is told in one piece on standard error, with exit status 1."""
    try:
        app()
    except (DevamError, StoreError) as error:
        err.print(f"[red]error:[/] {str(error).replace('[', chr(92) + '[')}")
        raise SystemExit(1) from None
