"""How versions, changes and announcements look in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from context_store.editions import Announcement, Publication
from ivr.publishing.changes import Changes, Deed, KeyChange, NodeChange, TextChange, counted

_SIGNS: dict[Deed, str] = {"added": "[green]+[/]", "removed": "[red]-[/]", "changed": "[yellow]~[/]"}
_DEEDS = {"published": "published", "rolled_back": "rolled back"}


def moment(at: float) -> str:
    """A time as it is here."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def versions(console: Console, history: Sequence[Publication], last: int) -> None:
    """What went live, the newest first; the live one is marked."""
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for title in ("", "version", "since", "by", "", "note"):
        table.add_column(title, no_wrap=True)
    for place, one in enumerate(history[:last]):
        live = "[bold green]live[/]" if place == 0 else ""
        deed = "" if one.deed == "published" else _DEEDS[one.deed]
        table.add_row(live, one.version, moment(one.at), escape(one.by), deed, escape(one.note))
    console.print(table)
    if len(history) > last:
        console.print(f"[dim]and {len(history) - last} before: --last {len(history)} lists them all[/]")


def changes(console: Console, found: Changes) -> None:
    """Everything that differs: flows, nodes with their keys, prompts with both texts."""
    for deed, flow in found.flows:
        console.print(f"{_SIGNS[deed]} flow [bold]{escape(flow)}[/]: the whole file {deed}")
    for flow, nodes in groupby(found.nodes, key=lambda change: change.flow):
        console.print(f"\nflow [bold]{escape(flow)}[/]")
        for node in nodes:
            _node(console, node)
    for section, texts in groupby(found.texts, key=lambda change: change.section):
        console.print(f"\n[bold]{section}[/]")
        _texts(console, texts)
    console.print(f"\n{counted(found)}")


def announcement(console: Console, told: Announcement) -> None:
    """What is announced, by whom and until when."""
    console.print(f"[bold]announced[/] until {moment(told.until)}, by {escape(told.by)}, since {moment(told.at)}")
    for language, text in told.texts.items():
        console.print(f"  [dim]{escape(language)}[/]  {escape(text)}")


def _node(console: Console, change: NodeChange) -> None:
    kind = f" [dim]{escape(change.kind)}[/]" if change.kind else ""
    console.print(f"  {_SIGNS[change.deed]} {escape(change.node) or 'the head'}{kind}")
    for key in change.keys:
        console.print(f"      {_key(key)}", soft_wrap=True)


def _key(change: KeyChange) -> str:
    old, new = (None if value is None else escape(value) for value in (change.old, change.new))
    if change.way:
        name = escape(change.key.removesuffix("next").rstrip(".")) or "next"
        if new is None:
            return f"[red]{name} → {old}[/] no more"
        return f"{name} → [green]{new}[/]" + (f", was [red]{old}[/]" if old is not None else "")
    name = escape(change.key)
    if new is None:
        return f"[red]{name}: {old}[/] no more"
    return f"{name}: [green]{new}[/]" + (f", was [red]{old}[/]" if old is not None else "")


def _texts(console: Console, texts: Iterable[TextChange]) -> None:
    for change in texts:
        console.print(f"  {_SIGNS[change.deed]} {escape(change.name)} [dim]{escape(change.language)}[/]")
        for text, style in ((change.old, "red"), (change.new, "green")):
            if text is not None:
                console.print(Padding(Text(text, style=style), (0, 0, 0, 6)), soft_wrap=False)
