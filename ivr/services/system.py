"""One of the company's systems over HTTP. Implements `ivr.services.adapters.System`; touches the network only.

A question passes, from outside to inside: tries, circuit, time-out, a token that may have to be fetched, request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services.adapters import NotThere
from ivr.services.authentication import Authentication
from ivr.services.circuit import Circuit
from ivr.services.exchange import Answer, exchange, open_session, read_json
from ivr.services.retrying import PassingError, Sleep, retried
from ivr.settings_services import Limits

_PASSING = (502, 503, 504)


@dataclass(frozen=True, slots=True)
class _Question:
    service: str
    method: str
    url: URL = field(repr=False)
    body: Json = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a system is, and which settings say so: those that messages name."""

    name: str
    url: str
    url_setting: str
    auth_setting: str


class HttpSystem:
    """Asks one system. Use it as `async with`."""

    def __init__(
        self, place: Place, authentication: Authentication, limits: Limits, sleep: Sleep = asyncio.sleep
    ) -> None:
        self.place = place
        self._authentication = authentication
        self._limits = limits
        self._sleep = sleep
        self._circuit = Circuit(place.name, limits.breaker_failures, limits.breaker_seconds)
        self._open: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the connection pool."""
        self._open = open_session()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self._session.close()
        self._open = None

    async def request(
        self,
        service: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json = None,
        headers: Mapping[str, str] | None = None,
        again: bool = False,
    ) -> Json:
        """The JSON that it answers; None for an empty answer. See `System`. `path` begins with a slash."""
        question = _Question(service, method, self._url(path, query or {}), body, headers or {})
        return await retried(lambda: self._guarded(question), self._limits.tries if again else 1, self._sleep)

    async def status(self, service: str) -> int:
        """The status that it answers to a look at its base address, to see whether it is there and lets us in.

        Raises `ServiceError`. Nothing is tried again, and no circuit is in the way.
        """
        url = URL(self.place.url)
        return (await self._in_time(_Question(service, "GET", url, None, {}))).status

    def _url(self, path: str, query: Mapping[str, str]) -> URL:
        if not path.startswith("/"):  # it would become part of the host's name
            raise ValueError("a path begins with a slash")
        url = URL(self.place.url.rstrip("/") + path)
        return url.update_query(query) if query else url

    async def _guarded(self, question: _Question) -> Json:
        return await self._circuit.ask(question.service, lambda: self._answered(question))

    async def _answered(self, question: _Question) -> Json:
        answer = await self._in_time(question)
        self._check(question.service, answer)
        return read_json(question.service, answer.body)

    async def _in_time(self, question: _Question) -> Answer:
        seconds = self._limits.request_seconds
        try:
            async with asyncio.timeout(seconds):
                return await self._let_in(question)
        except TimeoutError:
            what = f"the system {self.place.name} gave no answer within {seconds:g} s"
            raise ServiceError(question.service, "timeout", what) from None

    async def _let_in(self, question: _Question) -> Answer:
        keys = await self._authentication.headers(self._session, question.service)
        answer = await self._exchange(question, keys)
        if answer.status == 401 and self._authentication.refused(keys):
            keys = await self._authentication.headers(self._session, question.service)
            answer = await self._exchange(question, keys)
        return answer

    async def _exchange(self, question: _Question, keys: Mapping[str, str]) -> Answer:
        return await exchange(
            self._session,
            question.service,
            question.method,
            question.url,
            setting=self.place.url_setting,
            headers={**question.headers, **keys},
            json=question.body,
        )

    def _check(self, service: str, answer: Answer) -> None:
        """Raise what a status means that is no success."""
        status, what = answer.status, f"status {answer.status} from the system {self.place.name}"
        if answer.good:
            return
        if status == 404:
            raise NotThere(service)
        if status in (401, 403):
            raise ServiceError(service, "rejected", f"{what}: it does not accept {self.place.auth_setting}")
        if status == 429 and answer.retry_after.isdecimal():
            raise PassingError(service, "rejected", what, float(answer.retry_after))
        if status in _PASSING:
            wanted = float(answer.retry_after) if answer.retry_after.isdecimal() else 0.0
            raise PassingError(service, "unavailable", what, wanted)
        raise ServiceError(service, "rejected" if 400 <= status < 500 else "unavailable", what)

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._open is None:
            raise RuntimeError("the system is used outside of its `async with`")
        return self._open
