"""The kinds of node that find out who is calling: identify and verify."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from context_store.records import Level
from ivr.flow.model.questions import Question
from ivr.flow.scalars import Digits, Length, Name, Prompts, Seconds

# How a caller can be known: without a word said (by what came with the call), or by what they claim and then prove.
SilentWay = Literal["token", "returned", "caller_number", "alternate_number"]
AskedWay = Literal["fault_line", "customer_number", "last_order"]
Way = Literal[SilentWay, AskedWay]
Proof = Literal["pin", "invoice", "birth_year", "sms_code"]


class Proving(Question):
    """The dialogue that proves who is calling: a claim (unless the line is known), then one of the proofs for it.

    A claim is a line, a customer number, or a surname with an order. At the question for a claim, and at that for a
    proof, * takes the next way or the next proof that the node names; the flow's key `back` asks for the claim again,
    from its first part on. `wrong` is said when claim and proof do not belong together. `tries` is how often they may
    not, in the whole call: who comes back does not get more. `exceeded` is for callers who are refused because too many
    attempts were made: theirs, for that claim, or all. Who is heard is asked by `ask_line_spoken` and its like where
    the node has them, as by `spoken` elsewhere.
    """

    ask_line: Prompts = ("ask_line",)
    ask_line_spoken: Prompts | None = None
    ask_customer_number: Prompts = ("ask_customer_number",)
    ask_customer_number_spoken: Prompts | None = None
    ask_surname: Prompts = ("ask_surname",)
    ask_surname_spoken: Prompts | None = None
    ask_order: Prompts = ("ask_order",)
    ask_order_spoken: Prompts | None = None
    ask_pin: Prompts = ("ask_pin",)
    ask_invoice: Prompts = ("ask_invoice",)
    ask_birth_year: Prompts = ("ask_birth_year",)
    ask_sms_code: Prompts = ("ask_sms_code",)
    ask_sms_code_again: Prompts = ("ask_sms_code_again",)
    choose_line: Prompts = Field(default=("choose_line",), description="which of several lines, by their `endings`")
    choose_line_spoken: Prompts | None = None
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
    def least(self) -> Level:
        """The level of everybody who goes on from here by `next`: who had to say something has proved it."""
        return Level.UNKNOWN if self.silent else Level.VERIFIED

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
