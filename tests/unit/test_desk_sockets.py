"""The page's socket: who may open it, what comes through it, and that nothing hostile does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from aiohttp import WSCloseCode, WSServerHandshakeError

from context_store.records import NoteKind
from ivr.call.ports import QueueEvent
from ivr.desk.auth import Session
from ivr.desk.room import ROOM, SESSION_COOKIE
from ivr.desk.sockets import SESSION_OVER
from tests.unit.deskhouse import AGENTS, LIMIT, House, batch, desk_house, message, until
from tests.unit.stories import (
    CALL,
    CONVERSATION,
    MOBILE,
    call_in,
    elsewhere,
    named,
    note,
    remembered,
    saved,
    unproven,
    verified,
)
from tests.unit.test_pops import event

HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "\u202eterces\u202c \x00\x07",
    "A" * 10_000,
    "' onmouseover='x",
    "</article></template><h1>",
]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with desk_house(time.time()) as house:
        await house.store.save(saved(verified()))
        yield house


class Tags(HTMLParser):
    """Collects tags, attribute names and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


async def told(house: House, socket: Any, *events: QueueEvent) -> list[dict[str, Any]]:
    """The messages after these events, one change after the other."""
    messages: list[dict[str, Any]] = []
    for one in events:
        house.pops.queue_event(one)
        messages += await batch(socket)
    return messages


async def test_a_ring_brings_the_pop_to_the_page(house: House) -> None:
    await house.log_in()
    socket = await house.open_socket()
    (board,) = await batch(socket)
    assert (board["ids"], board["gone"]) == ([], {})
    assert "henüz çağrı yok" in board["recent"]
    pop, board = await told(house, socket, event("ringing", 60))
    assert (pop["id"], pop["state"], pop["caller"]) == (CALL, "ringing", "Ayşe Yılmaz")
    assert f'data-pop-id="{CALL}" data-state="ringing"' in pop["html"]
    assert board["ids"] == [CALL]
    assert "recent" not in board  # nothing new there
    text = " ".join(Tags(pop["html"]).text.split())
    for said in ("Ayşe Yılmaz", "Doğrulandı", "Arıza bildirimi: İnternet yok", "0212 555 41 41", "0532 123 45 67"):
        assert said in text
    for said in ("Tekrar sormayın", "481516, yenisini açmayın", "27.03.2026", "Arızalı", "verildi"):
        assert said in text


async def test_the_agent_reads_their_own_language(house: House) -> None:
    await house.log_in("1002", "smith-page")
    socket = await house.open_socket()
    await batch(socket)
    pop, _ = await told(house, socket, event("ringing", 60, agent="1002"))
    text = " ".join(Tags(pop["html"]).text.split())
    assert "Reporting a fault: No internet" in text
    assert "SpeaksTurkish" in text


async def test_a_retraction_says_why_the_pop_went(house: House) -> None:
    await house.log_in()
    socket = await house.open_socket()
    await batch(socket)
    messages = await told(house, socket, event("ringing", 60), event("retracted", 75))
    assert messages[-1]["ids"] == []
    assert messages[-1]["gone"] == {CALL: "retracted"}
    assert "Geri alındı" in messages[-1]["recent"]


async def test_a_page_that_is_opened_again_shows_the_same(house: House) -> None:
    await house.log_in()
    house.pops.queue_event(event("ringing", 60))
    await house.pops.idle()
    first, second = await house.open_socket(), await house.open_socket()
    assert await batch(first) == await batch(second)


@pytest.mark.parametrize("solved", [True, False])
async def test_the_agent_says_what_became_of_a_call_that_has_ended(house: House, solved: bool) -> None:
    await house.log_in()
    socket = await house.open_socket()
    for one in (event("ringing", 60), event("connected", 65), event("ended", 90)):
        house.pops.queue_event(one)
    await house.pops.idle()
    await socket.send_json({"type": "wrap_up", "id": CALL, "solved": solved})
    async with asyncio.timeout(LIMIT):
        while (messages := await batch(socket))[-1]["gone"] != {CALL: "ended"}:
            assert messages
    assert ("Çözüldü" if solved else "Açık bırakıldı") in messages[-1]["recent"]
    assert house.pops.board("1001").pops == ()
    await house.pops.idle()
    story = await house.store.story(CONVERSATION)
    assert story
    assert story.notes[-1].kind is NoteKind.WRAPPED_UP
    assert story.notes[-1].data == {"agent": "1001", "solved": solved}
    assert (story.conversation.outcome, story.conversation.closed_at) == (
        ("solved", house.clock.at) if solved else (None, None)
    )


