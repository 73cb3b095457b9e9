"""A system over HTTP whose server misbehaves in every way: each ends in one reason, in time, and tells nothing."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import socket

import pytest
from aiohttp import web

from ivr.errors import ServiceError
from ivr.services.exchange import MOST_BYTES
from ivr.settings_services import Limits
from tests.unit.fakes_company import (
    AGES,
    CLAIM,
    LINE,
    PIN,
    TOKEN,
    UNPROVEN,
    Answering,
    Dropping,
    failure,
    never,
    open_ticket,
    plainly,
    prove,
    system_at,
    talking_to,
)


async def test_what_is_sent() -> None:
    answering = Answering()
    async with talking_to(answering, "/company/v2") as services:
        assert await prove(services) == {"proved": False}
    [(request, body)] = answering.requests
    assert (request.method, request.raw_path) == ("POST", "/company/v2/directory/prove")
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert json.loads(body) == CLAIM
    assert "Idempotency-Key" not in request.headers


async def test_a_change_carries_its_key() -> None:
    answering = Answering(b'{"number": "480001", "appointment": null}')
    async with talking_to(answering) as services:
        assert await open_ticket(services) == {"number": "480001", "appointment": None}
    [(request, _)] = answering.requests
    assert request.headers["Idempotency-Key"] == "c:open:1"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        *((status, "rejected") for status in (400, 401, 403, 404, 409, 413, 422, 429)),
        *((status, "unavailable") for status in (304, 500, 502, 503, 504)),
        (204, "nonsense"),
    ],
)
async def test_status(status: int, reason: str) -> None:
    answering = Answering(b"" if status in (204, 304) else UNPROVEN, status)
    async with talking_to(answering, limits=Limits(tries=1)) as services:
        assert await failure(prove(services)) == reason
    assert answering.asked == 1


async def test_a_redirect_is_not_followed() -> None:
    answering = Answering(status=307, headers={"Location": "/elsewhere"})
    async with talking_to(answering) as services:
        assert await failure(prove(services)) == "unavailable"
    assert {request.path for request, _ in answering.requests} == {"/directory/prove"}


async def test_a_wrong_token_says_which_setting() -> None:
    async with talking_to(Answering(status=401)) as services:
        with pytest.raises(ServiceError, match=r"services\.token"):
            await prove(services)


async def test_nobody_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        async with plainly(system_at(f"http://127.0.0.1:{bound.getsockname()[1]}")) as services:
            assert await failure(prove(services)) == "unavailable"
            assert await failure(open_ticket(services)) == "unavailable"


async def test_a_look_up_survives_one_lost_connection() -> None:
    dropping = Dropping(1)
    async with talking_to(dropping) as services:
        assert await prove(services) == {"proved": False}
    assert dropping.asked == 2


async def test_a_look_up_is_not_tried_for_ever() -> None:
    dropping = Dropping(100)
    async with talking_to(dropping) as services:
        assert await failure(prove(services)) == "unavailable"
    assert dropping.asked == 3


async def test_a_change_is_tried_again_with_the_same_key() -> None:
    dropping = Dropping(100)
    async with talking_to(dropping) as services:
        assert await failure(open_ticket(services)) == "unavailable"
    assert dropping.asked == 3
    assert len(set(dropping.keys)) == 1
    assert dropping.keys[0]


async def test_an_answer_that_breaks_off() -> None:
    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(UNPROVEN)
        assert request.transport
        request.transport.close()
        return response

    async with talking_to(half) as services:
        assert await failure(prove(services)) == "unavailable"


async def test_something_else_than_http() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n\r\n")
        await writer.drain()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with plainly(system_at(f"http://127.0.0.1:{port}")) as services:
            assert await failure(prove(services)) == "unavailable"


@pytest.mark.parametrize("timeout", [0.05, 0.0, -1.0])
async def test_no_answer_in_time(timeout: float) -> None:
    async with talking_to(never) as services:
        assert await failure(prove(services, timeout)) == "timeout"
        assert await failure(open_ticket(services, timeout)) == "timeout"


async def test_an_answer_that_stops_in_the_middle() -> None:
    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(UNPROVEN[:5])
        return await never(request)

    async with talking_to(half) as services:
        assert await failure(prove(services, 0.05)) == "timeout"


async def test_both_tries_share_one_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[asyncio.Timeout] = []
    real = asyncio.timeout

    def watched(delay: float | None) -> asyncio.Timeout:
        timeout = real(delay)
        if delay == AGES:  # aiohttp has time-outs of its own
            started.append(timeout)
        return timeout

    async def drop_then_let_the_time_pass(request: web.Request) -> web.StreamResponse:
        if dropping.asked:
            started[0].reschedule(asyncio.get_running_loop().time())
            return await never(request)
        return await dropping(request)

    dropping = Dropping(1)
    monkeypatch.setattr(asyncio, "timeout", watched)
    async with talking_to(drop_then_let_the_time_pass) as services:
        assert await failure(prove(services)) == "timeout"
    assert len(started) == 1


async def test_cancelling_the_question_ends_it() -> None:
    arrived = asyncio.Event()

    async def arrive(request: web.Request) -> web.StreamResponse:
        arrived.set()
        return await never(request)

    async with talking_to(arrive) as services:
        asking = asyncio.create_task(prove(services), name="asking")
        await arrived.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking


@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b"[]", b'{"proved": "false"}', b'{"proved": true}', b"\xff"])
async def test_nonsense(body: bytes) -> None:
    async with talking_to(Answering(body)) as services:
        assert await failure(prove(services)) == "nonsense"


async def test_the_longest_answer() -> None:
    async with talking_to(Answering(UNPROVEN.ljust(MOST_BYTES))) as services:
        assert await prove(services) == {"proved": False}
    async with talking_to(Answering(UNPROVEN.ljust(MOST_BYTES + 1))) as services:
        assert await failure(prove(services)) == "nonsense"


async def test_an_answer_without_end() -> None:
    async def pour(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" " * 4096)

    async with talking_to(pour) as services:
        assert await failure(prove(services)) == "nonsense"


async def test_a_packed_answer_is_not_unfolded() -> None:
    packed = gzip.compress(UNPROVEN.ljust(10 * MOST_BYTES))
    async with talking_to(Answering(packed, headers={"Content-Encoding": "gzip"})) as services:
        assert await failure(prove(services)) == "nonsense"


async def test_outside_of_its_block() -> None:
    services = plainly(system_at("http://127.0.0.1:9"))
    with pytest.raises(RuntimeError, match="async with"):
        await prove(services)
    async with services:
        pass
    with pytest.raises(RuntimeError, match="async with"):
        await prove(services)


async def test_nothing_that_was_asked_or_answered_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    name = "Ayşe Yılmaz"
    wrong = json.dumps({"proved": True, "customer": {"id": "C1", "name": name}, "lines": [{"number": LINE}]}).encode()
    for handler, reason in (
        (Answering(wrong), "nonsense"),
        (Answering(wrong, 400), "rejected"),
        (Answering(wrong, 500), "unavailable"),
        (Dropping(4), "unavailable"),
        (never, "timeout"),
    ):
        async with talking_to(handler) as services:
            assert await failure(prove(services, 0.05 if handler is never else AGES)) == reason
    assert "directory.prove" in caplog.text  # the second try is told
    for secret in (LINE, LINE[1:], PIN, TOKEN, name):
        assert secret not in caplog.text
