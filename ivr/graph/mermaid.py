"""Writes the picture as Mermaid, which many wikis and code hosts show as it stands. Pure.

Every text is quoted, with all but letters, digits and harmless marks as character codes: so no prompt, condition or
name can end a label or mean something to Mermaid. Names of nodes get a letter before them, as `end` is a word there.
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr.graph.picture import ANYTIME, BEGIN, Box, Exit, Mood, Panel, Picture
from ivr.graph.sizes import clipped
from ivr.graph.svg_style import hue

_SHAPES = {
    BEGIN: ("([", "])"),
    ANYTIME: ("([", "])"),
    "say": ("[", "]"),
    "menu": ("{{", "}}"),
    "collect": ("[/", "/]"),
    "identify": ("[/", "\\]"),
    "verify": ("[/", "\\]"),
    "call": ("[(", ")]"),
    "look_up": ("[(", ")]"),
    "choose": ("{", "}"),
    "flow": ("[[", "]]"),
    "transfer": ("([", "])"),
    "callback": ("([", "])"),
    "resume": ("{{", "}}"),
    "return": ("([", "])"),
    "end": ("([", "])"),
}
_ARROWS = {Mood.NORMAL: "-->", Mood.OTHERWISE: "-.->", Mood.ERROR: "-.->"}
_HARMLESS = set(" .,!?/'=…→")
_WORDS = 60  # characters of a prompt
_LOCK = "🔒 "


def mermaid(picture: Picture) -> str:
    """The picture as the text of a Mermaid flowchart."""
    return "\n".join(_lines(picture)) + "\n"


def _lines(picture: Picture) -> Iterator[str]:
    yield f"%% {picture.hotline}, version {picture.version}, prompts in {picture.language}"
    yield "flowchart TD"
    for panel in picture.panels:
        yield f'  subgraph f_{panel.flow}["{_escaped(panel.flow)}"]'
        yield "    direction TB"
        yield from (f"    {line}" for line in _panel(panel))
        yield "  end"
    for kind in picture.kinds:
        fill, line = hue(kind)
        yield f"  classDef k_{kind} fill:{fill},stroke:{line},color:#16202c"


def _panel(panel: Panel) -> Iterator[str]:
    for box in panel.boxes:
        opening, closing = _SHAPES[box.kind]
        yield f'{_id(box.key)}{opening}"{_text(box)}"{closing}:::k_{box.kind}'
    for box in panel.boxes:
        for number, one in enumerate(box.exits):
            yield from _way(box, number, one)


def _way(box: Box, number: int, one: Exit) -> Iterator[str]:
    label = _escaped(clipped((_LOCK if one.needs else "") + one.label, _WORDS))
    arrow = _ARROWS[one.mood] + (f'|"{label}"|' if label else "")
    target = _id(one.target)
    if one.jump and one.target != box.key:
        target = f"{_id(box.key)}__{number}"
        yield f'{target}["→ {_escaped(one.target)}"]'
    yield f"{_id(box.key)} {arrow} {target}"


def _text(box: Box) -> str:
    title = f"<b>{_escaped((_LOCK if box.needs else '') + box.title)}</b>"
    return "<br>".join([title, *(_escaped(fact) for fact in box.facts), *([_heard(box)] if box.words else [])])


def _heard(box: Box) -> str:
    return f"<i>{_escaped(clipped(box.words, _WORDS))}</i>"


def _id(key: str) -> str:
    return "n_" + key.replace(".", "__")


def _escaped(text: str) -> str:
    """Safe in a quoted label: Mermaid writes #40; for the character 40. `1.` would be a list, `_a_` slanted."""
    return "".join(_safe(one, before) for one, before in zip(text, " " + text, strict=False))


def _safe(one: str, before: str) -> str:
    in_a_word = one == "_" and before.isalnum()
    harmless = one.isalnum() or (one in _HARMLESS and not (one == "." and before.isdigit()))
    return one if harmless or in_a_word else f"#{ord(one)};"
