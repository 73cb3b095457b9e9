"""The recogniser's server: what it answers, and what it does not put up with."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import WSCloseCode, WSMsgType
from aiohttp.http_websocket import WS_KEY

from ivr.speech.hearing import client, protocol
from ivr.speech.hearing.client import NoPlaceError, ServerGoneError
from ivr.speech.hearing.server import RecognitionServer
from tests.unit.hearing_house import ScriptedModel, served

LOUD = b"\x00\x20" * 800
CONFIG = protocol.config(["fatura", "iptal"])


@asynccontextmanager
async def connected(
    folder: Path, model: ScriptedModel, path: str = "tr", idle_seconds: float = 30.0
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    server = RecognitionServer({"tr": model}, places=2, threads=1, idle_seconds=idle_seconds)
    async with (
        served(server, folder / "s"),
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(folder / "s"))) as session,
        session.ws_connect(f"ws://localhost/{path}", max_msg_size=0) as connection,
    ):
        yield connection


@pytest.mark.parametrize("path", ["tr", ""])
async def test_it_answers_each_message_and_ends_with_the_last(tmp_path: Path, path: str) -> None:
    model = ScriptedModel()
    async with connected(tmp_path, model, path) as connection:
        await connection.send_str(CONFIG)
        await connection.send_bytes(bytes(1600))
        assert await connection.receive_json(timeout=2) == {"partial": ""}
        await connection.send_bytes(LOUD)
        assert await connection.receive_json(timeout=2) == {"partial": "fatura"}
        await connection.send_str('{"eof" : 1}')
        assert (await connection.receive_json(timeout=2))["text"] == "fatura"
        assert (await connection.receive(timeout=2)).type is WSMsgType.CLOSE
        assert connection.close_code == WSCloseCode.OK
    assert model.grammars == [("fatura", "iptal")]


async def test_who_asks_whether_it_is_there_needs_no_phrases(tmp_path: Path) -> None:
    async with connected(tmp_path, ScriptedModel()) as connection:
        await connection.send_str('{"eof": 1}')
        assert await connection.receive_json(timeout=2) == {"text": ""}


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([LOUD], WSCloseCode.POLICY_VIOLATION),
        ([json.dumps({"config": {"sample_rate": 16000}}), LOUD], WSCloseCode.POLICY_VIOLATION),
        ([protocol.config(["xyzzy"])], WSCloseCode.POLICY_VIOLATION),
        ([protocol.config([])], WSCloseCode.POLICY_VIOLATION),
        ([CONFIG, CONFIG], WSCloseCode.POLICY_VIOLATION),
        ([CONFIG, LOUD + b"\0"], WSCloseCode.INVALID_TEXT),
        ([CONFIG, b""], WSCloseCode.INVALID_TEXT),
        (["{"], WSCloseCode.INVALID_TEXT),
        ([CONFIG, bytes(protocol.LARGEST_MESSAGE + 2)], WSCloseCode.MESSAGE_TOO_BIG),
    ],
)
async def test_what_is_not_in_order_closes_the_connection(
    tmp_path: Path, messages: list[str | bytes], code: WSCloseCode
) -> None:
    model = ScriptedModel()
    async with connected(tmp_path, model) as connection:
        for message in messages:
            await (connection.send_str(message) if isinstance(message, str) else connection.send_bytes(message))
        while (answer := await connection.receive(timeout=2)).type is WSMsgType.TEXT:
            pass
        assert answer.type is WSMsgType.CLOSE
        assert connection.close_code == code
    assert model.taken == 0


async def test_who_sends_nothing_loses_the_place(tmp_path: Path) -> None:
    async with connected(tmp_path, ScriptedModel(), idle_seconds=0.01) as connection:
        answer = await connection.receive(timeout=2)
        assert (answer.type, connection.close_code) == (WSMsgType.CLOSE, WSCloseCode.POLICY_VIOLATION)
        assert "nothing came" in str(answer.extra)


async def test_beyond_its_places_nobody_waits(tmp_path: Path) -> None:
    server = RecognitionServer({"tr": ScriptedModel()}, places=2, threads=1)
    async with served(server, tmp_path / "s") as ours:
        async with ours.utterance(["fatura"]), ours.utterance(["fatura"]):
            with pytest.raises(NoPlaceError):
                await ours.probe()
        await ours.probe()  # the places are free again


async def test_a_language_that_it_has_not(tmp_path: Path) -> None:
    server = RecognitionServer({"tr": ScriptedModel(), "en": ScriptedModel()}, places=2, threads=1)
    async with served(server, tmp_path / "s", "de") as ours:
        with pytest.raises(ServerGoneError, match="404"):
            await ours.probe()


async def test_nobody_is_there(tmp_path: Path) -> None:
    gone = client.Server("ws://localhost/tr", tmp_path / "nothing")
    with pytest.raises(ServerGoneError, match="no connection"):
        await gone.probe()
    await gone.aclose()
    with pytest.raises(ServerGoneError, match="no connection"):
        await gone.probe()


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".x", "[::1", "h:99999", "\u0130..:1"])
async def test_an_address_that_can_be_none(host: str) -> None:
    """The settings take them."""
    gone = client.Server(f"ws://{host}/")
    with pytest.raises(ServerGoneError, match="no connection"):
        await gone.probe()
    await gone.aclose()


async def test_a_grammar_that_the_server_refuses(tmp_path: Path) -> None:
    server = RecognitionServer({"tr": ScriptedModel()}, places=2, threads=1)
    async with served(server, tmp_path / "s") as ours, ours.utterance(["xyzzy"]) as utterance:
        with pytest.raises(ServerGoneError, match="the model knows none of the phrases"):
            await utterance.say(LOUD)


async def test_one_that_hangs_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.05)
    model, go_on = ScriptedModel(), threading.Event()
    model.before_answering = lambda: assert_true(go_on.wait(5))
    server = RecognitionServer({"tr": model}, places=9, threads=1)
    async with served(server, tmp_path / "s") as ours:
        async with ours.utterance(["fatura"]) as utterance:
            with pytest.raises(ServerGoneError, match="no answer"):
                await utterance.say(LOUD)
        with pytest.raises(ServerGoneError, match="no answer"):  # the only thread is taken
            await ours.probe()
        go_on.set()


@pytest.mark.parametrize(("many", "why"), [(1, "no answer within"), (200_000, "it took nothing within")])
async def test_one_that_shakes_hands_and_reads_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int, why: str
) -> None:
    """It is noticed, and holds nobody, however much there is to send."""
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(client, "_CLOSE_SECONDS", 0.05)
    over = asyncio.Event()

    async def shake_hands(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        key = head.lower().partition(b"sec-websocket-key: ")[2].partition(b"\r\n")[0]
        start = head.lower().index(key)
        accept = base64.b64encode(hashlib.sha1(head[start : start + len(key)] + WS_KEY).digest())
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
        writer.write(b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's can be read
        await over.wait()
        writer.transport.abort()

    server = await asyncio.start_unix_server(shake_hands, str(tmp_path / "s"))
    ours = client.Server("ws://localhost/tr", tmp_path / "s")
    async with asyncio.timeout(5):
        with pytest.raises(ServerGoneError, match=why):
            async with ours.utterance(["fatura"] * many) as utterance:
                await utterance.say(LOUD)
    await ours.aclose()
    over.set()
    server.close()
    await server.wait_closed()


async def test_one_that_answers_too_much_is_gone(tmp_path: Path) -> None:
    """To read it would keep every call waiting."""
    model = ScriptedModel()
    model.hears = "bir " * 20_000
    server = RecognitionServer({"tr": model}, places=2, threads=1)
    async with served(server, tmp_path / "s") as ours, ours.utterance(["bir"]) as utterance:
        with pytest.raises(ServerGoneError):
            await utterance.say(LOUD)


async def test_what_is_no_vosk_server(tmp_path: Path) -> None:
    class Babbling(ScriptedModel):
        def hearer(self, phrases: Sequence[str]) -> Babbler:  # type: ignore[override] # it is no hearer: that is the point
            return Babbler()

    class Babbler:
        def accept(self, _: bytes) -> str:
            return "internetim kesildi"

        def end(self) -> str:
            return "[]"

    server = RecognitionServer({"tr": Babbling()}, places=2, threads=1)
    async with served(server, tmp_path / "s") as ours, ours.utterance(["a"]) as utterance:
        with pytest.raises(ServerGoneError) as error:
            await utterance.say(LOUD)
        assert "kesildi" not in str(error.value)
        with pytest.raises(ServerGoneError):
            await utterance.end()


async def test_who_goes_away_leaves_the_place(tmp_path: Path) -> None:
    server = RecognitionServer({"tr": ScriptedModel()}, places=1, threads=1)
    async with served(server, tmp_path / "s") as ours:
        for _ in range(20):
            task = asyncio.create_task(hold(ours))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
        async with asyncio.timeout(5):
            while True:
                try:
                    await ours.probe()
                    break
                except NoPlaceError:
                    await asyncio.sleep(0.01)


async def hold(server: client.Server) -> None:
    async with server.utterance(["fatura"]) as utterance:
        await utterance.say(LOUD)
        await asyncio.Event().wait()


def assert_true(value: bool) -> None:
    assert value
