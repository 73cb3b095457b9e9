"""What somebody types: keys, words, silence, time that passes, or a command. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

KEYS = frozenset("0123456789*#")
BETWEEN_KEYS = str.maketrans("", "", " -().")  # how people write numbers
MOST = 300  # keys or characters at once
LONGEST = 24 * 3600  # seconds that may pass at once

_JUMP = re.compile(r"\+\s*(\d{1,5})\s*(s|m|h)?")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


class Unusable(Exception):
    """What was typed cannot be used; says why."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Telephone keys."""

    keys: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Words:
    """What the caller says."""

    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Silence:
    """The caller does nothing."""


@dataclass(frozen=True, slots=True)
class Jump:
    """So many seconds pass."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Order:
    """A command, in small letters without its slash, and what follows it."""

    name: str
    rest: str = field(default="", repr=False)


Typed = Keys | Words | Silence | Jump | Order


def understood(line: str) -> Typed:
    """What the line means. Raises `Unusable`."""
    text = clean(line).strip()
    if not text:
        return Silence()
    if text == "?":
        return Order("help")
    if text.startswith("/"):
        name, _, rest = text[1:].partition(" ")
        return Order(name.lower(), rest.strip())
    if len(text) > MOST:
        raise Unusable(f"that is too long: at most {MOST} keys or characters at once")
    if text.startswith("+"):
        return _jump(text)
    keys = text.translate(BETWEEN_KEYS)
    if keys and KEYS.issuperset(keys):
        return Keys(keys)
    return Words(text)


def clean(text: str) -> str:
    """The text without what a terminal would obey or could not show: a space stands for each such character."""
    return "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in text)


def _jump(text: str) -> Jump:
    match = _JUMP.fullmatch(text)
    if not match:
        raise Unusable("write time that passes as +30s, +2m or +1h; on a telephone, + is pressed as 00")
    seconds = int(match[1]) * _SECONDS[match[2] or "s"]
    if not 0 < seconds <= LONGEST:
        raise Unusable("at least a second and at most 24 hours can pass at once")
    return Jump(seconds)
