"""What the head of a flow file may say beside its nodes: defaults, and keys for every question."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from ivr.flow.listening import Sayings
from ivr.flow.part import Part
from ivr.flow.scalars import Confidence, Keys, Name, Phrases, Prompts, Seconds


def time_zone(value: Any) -> Any:
    """The name of a time zone, checked. Raises `ValueError`."""
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
    listen: bool = Field(default=True, description="whether words count beside keys, where callers are heard")
    confidence: Confidence = Field(default=0.6, description="how sure it must be what was said, from 0 to 1")
    ask_back: Prompts | None = Field(
        default=None,
        description="asks whether `heard` was said, when that is in doubt; without it, what is in doubt does not count",
    )
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
    phrases: dict[Literal["repeat", "back", "agent"], Phrases] = Field(
        default_factory=dict, description="what callers may say instead of these keys"
    )

    @cached_property
    def sayings(self) -> Sayings:
        """What may be said at every question, by what it means."""
        return Sayings({what: phrases for what, phrases in self.phrases.items() if what != "agent" or self.agent})
