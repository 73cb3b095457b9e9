"""Draws the legend: which shape is which kind of node, and what the lines mean. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

from ivr.graph.outlines import MEANINGS, inner_lines, outline
from ivr.graph.sizes import text_width

_ROW, _SAMPLE, _GAP = 30.0, 40.0, 22.0
_LINES = {
    "normal": "the way on",
    "otherwise": "no answer, otherwise",
    "error": "a service fails",
}


def add_legend(parent: Element, x: float, y: float, width: float, kinds: tuple[str, ...]) -> float:
    """Add the legend of these kinds at (x, y), as wide as that; returns its height."""
    left, top = 0.0, 0.0
    for sample, text in _entries(kinds):
        needed = _SAMPLE + 8 + text_width(text, "fact") + _GAP
        if left + needed > width:
            left, top = 0.0, top + _ROW
        group = SubElement(parent, "g", {"transform": f"translate({x + left:.1f} {y + top:.1f})"})
        group.append(sample)
        label = {"class": "note", "x": f"{_SAMPLE + 8:.1f}", "y": "15"}
        SubElement(group, "text", label).text = text
        left += needed
    return top + _ROW


def _entries(kinds: tuple[str, ...]) -> Iterator[tuple[Element, str]]:
    for kind in (kind for kind in MEANINGS if kind in kinds):
        sample = Element("g", {"class": kind})
        SubElement(sample, "path", {"class": "shape", "d": outline(kind, _SAMPLE, 22)})
        if inner := inner_lines(kind, _SAMPLE, 22):
            SubElement(sample, "path", {"class": "inner", "d": inner})
        yield sample, f"{kind}: {MEANINGS[kind]}"
    for mood, meaning in _LINES.items():
        yield Element("path", {"class": f"way {mood}", "d": f"M0 11H{_SAMPLE:.0f}"}), meaning
    yield Element("use", {"href": "#lock", "x": "13", "y": "4"}), "needs a level first"
    jump = Element("text", {"class": "jumps", "y": "15"})
    jump.text = "→ name"
    yield jump, "goes on there; the box is drawn once"
