"""What a flow file may say: one class a node kind. The loader turns YAML into these, the engine only reads them.

Names of prompts point into the prompt book. `description` is what an editor shows for a key (`ivr schema`).
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from context_store.records import Level, Sensitivity
from ivr.flow.hours import Hours
from ivr.flow.part import Part
from ivr.flow.scalars import (
    Digits,
    Key,
    Keys,
    LastWords,
    Length,
    Limits,
    Name,
    Phrases,
    Prompts,
    Seconds,
    Template,
)

# How a caller can be known: without a word said (by what came with the call), or by what they claim and then prove.
SilentWay = Literal["token", "returned", "caller_number", "alternate_number"]
AskedWay = Literal["fault_line", "customer_number", "last_order"]
Way = SilentWay | AskedWay
Proof = Literal["pin", "invoice", "birth_year", "sms_code"]
CollectType = Literal["digits", "yes_no", "date", "time", "amount", "phone", "choice"]


def _zone(value: Any) -> Any:
    try:
        return ZoneInfo(str(value)).key
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{value!r} is not a time zone; write it like Europe/Istanbul") from None


class Defaults(Part):
    """What a node uses where it says nothing itself."""

    bargein: bool = Field(default=True, description="whether keys and words stop prompts")
    timeout: Seconds = Field(default=5.0, description="silence after a question before it counts as noinput")
    interdigit: Seconds = Field(default=3.0, description="silence between two keys before the input counts as complete")
    attempts: Annotated[int, Field(ge=1, le=9)] = Field(default=3, description="how often a question is asked")
    queue: Name = Field(default="agents", description="where a caller goes when the flow itself cannot go on")
    otherwise: Name | None = Field(
        default=None, description="where a caller goes who cannot answer, and when a service fails"
    )
    on_error: Name | None = Field(
        default=None, description="where a call goes when a service fails, and when the flow cannot go on"
    )
    verify: Name | None = Field(
        default=None, description="the verify or identify node for callers who choose what `needs` a higher level"
    )


class Person(Part):
    """The key with which a caller asks for a person, at every question."""

    key: Keys = Field(description="one key or several")
    next: Name


class GlobalKeys(Part):
    """Keys that every question takes, unless they are its own. In a question for digits only those with * or #."""

    repeat: Keys | None = Field(default=None, description="hear the question again")
    back: Keys | None = Field(default=None, description="go to the question before")
    agent: Person | None = None


class Step(Part):
    """What every node may say."""

    needs: Level | None = Field(
        default=None, description="the level that the caller must have; who has not is sent to `defaults.verify` first"
    )


class Say(Step):
    """Play prompts, go on: when they were heard, or `meanwhile`, and the next prompts wait for the end of these."""

    say: Prompts
    bargein: bool | None = None
    meanwhile: bool = Field(
        default=False, description="go on while the prompts are played, as far as nobody has to speak"
    )
    next: Name


class Question(Step):
    """What every node that waits for the caller may say."""

    bargein: bool | None = None
    timeout: Seconds | None = None
    interdigit: Seconds | None = None
    attempts: Annotated[int, Field(ge=1, le=9)] | None = None
    noinput: Prompts = ("noinput",)
    nomatch: Prompts = ("nomatch",)
    otherwise: Name | None = None


class Option(Part):
    """One of several answers."""

    key: Key
    phrases: Phrases = Field(default_factory=dict, description="what callers may say instead, by language or for all")


class Choice(Option):
    """One way out of a menu. `language` changes the caller's language from here on."""

    next: Name
    needs: Level | None = None
    language: str | None = None


