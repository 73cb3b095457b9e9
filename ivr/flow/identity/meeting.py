"""Meeting a customer: what the call knows from here on, and what it must not tell them of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from context_store.records import Json, Level, NoteKind
from ivr.flow.identity.ways import Match
from ivr.flow.turn import Turn

OF_THE_CALL = ("caller", "announcement")  # facts that do not depend on who the customer is


def identified(turn: Turn, way: str, proof: str, level: Level, customer: Mapping[str, Json]) -> None:
    """The caller is this customer, and the log tells how we know. `way` and `proof` as in `NoteKind.IDENTIFIED`."""
    before = turn.progress.facts.get("customer")
    another = {"another": True} if before and before["id"] != customer["id"] else {}
    if another:
        _forget_the_other(turn, level)
    turn.raise_level(level)
    turn.know("customer", customer)
    turn.note(NoteKind.IDENTIFIED, way=way, proof=proof, level=level.value, **another)


def speaks_of(turn: Turn, match: Match) -> None:
    """The line that the call is about. That its number was remembered stays known when the same line is proved."""
    line = dict(match["line"])
    before = turn.progress.facts.get("line") or {}
    same = before.get("number") == line["number"]
    if day := match.get("remembered") or (before.get("remembered") if same else None):
        line["remembered"] = day
    turn.know("line", line)


def _forget_the_other(turn: Turn, level: Level) -> None:
    """What another customer has proved, and what was found for that one, is not the caller's.

    Or who calls with a customer's number would hear of that one's bill after proving a line of their own.
    """
    progress = turn.progress
    facts = {name: progress.facts[name] for name in OF_THE_CALL if name in progress.facts}
    stack = tuple(replace(frame, arguments={}) for frame in progress.stack)
    turn.change(level=level, facts=facts, stack=stack, trail=())
