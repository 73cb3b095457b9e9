"""What a fault is: a name, a sentence, what it needs, and a function that does the harm and mends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.stand import Needs, Stand, To

Strike = Callable[[Stand, float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of harm. `strike` returns when it is mended: after `lasting` seconds, `briefly` in the short version."""

    name: str
    sentence: str
    strike: Strike
    needs: Needs
    lasting: float
    briefly: float


def fault(
    sentence: str,
    *,
    lasting: float = 0.0,
    briefly: float | None = None,
    alone: bool = False,
    wires: tuple[To, ...] = (),
    durable: bool = False,
) -> Callable[[Strike], Fault]:
    """Make a function a fault of its name. `alone`: with one controller only; `durable`: Redis keeps a file."""

    def made(strike: Strike) -> Fault:
        needs = Needs(1 if alone else 2, wires, durable)
        name = strike.__name__.replace("_", "-")
        return Fault(name, sentence, strike, needs, lasting, lasting if briefly is None else briefly)

    return made
