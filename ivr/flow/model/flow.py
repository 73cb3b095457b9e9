"""A whole flow: its head and its nodes."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from ivr.flow.hours import Hours
from ivr.flow.model.head import Defaults, GlobalKeys, time_zone
from ivr.flow.model.proving import Identify, Verify
from ivr.flow.model.questions import Callback, Collect, Menu, Question, Resume
from ivr.flow.model.steps import Call, Choose, End, LookUp, Return, Say, Step, Subflow, Transfer
from ivr.flow.part import Part
from ivr.flow.scalars import Name, Prompts

Node = (
    Say
    | Menu
    | Collect
    | Identify
    | Verify
    | Call
    | LookUp
    | Choose
    | Transfer
    | Callback
    | Resume
    | Subflow
    | Return
    | End
)

# A node's kind is the key that names it, and the file's first key.
KINDS: dict[str, type[Step]] = {
    "say": Say,
    "menu": Menu,
    "collect": Collect,
    "identify": Identify,
    "verify": Verify,
    "call": Call,
    "look_up": LookUp,
    "choose": Choose,
    "transfer": Transfer,
    "callback": Callback,
    "resume": Resume,
    "flow": Subflow,
    "return": Return,
    "end": End,
}


def kind_of(node: Node) -> str:
    """The key that names the node's kind in the file: say, menu, look_up."""
    return next(kind for kind, model in KINDS.items() if isinstance(node, model))


class Flow(Part):
    """A whole flow. The loader gives `version`, the hash of the hotline's content, `wordings`, and `subflows` by name.

    `nodes` is built by the loader, node by node, so that each mistake is told at its own line. Names of nodes are
    unique in a hotline, over all of its flows: labels, answers and idempotency keys go by them.
    """

    flow: Name
    languages: Annotated[tuple[str, ...], Field(min_length=1)]
    start: Name
    arguments: tuple[Name, ...] = Field(default=(), description="what a subflow gets from its caller, as args.NAME")
    timezone: Annotated[str, BeforeValidator(time_zone)] = "Europe/Istanbul"
    defaults: Defaults = Defaults()
    keys: GlobalKeys = GlobalKeys()
    hours: dict[Name, Hours] = Field(default_factory=dict, description="when places are open: `open.NAME`")
    unfinished: Prompts | None = Field(
        default=None, description="what somebody was doing whose call ended in this flow; a resume node says it"
    )
    on_hangup: Name | None = Field(default=None, description="what is still to be done when the caller has gone")
    nodes: dict[str, Node]
    version: str = ""
    wordings: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="language → prompt → its text, where a template names wording.PROMPT",
    )
    subflows: dict[str, Flow] = Field(default_factory=dict)

    @cached_property
    def zone(self) -> ZoneInfo:
        """Where the callers are."""
        return ZoneInfo(self.timezone)

    @property
    def size(self) -> int:
        """How many nodes the hotline has, with those of its subflows."""
        return len(self.nodes) + sum(len(subflow.nodes) for subflow in self.subflows.values())

    def listens(self, node: Question) -> bool:
        """Whether words count at this question, beside keys: its own word, or the flow's."""
        return self.defaults.listen if node.listen is None else node.listen

    def asks_back(self, node: Question) -> tuple[str, ...]:
        """What is asked where it is in doubt what was said at this question; () where that is not asked."""
        return node.ask_back or self.defaults.ask_back or ()

    def named(self, name: str) -> Flow:
        """This flow or a subflow of it. Raises `KeyError`."""
        return self if name == self.flow else self.subflows[name]