class Menu(Question):
    """Ask for one of several keys. The choice is kept as the answer named like the node."""

    menu: Prompts
    choices: Annotated[dict[Name, Choice], Field(min_length=1, max_length=12)]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys of the choices."""
        return tuple(choice.key for choice in self.choices.values())


class Collect(Question):
    """Ask for a value. The answer is named like the node.

    digits: as typed. phone: E.164. date: YYYY-MM-DD, keyed as day, month, year (24112026). time: HH:MM, keyed as four
    digits. amount: "149.90", keyed with * for the point. yes_no: yes (1) or no (2). choice: the name of the option.
    """

    collect: Prompts
    type: CollectType = "digits"
    length: Digits = Field(default=Length(1, 20), description="how many digits: 4, or 4-6 (digits only)")
    range: Limits | None = Field(default=None, description="first and last right value, such as 10..5000 or today..")
    choices: dict[Name, Option] = Field(default_factory=dict, max_length=12, description="for `type: choice`")
    confirm: Prompts | None = Field(
        default=None, description="read the value back; the caller says yes with 1, no with 2"
    )
    termchar: Literal["#", "*", ""] = "#"
    sensitivity: Sensitivity = Sensitivity.PLAIN
    next: Name


class Proving(Question):
    """The dialogue that proves who is calling: a claim (unless the line is known), then one of the proofs for it.

    A claim is a line, a customer number, or a surname with an order. At the question for a claim, and at that for a
    proof, * takes the next way or the next proof that the node names. `wrong` is said when claim and proof do not
    belong together. `tries` is how often they may not, in the whole call: who comes back does not get more.
    `exceeded` is for callers who are refused because too many attempts were made: theirs, for that claim, or all.
    """

    ask_line: Prompts = ("ask_line",)
    ask_customer_number: Prompts = ("ask_customer_number",)
    ask_surname: Prompts = ("ask_surname",)
    ask_order: Prompts = ("ask_order",)
    ask_pin: Prompts = ("ask_pin",)
    ask_invoice: Prompts = ("ask_invoice",)
    ask_birth_year: Prompts = ("ask_birth_year",)
    ask_sms_code: Prompts = ("ask_sms_code",)
    choose_line: Prompts = Field(default=("choose_line",), description="which of several lines, by their `endings`")
    wrong: Prompts = ("line_or_pin_wrong",)
    pin_length: Annotated[int, Field(ge=4, le=8)] = 4
    customer_number_length: Digits = Length(4, 12)
    surname_letters: Annotated[int, Field(ge=2, le=6)] = 3
    order_digits: Annotated[int, Field(ge=3, le=8)] = 4
    invoice_digits: Annotated[int, Field(ge=4, le=8)] = 4
    code_length: Annotated[int, Field(ge=4, le=8)] = 6
    tries: Annotated[int, Field(ge=1, le=5)] = 3
    lookup_timeout: Seconds = 2.0
    exceeded: Name | None = Field(default=None, description="where a caller goes when too many attempts were made")
    next: Name

    @property
    def silent(self) -> tuple[Way, ...]:
        """The ways that need no word of the caller, in the order in which they are tried."""
        return ()

    @property
    def asked(self) -> tuple[Way, ...]:
        """The ways in which the caller may say who they are, in the order in which they are asked for."""
        raise NotImplementedError

    @property
    def asked_proofs(self) -> tuple[Proof, ...]:
        """What may prove what was said, in order."""
        raise NotImplementedError


class Identify(Proving):
    """Find out who is calling: `identify` names the ways, tried in order; `proofs` what proves an asked way."""

    identify: Annotated[tuple[Way, ...], Field(min_length=1)]
    proofs: Annotated[tuple[Proof, ...], Field(min_length=1)] = ("pin",)

    @property
    def silent(self) -> tuple[Way, ...]:
        """Those of its ways."""
        return tuple(way for way in self.identify if way in get_args(SilentWay))

    @property
    def asked(self) -> tuple[Way, ...]:
        """Those of its ways."""
        return tuple(way for way in self.identify if way in get_args(AskedWay))

    @property
    def asked_proofs(self) -> tuple[Proof, ...]:
        """None where it asks for nothing."""
        return self.proofs if self.asked else ()


class Verify(Proving):
    """Have the caller prove who they are. Callers whom `needs` has sent here go on to where they were going.

    `claims` are the ways in which who has told no line yet may say who they are.
    """

    verify: Annotated[tuple[Proof, ...], Field(min_length=1)]
    claims: Annotated[tuple[AskedWay, ...], Field(min_length=1)] = ("fault_line",)

    @property
    def asked(self) -> tuple[Way, ...]:
        """Its `claims`."""
        return self.claims

    @property
    def asked_proofs(self) -> tuple[Proof, ...]:
        """What it verifies with."""
        return self.verify


class Call(Step):
    """Ask a service of the company. `with` holds its arguments (templates over what is known)."""

    call: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")]
    arguments: dict[Name, Template] = Field(default_factory=dict, alias="with")
    into: Name
    timeout: Seconds = 3.0
    retries: Annotated[int, Field(ge=0, le=3)] = Field(
        default=0, description="how often to ask again after a time-out, or when it cannot be reached"
    )
    next: Name
    on_error: Name | None = None


class Lookup(Part):
    """One of the questions that a look_up asks at once. It changes nothing."""

    call: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")]
    arguments: dict[Name, Template] = Field(default_factory=dict, alias="with")


class LookUp(Step):
    """Ask several services at once; each answer is known by its name. What does not come in time is not known."""

    look_up: Annotated[dict[Name, Lookup], Field(min_length=1, max_length=12)]
    timeout: Seconds = 2.0
    next: Name


class Branch(Part):
    """One condition of a choose: a Jinja2 expression over answers and facts, in its sandbox."""

    when: Annotated[str, Field(min_length=1, max_length=500)]
    next: Name


class Choose(Step):
    """Go where the first true condition points."""

    choose: Annotated[tuple[Branch, ...], Field(min_length=1)]
    otherwise: Name


class Transfer(Step):
    """Hand the caller to a queue with the conversation. `reason` is what the agent reads first (a label)."""

    transfer: Name
    say: Prompts | None = None
    reason: Name


class Callback(Question):
    """Offer to call back: on the calling number (1), or on another (2). Asks the service callback.request.

    What it answers is known as `into`. A withheld number is asked for at once.
    """

    callback: Name = Field(description="the queue whose people will call")
    reason: Name
    ask: Prompts = ("callback_offer",)
    ask_number: Prompts = ("callback_number",)
    into: Name = "callback"
    service_timeout: Seconds = 3.0
    next: Name
    on_error: Name | None = None


class Subflow(Step):
    """Go through another flow, a file beside this one, and come back with its result."""

    flow: Name
    arguments: dict[Name, Template] = Field(default_factory=dict, alias="with")
    into: Name | None = Field(default=None, description="the name under which the result is known")
    next: Name


class Return(Step):
    """The end of a subflow: back to where it was called from, with these values (templates)."""

    result: dict[Name, Template] = Field(alias="return")


class End(Step):
    """Say goodbye and hang up. Nothing to say (`[]`) is right after the caller has gone."""

    end: LastWords
    outcome: Name = "completed"


Node = (
    Say | Menu | Collect | Identify | Verify | Call | LookUp | Choose | Transfer | Callback | Subflow | Return | End
)  # fmt: skip

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
    timezone: Annotated[str, BeforeValidator(_zone)] = "Europe/Istanbul"
    defaults: Defaults = Defaults()
    keys: GlobalKeys = GlobalKeys()
    hours: dict[Name, Hours] = Field(default_factory=dict, description="when places are open: `open.NAME`")
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

    def named(self, name: str) -> Flow:
        """This flow or a subflow of it. Raises `KeyError`."""
        return self if name == self.flow else self.subflows[name]
