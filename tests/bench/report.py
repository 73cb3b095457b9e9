"""The figures as tables for people and as JSON for programs."""

from __future__ import annotations

import dataclasses
import math
import os
import platform
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from tests.bench import figures
from tests.bench.figures import GOAL_MEDIAN, GOAL_P99, Spread
from tests.bench.stand import Round, Which

_TITLES: dict[Which, str] = {"devam": "Devam", "dialplan": "dialplan"}
_SPREAD = ("mean", "median", "p95", "p99", "worst")
_SHOWN = ("controller", "Asterisk", "Redis", "back office")


def show(rounds: Sequence[Round], peak: int, console: Console) -> None:
    """Print everything."""
    metered = [one for one in rounds if one.metered]
    console.print(_latencies(metered), _rounds(rounds), _costs(rounds), sep="\n")
    verdict = "[green]met[/]" if figures.goal_met(figures.share(metered)) else "[red]missed[/]"
    console.print(f"goal, controller share: median below {GOAL_MEDIAN:g} ms, p99 below {GOAL_P99:g} ms: {verdict}")
    console.print(f"controller's memory at its peak: {peak / 2**20:.0f} MiB")
    others, stolen = figures.others(rounds), figures.stolen(rounds)
    console.print(f"taken from us, of {os.cpu_count()} cores: {others:.2f} by other programs, {stolen:.2f} by the host")
    for trouble, times in figures.troubles(rounds).items():
        console.print(f"[red]{times} × {trouble}[/]")


def document(rounds: Sequence[Round], peak: int, asterisk: str) -> dict[str, Any]:
    """All figures; times in milliseconds, memory in bytes, `null` for a time that never ended."""
    metered = [one for one in rounds if one.metered]
    return {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "asterisk": asterisk},
        "key_to_prompt": {which: _fields(figures.answers(figures.of(which, metered))) for which in _TITLES},
        "controller_share": _fields(figures.share(metered)),
        "goal_met": figures.goal_met(figures.share(metered)),
        "controller_peak_bytes": peak,
        "other_load_cores": round(figures.others(rounds), 2),
        "stolen_cores": round(figures.stolen(rounds), 2),
        "rounds": [_round(one) for one in rounds],
    }


def _latencies(metered: Sequence[Round]) -> Table:
    table = _table("milliseconds from a key's end to the next prompt's start", "", "keys", *_SPREAD)
    by_menu = {which: figures.answers(figures.of(which, metered)) for which in _TITLES}
    for which, spread in by_menu.items():
        table.add_row(f"{_TITLES[which]}: key → prompt", *_row(spread))
    devam, dialplan = by_menu["devam"], by_menu["dialplan"]
    adds = (_ms(getattr(devam, name) - getattr(dialplan, name)) for name in _SPREAD)
    table.add_row("Devam adds", "", *adds, end_section=True)
    table.add_row("of it, the controller's share", *_row(figures.share(metered)))
    return table


def _rounds(rounds: Sequence[Round]) -> Table:
    columns = ("", "calls", "good", "p50", "p99", "own p50", "own p99", "late", "busy", "lost")
    table = _table("rounds as they ran: p50 to late in milliseconds, busy and lost to the host in cores", *columns)
    for one in rounds:
        answers, share = figures.answers([one]), figures.share([one])
        table.add_row(
            _TITLES[one.which] + ("" if one.metered else ", no meter"),
            str(one.traffic.placed),
            str(one.good),
            *(_ms(value) for value in (answers.median, answers.p99, share.median, share.p99)),
            _ms(Spread.of(one.traffic.late).p99),
            f"{one.used.machine / one.seconds:.2f}",
            f"{figures.stolen([one]):.2f}",
        )
    return table


def _costs(rounds: Sequence[Round]) -> Table:
    table = _table("milliseconds of processor time a call", "", *_SHOWN)
    for which, title in _TITLES.items():
        for metered in (True, False):
            cost = figures.cost([one for one in figures.of(which, rounds) if one.metered is metered])
            if cost:
                name = title + ("" if metered else ", no meter")
                table.add_row(name, *(f"{cost[process]:.1f}" for process in _SHOWN))
    return table


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, collapse_padding=True)
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _round(one: Round) -> dict[str, Any]:
    return {
        "menu": one.which,
        "metered": one.metered,
        "calls": one.traffic.placed,
        "as_intended": one.good,
        "troubles": dict(one.traffic.troubles),
        "seconds": round(one.seconds, 1),
        "busy_cores": round(one.used.machine / one.seconds, 2),
        "stolen_cores": round(figures.stolen([one]), 2),
        "key_to_prompt": _fields(figures.answers([one])),
        "controller_share": _fields(figures.share([one])),
        "placed_late": _fields(Spread.of(one.traffic.late)),
        "cpu_ms_per_call": {name: round(ms, 2) for name, ms in figures.cost([one]).items()},
    }


def _fields(spread: Spread) -> dict[str, Any]:
    fields = dataclasses.asdict(spread)
    return {name: value if math.isfinite(value) else None for name, value in fields.items()}


def _row(spread: Spread) -> tuple[str, ...]:
    return (str(spread.count), *(_ms(getattr(spread, name)) for name in _SPREAD))


def _ms(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else "–"
