"""What the sample back office accepts, and how it says what is wrong with a request."""

from __future__ import annotations

import json
import re
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from ivr.services.catalogue import E164

MOST_BYTES = 16 * 1024  # of a request

_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class Request(BaseModel):
    """The arguments of a service; unknown ones are mistakes."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)


class Find(Request):
    """directory.find"""

    number: E164


class Prove(Request):
    """directory.prove. A PIN that cannot be one is a wrong PIN, not a wrong request."""

    line: E164
    pin: Annotated[SecretStr, Field(max_length=64)]


class Status(Request):
    """line.status"""

    line: E164


class OpenTicket(Request):
    """ticket.open. `contact` is where to call back, empty when the caller withholds the number."""

    line: E164
    symptom: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    contact: Annotated[str, Field(pattern=r"^(\+[1-9][0-9]{6,14})?$")]


R = TypeVar("R", bound=Request)


async def read(request: web.Request, kind: type[R]) -> R:
    """The arguments in a request's body. Raises the answer 400 that lists every mistake, or 413."""
    try:
        return kind.model_validate_json(await request.read())
    except ValidationError as error:
        mistakes = error.errors(include_input=False, include_context=False, include_url=False)
        told = [{"field": ".".join(map(str, m["loc"])), "what": m["msg"]} for m in mistakes[:20]]
        body = {"error": "the request is wrong", "mistakes": told}
        raise web.HTTPBadRequest(text=json.dumps(body), content_type="application/json") from None


def idempotency_key(request: web.Request) -> str:
    """The key that makes a change happen once. Raises the answer 400 where it is missing."""
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise web.HTTPBadRequest(text="the header Idempotency-Key is missing, or not 1 to 200 printable characters")
    return key