@pytest.mark.parametrize(("by", "solved_stands_out"), [("caller", False), ("agent", True), ("", False)])
async def test_solved_stands_out_only_when_the_agent_ended_the_talk(
    house: House, by: str, solved_stands_out: bool
) -> None:
    await house.log_in("1002", "smith-page")
    for one in (event("ringing", 60, agent="1002"), event("connected", 65, agent="1002")):
        house.pops.queue_event(one)
    house.pops.queue_event(replace(event("ended", 90, agent="1002"), by=by))
    await house.pops.idle()
    pop, _ = await batch(await house.open_socket())
    assert pop["html"].count("data-wrap-up=") == 2
    assert ('data-solved class="main"' in pop["html"]) is solved_stands_out
    assert pop["told"] == ("Caller hung up" if by == "caller" else "Call ended")


@pytest.mark.parametrize(
    "rubbish",
    [
        *("", "x", "[]", '"close"', '{"type":"close"}', '{"type":"close","id":[1]}', "[" * 4000),
        *('{"type":"wrap_up","id":"c","solved":"yes"}', '{"type":"pass","id":"c","to":{},"name":[],"words":""}'),
        *('{"type":"pass","id":"c","to":"queue","name":"agents"}', '{"type":"goals","id":null}'),
    ],
)
async def test_rubbish_from_the_page_is_ignored(house: House, rubbish: str) -> None:
    await house.log_in()
    socket = await house.open_socket()
    await batch(socket)
    await socket.send_str(rubbish)
    await socket.send_bytes(b"\xff")
    house.pops.queue_event(event("ringing", 60))
    pop = await message(socket)
    while pop["type"] == "not_passed":
        pop = await message(socket)
    assert pop["state"] == "ringing"


async def test_a_page_cannot_send_without_end(house: House) -> None:
    await house.log_in()
    socket = await house.open_socket()
    await batch(socket)
    await socket.send_str("x" * 100_000)
    await socket.receive(timeout=LIMIT)
    assert socket.close_code == WSCloseCode.MESSAGE_TOO_BIG


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_a_foreign_page_gets_no_socket_even_with_the_cookie(house: House, origin: str) -> None:
    await house.log_in()
    with pytest.raises(WSServerHandshakeError) as refused:
        await house.open_socket(Origin=origin)
    assert refused.value.status == 403


async def test_without_a_session_there_is_no_socket(house: House) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await house.open_socket()
    assert refused.value.status == 401


async def test_the_socket_ends_with_the_session(house: House) -> None:
    await house.log_in()
    app = house.client.app
    assert app is not None
    cookie = house.client.session.cookie_jar.filter_cookies(house.client.make_url("/"))[SESSION_COOKIE]
    session = app[ROOM].doorkeeper.session(cookie.value)
    assert session is not None
    house.clock.at = session.ends_at - 0.01
    socket = await house.open_socket()
    async with asyncio.timeout(LIMIT):
        while not socket.closed:
            await socket.receive()
    assert socket.close_code == SESSION_OVER


async def test_logging_out_closes_the_other_pages_of_that_browser_and_nobody_elses(house: House) -> None:
    await house.log_in("1002", "smith-page")
    stays = await house.open_socket()
    await batch(stays)
    await house.log_in()
    tabs = [await house.open_socket() for _ in range(2)]
    for tab in tabs:
        await batch(tab)
    assert (await house.post("/logout")).status == 303
    for tab in tabs:
        await tab.receive(timeout=LIMIT)
        assert tab.close_code == SESSION_OVER
    pop, _ = await told(house, stays, event("ringing", 60, agent="1002"))
    assert pop["state"] == "ringing"
    app = house.client.app
    assert app is not None
    await until(lambda: len(app[ROOM].sockets) == len(app[ROOM].open_pages) == 1)


async def test_the_same_agents_page_in_another_browser_stays(house: House) -> None:
    app = house.client.app
    assert app is not None
    here, there = (Session(AGENTS[0], house.clock.at + 60, cookie) for cookie in ("one", "two"))
    async with asyncio.timeout(LIMIT) as limit:
        with app[ROOM].page_open(there, limit):
            app[ROOM].end(here)
            await asyncio.sleep(0)
    assert not limit.expired()


