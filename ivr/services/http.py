"""Asks the company's systems over HTTP. Implements `ivr.call.ports.Services`; may touch the network and nothing else.

Every service is a POST of its arguments as JSON. Arguments and answers are personal data (a PIN is a secret): none of
them is ever in a URL, a log line or an error.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import aiohttp

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services import catalogue

log = logging.getLogger(__name__)

MOST_BYTES = 64 * 1024  # of an answer

_LOST = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)


class HttpServices:
    """The services of the catalogue behind one base URL, with one bearer token. Use it as `async with`."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._open: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the connection pool."""
        self._open = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {self._token}", "Accept-Encoding": "identity"},
            timeout=aiohttp.ClientTimeout(total=None),  # each question brings its own
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # a small body must not unfold into a huge one
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self._session.close()
        self._open = None

    def changes_something(self, service: str) -> bool:
        """Whether the service does something rather than look something up."""
        return catalogue.named(service).changes

    async def ask(
        self, service: str, arguments: Mapping[str, str], *, timeout: float, idempotency_key: str
    ) -> Mapping[str, Json]:
        """Ask and check the answer's shape. Raises `ServiceError` within `timeout` seconds.

        A lost connection is tried once more: the idempotency key, which goes along where something is changed, keeps
        the company from doing it twice.
        """
        entry = catalogue.named(service)
        entry.check_arguments(arguments)
        headers = {"Idempotency-Key": idempotency_key} if entry.changes else {}
        try:
            async with asyncio.timeout(timeout):
                body = await self._persist(entry, arguments, headers)
        except TimeoutError:
            raise ServiceError(service, "timeout", f"no answer within {timeout:g} s") from None
        except aiohttp.ClientError as error:
            what = f"{type(error).__name__}; is services.url right, and is that system running?"
            raise ServiceError(service, "unavailable", what) from None
        return entry.check_answer(body)

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._open is None:
            raise RuntimeError("HttpServices is used outside of its `async with`")
        return self._open

    async def _persist(
        self, entry: catalogue.Service, arguments: Mapping[str, str], headers: Mapping[str, str]
    ) -> bytes:
        try:
            return await self._exchange(entry, arguments, headers)
        except _LOST as error:  # the idempotency key keeps a change from being made twice
            log.info("%s: %s, asking once more", entry.name, type(error).__name__)
            return await self._exchange(entry, arguments, headers)

    async def _exchange(
        self, entry: catalogue.Service, arguments: Mapping[str, str], headers: Mapping[str, str]
    ) -> bytes:
        async with self._session.post(
            self._url + entry.path, json=dict(arguments), headers=headers, allow_redirects=False
        ) as response:
            _check_status(entry.name, response.status)
            return await _read(entry.name, response)


def _check_status(service: str, status: int) -> None:
    if 200 <= status < 300:
        return
    if status in (401, 403):
        raise ServiceError(service, "rejected", f"status {status}: services.token is not accepted")
    raise ServiceError(service, "rejected" if 400 <= status < 500 else "unavailable", f"status {status}")


async def _read(service: str, response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MOST_BYTES:
            raise ServiceError(service, "nonsense", f"the answer is longer than {MOST_BYTES} bytes")
    return bytes(body)
