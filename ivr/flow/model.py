"""What a flow file may say: one class a node kind. The loader turns YAML into these, the engine only reads them.

Times are seconds in Python; a file writes "5s", "1500ms" or "2m". Names of prompts point into the prompt book.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from context_store.records import Sensitivity

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}


def _seconds(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("write a time with its unit, such as 5s or 1500ms")
    if not (match := _DURATION.fullmatch(value.strip())):
        raise ValueError(f"{value!r} is not a time; write it like 5s, 1500ms or 2m")
    return float(match[1]) * _SECONDS[match[2]]


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _key_text(value: Any) -> Any:
    """YAML reads `key: 1` as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Seconds = Annotated[float, BeforeValidator(_seconds), Field(gt=0, le=300)]
Prompts = Annotated[tuple[Name, ...], BeforeValidator(_one_or_many), Field(min_length=1, max_length=10)]
Key = Annotated[str, BeforeValidator(_key_text), Field(pattern=r"^[0-9*#]{1,4}$")]
Way = Literal["caller_number", "alternate_number", "fault_line"]


class Part(BaseModel):
    """Any part of a flow: unknown keys are mistakes, nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Defaults(Part):
    """What a node uses where it says nothing itself."""

    bargein: bool = True
    timeout: Seconds = Field(default=5.0, description="silence after a question before it counts as noinput")
    interdigit: Seconds = Field(default=3.0, description="silence between two keys before the input counts as complete")
    attempts: Annotated[int, Field(ge=1, le=9)] = 3
    queue: Name = Field(default="agents", description="where a caller goes when the flow itself cannot go on")
    otherwise: Name | None = Field(
        default=None, description="where a caller goes who cannot answer, and when a service fails"
    )


class Say(Part):
    """Play prompts, go on."""

    say: Prompts
    bargein: bool | None = None
    next: Name


class Question(Part):
    """What every node that waits for keys may say."""

    bargein: bool | None = None
    timeout: Seconds | None = None
    interdigit: Seconds | None = None
    attempts: Annotated[int, Field(ge=1, le=9)] | None = None
    noinput: Prompts = ("noinput",)
    nomatch: Prompts = ("nomatch",)
    otherwise: Name | None = None


class Choice(Part):
    """One way out of a menu. `language` changes the caller's language from here on."""

    key: Key
    next: Name
    language: str | None = None


class Menu(Question):
    """Ask for one of several keys. The choice is kept as the answer named like the node."""

    menu: Prompts
    choices: Annotated[dict[Name, Choice], Field(min_length=1, max_length=12)]


class Collect(Question):
    """Ask for digits. `type: phone` also takes local formats and keeps E.164. The answer is named like the node."""

    collect: Prompts
    type: Literal["digits", "phone"] = "digits"
    min: Annotated[int, Field(ge=1, le=40)] = 1
    max: Annotated[int, Field(ge=1, le=40)] = 20
    termchar: Literal["#", "*", ""] = "#"
    sensitivity: Sensitivity = Sensitivity.PLAIN
    next: Name


class Identify(Question):
    """Find out who is calling: `ways` in order. The dialogue of the fault line is part of the node.

    `ask_line` and `ask_pin` are its questions, `wrong` is said when line and PIN do not belong together; at the PIN
    the caller may press * to give another line. `proofs` is how often line and PIN may be wrong.
    """

    identify: Annotated[tuple[Way, ...], Field(min_length=1)]
    ask_line: Prompts = ("ask_line",)
    ask_pin: Prompts = ("ask_pin",)
    wrong: Prompts = ("line_or_pin_wrong",)
    pin_length: Annotated[int, Field(ge=4, le=8)] = 4
    proofs: Annotated[int, Field(ge=1, le=5)] = 3
    lookup_timeout: Seconds = 2.0
    next: Name


class Call(Part):
    """Ask a service of the company. `with` holds its arguments (Jinja2 templates over what is known)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    call: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")]
    arguments: dict[Name, str] = Field(default_factory=dict, alias="with")
    into: Name
    timeout: Seconds = 3.0
    next: Name
    on_error: Name | None = None


class Branch(Part):
    """One condition of a choose: a Jinja2 expression over answers and facts, in its sandbox."""

    when: Annotated[str, Field(min_length=1, max_length=500)]
    next: Name


class Choose(Part):
    """Go where the first true condition points."""

    choose: Annotated[tuple[Branch, ...], Field(min_length=1)]
    otherwise: Name


class Transfer(Part):
    """Hand the caller to a queue with the conversation. `reason` is what the agent reads first (a label)."""

    transfer: Name
    say: Prompts | None = None
    reason: Name


class End(Part):
    """Say goodbye and hang up."""

    end: Prompts
    outcome: Name = "completed"


Node = Say | Menu | Collect | Identify | Call | Choose | Transfer | End

# A node's kind is the key that names it, and the file's first key.
KINDS: dict[str, type[Part]] = {
    "say": Say,
    "menu": Menu,
    "collect": Collect,
    "identify": Identify,
    "call": Call,
    "choose": Choose,
    "transfer": Transfer,
    "end": End,
}


class Flow(Part):
    """A whole flow. `version` is the hash of its content, given by the loader.

    `nodes` is built by the loader, node by node, so that each mistake is told at its own line.
    """

    flow: Name
    languages: Annotated[tuple[str, ...], Field(min_length=1)]
    start: Name
    defaults: Defaults = Defaults()
    nodes: dict[str, Node]
    version: str = ""
