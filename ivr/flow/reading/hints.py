"""Words that error messages share: how a value is shown, and what somebody probably meant. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST = 60  # characters of a value that a message shows


def shown(value: object) -> str:
    """The value as a message shows it: quoted, control characters escaped, never long."""
    text = repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def span(seconds: float) -> str:
    """A span of time as flows write it: 90m, 48h, 7d."""
    for unit, size, least in (("d", 86400, 3), ("h", 3600, 1)):
        if seconds % size == 0 and seconds >= least * size:
            return f"{seconds / size:g}{unit}"
    return f"{seconds / 60:g}m"


def listed(words: Iterable[str]) -> str:
    """The words with commas between them, cut where there are too many to read."""
    words = [word[:_LONGEST] for word in words]
    return ", ".join(words[:20]) + (", …" if len(words) > 20 else "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean 'welcome'?`, or an empty string when nothing known looks like `word`."""
    near = difflib.get_close_matches(word[:_LONGEST].lower(), list(known), n=1)
    return f"did you mean {shown(near[0])}?" if near else ""


def one_of(word: str, known: Iterable[str], title: str) -> str:
    """What to write instead of `word`: the nearest, or else everything known. `title` is such as "the nodes"."""
    known = list(known)
    return did_you_mean(word, known) or (f"{title} are: {listed(known)}" if known else f"{title}: there are none")
