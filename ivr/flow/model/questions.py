"""The kinds of node that wait for the caller: menu, collect, callback, and what every question may say."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from context_store.records import Level, Sensitivity
from ivr.flow.listening import Sayings, of_kind
from ivr.flow.model.steps import Step
from ivr.flow.part import Part
from ivr.flow.scalars import Confidence, Digits, Key, Length, Limits, Name, Phrases, Prompts, Seconds, Service, Span

ResumeChoice = Literal["go_on", "start_over", "done"]
RESUME_KEYS: Mapping[ResumeChoice, str] = {"go_on": "1", "start_over": "2", "done": "3"}
CollectType = Literal["digits", "yes_no", "date", "time", "amount", "phone", "choice"]


class Question(Step):
    """What every node that waits for the caller may say."""

    bargein: bool | None = None
    ahead: bool = Field(
        default=True, description="whether keys count that were pressed before the question; a consent must be heard"
    )
    timeout: Seconds | None = None
    interdigit: Seconds | None = None
    attempts: Annotated[int, Field(ge=1, le=9)] | None = None
    listen: bool | None = Field(default=None, description="whether words count beside keys, where callers are heard")
    confidence: Confidence | None = Field(default=None, description="how sure it must be what was said, from 0 to 1")
    spoken: Prompts | None = Field(
        default=None, description="what is asked instead where callers are heard: it says that they may speak"
    )
    ask_back: Prompts | None = Field(
        default=None, description="asks whether `heard` was said, when that is in doubt: yes with 1, no with 2"
    )
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

    @cached_property
    def sayings(self) -> Sayings:
        """What may be said instead."""
        return Sayings({choice.key: choice.phrases for choice in self.choices.values()})


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

    @cached_property
    def sayings(self) -> Sayings:
        """What may be said instead of keys, where it is no secret."""
        if self.type == "digits" and self.length.most == 1:
            return of_kind("digit")
        if self.type != "choice":
            return of_kind(self.type)
        return Sayings({choice.key: choice.phrases for choice in self.choices.values()})


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


class Resume(Question):
    """Offer what the caller left unfinished: 1 goes on with it, 2 starts over, 3 says that it is done.

    The offer begins with the words of the flow that the caller was in (`unfinished` in its head). What had been done
    there already is told first. Nothing is heard where there is nothing unfinished.
    """

    resume: Prompts = Field(description="the offer, after what it was")
    within: Span = Field(default=48 * 3600.0, description="how long ago it may have been left")
    told: dict[Service, Prompts] = Field(
        default_factory=dict, description="service → what is said first when it had done something (opened a ticket)"
    )
    agent: Prompts | None = Field(
        default=None, description="the offer of the same agent, to who was cut off from one: 1 yes, 2 no; none: never"
    )
    say: Prompts | None = Field(default=None, description="the last words before the same agent's phone rings")
    reason: Name = Field(default="cut_off", description="what that agent reads first (a label)")
    phrases: dict[ResumeChoice, Phrases] = Field(
        default_factory=dict, description="what callers may say instead of the keys"
    )
    next: Name = Field(description="who has nothing unfinished, or starts over")
    done: Name | None = Field(default=None, description="who says that it is done; else `next`")

    @cached_property
    def sayings(self) -> Sayings:
        """What may be said instead of the keys."""
        return Sayings({RESUME_KEYS[choice]: phrases for choice, phrases in self.phrases.items()})
