"""The kinds of node that ask the caller nothing: they say, look up, decide, lead elsewhere, or end."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from context_store.records import Level
from ivr.flow.part import Part
from ivr.flow.scalars import LastWords, Name, Prompts, Seconds, Service, Template


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


class Call(Step):
    """Ask a service of the company. `with` holds its arguments (templates over what is known)."""

    call: Service
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

    call: Service
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
