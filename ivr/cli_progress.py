"""A progress bar for long work on a terminal; plain lines where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

_LINES = 10  # that tell of a download where there is no terminal


@contextmanager
def progress_bar(console: Console, what: str) -> Iterator[Callable[[int, int], None]]:
    """Gives a function to call with how much is done, of how much."""
    if not console.is_terminal:
        yield lambda done, total: console.print(f"{what} {done} of {total}") if done in (0, total) else None
        return
    with _bar(console, what, MofNCompleteColumn()) as step:
        yield step


@contextmanager
def download_bar(console: Console, what: str) -> Iterator[Callable[[int, int], None]]:
    """Gives a function to call with how many bytes are here, of how many."""
    if not console.is_terminal:
        yield _lines(console, what)
        return
    with _bar(console, what, DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()) as step:
        yield step


@contextmanager
def _bar(console: Console, what: str, *columns: ProgressColumn) -> Iterator[Callable[[int, int], None]]:
    with Progress(TextColumn("{task.description}"), BarColumn(), *columns, console=console) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(console: Console, what: str) -> Callable[[int, int], None]:
    told = -1

    def step(done: int, total: int) -> None:
        nonlocal told
        if (tenth := done * _LINES // total) != told:
            told = tenth
            console.print(f"{what} {done / 1e6:.1f} of {total / 1e6:.1f} MB")

    return step
