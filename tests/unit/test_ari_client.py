from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import pytest

from context_store.records import Json
from ivr.errors import ChannelGone, TelephonyDown, TelephonyRefused, TelephonyTimeout
from ivr.telephony.ari import AriClient
from ivr.telephony.backoff import Backoff
from tests.unit.ari_contract import CONTRACT
from tests.unit.fake_ari import (
    APP,
    PATIENCE,
    Asked,
    FakeAri,
    client_of,
    ignore_connected,
    ignore_event,
    running,
)

SECRET = "+905321234567"


@pytest.fixture(params=["22.10.1", "20.7.0"], ids=["websocket", "http"])
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[FakeAri]:
    """Asterisk with requests on the websocket, and one from before that was possible."""
    async with FakeAri(version=request.param) as fake:
        yield fake


@pytest.mark.parametrize("check", CONTRACT)
async def test_contract(fake: FakeAri, check: Callable[[AriClient], Awaitable[None]]) -> None:
    client = client_of(fake)
    async with running(client.run(ignore_event, ignore_connected)):
        await client.wait_connected(PATIENCE)
        await check(client)


async def test_a_request_arrives_as_it_was_made_on_either_way(fake: FakeAri) -> None:
    fake.answers["POST channels/1.2/play"] = (201, {"id": "p"})
    client = client_of(fake)
    async with running(client.run(ignore_event, ignore_connected)):
        await client.wait_connected(PATIENCE)
        answer = await client.request("POST", "channels/1.2/play", query={"q": "a&b=ş c"}, body={"media": ["x"]})
    assert answer == {"id": "p"}
    way = "websocket" if client.rest_on_websocket else "http"
    assert fake.asked == [Asked("POST", "channels/1.2/play", {"q": "a&b=ş c"}, {"media": ["x"]}, way)]


async def test_answers_may_come_in_any_order(fake: FakeAri) -> None:
    fake.answers |= {f"GET channels/{n}": (200, {"id": str(n)}) for n in range(50)}
    client = client_of(fake)
    async with running(client.run(ignore_event, ignore_connected)):
        await client.wait_connected(PATIENCE)
        answers = await asyncio.gather(*(client.request("GET", f"channels/{n}") for n in range(50)))
    assert [answer["id"] for answer in answers] == [str(n) for n in range(50)]


async def test_what_nobody_waits_for_ends_with_the_client(fake: FakeAri) -> None:
    fake.answers["DELETE playbacks/1"] = None
    ended: list[type[BaseException]] = []

    async def work() -> None:
        try:
            await client.request("DELETE", "playbacks/1")
        except BaseException as error:
            ended.append(type(error))
            raise

    client = client_of(fake)
    client.see_to(work(), "test")  # not connected yet: never begun
    async with running(client.run(ignore_event, ignore_connected)):
        await client.wait_connected(PATIENCE)
        client.see_to(work(), "test")
        await fake.until_asked("DELETE playbacks/1")
        assert not ended
    assert ended
    client.see_to(work(), "test")
    assert len(ended) == 1
    assert len(fake.asked) == 1


