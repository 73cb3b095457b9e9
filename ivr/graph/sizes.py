"""How large a box is with its texts: what is written on which line, and how wide its tabs are. In points. Pure.

Fonts are not asked: widths are those of a wide font, so that texts fit whatever font a browser takes.
"""

from __future__ import annotations

import textwrap
import unicodedata
from dataclasses import dataclass

from ivr.graph.picture import Box, Exit

LINE = 17.0
PADDING = 11.0
TAB_LINE = 15.0
LOCK = 13.0  # the width of a lock before a text

_NARROWEST = 150.0
_WORDS_WIDE = 30  # characters
_WORDS_LINES = 3
_TAB_WIDE = 18  # characters
_TAB_LINES = 2  # and one more for a jump
_TOPS = {"call": 7.0, "look_up": 7.0, "choose": 8.0}  # a lid, or a roof
_SIZES = {"title": 14.0, "fact": 12.0, "words": 12.0, "tab": 11.0}
_THIN, _BROAD = set("fijlrtI.,:;'!|()[] "), set("mwMW@%&")


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line in a box; `style` is title, fact or words."""

    style: str
    text: str


@dataclass(frozen=True, slots=True)
class Tab:
    """What an exit looks like at its box: its label, and where it jumps to."""

    exit: Exit
    label: tuple[str, ...]
    jumps_to: str
    width: float


@dataclass(frozen=True, slots=True)
class Sized:
    """A box with its texts. The tabs stand below the head, side by side. `top` is what the kind's shape takes there."""

    box: Box
    lines: tuple[TextLine, ...]
    tabs: tuple[Tab, ...]
    width: float
    top: float
    head: float
    tab_height: float

    @property
    def height(self) -> float:
        """The whole box."""
        return self.head + self.tab_height


def sized(box: Box) -> Sized:
    """Give a box its size."""
    lines = tuple(_lines(box))
    tabs = [_tab(box, one) for one in box.exits if one.label or one.jump]
    needed = max((text_width(line.text, line.style) for line in lines), default=0.0) + 2 * PADDING
    needed = max(_NARROWEST, needed + (LOCK + 4 if box.needs else 0))
    missing = needed - sum(tab.width for tab in tabs)
    if tabs and missing > 0:
        tabs = [Tab(tab.exit, tab.label, tab.jumps_to, tab.width + missing / len(tabs)) for tab in tabs]
    width = sum(tab.width for tab in tabs) if tabs else needed
    tab_lines = max((len(tab.label) + bool(tab.jumps_to) for tab in tabs), default=0)
    top = _TOPS.get(box.kind, 0.0)
    head = top + len(lines) * LINE + PADDING
    return Sized(box, lines, tuple(tabs), width, top, head, tab_lines * TAB_LINE + 8 if tab_lines else 0.0)


def clipped(text: str, most: int) -> str:
    """The text in one line, shortened to `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def text_width(text: str, style: str) -> float:
    """About how wide a text is; `style` is title, fact, words or tab."""
    bold = 1.08 if style == "title" else 1.0
    return sum(_share(letter) for letter in text) * _SIZES[style] * bold


def _lines(box: Box) -> list[TextLine]:
    title = TextLine("title", box.title)
    done = (line for fact in box.facts for line in _wrapped(fact, _WORDS_WIDE, 2))
    heard = _wrapped(box.words, _WORDS_WIDE, _WORDS_LINES)
    return [title, *(TextLine("fact", line) for line in done), *(TextLine("words", line) for line in heard)]


def _wrapped(text: str, width: int, most: int) -> list[str]:
    return textwrap.wrap(text, width, max_lines=most, placeholder=" …")


def _tab(box: Box, one: Exit) -> Tab:
    label = tuple(_wrapped(one.label, _TAB_WIDE, _TAB_LINES))
    jumps_to = "" if not one.jump else "↻ here again" if one.target == box.key else f"→ {one.target}"
    widest = max(text_width(line, "tab") for line in (jumps_to, *label))
    return Tab(one, label, jumps_to, widest + (LOCK if one.needs else 0) + 14)


def _share(letter: str) -> float:
    """The width of a letter as a share of the font's size."""
    if letter in _THIN:
        return 0.38
    if letter in _BROAD or unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    return 0.72 if letter.isupper() else 0.62