async def test_logging_out_does_not_wait_for_a_page_that_does_not_answer(house: House) -> None:
    await house.log_in()
    app = house.client.app
    assert app is not None
    cookie = house.client.session.cookie_jar.filter_cookies(house.client.make_url("/"))[SESSION_COOKIE]
    session = app[ROOM].doorkeeper.session(cookie.value)
    assert session is not None

    async def deaf() -> None:
        async with asyncio.timeout(None) as limit:
            with app[ROOM].page_open(session, limit):
                app[ROOM].end(session)
                app[ROOM].end(session)  # of two that log out at once, both are answered
                await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await deaf()
    assert not app[ROOM].open_pages
    app[ROOM].end(session)  # no page is open


async def test_when_the_server_stops_pages_are_told(house: House) -> None:
    await house.log_in()
    socket = await house.open_socket()
    await batch(socket)
    app = house.client.app
    assert app is not None
    await app.shutdown()
    await socket.receive(timeout=LIMIT)
    assert socket.close_code == WSCloseCode.GOING_AWAY


async def test_a_page_that_leaves_is_forgotten(house: House) -> None:
    await house.log_in()
    socket = await house.open_socket()
    await batch(socket)
    await socket.close()
    app = house.client.app
    assert app is not None
    await until(lambda: not app[ROOM].sockets)
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "desk-socket"]


async def test_the_live_feed_hears_when_a_page_has_the_pop(house: House) -> None:
    await house.log_in()
    socket = await house.open_socket()
    await batch(socket)
    with house.watch.subscribe() as happenings:
        await told(house, socket, event("ringing", 60))
        async with asyncio.timeout(LIMIT):
            heard = [await happenings.get(), await happenings.get()]
    assert [one.data for one in heard] == [
        {"event": "ringing", "agent": "1001"},
        {"event": "shown", "agent": "1001"},
    ]


async def test_two_callers_of_one_conversation_are_two_on_the_page(house: House) -> None:
    """The end of the first talk was missed; the second caller is a stranger to the store."""
    await house.log_in()
    socket = await house.open_socket()
    await batch(socket)
    await told(house, socket, event("ringing", 60))
    second = replace(event("ringing", 61, call="l2"), visits=("face",))
    pop, board = await told(house, socket, second)
    assert (pop["id"], pop["conversation"]) == ("face", CONVERSATION)
    assert 'data-pop-id="face"' in pop["html"]
    assert (board["ids"], board["gone"]) == (["face", CALL], {})
    assert "Gizli ya da" not in pop["html"], "it is not known"
    board = (await told(house, socket, replace(second, kind="abandoned", at=62, agent="")))[-1]
    assert (board["ids"], board["gone"]) == ([CALL], {"face": "abandoned"})


async def test_the_unproven_caller_comes_with_a_warning(house: House) -> None:
    await house.store.save(saved(elsewhere(unproven(), "b0b")))
    await house.log_in()
    socket = await house.open_socket()
    await batch(socket)
    pop, _ = await told(house, socket, event("ringing", 60, "b0b"))
    assert pop["caller"] == "0212 555 41 41"
    assert 'data-level="claimed"' in pop["html"]
    assert "3 kez tutmadı" in pop["html"]
    assert "Kanıtlanmadı" in pop["html"]


async def test_a_pop_whose_story_cannot_be_read_says_so(house: House) -> None:
    await house.log_in()
    socket = await house.open_socket()
    await batch(socket)
    pop, _ = await told(house, socket, event("ringing", 60, "unheard"))
    assert "Hikâye şu anda okunamıyor" in pop["html"]
    assert "Tanınmıyor" not in pop["html"]  # not known is not the same as not read


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_only_text(house: House, text: str) -> None:
    story = named(text, "hostile")
    extra = (
        note(59, NoteKind.ANSWERED, "x", name=text, value=text, sensitivity="plain"),
        note(59, NoteKind.LOOKED_UP, text, service=text, into=text, result={text: text, "inner": {text: [text]}}),
        note(59, NoteKind.DID, text, service=text, into=text, result={"number": text}),
        note(59, NoteKind.FAILED, text, service=text, reason=text),
        note(59, NoteKind.TRANSFERRED, text, queue=text, reason=text),
        note(59, NoteKind.STARTED, ani=text),
    )
    step = saved(story)
    await house.store.save(type(step)(step.conversation, step.interaction, step.progress, (*step.notes, *extra), 1))
    await house.log_in()
    socket = await house.open_socket()
    await batch(socket)
    plain = Tags((await told(house, socket, event("ringing", 60)))[0]["html"])
    messages = await told(house, socket, event("ringing", 61, "hostile"), event("retracted", 75, "hostile"))
    for html in (messages[0]["html"], messages[-1]["recent"]):
        page = Tags(html)
        assert page.tags <= plain.tags | {"details", "summary", "h2"}
        assert page.attributes <= plain.attributes | {"data-recent-id", "data-key", "id"}
        assert not set("\x00\x07\u202e\u202c") & set(html)
        assert "A" * 161 not in html


