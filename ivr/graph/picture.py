"""What is drawn, before anybody knows where: one panel a flow, in it boxes with exits. Pure.

An arrow belongs to the exit that it leaves. A *jump* is an exit without an arrow: it names where the caller goes on.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

BEGIN = "begin"  # the kind of the box where a flow is entered
ANYTIME = "anytime"  # the kind of the box with the ways that every node has: defaults, global keys, hang-up


class Mood(enum.Enum):
    """Why a caller takes an exit."""

    NORMAL = "normal"
    OTHERWISE = "otherwise"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Exit:
    """One way out of a box. `label` is short, or empty where there is only one; `detail` is the whole of it."""

    way: str
    target: str
    label: str = ""
    detail: str = ""
    mood: Mood = Mood.NORMAL
    needs: str = ""
    jump: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """One node, or the begin or anytime box of a flow.

    `key` is the node's name, unique in the picture. `facts` are what the node does ("asks line.status"), `words` what
    the caller hears, `detail` everything, for a tooltip. `opens` is the flow that a subflow's node goes through.
    """

    key: str
    kind: str
    title: str
    facts: tuple[str, ...] = ()
    words: str = ""
    detail: str = ""
    needs: str = ""
    opens: str = ""
    exits: tuple[Exit, ...] = ()

    @property
    def arrows(self) -> Iterator[Exit]:
        """The exits that are drawn as arrows."""
        return (one for one in self.exits if not one.jump)


@dataclass(frozen=True, slots=True)
class Panel:
    """One flow."""

    flow: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A hotline, its main flow first. `language` is that of the prompts."""

    hotline: str
    version: str
    language: str
    panels: tuple[Panel, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of box that are in the picture, in the order in which they are met."""
        return tuple(dict.fromkeys(box.kind for panel in self.panels for box in panel.boxes))
