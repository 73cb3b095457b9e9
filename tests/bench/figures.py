"""From what was measured to figures: quantiles, sums over rounds, and whether the goals are met. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.script import PRESSES
from tests.bench.stand import Round, Which

GOAL_MEDIAN, GOAL_P99 = 5.0, 20.0  # ms of the controller's share


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds. A key that was not answered as it should counts as one that is never answered: infinite."""

    count: int
    mean: float
    median: float
    p95: float
    p99: float
    worst: float

    @classmethod
    def of(cls, values: Sequence[float], missing: int = 0) -> Spread:
        """The spread of some values, and of `missing` more that are infinite."""
        ordered = sorted([*values, *[math.inf] * missing])
        mean = math.fsum(ordered) / len(ordered) if ordered else math.inf
        return cls(len(ordered), mean, *(quantile(ordered, part) for part in (0.5, 0.95, 0.99, 1.0)))


def quantile(ordered: Sequence[float], part: float) -> float:
    """The smallest value that `part` of all values do not exceed; infinite when there is none."""
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else math.inf


def answers(rounds: Iterable[Round]) -> Spread:
    """From key to prompt, of all metered rounds together."""
    chosen = [one for one in rounds if one.metered]
    return Spread.of([ms for one in chosen for ms in one.answers], _missing(chosen))


def share(rounds: Iterable[Round]) -> Spread:
    """The controller's share, of all metered rounds of Devam together."""
    chosen = [one for one in rounds if one.metered and one.which == "devam"]
    return Spread.of([ms for one in chosen for ms in one.share], _missing(chosen))


def of(which: Which, rounds: Iterable[Round]) -> list[Round]:
    """The rounds of one menu."""
    return [one for one in rounds if one.which == which]


def cost(rounds: Sequence[Round]) -> Mapping[str, float]:
    """Milliseconds of processor time that a call cost, by process; empty without rounds."""
    calls = sum(one.traffic.placed for one in rounds)
    names = rounds[0].used.processes if calls else ()
    return {name: sum(one.used.processes[name] for one in rounds) * 1000 / calls for name in names}


def others(rounds: Sequence[Round]) -> float:
    """How many cores were busy with what is not ours."""
    foreign = sum(one.used.machine - sum(one.used.processes.values()) for one in rounds)
    return max(0.0, foreign) / sum(one.seconds for one in rounds)  # the two are counted with different grain


def stolen(rounds: Sequence[Round]) -> float:
    """How many cores the host of a virtual machine gave to others when we wanted them."""
    return sum(one.used.stolen for one in rounds) / sum(one.seconds for one in rounds)


def troubles(rounds: Iterable[Round]) -> Counter[str]:
    """What callers complained of, and how often."""
    return sum((one.traffic.troubles for one in rounds), Counter())


def goal_met(share: Spread) -> bool:
    """Whether the controller is as quick as it has to be."""
    return share.median < GOAL_MEDIAN and share.p99 < GOAL_P99


def _missing(rounds: Iterable[Round]) -> int:
    return sum(one.traffic.placed - one.good for one in rounds) * len(PRESSES)
