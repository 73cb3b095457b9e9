"""Happenings as JSON, each made once however many readers the live feed has."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping

from ivr.call.watch import Happening

_KEPT = 256  # happenings that readers of different speed may still ask for; a slower one pays for itself

_FIELDS = tuple(field.name for field in dataclasses.fields(Happening))


class Encoded:
    """The last happenings with their JSON, known by identity: a happening may hold what cannot be hashed."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Happening, str]] = {}  # keeping the happening keeps its id from being used again

    def text(self, happening: Happening) -> str:
        """One JSON object with the fields of `Happening`."""
        if made := self._made.get(id(happening)):
            return made[1]
        text = _JSON.encode({name: getattr(happening, name) for name in _FIELDS})
        if len(self._made) >= _KEPT:
            del self._made[next(iter(self._made))]
        self._made[id(happening)] = happening, text
        return text


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)


_JSON = json.JSONEncoder(default=_plain)
