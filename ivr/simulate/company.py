"""Who answers for the company's services: the sample back office, a company's own systems, or what was arranged.

Touches the network, through the same client that calls use.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from context_store.records import Json, new_id
from ivr.errors import ServiceError
from ivr.flow.commands import AskService
from ivr.services import catalogue
from ivr.services.backoffice.app import serving
from ivr.services.company import CompanyServices
from ivr.services.opening import company_services
from ivr.settings_services import ServicesSettings
from ivr.simulate.happenings import Asked, Replied


class Company(Protocol):
    """Answers questions of a call, one by one."""

    def reply(self, ask: AskService, asked: Asked, key: str) -> Replied:
        """What comes back. `key` is the idempotency key; `asked` is the question without secrets.

        Raises `EOFError` when a person should answer and there is none any more.
        """
        ...


class Systems:
    """Services over HTTP. They run between two steps of a call only."""

    def __init__(self, runner: asyncio.Runner, services: CompanyServices) -> None:
        self._runner = runner
        self._services = services

    def reply(self, ask: AskService, asked: Asked, key: str) -> Replied:
        """What the system answers."""
        question = self._services.ask(ask.service, ask.arguments, timeout=ask.timeout, idempotency_key=key)
        try:
            answer = self._runner.run(question)
        except ServiceError as error:
            return Replied(ask.service, None, error.reason, str(error))
        return Replied(ask.service, answer, changed=self._services.changes_something(ask.service))


@contextmanager
def systems(services: CompanyServices) -> Iterator[Systems]:
    """A company's own systems."""
    with asyncio.Runner() as runner:
        runner.run(services.__aenter__())
        try:
            yield Systems(runner, services)
        finally:
            runner.run(services.__aexit__(None, None, None))


@contextmanager
def sample_office(now: Callable[[], datetime]) -> Iterator[Systems]:
    """The sample back office on a free port, with a database that is thrown away. `now` is the time of the call."""
    token = new_id()
    with tempfile.TemporaryDirectory(prefix="devam-") as folder, asyncio.Runner() as runner:
        stack = AsyncExitStack()
        office = serving("127.0.0.1", 0, Path(folder) / "backoffice.db", token, now)
        try:
            url = runner.run(stack.enter_async_context(office))
            services = company_services(ServicesSettings(url=url, token=SecretStr(token)), None, now)
            yield Systems(runner, runner.run(stack.enter_async_context(services)))
        finally:
            runner.run(stack.aclose())


class Arranged:
    """What `/answer` and `/fail` have arranged for services that will be asked."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, Replied]] = []  # with the service that it is for; empty: whichever comes

    def arrange(self, service: str, reply: Replied) -> None:
        """The service, or when empty the next one, replies this."""
        self._waiting.append((service, reply))

    def reply(self, ask: AskService) -> Replied | None:
        """What was arranged for this question. Raises `ServiceError` when it cannot be an answer of that service."""
        position = next((at for at, (name, _) in enumerate(self._waiting) if name in ("", ask.service)), None)
        if position is None:
            return None
        _, reply = self._waiting.pop(position)
        if reply.answer is None:
            return Replied(ask.service, None, reply.reason)
        return _answered(ask.service, reply.answer)


def answered(service: str, text: str) -> Replied:
    """The reply with this answer, in JSON. Raises `ServiceError` when the service cannot answer this."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        raise ServiceError(service, "nonsense", "it is not JSON") from None
    return _answered(service, answer)


def _answered(service: str, answer: Json) -> Replied:
    entry = catalogue.named(service)
    return Replied(service, entry.check_answer(answer), changed=entry.changes)
