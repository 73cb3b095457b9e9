"""Writes the picture as one SVG: a heading, a legend, an index where there are several flows, a panel for each. Pure.

`ElementTree` writes the text, so that no prompt or condition can become markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ivr.graph.layout import PlacedPanel
from ivr.graph.picture import Picture
from ivr.graph.sizes import text_width
from ivr.graph.svg_legend import add_legend
from ivr.graph.svg_panel import add_panel
from ivr.graph.svg_style import style_sheet

_MARGIN = 24.0
_TITLE = 44.0  # a panel's heading
_NARROWEST = 1100.0
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOCK = "M0 5H9V12H0ZM1.2 5V3.3A3.3 3.3 0 0 1 7.8 3.3V5H6.3V3.4A1.8 1.8 0 0 0 2.7 3.4V5Z"


def svg(picture: Picture, panels: Sequence[PlacedPanel]) -> str:
    """The picture, laid out, as the text of an SVG file."""
    width = max([_NARROWEST, *(_frame(one)[0] for one in panels)])
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "data-version": picture.version})
    SubElement(root, "title").text = f"The hotline {picture.hotline}"
    SubElement(root, "style").text = style_sheet()
    _definitions(root)
    SubElement(root, "rect", {"class": "page", "width": "100%", "height": "100%"})
    y = _heading(root, picture)
    y += add_legend(root, _MARGIN, y, width, picture.kinds) + 8
    for row in _rows(panels, width):
        x = _MARGIN
        for one in row:
            # A panel that has the row for itself is as wide as the page.
            wide = width if len(row) == 1 else _frame(one)[0]
            _framed(root, one, x, y, wide)
            x += wide + _MARGIN
        y += max(_frame(one)[1] for one in row) + _MARGIN
    root.set("viewBox", f"0 0 {width + 2 * _MARGIN:.0f} {y:.0f}")
    root.set("width", f"{width + 2 * _MARGIN:.0f}")
    root.set("height", f"{y:.0f}")
    indent(root)
    return _NOT_XML.sub(" ", tostring(root, encoding="unicode")) + "\n"


def _frame(one: PlacedPanel) -> tuple[float, float]:
    """Width and height of a panel with its frame."""
    return max(one.width, text_width(one.panel.flow, "title")) + 2 * _MARGIN, one.height + _TITLE + _MARGIN


def _rows(panels: Sequence[PlacedPanel], width: float) -> Iterator[list[PlacedPanel]]:
    """Panels side by side as far as they fit, in their order; the main flow stands alone."""
    row: list[PlacedPanel] = []
    for number, one in enumerate(panels):
        filled = sum(_frame(other)[0] + _MARGIN for other in row)
        if row and (number == 1 or filled + _frame(one)[0] > width):
            yield row
            row = []
        row.append(one)
    yield row


def _heading(root: Element, picture: Picture) -> float:
    """Name, version and index; returns where the legend begins."""
    _text(root, "heading", _MARGIN, 40, picture.hotline)
    _text(root, "note", _MARGIN, 60, f"version {picture.version}, prompts in {picture.language}")
    if len(picture.panels) == 1:
        return 76.0
    x = _MARGIN
    for panel in picture.panels:
        link = SubElement(root, "a", {"href": f"#flow-{panel.flow}"})
        _text(link, "note", x, 84, panel.flow)
        x += text_width(panel.flow, "fact") + _MARGIN
    return 100.0


def _framed(root: Element, one: PlacedPanel, x: float, y: float, width: float) -> None:
    """Draw a panel in its frame."""
    group = SubElement(root, "g", {"id": f"flow-{one.panel.flow}", "transform": f"translate({x:.0f} {y:.0f})"})
    size = {"width": f"{width:.0f}", "height": f"{_frame(one)[1]:.0f}"}
    SubElement(group, "rect", {"class": "panel", "rx": "8", **size})
    _text(group, "title", _MARGIN, 28, one.panel.flow)
    add_panel(group, one, (width - one.width) / 2, _TITLE)


def _definitions(root: Element) -> None:
    """The heads of arrows, and the lock."""
    definitions = SubElement(root, "defs")
    size = {"viewBox": "0 0 10 10", "refX": "9", "refY": "5", "markerWidth": "8", "markerHeight": "8"}
    for name in ("tip", "tip-error"):
        marker = {"id": name, "orient": "auto", "markerUnits": "userSpaceOnUse", **size}
        SubElement(SubElement(definitions, "marker", marker), "path", {"d": "M0 0L10 5L0 10Z"})
    lock = SubElement(definitions, "g", {"id": "lock"})
    SubElement(lock, "path", {"class": "lock", "d": _LOCK})


def _text(parent: Element, style: str, x: float, y: float, text: str) -> None:
    SubElement(parent, "text", {"class": style, "x": f"{x:.1f}", "y": f"{y:.1f}"}).text = text
