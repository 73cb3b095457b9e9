"""Walks ruamel.yaml's events, building plain data and remembering where each key stands. Behind `yaml_source`.

Nothing is ever constructed but dicts, lists and scalars; nesting and size are bounded while reading. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from ivr.errors import FlowError, Problem
from ivr.flow.reading.hints import shown

Where = tuple[str | int, ...]  # the way to a value: keys and positions in lists, ("nodes", "main", "choices")
Place = tuple[int, int]  # line and column, from 1

_DEPTH_LIMIT = 20
_EVENT_LIMIT = 40_000  # about a second of reading

# Characters that an escape such as "\\0" can smuggle into a text, where neither a speaker nor a page can use them.
_UNUSABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# YAML 1.2's JSON schema: `no`, `012`, `1_000` and `0x1f` stay the text that somebody wrote.
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}", re.ASCII)


class Reader:
    """Walks the events of one document, building data and remembering places."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.places: dict[Where, Place] = {}
        self.problems: list[Problem] = []
        self._events: Iterator[Event] = YAML(typ="safe", pure=True).parse(text)
        self._count = 0
        self.reached: Place = (1, 1)  # where reading stands

    def document(self) -> dict[str, Any]:
        """The one document of the file."""
        self._next()  # the stream's start
        if isinstance(self._next(), StreamEndEvent):
            self._stop(1, 1, "the file is empty", "write `key: value` lines")
        top = self._next()
        data = self._value(top, ())
        if not isinstance(data, dict):
            self._stop(
                *_place(top), f"the file must hold keys and values, not {_kind(data)}", "write `key: value` lines"
            )
        self._next()  # the document's end
        if isinstance(after := self._next(), DocumentStartEvent):
            self._stop(*_place(after), "a second document begins here", "one file holds one: remove the line ---")
        return data

    def _next(self) -> Event:
        event = next(self._events)
        self.reached = _place(event)
        self._count += 1
        if self._count > _EVENT_LIMIT:
            self._stop(*_place(event), "the file holds too many keys and values", "split it into several files")
        return event

    def _value(self, event: Event, where: Where) -> Any:
        place = self.places.setdefault(where, _place(event))
        self._refuse_sharing(event, place)
        if len(where) > _DEPTH_LIMIT:
            self._stop(*_place(event), f"nested more than {_DEPTH_LIMIT} deep", "look for brackets that are not closed")
        match event:
            case ScalarEvent():
                return _plain(self._usable(event, place), event.implicit[0])
            case SequenceStartEvent():
                return self._sequence(where)
            case MappingStartEvent():
                return self._mapping(where)
        return None  # an alias, which is a problem already

    def _sequence(self, where: Where) -> list[Any]:
        entries: list[Any] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            entries.append(self._value(event, (*where, len(entries))))
        return entries

    def _mapping(self, where: Where) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            key = self._key(event, where)
            if key in entries:
                first = self.places[(*where, key)][0]
                mend = f"it stands in line {first} already: remove or rename one of them"
                self._mistake(_place(event), f"the key {shown(key)} is here twice", mend)
            self.places.setdefault((*where, key), _place(event))
            value = self._value(self._next(), (*where, key))
            entries.setdefault(key, value)
        return entries

    def _key(self, event: Event, where: Where) -> str:
        self._refuse_sharing(event, _place(event))
        if isinstance(event, ScalarEvent):
            if not event.value:
                self._mistake(_place(event), "a key is empty", "write `key: value`")
            return self._usable(event, _place(event))
        if not isinstance(event, AliasEvent):
            self._value(event, (*where, ""))
            what = "a list or mapping stands where a key should be"
            self._mistake(self.places[where], what, "put text that begins with {{ or [ in quotes")
        return ""

    def _refuse_sharing(self, event: Event, place: Place) -> None:
        """Aliases can make a small file huge, tags can make objects; neither is needed here."""
        if isinstance(event, AliasEvent):
            mend = f"write the value itself; put text that begins with * in quotes: '*{event.anchor}'"
            self._mistake(place, f"the alias *{event.anchor} cannot be used here", mend)
        elif not isinstance(event, ScalarEvent | CollectionStartEvent):
            return
        elif event.anchor is not None:
            mend = f"remove it; put text that begins with & in quotes: '&{event.anchor}'"
            self._mistake(place, f"the anchor &{event.anchor} cannot be used here", mend)
        elif event.tag is not None:
            mend = "remove it; put text that begins with ! in quotes"
            tag = str(event.tag).replace("tag:yaml.org,2002:", "!!")
            self._mistake(place, f"the tag {shown(tag)} cannot be used here", mend)

    def _usable(self, event: ScalarEvent, place: Place) -> str:
        """The text, with a mark in the place of characters that would harm whoever prints or speaks it."""
        text = str(event.value)
        if found := _UNUSABLE.search(text):
            self._mistake(place, f"the character {shown(found[0])} cannot stand in a text", "remove it")
        return _UNUSABLE.sub("\ufffd", text)

    def _mistake(self, place: Place, what: str, mend: str) -> None:
        self.problems.append(Problem(self.file, *place, what, mend))

    def _stop(self, line: int, column: int, what: str, mend: str = "") -> NoReturn:
        raise FlowError([*self.problems, Problem(self.file, line, column, what, mend)])


def _place(event: Event) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _kind(data: object) -> str:
    if data is None:
        return "nothing"
    return "a list" if isinstance(data, list) else "a single value"


def _plain(text: str, unquoted: bool) -> Any:
    if not unquoted:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
