"""The command for those who look into misuse: who tried to prove who they are, and what became of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta, timezone
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from context_store.attempts import AuditEntry, Limits
from context_store.privacy import mask_number
from ivr.commands.shared import SettingsOption, out
from ivr.settings import Settings, load

commands = typer.Typer()

WIDEST = 200  # characters a line may take; a narrow terminal breaks it, and nothing is left out

_OUTCOMES = {
    "proved": "[green]proved[/]",
    "sent": "[green]code sent[/]",
    "wrong": "[red]wrong[/]",
    "failed": "[yellow]the company gave no answer[/]",
    "open": "[yellow]end not known[/]",
    "caller": "[bold red]refused[/]: too many by this caller",
    "claim": "[bold red]refused[/]: too many for this claim",
    "overall": "[bold red]refused[/]: too many by all callers",
}


@commands.command()
def audit(
    last: Annotated[int, typer.Option(min=1, help="How many attempts to list.")] = 50,
    numbers: Annotated[bool, typer.Option("--numbers", help="Show numbers and claims as they are.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
    settings: SettingsOption = None,
) -> None:
    """List who tried to prove who they are, or wanted a code, on all controllers; numbers masked, the newest last."""
    entries = asyncio.run(_read(load(settings), last))
    if not numbers:
        entries = [_masked(entry) for entry in entries]
    if as_json:
        typer.echo(json.dumps([_plain(entry) for entry in entries], indent=2, ensure_ascii=False))
    elif entries:
        Console(width=max(out.width, WIDEST), soft_wrap=True).print(_table(entries))
    else:
        out.print("nobody has tried to prove anything")


async def _read(settings: Settings, last: int) -> Sequence[AuditEntry]:
    from context_store.redis_attempts import RedisAttempts

    url, days = settings.redis.url.get_secret_value(), settings.identification.audit_days
    attempts = RedisAttempts(
        url, timeout=max(settings.redis.timeout, 5.0), limits=Limits(), lifetime=days * 24 * 3600.0
    )
    try:
        return await attempts.audit(last)
    finally:
        await attempts.aclose()


def _masked(entry: AuditEntry) -> AuditEntry:
    attempt = entry.attempt
    hidden = replace(attempt, caller=attempt.caller and mask_number(attempt.caller), claim=mask_number(attempt.claim))
    return replace(entry, attempt=hidden)


def _plain(entry: AuditEntry) -> dict[str, object]:
    return {"id": entry.id, **asdict(entry.attempt), "outcome": entry.outcome, "exceeded": entry.exceeded}


def _table(entries: Sequence[AuditEntry]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    zone = timezone(datetime.now().astimezone().utcoffset() or timedelta())  # says UTC+03:00, not a name of its own
    for title in (f"when, {zone}", "caller", "claim", "", "by", "outcome", "conversation"):
        table.add_column(title, no_wrap=True)
    for entry in entries:
        attempt = entry.attempt
        when = datetime.fromtimestamp(attempt.at, zone).strftime("%Y-%m-%d %H:%M:%S")
        proof = "wants a code" if attempt.deed == "send_code" else attempt.proof
        told = (when, attempt.caller or "withheld", attempt.way, attempt.claim, proof)
        outcome = Text.from_markup(_OUTCOMES[entry.exceeded or entry.outcome])
        table.add_row(*map(_printable, told), outcome, _printable(attempt.conversation))
    return table


def _printable(given: str) -> Text:
    """As it is, but for what would steer the terminal: a claim may be anything."""
    return Text("".join(character if character.isprintable() else "�" for character in given))
