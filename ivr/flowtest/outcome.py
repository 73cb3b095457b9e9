"""What came of playing a test. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from context_store.records import Progress
from ivr.flow.ways import Way
from ivr.flowtest.scenario import Scenario
from ivr.flowtest.transcript import Entry


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a test failed. `step` counts from 0; the number of steps stands for what the test expects in the end."""

    step: int
    what: tuple[str, ...]
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test that was played. `transcript` goes up to where it failed; `nodes` and `ways` are those that it took."""

    scenario: Scenario
    failure: Failure | None
    transcript: tuple[Entry, ...]
    progress: Progress
    nodes: frozenset[str]
    ways: frozenset[Way]

    @property
    def passed(self) -> bool:
        """Whether the call went as the test says."""
        return self.failure is None
