"""The outline of each kind of box, as the path of an SVG, and the words of the legend. Pure."""

from __future__ import annotations

from collections.abc import Callable

from ivr.graph.picture import ANYTIME, BEGIN

MEANINGS = {
    BEGIN: "the flow is entered",
    ANYTIME: "from every node",
    "say": "prompts",
    "menu": "a question with keys",
    "collect": "a value to key in",
    "identify": "who is calling?",
    "verify": "prove it",
    "call": "asks a service",
    "look_up": "asks several at once",
    "choose": "by what is known",
    "flow": "through another flow",
    "transfer": "to people, in a queue",
    "callback": "people call back",
    "resume": "where the caller left off",
    "return": "back to the calling flow",
    "end": "goodbye",
}


def outline(kind: str, width: float, height: float) -> str:
    """The path of a box's head, from (0, 0) to (width, height)."""
    return _OUTLINES.get(kind, _rounded(6))(width, height)


def inner_lines(kind: str, width: float, height: float) -> str:
    """What is drawn inside the outline; empty for most kinds."""
    if kind == "flow":
        return f"M7 0V{height:.1f}M{width - 7:.1f} 0V{height:.1f}"
    if kind in ("call", "look_up"):
        return f"M0 5C0 11 {width:.1f} 11 {width:.1f} 5"
    if kind == "callback":
        return _rounded(20)(width, height)
    if kind == "resume":
        middle, right = height / 2, width - 16
        return f"M16 0L6 {middle:.1f}L16 {height:.1f}M{right:.1f} 0l10 {middle:.1f}l-10 {middle:.1f}"
    return ""


def _rounded(radius: float) -> Callable[[float, float], str]:
    def path(w: float, h: float) -> str:
        r = min(radius, h / 2)
        arc = f"a{r:.1f} {r:.1f} 0 0 1 "
        return (
            f"M{r:.1f} 0H{w - r:.1f}{arc}{r:.1f} {r:.1f}V{h - r:.1f}{arc}{-r:.1f} {r:.1f}"
            f"H{r:.1f}{arc}{-r:.1f} {-r:.1f}V{r:.1f}{arc}{r:.1f} {-r:.1f}Z"
        )

    return path


def _polygon(*points: tuple[float, float, float, float]) -> Callable[[float, float], str]:
    """Corners as (share of the width, points added, share of the height, points added)."""

    def path(w: float, h: float) -> str:
        corners = [f"{w * a + b:.1f} {h * c + d:.1f}" for a, b, c, d in points]
        return f"M{'L'.join(corners)}Z"

    return path


def _cylinder(w: float, h: float) -> str:
    return f"M0 5C0 -1.5 {w:.1f} -1.5 {w:.1f} 5V{h:.1f}H0Z"


_HEXAGON = _polygon((0, 10, 0, 0), (1, -10, 0, 0), (1, 0, 0.5, 0), (1, -10, 1, 0), (0, 10, 1, 0), (0, 0, 0.5, 0))
_CUT = _polygon(
    (0, 9, 0, 0), (1, -9, 0, 0), (1, 0, 0, 9), (1, 0, 1, -9), (1, -9, 1, 0), (0, 9, 1, 0), (0, 0, 1, -9), (0, 0, 0, 9)
)
_SLANTED = _polygon((0, 10, 0, 0), (1, 0, 0, 0), (1, -10, 1, 0), (0, 0, 1, 0))
_HOUSE = _polygon((0, 0, 0, 10), (0.5, 0, 0, -2), (1, 0, 0, 10), (1, 0, 1, 0), (0, 0, 1, 0))

_OUTLINES = {
    BEGIN: _rounded(20),
    ANYTIME: _rounded(20),
    "say": _rounded(5),
    "menu": _HEXAGON,
    "collect": _SLANTED,
    "identify": _CUT,
    "verify": _CUT,
    "call": _cylinder,
    "look_up": _cylinder,
    "choose": _HOUSE,
    "flow": _rounded(3),
    "transfer": _rounded(20),
    "callback": _rounded(20),
    "resume": _HEXAGON,
    "return": _rounded(20),
    "end": _rounded(20),
}
