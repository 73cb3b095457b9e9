"""Leaves a system alone that fails again and again, so that callers do not wait for what will not come. No I/O."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.messages import Event
from purgatory.domain.messages.events import ContextChanged
from purgatory.domain.model import CLOSED, HALF_OPENED, OPENED, OpenedState

from ivr.deadline import over
from ivr.errors import ServiceError

log = logging.getLogger(__name__)

_FAILURES = ("timeout", "unavailable")  # a system that refuses, or talks nonsense, is there

T = TypeVar("T")
Breaker = AbstractAsyncContextManager[Any]


class Circuit:
    """The circuit to one system: open after `failures` in a row; after `seconds` one question at a time is let through.

    A caller who hangs up says nothing of the system; one who waited in vain does.
    """

    def __init__(self, name: str, failures: int, seconds: float) -> None:
        self._name = name
        self._seconds = seconds
        self._breakers = AsyncCircuitBreakerFactory(failures, seconds)
        self._breakers.add_listener(self._tell)
        self._probing = False

    async def ask(self, service: str, question: Callable[[], Awaitable[T]]) -> T:
        """The answer. Raises `ServiceError` ("unavailable") at once while the circuit is open."""
        breaker = await self._breakers.get_breaker(self._name)
        await self._enter(breaker, service)
        probe = self._probing = breaker.context.state == HALF_OPENED
        try:
            answer = await question()
        except ServiceError as error:
            await _report(breaker, error if error.reason in _FAILURES else None)
            raise
        except asyncio.CancelledError as error:
            if over():
                await _report(breaker, error)
            raise
        else:
            await _report(breaker, None)
            return answer
        finally:
            if probe:
                self._probing = False

    async def _enter(self, breaker: Breaker, service: str) -> None:
        try:
            if not self._probing:
                await breaker.__aenter__()
                return
        except OpenedState as opened:
            # It is one and the same object each time, and would gather the frames of everyone who was refused.
            opened.__traceback__ = None
        raise ServiceError(service, "unavailable", f"the system {self._name} is left alone, as it kept failing")

    def _tell(self, name: str, what: str, event: Event) -> None:
        if not isinstance(event, ContextChanged):
            return
        if event.state == OPENED:
            log.warning("system %s keeps failing: it is not asked for %g s", name, self._seconds)
        elif event.state == CLOSED:
            log.warning("system %s answers again", name)


async def _report(breaker: Breaker, failure: BaseException | None) -> None:
    await breaker.__aexit__(type(failure) if failure else None, failure, None)
