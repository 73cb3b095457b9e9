"""Runs tests: plays each and adds up. What `ivr test` and `ivr publish` call. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ivr.flowtest.coverage import Coverage, coverage
from ivr.flowtest.outcome import Outcome
from ivr.flowtest.playing import play_scenario
from ivr.flowtest.reading import Written
from ivr.flowtest.stage import Stage


@dataclass(frozen=True, slots=True)
class Result:
    """A test and what came of it."""

    written: Written
    outcome: Outcome

    @property
    def place(self) -> str:
        """The file and line to look at: of the step that failed, or of the test."""
        failure = self.outcome.failure
        return f"{self.written.file}:{self.written.lines[failure.step] if failure else self.written.line}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A test that was not played, and why."""

    written: Written
    why: str


@dataclass(frozen=True, slots=True)
class Run:
    """Tests that were played, in their order, and what none of them reached."""

    results: tuple[Result, ...]
    coverage: Coverage
    skipped: tuple[Skipped, ...] = ()

    @property
    def failed(self) -> tuple[Result, ...]:
        """The tests that did not pass."""
        return tuple(result for result in self.results if not result.outcome.passed)


def run_tests(stage: Stage, tests: Sequence[Written], tell: Callable[[Result], None] | None = None) -> Run:
    """Play the tests one after the other; `tell` hears of each at once."""
    results: list[Result] = []
    for written in tests:
        result = Result(written, play_scenario(stage, written.scenario, written.company))
        results.append(result)
        if tell:
            tell(result)
    return Run(tuple(results), coverage(stage.flow, (result.outcome for result in results)))
