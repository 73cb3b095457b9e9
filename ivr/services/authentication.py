"""How one of the company's systems knows that it is we who ask. Touches the network where a token has to be fetched.

Secrets and tokens are in memory only, and in the headers of requests; never in a log line or an error.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import quote_plus

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from yarl import URL

from ivr.errors import ServiceError
from ivr.services.exchange import Answer, exchange, read_json
from ivr.settings_services import Auth, BasicAuth, BearerAuth, HeaderAuth, OAuth2Auth

_EARLIER = 0.1  # of its lifetime a token is fetched anew before it ends
_UNTOLD_SECONDS = 600.0  # a lifetime that was not told

Clock = Callable[[], float]


class Authentication(Protocol):
    """Gives the headers that let a request in."""

    async def headers(self, session: aiohttp.ClientSession, service: str) -> Mapping[str, str]:
        """The headers of the next request. Raises `ServiceError` when there are none to be had."""
        ...

    def refused(self, headers: Mapping[str, str]) -> bool:
        """These were refused (status 401). Whether others may be accepted."""
        ...


class Fixed:
    """The same headers for every request."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    async def headers(self, session: aiohttp.ClientSession, service: str) -> Mapping[str, str]:
        """The headers."""
        return self._headers

    def refused(self, headers: Mapping[str, str]) -> bool:
        """There are no others."""
        return False


class _Token(BaseModel):
    """What a token server answers (RFC 6749, 5.1)."""

    model_config = ConfigDict(extra="ignore")

    access_token: str = Field(pattern=r"^[\x21-\x7e]+$")
    token_type: str = Field(default="bearer", pattern=r"^(?i:bearer)$")
    expires_in: float = Field(default=_UNTOLD_SECONDS, gt=0)


class ClientCredentials:
    """OAuth 2 client credentials. The token is fetched when first needed, and by one request at a time.

    `setting` is where the settings hold them, for messages.
    """

    def __init__(self, auth: OAuth2Auth, setting: str, clock: Clock = time.monotonic) -> None:
        self._auth = auth
        self._setting = setting
        self._clock = clock
        self._kept: Mapping[str, str] | None = None
        self._until = 0.0
        self._fetching = asyncio.Lock()

    async def headers(self, session: aiohttp.ClientSession, service: str) -> Mapping[str, str]:
        """The kept token, or a new one."""
        async with self._fetching:
            if self._kept is None or self._clock() >= self._until:
                token = await self._fetch(session, service)
                self._kept = {"Authorization": f"Bearer {token.access_token}"}
                self._until = self._clock() + token.expires_in * (1 - _EARLIER)
            return self._kept

    def refused(self, headers: Mapping[str, str]) -> bool:
        """Forget the token, unless another request has fetched a newer one meanwhile."""
        if self._kept is headers:
            self._kept = None
        return True

    async def _fetch(self, session: aiohttp.ClientSession, service: str) -> _Token:
        auth = self._auth
        form = {"grant_type": "client_credentials"} | ({"scope": auth.scope} if auth.scope else {})
        # RFC 6749, 2.3.1: both are form-encoded before they are joined.
        user, password = quote_plus(auth.client_id), quote_plus(auth.client_secret.get_secret_value())
        answer = await exchange(
            session, service, "POST", URL(auth.token_url), setting=f"{self._setting}.token_url",
            headers=_basic(user, password), form=form,
        )  # fmt: skip
        return self._read(service, answer)

    def _read(self, service: str, answer: Answer) -> _Token:
        if 400 <= answer.status < 500:
            what = f"status {answer.status} from {self._setting}.token_url: is {self._setting}.client_secret right?"
            raise ServiceError(service, "rejected", what)
        if not answer.good:
            raise ServiceError(service, "unavailable", f"status {answer.status} from {self._setting}.token_url")
        try:
            return _Token.model_validate(read_json(service, answer.body))
        except ValidationError:
            raise ServiceError(service, "nonsense", f"{self._setting}.token_url answers no bearer token") from None


def authentication(auth: Auth, setting: str) -> Authentication:
    """What the settings say. `setting` is where they say it."""
    match auth:
        case BearerAuth():
            return Fixed({"Authorization": f"Bearer {auth.token.get_secret_value()}"})
        case BasicAuth():
            return Fixed(_basic(auth.user, auth.password.get_secret_value()))
        case HeaderAuth():
            return Fixed({auth.name: auth.value.get_secret_value()})
        case OAuth2Auth():
            return ClientCredentials(auth, setting)
    return Fixed({})


def _basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
