"""An agent passes a caller on from the page: who may, where to, what the next one reads, and what can go wrong."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from context_store.errors import StoreUnavailable
from context_store.records import Note, NoteKind
from ivr.call.board import PopState
from ivr.call.ports import QueueEvent
from ivr.errors import ChannelGone, TelephonyDown, TelephonyError
from tests.unit.deskhouse import LIMIT, House, batch, desk_house, message, until
from tests.unit.stories import CALL, CONVERSATION, saved, verified
from tests.unit.test_pops import Kind, event

CHANNEL = "1795356232.0"
WORDS = "Ayşe hanım modemi yeniden başlattı, olmadı."


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with desk_house(time.time()) as house:
        await house.store.save(saved(verified()))
        yield house


def at_phone(kind: Kind, at: float, agent: str = "1001", queue: str = "faults", by: str = "") -> QueueEvent:
    return replace(event(kind, at, agent=agent), channel=CHANNEL, queue=queue, by=by)


async def page(house: House, *events: QueueEvent) -> Any:
    """The page of the first agent, after these events; what it was told at first is read."""
    await house.log_in()
    for one in events or (at_phone("ringing", 60), at_phone("connected", 65)):
        house.pops.queue_event(one)
    await house.pops.idle()
    socket = await house.open_socket()
    await batch(socket)
    return socket


async def passes(socket: Any, to: str, name: str, words: str = "") -> None:
    await socket.send_json({"type": "pass", "id": CALL, "to": to, "name": name, "words": words})


async def answer(socket: Any, kind: str) -> dict[str, Any]:
    """The next message of that type."""
    while (told := await message(socket))["type"] != kind:
        pass
    return told


async def notes(house: House, *kinds: NoteKind) -> list[Note]:
    await house.pops.idle()
    story = await house.store.story(CONVERSATION)
    assert story
    return [note for note in story.notes if note.kind in kinds]


async def until_noted(house: House, kind: NoteKind) -> None:
    async with asyncio.timeout(LIMIT):
        while True:
            if await notes(house, kind):
                return
            await asyncio.sleep(0)


async def test_the_page_offers_free_colleagues_other_queues_and_the_menus(house: House) -> None:
    house.phones.there = {"1001", "1003", "trunk"}
    socket = await page(house)
    await socket.send_json({"type": "goals", "id": CALL})
    form = (await answer(socket, "goals"))["html"]
    offered = [value for value in ("agent:1001", "agent:1002", "agent:1003", "agent:trunk") if f'"{value}"' in form]
    assert offered == ["agent:1003"], "not the agent, nobody who is in a call, and no other telephone"
    assert [queue for queue in ("agents", "faults", "orders") if f'"queue:{queue}"' in form] == ["agents", "orders"]
    assert '"menu:"' in form
    assert 'maxlength="300"' in form


async def test_when_the_exchange_does_not_say_who_is_free_queues_are_offered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> frozenset[str]:
        raise TelephonyDown("no connection")

    monkeypatch.setattr(house.phones, "free", away)
    socket = await page(house)
    await socket.send_json({"type": "goals", "id": CALL})
    form = (await answer(socket, "goals"))["html"]
    assert "agent:" not in form
    assert '"queue:orders"' in form


@pytest.mark.parametrize(
    ("to", "name", "done", "told"),
    [
        ("queue", "orders", ("queue", CHANNEL, "orders"), "Aktarıldı: Orders kuyruğu"),
        ("agent", "1002", ("agent", CHANNEL, "1002", "faults"), "Aktarıldı: Agent 1002"),
        ("menu", "", ("menu", CHANNEL), "Aktarıldı: menülere geri"),
    ],
)
async def test_a_caller_is_passed_on(house: House, to: str, name: str, done: tuple[str, ...], told: str) -> None:
    socket = await page(house)
    await passes(socket, to, name, WORDS)
    pop = await answer(socket, "pop")
    while pop["state"] != "passed":
        pop = await answer(socket, "pop")
    assert house.phones.passed == [done]
    assert pop["told"] == told
    assert told in pop["html"]
    passed, remark = await notes(house, NoteKind.PASSED, NoteKind.REMARKED)
    assert passed.data == {"agent": "1001", "to": to, "name": name, "queue": "faults"}
    assert remark.data == {"agent": "1001", "words": WORDS}
    assert passed.at == remark.at == house.clock.at
    await socket.send_json({"type": "close", "id": CALL})
    await until(lambda: house.pops.board("1001").pops == ())


async def test_the_next_agent_reads_who_passed_the_caller_on_and_with_which_words(house: House) -> None:
    socket = await page(house)
    await passes(socket, "queue", "orders", WORDS)
    await until(lambda: bool(house.phones.passed))
    for one in (at_phone("ended", 70, by="transfer"), at_phone("ringing", 71, "1003", "orders")):
        house.pops.queue_event(one)
    await house.pops.idle()
    await house.log_in("1003", "kaya-page")
    pop, _ = await batch(await house.open_socket())
    assert "Faults kuyruğundan Agent 1001 aktardı" in pop["html"]
    assert f"<blockquote>{WORDS}</blockquote>" in pop["html"]
    assert f"Agent 1001 sonraki temsilciye: “{WORDS}”" in pop["html"]
    assert [pop.state for pop in house.pops.board("1001").pops] == [PopState.PASSED]
    assert await notes(house, NoteKind.PARTED) == [], "nobody hung up"


async def test_what_the_next_agent_reads_is_written_before_the_phone_can_ring(house: House) -> None:
    house.phones.open.clear()
    socket = await page(house)
    await passes(socket, "queue", "orders", WORDS)
    await until_noted(house, NoteKind.REMARKED)
    assert house.phones.passed == []
    house.phones.open.set()
    await until(lambda: bool(house.phones.passed))


@pytest.mark.parametrize(
    ("to", "name"),
    [
        ("queue", "faults"),  # where the caller has come from
        ("queue", "no such queue"),
        ("queue", ""),
        ("agent", "1001"),
        ("agent", "1003"),  # in a call
        ("agent", "trunk"),
        ("menu", "devam-inbound"),
        ("dialplan", "x"),
        ("", ""),
    ],
)
async def test_a_caller_goes_nowhere_else(house: House, to: str, name: str) -> None:
    house.phones.there = {"1001", "1002", "trunk"}
    socket = await page(house)
    await passes(socket, to, name)
    if to == "menu":
        await until(lambda: house.phones.passed == [("menu", CHANNEL)])  # the name means nothing
        return
    assert (await answer(socket, "not_passed"))["id"] == CALL
    assert house.phones.passed == []
    assert await notes(house, NoteKind.PASSED) == []


@pytest.mark.parametrize(
    "events",
    [
        [at_phone("ringing", 60)],
        [at_phone("ringing", 60), at_phone("connected", 65), at_phone("ended", 66)],
        [at_phone("ringing", 60, "1002"), at_phone("connected", 65, "1002")],  # somebody else's caller
        [replace(at_phone("ringing", 60), channel=""), replace(at_phone("connected", 65), channel="")],
    ],
)
async def test_only_who_talks_to_the_caller_may_pass_them_on(house: House, events: list[QueueEvent]) -> None:
    socket = await page(house, *events)
    await socket.send_json({"type": "goals", "id": CALL})
    await passes(socket, "queue", "orders")
    told = await message(socket)
    while told["type"] in ("pop", "board"):
        told = await message(socket)
    assert told == {"type": "not_passed", "id": CALL}
    assert house.phones.passed == []


@pytest.mark.parametrize("trouble", [ChannelGone("gone"), TelephonyDown("no connection")])
async def test_a_caller_who_could_not_be_passed_on_stays(house: House, trouble: TelephonyError) -> None:
    house.phones.trouble = trouble
    socket = await page(house)
    await passes(socket, "queue", "orders", WORDS)
    await answer(socket, "not_passed")
    await house.pops.idle()
    [pop] = house.pops.board("1001").pops
    assert pop.state is PopState.ANSWERED
    assert pop.screen.passed is None, "the log says that it was not done"
    [failed] = await notes(house, NoteKind.FAILED)
    assert failed.data == {"reason": "not_passed"}


async def test_two_clicks_pass_the_caller_on_once(house: House) -> None:
    house.phones.open.clear()
    first, second = await page(house), await house.open_socket()
    await batch(second)
    await passes(first, "queue", "orders")
    await until_noted(house, NoteKind.PASSED)
    await passes(second, "queue", "agents")
    await answer(second, "not_passed")
    house.phones.open.set()
    await until(lambda: bool(house.phones.passed))
    assert house.phones.passed == [("queue", CHANNEL, "orders")]
    assert len(await notes(house, NoteKind.PASSED)) == 1


async def test_without_the_store_the_caller_is_passed_on_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    socket = await page(house)
    with monkeypatch.context() as patch:
        patch.setattr(house.store, "add_notes", away)
        patch.setattr(house.store, "story", away)
        await passes(socket, "queue", "orders", WORDS)
        await until(lambda: bool(house.phones.passed))
        await until(lambda: house.pops.board("1001").pops[0].state is PopState.PASSED)
    await until_noted(house, NoteKind.REMARKED)


async def test_a_remark_is_short_harmless_and_never_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    socket = await page(house)
    await passes(socket, "queue", "orders", "<b>secret</b>\x00\u202e\n" + "x" * 600)
    await until(lambda: bool(house.phones.passed))
    [remark] = await notes(house, NoteKind.REMARKED)
    words = remark.data["words"]
    assert words.startswith("<b>secret</b> x")
    assert len(words) == 300
    house.pops.queue_event(at_phone("ringing", 71, "1003", "orders"))
    await house.pops.idle()
    await house.log_in("1003", "kaya-page")
    pop, _ = await batch(await house.open_socket())
    assert "&lt;b&gt;secret&lt;/b&gt; x" in pop["html"]
    assert "<b>" not in pop["html"]
    assert "secret" not in caplog.text


async def test_the_button_is_there_while_they_talk_only(house: House) -> None:
    seen = {}
    await house.log_in()
    for one in (at_phone("ringing", 60), at_phone("connected", 65), at_phone("ended", 70)):
        house.pops.queue_event(one)
        await house.pops.idle()
        pop, _ = await batch(await house.open_socket())
        seen[pop["state"]] = "data-goals" in pop["html"]
    assert seen == {"ringing": False, "answered": True, "ended": False}
