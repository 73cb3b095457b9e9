"""One key opens one ticket, over a connection that is lost and a back office that dies, by TM Forum and plainly."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services.backoffice import sample
from ivr.services.backoffice.app import make_app
from ivr.services.company import CompanyServices
from ivr.services.tmforum.adapter import SERVICES, TmForum
from ivr.services.tmforum.apis import STANDARD_PATHS, Apis
from tests.unit.fakes_company import TOKEN, plainly, system_at

FAULT = {"line": sample.AYSE.line.number, "symptom": "no_internet", "contact": sample.UNKNOWN_MOBILE}
WAYS = ["tmforum", "plain"]


def company(way: str, url: str) -> CompanyServices:
    """The company at that address; between two tries nobody sleeps."""
    system = system_at(url)
    if way == "plain":
        return plainly(system)
    tmforum = TmForum(Apis({api: (system, path) for api, path in STANDARD_PATHS.items()}))
    return CompanyServices([system], dict.fromkeys(SERVICES, tmforum))


async def opened(way: str, url: str, key: str = "c:open:1") -> Json:
    async with company(way, url) as services:
        answer: Mapping[str, Json] = await services.ask("ticket.open", FAULT, timeout=30, idempotency_key=key)
        return answer["number"]


@asynccontextmanager
async def losing(database: Path, times: int) -> AsyncIterator[str]:
    """A back office whose first answers to changes are lost on their way."""
    left = times

    @web.middleware
    async def lost(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal left
        response = await handler(request)
        if request.method == "POST" and left:
            left -= 1
            assert request.transport
            request.transport.abort()
        return response

    app = make_app(database, TOKEN)
    app.middlewares.append(lost)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))
    assert not left


@asynccontextmanager
async def process(database: Path, *how: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A back office in a process of its own, and its address."""
    command = ("-m", "tests.unit.dying_backoffice", str(database), TOKEN, *how)
    pipe, checkout = asyncio.subprocess.PIPE, Path(__file__).parents[2]
    running = await asyncio.create_subprocess_exec(sys.executable, *command, stdin=pipe, stdout=pipe, cwd=checkout)
    assert running.stdin
    assert running.stdout
    try:
        yield (await running.stdout.readline()).decode().strip(), running
    finally:
        running.stdin.close()
        await running.wait()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("other", WAYS)
async def test_an_answer_that_was_lost(tmp_path: Path, way: str, other: str) -> None:
    async with losing(tmp_path / "backoffice.db", times=2) as url:
        assert await opened(way, url) == "480001"
        assert await opened(other, url) == "480001"
        assert await opened(other, url, "c:open:2") == "480002"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("other", WAYS)
async def test_a_back_office_that_died_between_the_change_and_its_answer(tmp_path: Path, way: str, other: str) -> None:
    database = tmp_path / "backoffice.db"
    async with process(database, "dies") as (url, dead):
        with pytest.raises(ServiceError) as caught:
            await opened(way, url)
        assert caught.value.reason == "unavailable"
        assert await dead.wait() == 9
    async with process(database) as (url, _):
        assert [await opened(one, url) for one in (other, way)] == ["480001", "480001"]
        assert await opened(other, url, "c:open:2") == "480002"


async def test_many_at_once_over_connections_that_are_lost(tmp_path: Path) -> None:
    async with losing(tmp_path / "backoffice.db", times=10) as url, AsyncExitStack() as stack:
        both = [await stack.enter_async_context(company(way, url)) for way in WAYS]
        asked = [one.ask("ticket.open", FAULT, timeout=30, idempotency_key="c:open:1") for one in both * 5]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        told = [answer for answer in answers if not isinstance(answer, BaseException)]
        assert {answer["number"] for answer in told} <= {"480001"}
        assert await opened("plain", url) == "480001"
        assert await opened("tmforum", url, "c:open:2") == "480002"
