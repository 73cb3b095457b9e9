"""A tape: everything that happened to one call, in order, and what the engine did about it. To JSON and back.

A tape holds personal data (numbers, names, what services answered), but no secret: see `ivr.tape.veiling`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from context_store.records import Json
from ivr.errors import TapeError
from ivr.flow.events import Event

FORMAT = 1

_EVENTS: Mapping[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in get_args(Event)}
# What only a live call knows of the earlier one that is recalled (see context_store.codec).
_OF_THE_MOMENT = {"unfinished": {"progress": {"held", "aside", "queued"}}}


@dataclass(frozen=True, slots=True)
class Step:
    """One event, what the engine did then (`ivr.tape.deeds`), and the ids under which it waits for more."""

    event: Event
    deeds: tuple[str, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tape:
    """One call from its first event to its last, with that version of the hotline `flow`."""

    flow: str
    version: str
    language: str
    region: str
    steps: tuple[Step, ...]


def written(tape: Tape) -> str:
    """The tape as JSON: a line a step, so that a person can read it, too."""
    head = {"devam_tape": FORMAT, "flow": tape.flow, "version": tape.version}
    head |= {"language": tape.language, "region": tape.region}
    lines = ",\n".join(_dumped(_step(step)) for step in tape.steps)
    return f'{_dumped(head)[:-1]}, "steps": [\n{lines}\n]}}\n'


def read(text: str, name: str) -> Tape:
    """The tape of this JSON; `name` tells in messages where it came from. Raises `TapeError`."""
    try:
        given = json.loads(text)
        found = given["devam_tape"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise TapeError(f"{name}: this is not a tape; `ivr record` writes tapes") from None
    if found != FORMAT:
        raise TapeError(f"{name}: the tape has the format {found!r}, this version of Devam reads {FORMAT}")
    try:
        steps = tuple(_read_step(step) for step in given["steps"])
        flow, version, language, region = (str(given[key]) for key in ("flow", "version", "language", "region"))
        return Tape(flow, version, language, region, steps)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise TapeError(f"{name}: an event cannot be read: {first['msg']}; record the call again") from None
    except (KeyError, TypeError, ValueError) as error:
        raise TapeError(f"{name}: the tape is broken ({type(error).__name__}); record the call again") from None


def _step(step: Step) -> Json:
    kind = type(step.event).__name__
    fields = _EVENTS[kind].dump_python(step.event, mode="json", exclude=_OF_THE_MOMENT)
    return {"event": {"kind": kind, **fields}, "deeds": step.deeds, "ids": step.ids}


def _read_step(step: Json) -> Step:
    fields = dict(step["event"])
    event = _EVENTS[fields.pop("kind")].validate_python(fields)
    return Step(event, tuple(map(str, step["deeds"])), tuple(map(str, step["ids"])))


def _dumped(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
