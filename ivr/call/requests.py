"""What one call asks of the company: owns the tasks that ask, and turns what comes of them into events.

Every command that asks ends with exactly one event, whatever happens, unless the call ends before.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from context_store.records import Json
from ivr.call.ports import Services
from ivr.deadline import within
from ivr.errors import ServiceError
from ivr.flow.commands import AskService, LookUp
from ivr.flow.events import Event, LookedUp, ServiceAnswered, ServiceFailed

log = logging.getLogger(__name__)

# Asked again within one visit of a node, it is to be done again: a caller whose code did not come wants another.
_ANEW = frozenset({"code.send"})


class Requests:
    """The requests of one call, whose id the log shows. `put` takes the events; `close` when the call is over."""

    def __init__(self, services: Services, call: str, put: Callable[[Event], None]) -> None:
        self._services = services
        self._call = call
        self._put = put
        self._tasks: set[asyncio.Task[None]] = set()
        self.changing = False  # whether the last one changes something

    def make(self, request: AskService | LookUp, run: str) -> None:
        """Begin to ask. `run` is that of the flow (`Progress.run`)."""
        if isinstance(request, AskService):
            self.changing = self._services.changes_something(request.service)
            work = self._ask(request, _key(run, request))
        else:
            self.changing = False
            work = self._look_up(request, _key(run, request))
        task = asyncio.create_task(work, name=f"request {request.id} of call {self._call}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Nobody waits for the answers any more."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, ask: AskService, key: str) -> None:
        event: Event
        try:
            result = await self._answer(ask.service, ask.arguments, ask.timeout, key)
            event = ServiceAnswered(time.time(), ask.id, result, self._services.changes_something(ask.service))
        except ServiceError as error:
            event = ServiceFailed(time.time(), ask.id, error.reason)
        self._put(event)

    async def _look_up(self, look_up: LookUp, key: str) -> None:
        answers: dict[str, Mapping[str, Json]] = {}
        failures = dict.fromkeys(look_up.lookups, "timeout")  # until the answer is there

        async def one(name: str) -> None:
            lookup = look_up.lookups[name]
            try:
                answers[name] = await self._answer(lookup.service, lookup.arguments, look_up.timeout, key)
                del failures[name]
            except ServiceError as error:
                failures[name] = error.reason

        with suppress(TimeoutError):
            # Whoever is asked sees this limit: a system that never answers in time has failed, not we hung up on it.
            async with within(look_up.timeout), asyncio.TaskGroup() as tasks:
                for name in look_up.lookups:
                    tasks.create_task(one(name), name=f"look up {name}")
        self._put(LookedUp(time.time(), look_up.id, answers, failures))

    async def _answer(self, service: str, arguments: Mapping[str, str], timeout: float, key: str) -> Mapping[str, Json]:
        """Raises nothing but `ServiceError`."""
        try:
            return await self._services.ask(service, arguments, timeout=timeout, idempotency_key=key)
        except ServiceError as error:
            log.warning("call %s: %s", self._call, error)
            raise
        except Exception:
            log.exception("call %s: %s failed in an unforeseen way", self._call, service)
            raise ServiceError(service, "unavailable") from None


def _key(run: str, request: AskService | LookUp) -> str:
    """The idempotency key: the same for the same visit of a node in the same run of a flow, so that a retry, who takes
    the call over from the last saved progress, or the caller who goes on in another call, cannot open a second ticket.

    The request's own id is not in it: a retry has another, and ids are not saved at every step. What has to be done
    anew within a visit gets it nevertheless. There, one that repeats (a takeover that begins where the request was
    saved) does not send twice, and one that does not sends one code too many, which harms nobody.
    """
    key = f"{run}:{request.node}:{request.visit}"
    anew = isinstance(request, AskService) and request.service in _ANEW
    return f"{key}:{request.id}" if anew else key
