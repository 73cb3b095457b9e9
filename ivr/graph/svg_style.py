"""The colours and fonts of the picture, for light and dark pages, as a style sheet inside the SVG. Pure.

The tints follow Okabe and Ito's palette, which most colour-blind people can tell apart; shapes tell the kinds, too.
"""

from __future__ import annotations

from ivr.graph.picture import ANYTIME, BEGIN

# Kinds that are alike share a hue: (fill, line) on a light page, (fill, line) on a dark one.
_HUES = {
    "voice": ("#e3f1fb", "#0072b2", "#12344a", "#56b4e9"),
    "question": ("#fdf0d5", "#b87900", "#43330f", "#e69f00"),
    "proof": ("#f8e6f0", "#b0558c", "#42263a", "#d98cb8"),
    "system": ("#dcf3ec", "#00795a", "#0e3a2f", "#2cc09a"),
    "decision": ("#fbf8cf", "#8a8200", "#3b390f", "#d9cf3c"),
    "people": ("#fde5d6", "#c24f00", "#46260f", "#f08a4b"),
    "over": ("#e4e6e9", "#4b5563", "#32363d", "#a3abb8"),
}
_HUE_OF = {
    "say": "voice",
    "menu": "question",
    "collect": "question",
    "identify": "proof",
    "verify": "proof",
    "call": "system",
    "look_up": "system",
    "choose": "decision",
    "flow": "system",
    "transfer": "people",
    "callback": "people",
    "resume": "question",
    "return": "over",
    "end": "over",
    BEGIN: "over",
    ANYTIME: "over",
}

_LIGHT = {
    "page": "#ffffff",
    "panel": "#fafbfc",
    "ink": "#16202c",
    "dim": "#56606d",
    "rule": "#c9d1da",
    "way": "#5b6673",
    "error": "#c0322b",
}
_DARK = {
    "page": "#12161c",
    "panel": "#181d25",
    "ink": "#e8edf3",
    "dim": "#a4afbc",
    "rule": "#3a4450",
    "way": "#9aa6b4",
    "error": "#ff7b72",
}

_RULES = """
text { font-family: system-ui, "Segoe UI", "DejaVu Sans", Verdana, sans-serif; fill: var(--ink); }
.page { fill: var(--page); }
.panel { fill: var(--panel); stroke: var(--rule); }
.heading { font-size: 20px; font-weight: 600; }
.note, .fact { font-size: 12px; fill: var(--dim); }
.title { font-size: 14px; font-weight: 600; }
.words { font-size: 12px; font-style: italic; }
.tab { font-size: 11px; }
.jumps { font-size: 11px; fill: var(--dim); }
.shape { stroke-width: 1.5; }
.inner { fill: none; }
.exit { fill: var(--page); stroke: var(--rule); }
.exit.error { stroke: var(--error); stroke-dasharray: 4 3; }
.exit.otherwise { stroke-dasharray: 2 2; }
.way { fill: none; stroke: var(--way); stroke-width: 1.4; marker-end: url(#tip); }
.way.otherwise { stroke-dasharray: 2 3; }
.way.error { stroke: var(--error); stroke-dasharray: 6 4; marker-end: url(#tip-error); }
.way:hover { stroke-width: 3.5; }
#tip path { fill: var(--way); }
#tip-error path { fill: var(--error); }
.lock { fill: var(--ink); }
a text { text-decoration: underline; }
.box:target .shape { stroke-width: 4; }
"""


def style_sheet() -> str:
    """The whole style sheet."""
    kinds = "\n".join(
        f".{kind} .shape {{ fill: var(--{hue}-fill); stroke: var(--{hue}); }} "
        f".{kind} .inner {{ fill: none; stroke: var(--{hue}); }}"
        for kind, hue in _HUE_OF.items()
    )
    dark = f"@media (prefers-color-scheme: dark) {{ {_variables(_DARK, 2)} }}"
    return f"{_variables(_LIGHT, 0)}\n{dark}\n{_RULES}{kinds}\n"


def hue(kind: str) -> tuple[str, str]:
    """The fill and the line of a kind on a light page, for formats that know no dark one."""
    fill, line, *_ = _HUES[_HUE_OF[kind]]
    return fill, line


def _variables(plain: dict[str, str], first: int) -> str:
    hues = {name: colours[first + 1] for name, colours in _HUES.items()}
    fills = {f"{name}-fill": colours[first] for name, colours in _HUES.items()}
    return f":root {{ {' '.join(f'--{name}: {colour};' for name, colour in {**plain, **hues, **fills}.items())} }}"
