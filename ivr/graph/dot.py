"""Writes the picture as DOT text, for those who draw with Graphviz themselves: as PDF, PNG, with other tools. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivr.graph.picture import ANYTIME, BEGIN, Box, Exit, Mood, Picture
from ivr.graph.sizes import clipped
from ivr.graph.svg_style import hue

_SHAPES = {
    BEGIN: "oval",
    ANYTIME: "oval",
    "say": "box",
    "menu": "hexagon",
    "collect": "parallelogram",
    "identify": "octagon",
    "verify": "octagon",
    "call": "cylinder",
    "look_up": "cylinder",
    "choose": "house",
    "flow": "component",
    "transfer": "box",
    "callback": "box",
    "resume": "hexagon",
    "return": "oval",
    "end": "oval",
}
_STYLES = {Mood.NORMAL: "solid", Mood.OTHERWISE: "dotted", Mood.ERROR: "dashed"}
_WORDS = 60  # characters of a prompt
_LOCK = "🔒 "


def dot(picture: Picture) -> str:
    """The picture as the text of a DOT file."""
    return "\n".join(_lines(picture)) + "\n"


def _lines(picture: Picture) -> Iterator[str]:
    yield f"// {picture.hotline}, version {picture.version}, prompts in {picture.language}"
    yield f"digraph {_quoted(picture.hotline)} {{"
    yield '  node [style="filled", fontname="sans-serif", fontsize=11]'
    yield '  edge [fontname="sans-serif", fontsize=10]'
    for panel in picture.panels:
        yield f"  subgraph {_quoted(f'cluster_{panel.flow}')} {{"
        yield f"    label={_quoted(panel.flow)}"
        yield from (f"    {line}" for box in panel.boxes for line in _box(box))
        yield "  }"
    yield "}"


def _box(box: Box) -> Iterator[str]:
    fill, line = hue(box.kind)
    title = (_LOCK if box.needs else "") + box.title
    label = "\n".join(filter(None, [title, *box.facts, clipped(box.words, _WORDS)]))
    look = f'shape={_SHAPES[box.kind]}, fillcolor="{fill}", color="{line}"'
    yield f"{_quoted(box.key)} [label={_quoted(label)}, {look}]"
    for number, one in enumerate(box.exits):
        yield from _way(box, number, one)


def _way(box: Box, number: int, one: Exit) -> Iterator[str]:
    target = one.target
    if one.jump and target != box.key:
        target = f"{box.key}.{number}"
        yield f"{_quoted(target)} [label={_quoted(f'→ {one.target}')}, shape=plaintext, style=solid]"
    label = clipped((_LOCK if one.needs else "") + one.label, _WORDS)
    yield f"{_quoted(box.key)} -> {_quoted(target)} [label={_quoted(label)}, style={_STYLES[one.mood]}]"


def _quoted(text: str) -> str:
    """A quoted string; Graphviz shows \\n in it as a new line, and no other escape is left in it."""
    plain = re.sub(r"[\x00-\x09\x0b-\x1f]", " ", text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
