"""The figures of the campaign: a table for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from tests.bench.figures import quantile
from tests.faults.ledger import Outcome
from tests.faults.trial import Load, Trial

_COLUMNS = ("fault", "callers", "calls", "completed", "resumed", "with people", "unserved")
_FAILINGS = ("asked twice", "ticket twice", "lost")


@dataclass(frozen=True, slots=True)
class Figures:
    """Callers by what became of them, and beside that. `back_after`: seconds of silence, in ascending order."""

    outcomes: Counter[Outcome]
    calls: int
    asked_twice: Counter[str]  # by question
    callers_asked_twice: int
    lost: Counter[str]  # by how and where
    back_after: Sequence[float]

    @classmethod
    def of(cls, trial: Trial) -> Figures:
        """Those of one trial."""
        verdicts = trial.verdicts.values()
        return cls(
            Counter(each.outcome for each in verdicts),
            sum(each.calls for each in verdicts),
            Counter(node for each in verdicts for node in each.asked_twice),
            sum(bool(each.asked_twice) for each in verdicts),
            Counter(each.why for each in verdicts if each.why),
            sorted(each.back_after for each in verdicts if each.back_after is not None),
        )

    @property
    def good(self) -> bool:
        """Whether nobody was lost, asked twice, or got two tickets."""
        return not (self.outcomes[Outcome.LOST] or self.outcomes[Outcome.TWICE] or self.callers_asked_twice)


def show(trials: Sequence[Trial], load: Load, console: Console) -> None:
    """Print everything."""
    table = Table(title=f"callers by what became of them, {load.rate:g} calls a second", box=box.SIMPLE_HEAD)
    for name in (*_COLUMNS, *_FAILINGS, "back after", "cores", "others'"):
        table.add_column(name, justify="left" if name == "fault" else "right", no_wrap=True)
    for trial in trials:
        table.add_row(*_row(trial))
    console.print(table)
    console.print("back after: seconds from the harm to the first word of who took a call over, median / worst")
    console.print(f"cores: of {os.cpu_count()}, how many were busy, and how much of that was others' doing")
    for trial in trials:
        for remark in remarks(trial):
            console.print(f"{trial.fault.name}: {remark}", markup=False)


def remarks(trial: Trial) -> Iterable[str]:
    """What went wrong, a line each."""
    figures = Figures.of(trial)
    yield from (f"{times} lost, {why}" for why, times in figures.lost.most_common())
    yield from (f"{times} asked twice: {node}" for node, times in figures.asked_twice.most_common())
    if trial.tracebacks:
        yield f"{trial.tracebacks} tracebacks in the controllers' logs"


def courses(trials: Sequence[Trial]) -> Iterable[str]:
    """What happened to each caller who was not served as intended, a JSON object a line. The callers are invented."""
    for trial in trials:
        for number, verdict in trial.verdicts.items():
            if verdict.outcome is not Outcome.COMPLETED or verdict.asked_twice:
                course = [dataclasses.asdict(each) for each in trial.courses[number]]
                yield json.dumps(
                    {"fault": trial.fault.name, "number": number, **dataclasses.asdict(verdict), "course": course}
                )


def document(trials: Sequence[Trial], load: Load) -> dict[str, Any]:
    """All figures as JSON; times in seconds."""
    return {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "calls_a_second": load.rate,
        "good": all(Figures.of(trial).good for trial in trials),
        "faults": [_document(trial) for trial in trials],
    }


def _document(trial: Trial) -> dict[str, Any]:
    figures = Figures.of(trial)
    return {
        "fault": trial.fault.name,
        "what": trial.fault.sentence,
        "callers": len(trial.verdicts),
        "calls": figures.calls,
        **{outcome.value.replace(" ", "_"): figures.outcomes[outcome] for outcome in Outcome},
        "asked_twice": figures.callers_asked_twice,
        "asked_twice_by_question": dict(figures.asked_twice),
        "lost_by_end": dict(figures.lost),
        "back_after": {"calls": len(figures.back_after), "median": _back(figures, 0.5), "worst": _back(figures, 1.0)},
        "tracebacks": trial.tracebacks,
        "busy_cores": round(trial.cores.busy, 2),
        "others_cores": round(trial.cores.others, 2),
        "seconds": round(trial.seconds, 1),
    }


def _row(trial: Trial) -> tuple[str, ...]:
    figures = Figures.of(trial)
    outcomes = figures.outcomes
    kept = (Outcome.COMPLETED, Outcome.RESUMED, Outcome.WITH_PEOPLE, Outcome.UNSERVED)
    failings = (figures.callers_asked_twice, outcomes[Outcome.TWICE], outcomes[Outcome.LOST])
    back = f"{_back(figures, 0.5)} / {_back(figures, 1.0)}" if figures.back_after else ""
    return (
        trial.fault.name,
        str(len(trial.verdicts)),
        str(figures.calls),
        *(str(outcomes[outcome]) for outcome in kept),
        *(f"[red]{count}[/]" if count else "0" for count in failings),
        back,
        f"{trial.cores.busy:.1f}",
        f"{trial.cores.others:.1f}",
    )


def _back(figures: Figures, part: float) -> float | None:
    return round(quantile(figures.back_after, part), 2) if figures.back_after else None
