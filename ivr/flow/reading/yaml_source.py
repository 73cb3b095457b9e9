"""Reads YAML that people write (flows, prompt books) into plain data that still knows the line of every key.

Refuses what such files never need and what could do harm: aliases, tags, equal keys, endless nesting, huge files.
Reads files; otherwise pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml.error import YAMLError

from ivr.errors import FlowError, Problem
from ivr.flow.reading.yaml_reader import Place, Reader, Where
from ivr.flow.reading.yaml_words import explain

__all__ = ["SIZE_LIMIT", "Place", "Source", "Where", "read_text", "read_yaml", "scan_yaml"]

SIZE_LIMIT = 1024 * 1024  # bytes

# What the library raises for text that it was not made for, beside its own errors (OverflowError for "\UFFFFFFFF").
_UNREADABLE = (YAMLError, ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Source:
    """A YAML file as plain data. Keys are always text; the first of two equal keys counts.

    `problems` are mistakes that did not stop the reading: equal keys, aliases, tags.
    """

    file: str
    data: dict[str, Any]
    places: Mapping[Where, Place]
    problems: tuple[Problem, ...] = ()

    def position(self, where: Where) -> Place:
        """Line and column of the key (or list entry) at `where`, or of its nearest parent that is in the file."""
        while where not in self.places and where:
            where = where[:-1]
        return self.places.get(where, (1, 1))

    def problem(self, where: Where, what: str, mend: str = "") -> Problem:
        """A mistake at `where`."""
        return Problem(self.file, *self.position(where), what, mend)


def read_yaml(text: str, file: str) -> Source:
    """Read YAML whose top is a mapping. Raises `FlowError` with every mistake of its form."""
    source = scan_yaml(text, file)
    if source.problems:
        raise FlowError(source.problems)
    return source


def scan_yaml(text: str, file: str) -> Source:
    """Like `read_yaml`, but raises only where reading cannot go on; the rest is in `problems`."""
    if len(text) > SIZE_LIMIT:
        raise FlowError([_too_big(file)])
    text = text.removeprefix("\ufeff")
    reader = Reader(text, file)
    try:
        data = reader.document()
    except _UNREADABLE as error:
        raise FlowError([*reader.problems, explain(error, text, file, reader.reached)]) from None
    return Source(file, data, reader.places, tuple(reader.problems))


def read_text(path: Path) -> str:
    """The text of a UTF-8 file of at most 1 MiB. Raises `FlowError`."""
    try:
        with path.open("rb") as file:
            raw = file.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FlowError(
            [Problem(str(path), 0, 0, f"cannot be read: {reason}", "check the path and its rights")]
        ) from None
    if len(raw) > SIZE_LIMIT:
        raise FlowError([_too_big(str(path))])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        what = f"the byte 0x{raw[error.start]:02x} is not UTF-8 text"
        raise FlowError([Problem(str(path), line, column, what, "save the file as UTF-8")]) from None


def _too_big(file: str) -> Problem:
    return Problem(file, 0, 0, "is bigger than 1 MiB", "split it into several files")
