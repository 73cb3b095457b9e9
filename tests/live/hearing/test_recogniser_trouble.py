"""Recognisers that die, hang, are missing, full, far away or talk nonsense: calls go on with keys, and each counts."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web

from ivr.sandbox.daemon import Daemon
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.ports import Ports
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import live_feed
from tests.live.calls.visit import Visit, stranger
from tests.live.hearing.counted import children
from tests.live.hearing.talk import Talk, clip, hearing, talking, understood, until_heard

LONG = "5"  # the key of the question that is asked
SPOKEN, FOR_KEYS = "long_question_spoken", "long_question"

Instead = Callable[[Mapping[str, str]], AbstractAsyncContextManager[Talk]]
Answer = Callable[[web.WebSocketResponse], Awaitable[object]]


@pytest.fixture
def instead(sandbox: Sandbox, product: Hotline, overrides: dict[str, str], network: Network) -> Instead:
    """Has a controller with other settings take the place of the usual one."""

    @asynccontextmanager
    async def instead(others: Mapping[str, str]) -> AsyncIterator[Talk]:
        await product.controller.stop()
        other = Hotline(sandbox, overrides | dict(others)).controller
        try:
            await other.start()
            async with live_feed(sandbox.settings.web) as live:
                yield talking(network, live, sandbox)
        finally:
            await other.stop()
            await product.controller.start()

    return instead


async def goes_on_with_keys(visit: Visit) -> None:
    """The key counts, and the next question is the one for those who have keys."""
    await visit.presses("2")
    assert (await visit.note("pressed"))["choice"] == "support"
    assert await visit.hears_next() == ["thanks"]
    assert await visit.hears_next() == [FOR_KEYS]
    await visit.presses("1")
    assert (await visit.note("pressed"))["choice"] == "invoice"


async def is_understood(talk: Talk) -> None:
    """A caller who calls now is heard."""
    visit = await talk(stranger(), LONG)
    await visit.hears(SPOKEN)
    await visit.caller.say(clip("en/us1_invoice"))
    assert await understood(visit) == "invoice"


async def has_keys(talk: Talk) -> None:
    """A caller who calls now has keys only."""
    visit = await talk(stranger(), LONG, heard=False)
    await visit.hears(FOR_KEYS)
    await goes_on_with_keys(visit)


async def becomes_deaf(visit: Visit) -> None:
    assert (await visit.next_of("deaf", "spoke", "doubted", "nomatch"))["kind"] == "deaf"


async def until_unheard(sandbox: Sandbox) -> None:
    """Nobody is heard any more."""
    async with asyncio.timeout(10):
        while True:
            if not (await hearing(sandbox.settings.web))["languages"]:
                return
            await asyncio.sleep(0.1)


def recogniser_of(product: Hotline) -> int:
    assert product.controller.pid
    [child] = children(product.controller.pid, "recogniser")
    return child


async def test_one_that_is_killed_while_callers_speak(talk: Talk, product: Hotline, sandbox: Sandbox) -> None:
    visits = [await talk(stranger(), LONG) for _ in range(3)]
    for visit in visits:
        await visit.hears(SPOKEN)
    speaking = [asyncio.create_task(visit.caller.say(clip("en/us1_invoice")), name="speaking") for visit in visits[:2]]
    await asyncio.sleep(0.3)
    os.kill(recogniser_of(product), signal.SIGKILL)
    for visit in visits:
        await becomes_deaf(visit)
    await has_keys(talk)
    await asyncio.gather(*speaking, *(goes_on_with_keys(visit) for visit in visits))
    await until_heard(sandbox.settings.web)
    await is_understood(talk)


async def test_one_that_hangs(talk: Talk, product: Hotline, sandbox: Sandbox) -> None:
    visit = await talk(stranger(), LONG)
    await visit.hears(SPOKEN)
    hung = recogniser_of(product)
    os.kill(hung, signal.SIGSTOP)
    await visit.caller.say(clip("en/us1_invoice"))
    await becomes_deaf(visit)
    await goes_on_with_keys(visit)
    await visit.hangs_up()
    await until_unheard(sandbox)  # the controller notices, too, and ends it
    await has_keys(talk)
    await until_heard(sandbox.settings.web)
    assert recogniser_of(product) != hung
    await is_understood(talk)


async def test_a_moment_is_not_noticed(talk: Talk, product: Hotline) -> None:
    visit = await talk(stranger(), LONG)
    await visit.hears(SPOKEN)
    speaking = asyncio.create_task(visit.caller.say(clip("en/us1_invoice")), name="speaking")
    await asyncio.sleep(0.3)
    os.kill(recogniser_of(product), signal.SIGSTOP)
    await asyncio.sleep(0.5)
    os.kill(recogniser_of(product), signal.SIGCONT)
    await speaking
    assert await understood(visit) == "invoice"


async def test_no_models(instead: Instead, sandbox: Sandbox, tmp_path: Path) -> None:
    async with instead({"DEVAM_HEARING__MODELS": str(tmp_path)}) as talk:
        await has_keys(talk)
        assert (await hearing(sandbox.settings.web))["languages"] == []
        log = (sandbox.folder / "controller.log").read_text(encoding="utf-8")
        assert "no speech model for en: keys only; `ivr models get en" in log


async def test_another_recogniser_serves_instead(
    instead: Instead, sandbox: Sandbox, overrides: dict[str, str], tmp_path: Path
) -> None:
    """By its address alone; one at a time, and whoever comes beside that has keys."""
    port = Ports(prefer_usual=False).tcp(0)
    remote = _remote(port, overrides["DEVAM_HEARING__MODELS"], tmp_path)
    await remote.start()
    try:
        async with instead(_served_by(f"ws://127.0.0.1:{port}/en", tmp_path)) as talk:
            await until_heard(sandbox.settings.web)
            await is_understood(talk)
            first, second = [await talk(stranger(), LONG) for _ in range(2)]
            for visit in (first, second):
                await visit.hears(SPOKEN)
            speaking = asyncio.create_task(first.caller.say(clip("en/us1_technical_support")), name="speaking")
            await asyncio.sleep(0.3)
            await second.caller.say(clip("en/us1_invoice"))
            await speaking
            assert await understood(first) == "technical support"
            await becomes_deaf(second)
            await goes_on_with_keys(second)
            remote.kill()
            await becomes_deaf(first)
            await goes_on_with_keys(first)
            await has_keys(talk)
            await remote.start()
            await until_heard(sandbox.settings.web)
            await is_understood(talk)
    finally:
        await remote.stop()


def _remote(port: int, models: str, folder: Path) -> Daemon:
    async def ready() -> bool:
        return " at a time, at ws://" in (folder / "remote.log").read_text(encoding="utf-8")

    options = ("--models", models, "--language", "en", "--port", str(port), "--places", "1")
    command = [sys.executable, "-m", "ivr", "recogniser", *options]
    return Daemon("a recogniser", command, log=folder / "remote.log", ready=ready, environment=os.environ)


def _served_by(address: str, no_models: Path) -> dict[str, str]:
    return {"DEVAM_HEARING__SERVERS": json.dumps({"en": address}), "DEVAM_HEARING__MODELS": str(no_models)}


class Nonsense:
    """A server that is there, and answers sound with whatever `answer` sends."""

    def __init__(self) -> None:
        self.answer: Answer = _nothing

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        async for message in connection:
            if message.type is WSMsgType.BINARY:
                await self.answer(connection)
            elif "eof" in message.data:
                await connection.send_str('{"text": ""}')
        return connection


async def _nothing(_: web.WebSocketResponse) -> None:
    """Never answer."""


async def _many(connection: web.WebSocketResponse) -> None:
    for _ in range(100):
        await connection.send_str('{"text": 7}')


NONSENSE: dict[str, Answer] = {
    "nothing": _nothing,
    "no JSON": lambda connection: connection.send_str("<html>invoice</html>"),
    "bytes": lambda connection: connection.send_bytes(b"\xff\x00" * 99),
    "other JSON": lambda connection: connection.send_str('{"partial": ["invoice"]}'),
    "too much": lambda connection: connection.send_str('{"partial": "' + "invoice " * 200_000 + '"}'),
    "many": _many,
    "the end": lambda connection: connection.close(code=1011),
}


async def test_nonsense_makes_deaf(instead: Instead, sandbox: Sandbox, tmp_path: Path) -> None:
    server, port = Nonsense(), Ports(prefer_usual=False).tcp(0)
    app = web.Application()
    app.router.add_get("/", server.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        async with instead(_served_by(f"ws://127.0.0.1:{port}/", tmp_path)) as talk:
            for answer in NONSENSE.values():
                await until_heard(sandbox.settings.web)
                server.answer = answer
                visit = await talk(stranger(), LONG)
                await visit.hears(SPOKEN)
                await visit.caller.say(clip("en/us1_invoice"))
                await becomes_deaf(visit)
                await goes_on_with_keys(visit)
                await visit.hangs_up()
    finally:
        await runner.cleanup()