async def test_what_nobody_waits_for_may_fail(fake: FakeAri, caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    client = client_of(fake)
    async with running(client.run(ignore_event, ignore_connected)):
        await client.wait_connected(PATIENCE)
        client.see_to(fail(), "test")
        await client.request("GET", f"applications/{APP}")
        assert fake.connections == 1
    assert "test failed in an unforeseen way" in caplog.text


async def test_no_answer_is_a_timeout_and_the_next_request_goes_on(fake: FakeAri) -> None:
    fake.answers["GET channels/slow"] = None
    client = client_of(fake)
    async with running(client.run(ignore_event, ignore_connected)):
        await client.wait_connected(PATIENCE)
        with pytest.raises(TelephonyTimeout, match=r"GET channels/slow within 0\.01 s"):
            await client.request("GET", "channels/slow", timeout=0.01)
        await client.request("GET", f"applications/{APP}")
        assert not client._pending


async def test_a_cancelled_request_leaves_nothing_behind() -> None:
    async with FakeAri(answers={"GET channels/slow": None}) as fake:
        client = client_of(fake)
        async with running(client.run(ignore_event, ignore_connected)):
            await client.wait_connected(PATIENCE)
            request = asyncio.create_task(client.request("GET", "channels/slow"))
            await fake.until_asked("GET channels/slow")
            request.cancel()
            with pytest.raises(asyncio.CancelledError):
                await request
            assert not client._pending


async def test_without_a_connection_a_request_fails_at_once() -> None:
    client = AriClient("127.0.0.1", 1, "devam", "x", APP)
    with pytest.raises(TelephonyDown):
        await client.request("GET", "channels")
    with pytest.raises(TelephonyDown, match="no connection"):
        await client.wait_connected(0.0)


async def test_requests_under_way_fail_when_the_connection_breaks() -> None:
    async with FakeAri(answers={"GET channels/slow": None}) as fake:
        client = client_of(fake)
        async with running(client.run(ignore_event, ignore_connected)):
            await client.wait_connected(PATIENCE)
            request = asyncio.create_task(client.request("GET", "channels/slow"))
            await fake.until_asked("GET channels/slow")
            await fake.drop()
            with pytest.raises(TelephonyDown, match="broke before the answer"):
                await request


async def test_it_connects_again_and_says_so_each_time(fake: FakeAri) -> None:
    connected = asyncio.Queue[None]()
    client = client_of(fake)
    async with running(client.run(ignore_event, lambda: connected.put_nowait(None))):
        for _ in range(3):
            await asyncio.wait_for(connected.get(), PATIENCE)
            assert client.connected
            await client.request("GET", f"applications/{APP}")
            await fake.drop()
        await fake.until_connected(4)


async def test_it_connects_when_asterisk_comes_back(fake: FakeAri) -> None:
    connected = asyncio.Queue[None]()
    client = client_of(fake)
    async with running(client.run(ignore_event, lambda: connected.put_nowait(None))):
        await asyncio.wait_for(connected.get(), PATIENCE)
        await fake.go_away()
        await fake.come_back()
        await asyncio.wait_for(connected.get(), PATIENCE)
        await client.request("GET", f"applications/{APP}")


async def test_wrong_credentials_are_told_and_tried_again(fake: FakeAri, caplog: pytest.LogCaptureFixture) -> None:
    client = client_of(fake, password="not-the-password")
    async with running(client.run(ignore_event, ignore_connected)):
        await fake.until_refused(2)
        assert not client.connected
    assert "asterisk.ari_user and ari_password" in caplog.text
    assert "not-the-password" not in caplog.text
    assert fake.connections == 0


@pytest.mark.parametrize("greeting", [b"SSH-2.0-nonsense\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\n\r\n", b"\x00" * 100_000])
async def test_a_server_that_is_not_asterisk(greeting: bytes, caplog: pytest.LogCaptureFixture) -> None:
    calls = asyncio.Semaphore(0)

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()
        calls.release()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await _calls_again(port, calls)
    assert f"ARI at 127.0.0.1:{port}" in caplog.text


async def test_a_silent_server_does_not_hold_it_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    calls = asyncio.Semaphore(0)

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.release()
        await reader.read()  # to its end
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        await _calls_again(server.sockets[0].getsockname()[1], calls, timeout=0.01)
    assert "TimeoutError" in caplog.text


async def _calls_again(port: int, calls: asyncio.Semaphore, timeout: float = PATIENCE) -> None:
    client = AriClient("127.0.0.1", port, "devam", "x", APP, timeout=timeout, backoff=Backoff(first=0.0, most=0.0))
    async with running(client.run(ignore_event, ignore_connected)):
        for _ in range(4):  # aiohttp itself asks twice when a connection is closed in its face
            await asyncio.wait_for(calls.acquire(), PATIENCE)
        assert not client.connected


async def test_a_connection_that_has_died_silently_is_noticed() -> None:
    async with FakeAri() as fake:
        quiet = AriClient("127.0.0.1", fake.port, "devam", "a-password", APP, heartbeat=0.02)
        fake.pongs = False
        async with running(quiet.run(ignore_event, ignore_connected)):
            await fake.until_connected(2)


HOSTILE = [
    "",
    "not json",
    "[1, 2]",
    "null",
    "3",
    "{}",
    '{"type": null}',
    '{"type": ["StasisStart"]}',
    '{"type": "RESTResponse"}',
    '{"type": "RESTResponse", "request_id": "unknown", "status_code": 200}',
    '{"type": "RESTResponse", "request_id": {"a": 1}, "status_code": "x"}',
    '{"type": "' + "x" * 5_000_000 + '"}',
    "[" * 50_000,
    '{"type": "A", "channel": ' + "9" * 5000 + "}",
    json.dumps({"no_type": SECRET}),
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_malformed_messages_are_ignored(text: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    events = asyncio.Queue[Mapping[str, Json]]()
    async with FakeAri() as fake:
        client = client_of(fake)
        async with running(client.run(events.put_nowait, ignore_connected)):
            await client.wait_connected(PATIENCE)
            await fake.send_text(text)
            await fake.send_bytes(b"\xff\x00")
            await fake.send({"type": "Good"})
            while (await asyncio.wait_for(events.get(), PATIENCE))["type"] != "Good":
                pass
            await client.request("GET", f"applications/{APP}")
            assert fake.connections == 1
    assert SECRET not in caplog.text


async def test_an_answer_without_a_status_is_refused() -> None:
    async with FakeAri(answers={"GET channels/odd": ("x", None)}) as fake:  # type: ignore[dict-item]
        client = client_of(fake)
        async with running(client.run(ignore_event, ignore_connected)):
            await client.wait_connected(PATIENCE)
            with pytest.raises(TelephonyRefused):
                await client.request("GET", "channels/odd")


async def test_a_handler_that_fails_does_not_end_the_reading(caplog: pytest.LogCaptureFixture) -> None:
    seen = asyncio.Queue[str]()

    def fail_first(event: Mapping[str, Json]) -> None:
        seen.put_nowait(event["type"])
        if event["type"] == "Bad":
            raise ValueError(SECRET)

    async with FakeAri() as fake:
        client = client_of(fake)
        async with running(client.run(fail_first, ignore_connected)):
            await client.wait_connected(PATIENCE)
            await fake.send({"type": "Bad"})
            await fake.send({"type": "Good"})
            assert [await asyncio.wait_for(seen.get(), PATIENCE) for _ in range(2)] == ["Bad", "Good"]
    assert "ARI event Bad could not be used: ValueError" in caplog.text
    assert SECRET not in caplog.text


async def test_two_controllers_of_one_name_are_told(caplog: pytest.LogCaptureFixture) -> None:
    async with FakeAri() as fake:
        client = client_of(fake)
        async with running(client.run(ignore_event, ignore_connected)):
            await client.wait_connected(PATIENCE)
            await fake.send({"type": "ApplicationReplaced", "application": APP})
            await fake.until_connected(2)
    assert "give each its own controller.name" in caplog.text


async def test_errors_do_not_hold_what_was_asked(fake: FakeAri) -> None:
    client = client_of(fake)
    async with running(client.run(ignore_event, ignore_connected)):
        await client.wait_connected(PATIENCE)
        with pytest.raises(ChannelGone) as caught:
            await client.request("POST", "channels/9/variable", query={"value": SECRET}, body={"x": SECRET})
    assert SECRET not in str(caught.value)