async def heard(house: House, socket: Any) -> None:
    """Everything that the page has sent until now was heard: so was what it sends last, that a call is put away."""
    await house.store.save(saved(named("Can", "b0b")))
    for kind in ("ringing", "connected", "ended"):
        house.pops.queue_event(event(kind, 61, "b0b", call="l2"))
    await house.pops.idle()
    await socket.send_json({"type": "wrap_up", "id": call_in("b0b"), "solved": False})
    await until(lambda: "b0b" not in [pop.conversation for pop in house.pops.board("1001").pops])


async def test_an_agent_has_a_number_forgotten_once(house: House) -> None:
    await house.store.save(saved(remembered(), revision=2))
    await house.log_in()
    socket = await house.open_socket()
    await batch(socket)
    pop, _ = await told(house, socket, event("ringing", 60))
    assert f'data-forget="{CALL}"' in pop["html"]
    await socket.send_json({"type": "forget", "id": CALL})
    pop, _ = await batch(socket)
    key = f"{CALL}:desk:number.forget"
    assert house.company.asked == [("number.forget", {"customer": "C1001", "number": MOBILE}, key)]
    assert "data-forget" not in pop["html"]
    assert "Numara kaydını silme" in pop["html"]
    await socket.send_json({"type": "forget", "id": CALL})  # there is nothing to forget any more
    await heard(house, socket)
    assert len(house.company.asked) == 1


async def test_a_number_that_could_not_be_forgotten_can_be_tried_again(house: House) -> None:
    await house.store.save(saved(remembered(), revision=2))
    house.company.failing = "timeout"
    await house.log_in()
    socket = await house.open_socket()
    await batch(socket)
    await told(house, socket, event("ringing", 60))
    await socket.send_json({"type": "forget", "id": CALL})
    pop, _ = await batch(socket)
    assert f'data-forget="{CALL}"' in pop["html"]
    assert "Sorulamadı" in pop["html"]


async def test_one_number_is_forgotten_at_a_time_however_often_a_page_asks(house: House) -> None:
    await house.store.save(saved(remembered(), revision=2))
    house.company.open.clear()
    house.company.failing = "timeout"
    await house.log_in()
    socket = await house.open_socket()
    await batch(socket)
    await told(house, socket, event("ringing", 60))
    for _ in range(50):
        await socket.send_json({"type": "forget", "id": CALL})
    await heard(house, socket)
    assert len(house.company.asked) == 1
    assert len([task for task in asyncio.all_tasks() if task.get_name() == "desk-forget"]) == 1
    house.company.open.set()
    await until(lambda: not [task for task in asyncio.all_tasks() if task.get_name() == "desk-forget"])
    await socket.send_json({"type": "forget", "id": CALL})
    await until(lambda: len(house.company.asked) == 2)


async def test_only_what_is_on_the_agents_own_page_can_be_forgotten(house: House) -> None:
    await house.store.save(saved(remembered(), revision=2))
    await house.log_in()
    socket = await house.open_socket()
    await batch(socket)
    house.pops.queue_event(event("ringing", 60, agent="1002"))
    await house.pops.idle()
    for wish in (CALL, "", "x" * 4000):
        await socket.send_json({"type": "forget", "id": wish})
    await heard(house, socket)
    assert house.company.asked == []


async def test_a_caller_of_whom_too_many_attempts_were_made_comes_with_a_warning(house: House) -> None:
    story = unproven()
    limited = note(19, NoteKind.LIMITED, "who", way="fault_line", proof="pin")
    await house.store.save(saved(replace(story, notes=(*story.notes, limited)), revision=2))
    await house.log_in()
    socket = await house.open_socket()
    await batch(socket)
    pop, _ = await told(house, socket, event("ringing", 60))
    assert "Çok fazla deneme" in pop["html"]
