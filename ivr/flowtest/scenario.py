"""What a flow test may say: who calls, what the services reply, what the caller does, and what must come of it.

Data only: `playing` plays it against the engine, and whatever plays calls through Asterisk may play the same. The names
of prompts, nodes and queues are the flow's. `description` is what an editor shows for a key (`ivr schema test`).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_serializer

from context_store.records import Json, Level, Standing
from ivr.flow.events import Started
from ivr.flow.numbers import to_e164
from ivr.flow.part import Part
from ivr.flow.scalars import Confidence, Name, Seconds, Span
from ivr.flowtest.replies import Arguments, ServiceName, Services, Text

WORKDAY = "2026-11-23 12:00"  # when a call is that does not say when: a Monday, at noon
TOKEN = r"^[A-Za-z0-9_-]{16,128}$"  # as calls bring them
STARS = "****"  # what stands for a secret, in transcripts and where an answer is expected

_MOMENT = re.compile(r"20\d{2}-\d{2}-\d{2}( \d{2}:\d{2})?")
_MOST_KEYS = 64  # pressed in one step
_PRESSED = re.compile(rf"[0-9*#]{{1,{_MOST_KEYS}}}", re.ASCII)


def _moment(value: Any) -> Any:
    try:
        if not _MOMENT.fullmatch(value):
            raise ValueError
        return f"{datetime.fromisoformat(value if ':' in value else f'{value} 12:00'):%Y-%m-%d %H:%M}"
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is not a time; write it like 2026-11-23 10:00") from None


def _pressed(value: Any) -> Any:
    """Spaces make numbers easier to read; YAML reads `1` as a number."""
    keys = str(value).replace(" ", "") if isinstance(value, str | int) else ""
    if not _PRESSED.fullmatch(keys):
        raise ValueError(f"{value!r} cannot be pressed; use 0-9, * and #, in quotes, at most {_MOST_KEYS}")
    return keys


def _number(value: Any) -> Any:
    return "" if value is None else str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _asked(value: Any) -> Any:
    """`asks: ticket.open` is about the service alone."""
    if isinstance(value, str):
        return {value: {}}
    if isinstance(value, dict):
        return {name: {} if arguments is None else arguments for name, arguments in value.items()}
    return value


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _utterance(value: Any) -> Any:
    """Words alone are heard as they are."""
    return {"words": value} if isinstance(value, str | int) else value


def _returns(level: Level) -> Level:
    if level is not Level.VERIFIED:
        raise ValueError(f"nobody returns as {level.value}: only what was proved is kept; write `level: verified`")
    return level


_TEXTS: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_UTTERANCE: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "minLength": 1, "maxLength": 300},
        {
            "type": "object",
            "properties": {
                "words": {"type": "string", "minLength": 1, "maxLength": 300},
                "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            },
            "required": ["words"],
            "additionalProperties": False,
        },
    ]
}
_KEYS: dict[str, Any] = {"anyOf": [{"type": "string", "pattern": "^[0-9*# ]+$"}, {"type": "integer", "minimum": 0}]}

Moment = Annotated[str, BeforeValidator(_moment), WithJsonSchema({"type": "string", "pattern": _MOMENT.pattern})]
Pressed = Annotated[str, BeforeValidator(_pressed), WithJsonSchema(_KEYS)]
Number = Annotated[
    str, BeforeValidator(_number), Field(max_length=40), WithJsonSchema({"type": ["string", "integer", "null"]})
]
Line = Annotated[Text, Field(min_length=1, max_length=300)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_one_or_many), Field(max_length=50), WithJsonSchema(_TEXTS)]
ServiceNames = Annotated[
    tuple[ServiceName, ...], BeforeValidator(_one_or_many), Field(max_length=50), WithJsonSchema(_TEXTS)
]
Questions = Annotated[
    dict[ServiceName, Arguments],
    BeforeValidator(_asked),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "minProperties": 1}]}),
]


class Never(Part):
    """What must not happen in the whole call."""

    hears: Names = Field(default=(), description="prompts that the caller must not hear")
    asks: ServiceNames = Field(default=(), description="services that must not be asked")
    passes: Names = Field(default=(), description="nodes that the call must not come to")


class Expectation(Part):
    """What must be true. Only what is written is looked at; of `answers` and `facts` only the named ones."""

    node: Name | None = Field(default=None, description="the node where the call stands")
    queue: Name | None = Field(default=None, description="the queue that the caller was handed to")
    reason: Name | None = Field(default=None, description="why, as the agent reads it")
    agent: Text | None = Field(default=None, description="the phone of the agent who is to be rung first")
    outcome: Name | None = Field(default=None, description="transferred, hung_up, completed, or an end's own")
    level: Level | None = Field(default=None, description="how sure we are of who is calling")
    language: str | None = Field(default=None, description="the language that the caller hears")
    answers: dict[Name, Text | None] = Field(
        default_factory=dict, description='what the caller gave; "****" for a secret, nothing for none'
    )
    facts: dict[Name, Json] = Field(default_factory=dict, description="what is known: customer, line, every `into`")
    passes: Names = Field(default=(), description="nodes that the call came to, in this order; others may be between")
    never: Never = Never()


class Hears(Part):
    """The caller listens until these prompts were heard, in this order; others may be between."""

    hears: Annotated[Names, Field(min_length=1)] = Field(description="one prompt, or several")


class Presses(Part):
    """The caller presses keys, one right after the other; what is being said is not waited for."""

    presses: Pressed = Field(description="telephone keys, in quotes where there is * or #; spaces do not count")


class Utterance(Part):
    """What the caller says, and how sure whoever listens is of it."""

    words: Line = Field(description="[unk] among them: something else, that was not understood")
    confidence: Confidence = Field(default=1.0, description="where callers are heard: from 0 to 1")

    @model_serializer
    def written(self) -> str | dict[str, Any]:
        """As files have it: words alone where nothing else is told."""
        if self.confidence == 1.0:
            return self.words
        return {"words": self.words, "confidence": self.confidence}


class Says(Part):
    """The caller says words; what is being said is not waited for."""

    says: Annotated[Utterance, BeforeValidator(_utterance), WithJsonSchema(_UTTERANCE)]


class Waits(Part):
    """Time passes; the caller listens meanwhile. What is said takes no time."""

    waits: Seconds


class Asks(Part):
    """The call goes on until the services were asked, with at least these arguments."""

    asks: Questions


class Expects(Part):
    """What must be true at this moment of the call."""

    expect: Expectation


# "silence": the caller listens, and does nothing until the time for an answer is over. "hangs_up": the caller goes.
# "taken_over": the call's controller dies, and another one goes on with it. "deaf": nobody hears words any more.
Silent = Literal["silence", "hangs_up", "taken_over", "deaf"]
Step = Hears | Presses | Says | Waits | Asks | Expects | Silent

# A step is a mapping with one key, which names its kind.
KINDS: dict[str, type[Part]] = {
    "hears": Hears,
    "presses": Presses,
    "says": Says,
    "waits": Waits,
    "asks": Asks,
    "expect": Expects,
}
WORDS: tuple[Silent, ...] = ("silence", "hangs_up", "taken_over", "deaf")  # steps that are a single word


def step_words(step: Step) -> str:
    """The step on one line, much as its file has it."""
    if isinstance(step, str):
        return step
    written = step.model_dump(mode="json", exclude_defaults=True)
    return ", ".join(f"{key}: {', '.join(value) if key == 'hears' else value}" for key, value in written.items())


class ReturnedCustomer(Part):
    """Whom the caller had proved to be."""

    id: Text
    name: Text


class ReturnedLine(Part):
    """The line that the call was about."""

    number: Text
    ending: Text
    product: Text


class Returned(Part):
    """What a caller had proved when their last call, from the same number, dropped a few minutes ago."""

    level: Annotated[Level, AfterValidator(_returns), WithJsonSchema({"const": Level.VERIFIED.value})]
    customer: ReturnedCustomer
    line: ReturnedLine | None = Field(default=None, description="nothing where it was not clear yet which of several")

    @property
    def standing(self) -> Standing:
        """As calls keep it."""
        return Standing(self.level, self.customer.model_dump(), self.line.model_dump() if self.line else None)


class Scene(Part):
    """What surrounds a call. Tests of one file may share it."""

    caller: Number = Field(default="", description="the calling number, as people write it; empty: withheld")
    language: str | None = Field(default=None, description="the language to begin with; default: the flow's first")
    at: Moment = Field(default=WORKDAY, description="when the call begins, in the flow's time zone")
    announcement: dict[str, str] = Field(
        default_factory=dict, description="what operations have switched on for every caller, by language"
    )
    token: Annotated[str, Field(pattern=rf"{TOKEN}|^$")] = Field(
        default="", description="what the call brings from another channel, such as the app"
    )
    returned: Returned | None = Field(
        default=None, description="what the caller had proved when their last call dropped"
    )
    speech: bool = Field(
        default=False, description="whether words are heard, as on a telephone where speech is recognised"
    )
    services: Services = Field(default_factory=dict)

    def starts_at(self, zone: ZoneInfo) -> float:
        """When the call begins, in seconds since the epoch."""
        return datetime.fromisoformat(self.at).replace(tzinfo=zone).timestamp()

    def started(self, at: float, dnis: str, region: str, languages: tuple[str, ...]) -> Started:
        """The call comes in at this number. `region` is where the calling number belongs. `languages`: the flow's."""
        caller = to_e164(self.caller, region) if self.caller else None
        returned = self.returned.standing if self.returned else None
        hears = languages if self.speech else ()
        return Started(at, caller, dnis, self.announcement, self.token, returned, hears=hears)


