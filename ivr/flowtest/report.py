"""Tells a person in the terminal how tests went: a line a test, the whole call where one failed, what none reached."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ivr.flowtest.coverage import Coverage, named
from ivr.flowtest.running import Result, Run, Skipped
from ivr.flowtest.scenario import step_words
from ivr.flowtest.transcript import Entry, Who

_FEW = 5  # how much of what no test reached is told without being asked for
_STYLES = {Who.HOTLINE: "cyan", Who.CALLER: "yellow", Who.COMPANY: "magenta", Who.FLOW: "dim"}


class Report:
    """Writes to one console."""

    def __init__(self, console: Console) -> None:
        self._out = console

    def line(self, result: Result) -> None:
        """One test."""
        name = escape(result.written.scenario.test)
        if result.outcome.passed:
            self._out.print(f"[green]passed[/]  {name}")
        else:
            self._out.print(f"[red]failed[/]  {name}  [dim]{escape(result.place)}[/]")

    def skipped(self, skipped: Skipped) -> None:
        """One test that is not played."""
        self._out.print(f"[yellow]skipped[/] {escape(skipped.written.scenario.test)}  [dim]{escape(skipped.why)}[/]")

    def failures(self, failed: Sequence[Result]) -> None:
        """The whole call of each test that failed, and where it went otherwise."""
        for result in failed:
            self._out.print()
            self._out.rule(f"[bold red]{escape(result.written.scenario.test)}[/]", align="left", style="red")
            self._out.print(_transcript(result.outcome.transcript))
            self._differs(result)

    def _differs(self, result: Result) -> None:
        failure = result.outcome.failure
        if failure is None:
            return
        for what in failure.what:
            self._out.print(f"[bold red]✗ {escape(what)}[/]")
        if failure.mend:
            self._out.print(f"  {failure.mend}", markup=False)
        steps = result.written.scenario.steps
        step = step_words(steps[failure.step]) if failure.step < len(steps) else "expect"
        self._out.print(f"  {result.place}: {step}", markup=False)

    def coverage(self, coverage: Coverage, *, whole: bool) -> None:
        """What no test reached; a few of it, or the whole."""
        nodes, ways = coverage.nodes - len(coverage.unreached), coverage.ways - len(coverage.untaken)
        self._out.print(f"\nreached: {nodes} of {coverage.nodes} nodes, {ways} of {coverage.ways} ways")
        missing = [(flow, f"node {name}") for flow, name in coverage.unreached]
        missing += [(way.flow, named(way)) for way in coverage.untaken]
        shown = sorted(missing if whole else missing[:_FEW], key=lambda each: each[0])
        for flow, each in groupby(shown, key=lambda each: each[0]):
            self._out.print(f"  not reached in {flow}:", markup=False)
            for _, what in each:
                self._out.print(f"    {what}", markup=False)
        if len(shown) < len(missing):
            self._out.print(f"  and {len(missing) - len(shown)} more: --coverage tells them all")

    def summary(self, run: Run, seconds: float) -> None:
        """The last line."""
        failed, count = len(run.failed), len(run.results)
        told = f"[bold red]{failed} failed[/], {count - failed} passed" if failed else f"[bold green]{count} passed[/]"
        skipped = f", [yellow]{len(run.skipped)} skipped[/]" if run.skipped else ""
        self._out.print(f"\n{told}{skipped} [dim]in {seconds:.2f} s[/]")


def _transcript(entries: Sequence[Entry]) -> Table:
    """Who said what, when."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    before = None
    for entry in entries:
        at = f"{entry.at:g}s" if entry.at != before else ""
        before = entry.at
        style = _STYLES[entry.who]
        flow = entry.who is Who.FLOW
        words = Text.assemble((entry.what, style), "  " if entry.words else "", (entry.words, style if flow else ""))
        table.add_row(at, Text("" if flow else entry.who.value, style), words)
    return table
