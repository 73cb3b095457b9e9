"""What the sample back office accepts, and how it says what is wrong with a request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from context_store.records import Json
from ivr.services.shapes import E164, Amount, BillNumber, Day, PackageName, TicketNumber

MOST_BYTES = 16 * 1024  # of a request

_KEY = r"^[\x21-\x7e]{1,200}$"
IdempotencyKey = Annotated[str, Field(pattern=_KEY)]


class Request(BaseModel):
    """The arguments of a service; unknown ones are mistakes."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)


# The sample's own names: of symptoms, queues and reasons.
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
CustomerId = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$")]


class Find(Request):
    """directory.find"""

    number: E164


class Redeem(Request):
    """directory.redeem. What cannot be a token is one that is not known."""

    token: Annotated[str, Field(max_length=200, repr=False)]


class OfClaim(Request):
    """code.send. What cannot be a claim is a wrong claim, not a wrong request: callers key it in."""

    way: Literal["fault_line", "customer_number", "last_order"]
    claim: Annotated[str, Field(max_length=64)]


class Prove(OfClaim):
    """directory.prove. The same holds for what cannot be a PIN, a year or a code."""

    proof: Literal["pin", "invoice", "birth_year", "sms_code"]
    value: Annotated[SecretStr, Field(max_length=64)]


class Register(Request):
    """number.register. `language` and `wording` are what the caller has consented to."""

    customer: CustomerId
    line: E164
    number: E164
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    wording: Annotated[str, Field(min_length=1, max_length=2000)]


class Forget(Request):
    """number.forget"""

    customer: CustomerId
    number: E164


class MakeToken(Request):
    """What the company's app asks for when it starts a call. Without a line, the token stands for all of them."""

    customer: CustomerId
    line: E164 | None = None
    level: Literal["recognised", "verified"]


class OfLine(Request):
    """line.status, ticket.find, bill.current, quota.current"""

    line: E164


class OpenTicket(Request):
    """ticket.open. `contact` is where to call back, empty when the caller withholds the number."""

    line: E164
    symptom: Word
    contact: Annotated[str, Field(pattern=r"^(\+[1-9][0-9]{6,14})?$")]


class OfTicket(Request):
    """appointment.slots"""

    ticket: TicketNumber


class Move(Request):
    """appointment.move"""

    ticket: TicketNumber
    day: Day


class Pay(Request):
    """payment.pay. What is on the card is nowhere but in this request."""

    bill: BillNumber
    amount: Amount
    card: Annotated[SecretStr, Field(min_length=12, max_length=19)]
    expiry: Annotated[SecretStr, Field(min_length=4, max_length=4)]
    code: Annotated[SecretStr, Field(min_length=3, max_length=4)]

    @field_validator("card", "expiry", "code")
    @classmethod
    def _digits(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if not (text.isascii() and text.isdecimal()):
            raise ValueError("only digits can be on a card")
        return value


class TopUp(Request):
    """quota.top_up"""

    line: E164
    package: PackageName


class OfCustomer(Request):
    """order.find"""

    customer: CustomerId


class NotMine(Request):
    """message.not_mine. `number` is where the message came to, or where its reader can be reached."""

    kind: Literal["sms", "bill", "call"]
    number: E164


class CallBack(Request):
    """callback.request"""

    number: E164
    queue: Word
    reason: Word


R = TypeVar("R", bound=Request)


async def read(request: web.Request, kind: type[R]) -> R:
    """The arguments in a request's body. Raises the answer 400 that lists every mistake, or 413."""
    body = await request.read()
    with telling_mistakes():
        return kind.model_validate_json(body)


@contextmanager
def telling_mistakes() -> Iterator[None]:
    """What does not fit a `Request` raises the answer 400 that lists every mistake."""
    try:
        yield
    except ValidationError as error:
        mistakes = error.errors(include_input=False, include_context=False, include_url=False)
        told = [{"field": ".".join(map(str, m["loc"])), "what": m["msg"]} for m in mistakes[:20]]
        body = {"error": "the request is wrong", "mistakes": told}
        raise web.HTTPBadRequest(text=json.dumps(body), content_type="application/json") from None


def without_secrets(asked: Request) -> dict[str, Json]:
    """The arguments, but for PINs and cards."""
    given = asked.model_dump()
    return {name: value for name, value in given.items() if not isinstance(value, SecretStr)}


def idempotency_key(request: web.Request) -> str:
    """The key that makes a change happen once. Raises the answer 400 where it is missing."""
    key = request.headers.get("Idempotency-Key", "")
    if not re.fullmatch(_KEY, key):
        raise web.HTTPBadRequest(text="the header Idempotency-Key is missing, or not 1 to 200 printable characters")
    return key
