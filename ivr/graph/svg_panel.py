"""Draws the boxes and arrows of one panel into an SVG. Pure."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from ivr.graph.layout import PlacedArrow, PlacedBox, PlacedPanel
from ivr.graph.outlines import inner_lines, outline
from ivr.graph.picture import Box
from ivr.graph.sizes import LINE, LOCK, PADDING, TAB_LINE, Sized, Tab


def add_panel(parent: Element, panel: PlacedPanel, x: float, y: float) -> None:
    """Add a panel with its top left corner at (x, y)."""
    group = SubElement(parent, "g", {"transform": f"translate({x:.1f} {y:.1f})"})
    for arrow in panel.arrows:
        _add_arrow(group, arrow)
    for box in panel.boxes:
        _add_box(group, box)


def _add_arrow(parent: Element, arrow: PlacedArrow) -> None:
    start, *curves = arrow.points
    path = SubElement(
        parent,
        "path",
        {
            "class": f"way {arrow.exit.mood.value}",
            "d": f"M{_at(start)}C{' '.join(_at(point) for point in curves)}L{_at(arrow.tip)}",
        },
    )
    label = f" ({arrow.exit.label})" if arrow.exit.label else ""
    SubElement(path, "title").text = f"{arrow.source} → {arrow.exit.target}{label}"


def _add_box(parent: Element, placed: PlacedBox) -> None:
    one, box = placed.sized, placed.sized.box
    place = f"translate({placed.x:.1f} {placed.y:.1f})"
    group = SubElement(parent, "g", {"id": f"node-{box.key}", "class": f"box {box.kind}", "transform": place})
    SubElement(group, "title").text = box.detail or box.title
    if box.opens:
        group = SubElement(group, "a", {"href": f"#flow-{box.opens}"})
    SubElement(group, "path", {"class": "shape", "d": outline(box.kind, one.width, one.head)})
    if inner := inner_lines(box.kind, one.width, one.head):
        SubElement(group, "path", {"class": "inner", "d": inner})
    _add_lines(group, one)
    x = 0.0
    for tab in one.tabs:
        _add_tab(group, one, tab, x)
        x += tab.width


def _add_lines(group: Element, one: Sized) -> None:
    for number, line in enumerate(one.lines):
        y = one.top + PADDING / 2 + (number + 0.75) * LINE
        text = _add_text(group, line.style, one.width / 2, y, line.text)
        if number == 0 and one.box.needs:
            _add_lock(group, PADDING, y - 11, one.box)
            text.set("dx", f"{LOCK / 2:.1f}")


def _add_lock(group: Element, x: float, y: float, box: Box) -> None:
    lock = SubElement(group, "use", {"href": "#lock", "x": f"{x:.1f}", "y": f"{y:.1f}"})
    SubElement(lock, "title").text = f"needs {box.needs}"


def _add_tab(group: Element, one: Sized, tab: Tab, x: float) -> None:
    cell = SubElement(group, "g", {"transform": f"translate({x:.1f} {one.head:.1f})"})
    SubElement(cell, "title").text = tab.exit.detail or tab.exit.label or tab.exit.target
    SubElement(
        cell,
        "rect",
        {
            "class": f"exit {tab.exit.mood.value}",
            "x": "1.5",
            "width": f"{tab.width - 3:.1f}",
            "height": f"{one.tab_height:.1f}",
            "rx": "3",
        },
    )
    if tab.exit.needs:
        SubElement(cell, "use", {"href": "#lock", "x": "5", "y": f"{TAB_LINE - 10:.1f}"})
    shift = LOCK / 2 if tab.exit.needs else 0.0
    y = TAB_LINE
    for line in tab.label:
        _add_text(cell, "tab", tab.width / 2 + shift, y, line)
        y += TAB_LINE
    if tab.jumps_to:
        link = SubElement(cell, "a", {"href": f"#node-{tab.exit.target}"})
        _add_text(link, "jumps", tab.width / 2, y, tab.jumps_to)


def _add_text(parent: Element, style: str, x: float, y: float, text: str) -> Element:
    place = {"class": style, "x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": "middle"}
    element = SubElement(parent, "text", place)
    element.text = text
    return element


def _at(point: tuple[float, float]) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
