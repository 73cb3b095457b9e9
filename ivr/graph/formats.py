"""The forms in which a picture can be had. Pure."""

from __future__ import annotations

import enum

from ivr.graph.dot import dot
from ivr.graph.mermaid import mermaid
from ivr.graph.picture import Picture


class Format(enum.StrEnum):
    """What `ivr graph` can write."""

    SVG = "svg"
    MERMAID = "mermaid"
    DOT = "dot"


def written(picture: Picture, form: Format) -> str:
    """The picture as text. Raises `ImportError` for SVG where the library that lays it out is missing."""
    match form:
        case Format.MERMAID:
            return mermaid(picture)
        case Format.DOT:
            return dot(picture)
        case Format.SVG:
            from ivr.graph.layout import place
            from ivr.graph.svg import svg

            return svg(picture, [place(panel) for panel in picture.panels])
