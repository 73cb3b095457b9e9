"""The API: its token, its errors, a conversation as JSON, the live feed."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from types import MappingProxyType

import pytest
from aiohttp import WSCloseCode, WSMsgType, WSServerHandshakeError

from context_store.errors import StoreUnavailable
from context_store.records import Story
from ivr.call.taping import Recording
from ivr.call.watch import Happening
from ivr.desk import live
from ivr.desk.room import ROOM
from ivr.tape.tape import read
from tests.unit.deskhouse import LIMIT, TOKEN, House, desk_house, until
from tests.unit.stories import AYSE_LINE, CONVERSATION, saved, verified
from tests.unit.test_tape import Recorded, by_line

BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with desk_house(time.time()) as house:
        await house.store.save(saved(verified()))
        yield house


async def test_health_needs_no_token(house: House) -> None:
    answer = await house.client.get("/healthz")
    assert (answer.status, await answer.json()) == (200, {"ok": True})


async def test_who_can_be_heard_is_told(house: House) -> None:
    answer = await house.client.get("/api/hearing", headers=BEARER)
    assert (answer.status, await answer.json()) == (200, {"languages": [], "places": 0, "taken": 0})
    house.hearing.update(languages=["tr"], places=10, taken=3)
    answer = await house.client.get("/api/hearing", headers=BEARER)
    assert await answer.json() == {"languages": ["tr"], "places": 10, "taken": 3}


async def test_a_conversation_as_json(house: House) -> None:
    answer = await house.client.get(f"/api/conversations/{CONVERSATION}", headers=BEARER)
    assert answer.status == 200
    pop = await answer.json()
    assert pop["who"]["line"] == AYSE_LINE
    assert pop["sure"] == {
        "level": "verified",
        "way": "fault_line",
        "failed_proofs": 1,
        "proof": "pin",
        "limited": False,
    }
    assert pop["settled"][-1] == {"kind": "done", "key": "ticket.open", "value": "481516"}
    assert pop["timeline"][0]["kind"] == "started"


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        f"bearer {TOKEN}",
        f"Basic {TOKEN}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        "Bearer ş",
    ],
)
@pytest.mark.parametrize("path", [f"/api/conversations/{CONVERSATION}", "/api/hearing", "/api/live", "/api/nowhere"])
async def test_without_the_token_nothing_is_told(house: House, path: str, authorization: str) -> None:
    answer = await house.client.get(path, headers={"Authorization": authorization} if authorization else {})
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "web.api_token" in (await answer.json())["hint"]


async def test_an_agents_session_does_not_open_the_api(house: House) -> None:
    await house.log_in()
    assert (await house.client.get(f"/api/conversations/{CONVERSATION}")).status == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/conversations/0000000000000000", 404),
        ("/api/conversations/a.b", 400),
        ("/api/conversations/" + "a" * 65, 400),
        ("/api/conversations/%00", 400),
        ("/api/conversations/a%2Fb", 400),
        ("/api/conversations/", 404),
        ("/api/", 404),
        ("/api/nowhere/else", 404),
    ],
)
async def test_errors_are_json_with_a_hint(house: House, path: str, status: int) -> None:
    answer = await house.client.get(path, headers=BEARER)
    assert answer.status == status
    body = await answer.json()
    assert body["error"]
    assert body["hint"]


async def test_the_api_only_reads(house: House) -> None:
    answer = await house.client.post(f"/api/conversations/{CONVERSATION}", headers=BEARER)
    assert answer.status == 405
    assert "GET" in (await answer.json())["hint"]


async def test_a_store_that_is_away_is_not_a_missing_conversation(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(conversation: str, last: int = 200) -> Story | None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(house.store, "story", away)
    answer = await house.client.get(f"/api/conversations/{CONVERSATION}", headers=BEARER)
    assert answer.status == 503
    assert "try again" in (await answer.json())["hint"]


async def test_the_live_feed(house: House) -> None:
    socket = await house.client.ws_connect("/api/live", headers=BEARER)
    happening = Happening(
        1.5, CONVERSATION, "pressed", "symptom", MappingProxyType({"key": "1", "inner": {"a": [1]}}), "beef"
    )
    await until(lambda: bool(house.watch._readers))
    house.watch.publish(happening)
    received = json.loads(await socket.receive_str(timeout=LIMIT))
    assert received == {
        "at": 1.5,
        "conversation": CONVERSATION,
        "kind": "pressed",
        "node": "symptom",
        "data": {"key": "1", "inner": {"a": [1]}},
        "call": "beef",
    }
    await socket.close()
    await until(lambda: not house.watch._readers)


async def test_a_happening_is_encoded_once_for_all_readers(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    class Counting(json.JSONEncoder):
        def encode(self, o: object) -> str:
            made.append(o)
            return super().encode(o)

    monkeypatch.setattr(live, "_JSON", Counting())
    sockets = [await house.client.ws_connect("/api/live", headers=BEARER) for _ in range(3)]
    await until(lambda: len(house.watch._readers) == 3)
    for number in range(20):
        house.watch.publish(Happening(number, CONVERSATION, "listening"))
    for socket in sockets:
        heard = [json.loads(await socket.receive_str(timeout=LIMIT))["at"] for _ in range(20)]
        assert heard == list(range(20))
    assert len(made) == 20


def test_encoded_happenings_are_not_kept_for_ever_nor_mixed_up() -> None:
    encoded = live.Encoded()
    for number in range(1000):  # each is let go at once, so that its id may come again
        assert json.loads(encoded.text(Happening(number, "c", "k")))["at"] == number
    assert len(encoded._made) < 1000


async def test_a_feed_that_fails_ends_its_socket_and_no_other(house: House, caplog: pytest.LogCaptureFixture) -> None:
    sockets = [await house.client.ws_connect(path, headers=BEARER) for path in ("/api/live", "/api/tapes")]
    await until(lambda: bool(house.watch._readers))
    house.watch.publish(Happening(1.0, CONVERSATION, "said", "", {("a", "tuple"): "is no key in JSON"}))  # type: ignore[dict-item]  # what no type checker has seen
    message = await sockets[0].receive(timeout=LIMIT)
    assert (message.type, sockets[0].close_code) == (WSMsgType.CLOSE, WSCloseCode.INTERNAL_ERROR)
    await until(lambda: not house.watch._readers)
    assert "a feed has failed" in caplog.text
    assert not sockets[1].closed
    await sockets[1].close()


async def test_calls_come_as_tapes_and_what_makes_none_is_left_out(house: House) -> None:
    room = house.client.app[ROOM]
    socket = await house.client.ws_connect("/api/tapes", headers=BEARER)
    await until(lambda: room.tapes.recording(by_line(), "tr", "TR") is not None)
    room.tapes.over(Recording(by_line(), "tr", "TR"))  # nothing has happened in it
    call = Recorded(by_line())
    room.tapes.over(call.recording)
    assert read(await socket.receive_str(timeout=LIMIT), "a tape") == call.tape
    await socket.close()


@pytest.mark.parametrize(
    "headers",
    [{}, {"Connection": "upgrade"}, {"Connection": "upgrade", "Upgrade": "h2c"},
     {"Connection": "upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "99"}],
)  # fmt: skip
async def test_who_asks_the_live_feed_without_a_websocket_is_told(house: House, headers: dict[str, str]) -> None:
    answer = await house.client.get("/api/live", headers={**BEARER, **headers})
    assert (answer.status, answer.headers["Upgrade"]) == (426, "websocket")
    assert "websocket" in (await answer.json())["hint"]
    assert not house.watch._readers


async def test_the_live_feed_needs_the_token(house: House) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await house.client.ws_connect("/api/live")
    assert refused.value.status == 401
