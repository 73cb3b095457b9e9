"""One HTTP request and its answer, on guard against what a server may send. Touches the network and nothing else.

Numbers, names and secrets go over here: nothing of a request or an answer is ever in a log line or an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from pydantic_core import from_json
from yarl import URL

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services.retrying import PassingError

MOST_BYTES = 256 * 1024  # of an answer

_LOST = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Of anything but success the body is not read."""

    status: int
    retry_after: str
    body: bytes = field(repr=False)

    @property
    def good(self) -> bool:
        """Whether it is a success."""
        return 200 <= self.status < 300


def open_session() -> aiohttp.ClientSession:
    """A connection pool that keeps nothing from one request to the next."""
    session = aiohttp.ClientSession(
        headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        timeout=aiohttp.ClientTimeout(total=None),  # each question brings its own
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,  # a small body must not unfold into a huge one
    )
    # It would send a GET, PUT or DELETE once more by itself, which is for who asks to decide. There is no public way.
    session._retry_connection = False
    return session


async def exchange(
    session: aiohttp.ClientSession,
    service: str,
    method: str,
    url: URL,
    *,
    setting: str,
    headers: Mapping[str, str],
    json: Json = None,
    form: Mapping[str, str] | None = None,
) -> Answer:
    """Send and read. `service` and `setting`, the one that holds the address, are only for messages.

    Raises `PassingError` when the connection was lost, `ServiceError` for what is no HTTP or too long.
    """
    content: dict[str, Any] = {"data": dict(form)} if form else {} if json is None else {"json": json}
    try:
        async with session.request(method, url, headers=headers, allow_redirects=False, **content) as response:
            body = await _read(service, response) if response.status // 100 == 2 else b""
            return Answer(response.status, response.headers.get("Retry-After", ""), body)
    except _LOST as error:
        what = f"{type(error).__name__}; is {setting} right, and is that system running?"
        raise PassingError(service, "unavailable", what) from None
    except aiohttp.ClientError as error:
        raise ServiceError(
            service, "unavailable", f"{type(error).__name__}; does {setting} lead to an HTTP server?"
        ) from None


async def _read(service: str, response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MOST_BYTES:
            raise ServiceError(service, "nonsense", f"the answer is longer than {MOST_BYTES} bytes")
    return bytes(body)


def read_json(service: str, body: bytes) -> Json:
    """The JSON of a body; None for an empty one. Raises `ServiceError` ("nonsense")."""
    if not body.strip():
        return None
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError:
        raise ServiceError(service, "nonsense", "the answer is not JSON") from None
