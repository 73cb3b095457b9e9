"""Finds places for the boxes and arrows of a panel with Graphviz. It gets sizes only, never a text. Pure.

Coordinates are points, from the top left corner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pygraphviz

from ivr.graph.picture import ANYTIME, BEGIN, Exit, Mood, Panel
from ivr.graph.sizes import Sized, sized

_ABREAST = 3  # last boxes below one box
_HEAD = "head"  # the port of a box's upper part; tabs are t0, t1, …

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box with the place of its top left corner."""

    sized: Sized
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PlacedArrow:
    """The way of an arrow: a start and then Bézier curves of three points each. `tip` is its head's end."""

    source: str
    exit: Exit
    points: tuple[Point, ...]
    tip: Point


@dataclass(frozen=True, slots=True)
class PlacedPanel:
    """One flow, laid out."""

    panel: Panel
    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    arrows: tuple[PlacedArrow, ...]


def place(panel: Panel) -> PlacedPanel:
    """Lay a panel out, callers going from the top to the bottom."""
    graph = pygraphviz.AGraph(strict=False, directed=True, nodesep="0.3", ranksep="0.5", outputorder="nodesfirst")
    boxes = [sized(box) for box in panel.boxes]
    for one in boxes:
        graph.add_node(one.box.key, shape="plain", label=_outline(one))
    graph.add_subgraph([one.box.key for one in boxes if one.box.kind in (BEGIN, ANYTIME)], rank="source")
    arrows = [(one, exit_) for one in boxes for exit_ in one.box.arrows]
    depths = _staggered(panel)
    for number, (one, exit_) in enumerate(arrows):
        depth = str(depths.get((one.box.key, exit_.way), 1))
        graph.add_edge(one.box.key, exit_.target, key=str(number), minlen=depth, **_edge(one, exit_))
    graph.layout(prog="dot")
    _, _, width, height = (float(number) for number in graph.graph_attr["bb"].split(","))
    return PlacedPanel(
        panel,
        width,
        height,
        tuple(_placed(one, graph, height) for one in boxes),
        tuple(
            _arrow(one.box.key, exit_, graph.get_edge(one.box.key, exit_.target, str(number)), height)
            for number, (one, exit_) in enumerate(arrows)
        ),
    )


def _staggered(panel: Panel) -> dict[tuple[str, str], int]:
    """How many rows down an arrow goes. Many last boxes side by side would make the picture wide: they take turns."""
    last = {box.key for box in panel.boxes if not any(box.arrows)}
    depths: dict[tuple[str, str], int] = {}
    for box in panel.boxes:
        ends = [one for one in box.arrows if one.target in last]
        if len(ends) > _ABREAST:
            rows = -(-len(ends) // _ABREAST)
            depths |= {(box.key, one.way): 1 + number % rows for number, one in enumerate(ends)}
    return depths


def _outline(one: Sized) -> str:
    """An empty table of the box's size, with a cell for each tab."""
    rows = f"<TR>{_cell(_HEAD, one.width, one.head, max(len(one.tabs), 1))}</TR>"
    if one.tabs:
        cells = "".join(_cell(f"t{number}", tab.width, one.tab_height) for number, tab in enumerate(one.tabs))
        rows += f"<TR>{cells}</TR>"
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{rows}</TABLE>>'


def _cell(port: str, width: float, height: float, columns: int = 1) -> str:
    size = f'FIXEDSIZE="TRUE" WIDTH="{width:.0f}" HEIGHT="{height:.0f}"'
    return f'<TD PORT="{port}" COLSPAN="{columns}" {size}></TD>'


def _edge(one: Sized, exit_: Exit) -> dict[str, str]:
    tab = next((f"t{number}" for number, tab in enumerate(one.tabs) if tab.exit.way == exit_.way), "")
    weight = {Mood.NORMAL: "4", Mood.OTHERWISE: "2", Mood.ERROR: "1"}[exit_.mood]
    return {"tailport": f"{tab}:s" if tab else "s", "headport": "n", "weight": weight}


def _placed(one: Sized, graph: Any, height: float) -> PlacedBox:
    x, y = (float(number) for number in graph.get_node(one.box.key).attr["pos"].split(","))
    return PlacedBox(one, x - one.width / 2, height - y - one.height / 2)


def _arrow(source: str, exit_: Exit, edge: Any, height: float) -> PlacedArrow:
    """Graphviz writes `e,x,y` for the tip, then the points."""
    tip, *points = edge.attr["pos"].removeprefix("e,").split(" ")
    return PlacedArrow(source, exit_, tuple(_point(point, height) for point in points), _point(tip, height))


def _point(text: str, height: float) -> Point:
    x, y = text.split(",")
    return float(x), height - float(y)
