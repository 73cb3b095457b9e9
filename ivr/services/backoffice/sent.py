"""Reads the outbox of a sample back office that runs elsewhere, for the person who has to key in a code at the demo."""

from __future__ import annotations

from typing import Literal

from pydantic import TypeAdapter, ValidationError

from ivr.errors import ServiceError
from ivr.services.adapters import NotThere, System
from ivr.services.shapes import E164, Shape, Text

_NOT_THE_SAMPLE = "services.url leads to something else than the sample back office"


class Sent(Shape):
    """A message that went out as an SMS. `at` is local: 2026-11-22T14:30:00."""

    at: str
    to: E164
    kind: Literal["code", "notice"]
    text: Text


class _Outbox(Shape):
    messages: list[Sent]


_OUTBOX = TypeAdapter(_Outbox)


async def sent_messages(system: System) -> list[Sent]:
    """The newest messages, oldest first. Raises `ServiceError`."""
    try:
        return _OUTBOX.validate_python(await system.request("outbox", "GET", "/outbox")).messages
    except NotThere:
        raise ServiceError("outbox", "rejected", _NOT_THE_SAMPLE) from None
    except ValidationError:
        raise ServiceError("outbox", "nonsense", _NOT_THE_SAMPLE) from None
