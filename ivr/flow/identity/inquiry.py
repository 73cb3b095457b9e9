"""What identify and verify remember from one event to the next: one fact, gone when the caller is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from context_store.records import Json, Level
from ivr.flow.identity.ways import Found
from ivr.flow.turn import Turn

FACT = "inquiry"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One visit's. `answers`: the company's, by service, so that none is asked twice; empty where it gave none.

    `found`: lines of which the caller has to say one. `way` and `given`: the claim, and what its questions gave so far.
    `known`: nobody claimed it, the line was known before. `proof` is the one that is asked for.
    """

    answers: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    found: Found | None = None
    way: str = ""
    given: tuple[str, ...] = ()
    known: bool = False
    proof: str = ""

    @property
    def claim(self) -> str:
        """What the services get as `claim`."""
        return ":".join(self.given)


def recall(turn: Turn) -> Inquiry:
    """What is remembered; after a takeover, too."""
    kept = dict(turn.progress.facts.get(FACT) or {})
    if found := kept.get("found"):
        kept["found"] = Found(found["way"], Level(found["level"]), tuple(found["matches"]), found["proof"])
    kept["given"] = tuple(kept.get("given", ()))
    return Inquiry(**kept)


def remember(turn: Turn, **changed: Any) -> None:
    """Change some of it."""
    new = replace(recall(turn), **changed)
    found = new.found and {
        "way": new.found.way,
        "level": new.found.level.value,
        "matches": [dict(match) for match in new.found.matches],
        "proof": new.found.proof,
    }
    turn.know(
        FACT,
        {
            "answers": dict(new.answers),
            "found": found,
            "way": new.way,
            "given": list(new.given),
            "known": new.known,
            "proof": new.proof,
        },
    )


def forget(turn: Turn) -> None:
    """The caller is known, or begins anew."""
    if FACT in turn.progress.facts:
        turn.change(facts={name: fact for name, fact in turn.progress.facts.items() if name != FACT})