class Earlier(Part):
    """A call before this one. Whatever it does not say is as in this one; what it left may be gone on with."""

    ago: Span = Field(default=600.0, description="how long before this call it began")
    caller: Number | None = Field(default=None, description="the calling number, where it was another")
    services: Services = Field(default_factory=dict)
    call: Annotated[tuple[Step, ...], Field(min_length=1, max_length=300)]
    cut_off_from: Annotated[Text, Field(pattern=r"^[A-Za-z0-9_.-]{0,32}$")] = Field(
        default="", description="the phone of the agent whom the caller was talking to; it is free now"
    )
    earlier: Earlier | None = Field(default=None, description="a call before that one")


class Scenario(Scene):
    """One test: a call, and what must come of it."""

    test: Annotated[str, Field(min_length=1, max_length=120)] = Field(description="what it shows, in a sentence")
    earlier: Earlier | None = Field(default=None, description="a call before this one, which was not finished")
    call: Annotated[tuple[Step, ...], Field(max_length=300)] = ()
    expect: Expectation = Field(default=Expectation(), description="what must be true when the call is over")

    @property
    def before(self) -> tuple[Earlier, ...]:
        """The earlier calls, the oldest first."""
        calls: list[Earlier] = []
        call = self.earlier
        while call:
            calls.insert(0, call)
            call = call.earlier
        return tuple(calls)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Those of all calls, the earlier ones first."""
        return (*(step for call in self.before for step in call.call), *self.call)


class ScenarioFile(Scene):
    """A file of several tests, with what they share above them."""

    tests: Annotated[tuple[Scenario, ...], Field(min_length=1, max_length=500)]
