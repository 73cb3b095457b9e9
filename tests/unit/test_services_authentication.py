"""How systems let us in: each kind of authentication, and a token that is fetched, kept, and fetched anew."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from pydantic import SecretStr, TypeAdapter

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services.authentication import Authentication, ClientCredentials, authentication
from ivr.services.system import HttpSystem, Place
from ivr.settings_services import Auth, OAuth2Auth
from tests.unit.fakes_company import AGES, PATIENT, Answering, Waits, serving

SECRET = "a secret & more"
WHERE = "services.systems.billing.auth"
TOKEN_PATH, ASKED_PATH = "/token", "/bills"


def made(**auth: Any) -> Authentication:
    return authentication(TypeAdapter(Auth).validate_python(auth), WHERE)


def billing(url: str, auth: Authentication) -> HttpSystem:
    return HttpSystem(Place("billing", url.rstrip("/"), "services.systems.billing.url", WHERE), auth, PATIENT, Waits())


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"kind": "bearer", "token": SECRET}, "Authorization", f"Bearer {SECRET}"),
        ({"kind": "basic", "user": "devam", "password": "ş:x"}, "Authorization", "Basic ZGV2YW06xZ86eA=="),
        ({"kind": "header", "name": "X-Api-Key", "value": SECRET}, "X-Api-Key", SECRET),
        ({"kind": "none"}, "Authorization", None),
    ],
)
async def test_every_request_shows_it(auth: dict[str, str], header: str, value: str | None) -> None:
    answering = Answering(b"{}")
    async with serving(answering) as server, billing(str(server.make_url("/")), made(**auth)) as system:
        await system.request("bill.current", "GET", "/bills")
    [(request, _)] = answering.requests
    assert request.headers.get(header) == value


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_names_the_setting_and_no_secret(status: int) -> None:
    auth = made(kind="bearer", token=SECRET)
    async with serving(Answering(status=status)) as server, billing(str(server.make_url("/")), auth) as system:
        with pytest.raises(ServiceError, match=r"services\.systems\.billing\.auth") as caught:
            await system.request("bill.current", "GET", "/bills", again=True)
    assert caught.value.reason == "rejected"
    assert SECRET not in str(caught.value)


class TokenServer:
    """A system with its token server. `valid`: the tokens that are let in; `lifetime`: seconds that are told."""

    def __init__(self) -> None:
        self.lifetime: float | None = 3600
        self.forms: list[dict[str, list[str]]] = []
        self.authorizations: list[str] = []
        self.shown: list[str] = []
        self.refused: set[str] = set()
        self.answer: web.Response | None = None  # in place of a token
        self.asked = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    @property
    def fetched(self) -> int:
        return len(self.forms)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if request.path == TOKEN_PATH:
            self.forms.append(parse_qs(await request.text()))
            self.authorizations.append(request.headers["Authorization"])
            self.asked.set()
            await self.open.wait()
            return self.answer or web.json_response(self._token())
        token = request.headers["Authorization"].removeprefix("Bearer ")
        self.shown.append(token)
        return web.json_response({}, status=401 if token in self.refused else 200)

    def _token(self) -> Json:
        lifetime = {} if self.lifetime is None else {"expires_in": self.lifetime}
        return {"access_token": f"token-{self.fetched}", "token_type": "Bearer", **lifetime}


class Billing:
    """The system behind the token server, with a clock that the test moves."""

    def __init__(self, url: str, scope: str = "") -> None:
        self.now = 0.0
        auth = OAuth2Auth(
            kind="oauth2",
            token_url=url + TOKEN_PATH,
            client_id="devam:1",
            client_secret=SecretStr(SECRET),
            scope=scope,
        )
        self.system = billing(url, ClientCredentials(auth, WHERE, lambda: self.now))

    async def ask(self) -> Json:
        return await self.system.request("bill.current", "GET", ASKED_PATH)


async def test_a_token_is_fetched_once_and_kept() -> None:
    tokens = TokenServer()
    async with serving(tokens) as server:
        company = Billing(str(server.make_url("/")).rstrip("/"), scope="bills read")
        async with company.system:
            for _ in range(3):
                assert await company.ask() == {}
    assert tokens.forms == [{"grant_type": ["client_credentials"], "scope": ["bills read"]}]
    # Both are form-encoded before they are joined: RFC 6749, 2.3.1.
    shown = base64.b64decode(tokens.authorizations[0].removeprefix("Basic ")).decode()
    assert shown == "devam%3A1:a+secret+%26+more"
    assert tokens.shown == ["token-1"] * 3


@pytest.mark.parametrize(("lifetime", "kept"), [(100.0, 90.0), (None, 540.0)])
async def test_a_token_is_fetched_anew_before_it_ends(lifetime: float | None, kept: float) -> None:
    tokens = TokenServer()
    tokens.lifetime = lifetime
    async with serving(tokens) as server:
        company = Billing(str(server.make_url("/")).rstrip("/"))
        async with company.system:
            for company.now in (0.0, kept - 0.1, kept):
                await company.ask()
    assert tokens.shown == ["token-1", "token-1", "token-2"]


async def test_a_token_that_is_refused_is_fetched_anew_once() -> None:
    tokens = TokenServer()
    tokens.refused = {"token-1"}
    async with serving(tokens) as server:
        company = Billing(str(server.make_url("/")).rstrip("/"))
        async with company.system:
            assert await company.ask() == {}
            tokens.refused = {f"token-{number}" for number in range(10)}
            with pytest.raises(ServiceError, match="401"):
                await company.ask()
    assert tokens.shown == ["token-1", "token-2", "token-2", "token-3"]


async def test_twenty_at_once_fetch_one_token() -> None:
    tokens = TokenServer()
    async with serving(tokens) as server:
        company = Billing(str(server.make_url("/")).rstrip("/"))
        async with company.system:
            assert await asyncio.gather(*(company.ask() for _ in range(20))) == [{}] * 20
            assert tokens.fetched == 1
            tokens.refused = {"token-1"}
            assert await asyncio.gather(*(company.ask() for _ in range(20))) == [{}] * 20
    assert tokens.fetched == 2


async def test_who_hangs_up_while_a_token_is_fetched_stops_nobody_else() -> None:
    tokens = TokenServer()
    tokens.open.clear()
    async with serving(tokens) as server:
        company = Billing(str(server.make_url("/")).rstrip("/"))
        async with company.system:
            first = asyncio.create_task(company.ask(), name="first")
            async with asyncio.timeout(AGES):
                await tokens.asked.wait()
            second = asyncio.create_task(company.ask(), name="second")
            await asyncio.sleep(0)
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            tokens.open.set()
            assert await second == {}


@pytest.mark.parametrize(
    ("status", "body", "reason", "told"),
    [
        (400, b'{"error": "invalid_client"}', "rejected", "client_secret"),
        (401, b"", "rejected", "client_secret"),
        (500, b"", "unavailable", "token_url"),
        (302, b"", "unavailable", "token_url"),
        (200, b"<html>", "nonsense", "not JSON"),
        (200, b"[]", "nonsense", "token_url"),
        (200, b"", "nonsense", "token_url"),
        (200, b'{"access_token": ""}', "nonsense", "token_url"),
        (200, b'{"access_token": "two words"}', "nonsense", "token_url"),
        (200, b'{"access_token": "x\\r\\nHost: evil"}', "nonsense", "token_url"),
        (200, b'{"access_token": "x", "token_type": "mac"}', "nonsense", "token_url"),
        (200, b'{"access_token": "x", "expires_in": 0}', "nonsense", "token_url"),
        (200, b'{"access_token": "x", "expires_in": "long"}', "nonsense", "token_url"),
    ],
)
async def test_a_token_server_that_gives_none(status: int, body: bytes, reason: str, told: str) -> None:
    tokens = TokenServer()
    tokens.answer = web.Response(status=status, body=body, headers={"Location": "/elsewhere"})
    async with serving(tokens) as server:
        company = Billing(str(server.make_url("/")).rstrip("/"))
        async with company.system:
            with pytest.raises(ServiceError, match=told) as caught:
                await company.ask()
    assert caught.value.reason == reason
    assert "secret &" not in str(caught.value)
    assert tokens.shown == []


async def test_secrets_and_tokens_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = TokenServer()
    async with serving(tokens) as server:
        company = Billing(str(server.make_url("/")).rstrip("/"))
        async with company.system:
            await company.ask()
            tokens.refused = {f"token-{number}" for number in range(10)}
            with pytest.raises(ServiceError) as caught:
                await company.ask()
    for secret in (SECRET, "token-1", "token-2", json.dumps(SECRET), base64.b64encode(SECRET.encode()).decode()):
        assert secret not in caplog.text + str(caught.value)
