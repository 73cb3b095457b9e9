from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ivr.call.ports import QueueEvent
from ivr.errors import TelephonyDown
from ivr.telephony.backoff import Backoff
from ivr.telephony.queue_events import QueueEvents
from tests.unit.fake_ami import PASSWORD, PATIENCE, USER, FakeAmi, message, recorded
from tests.unit.fake_ari import running


class FakeWatcher:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.events = asyncio.Queue[QueueEvent]()

    def queue_event(self, event: QueueEvent) -> None:
        self.events.put_nowait(event)

    async def next(self, count: int = 1) -> list[tuple[str, str]]:
        """The next events' kinds and agents."""
        async with asyncio.timeout(PATIENCE):
            events = [await self.events.get() for _ in range(count)]
        return [(event.kind, event.agent) for event in events]


def events_of(
    fake: FakeAmi,
    watcher: FakeWatcher,
    *,
    password: str = PASSWORD,
    timeout: float = PATIENCE,
    ping_every: float = PATIENCE,
) -> QueueEvents:
    backoff = Backoff(first=0.0, most=0.0)
    place = ("127.0.0.1", fake.port, USER, password)
    return QueueEvents(*place, watcher, timeout=timeout, ping_every=ping_every, backoff=backoff)


@asynccontextmanager
async def connected(
    fake: FakeAmi, timeout: float = PATIENCE, ping_every: float = PATIENCE
) -> AsyncIterator[FakeWatcher]:
    watcher = FakeWatcher()
    async with fake:
        events = events_of(fake, watcher, timeout=timeout, ping_every=ping_every)
        async with running(events.run()):
            await events.wait_connected(PATIENCE)
            assert events.connected
            await fake.until_action("Status")  # nothing is answered in the middle of what the test sends
            yield watcher


async def test_events_come_through() -> None:
    async with connected(fake := FakeAmi()) as watcher:
        await fake.send(recorded("answered"))
        assert await watcher.next(3) == [("ringing", "1001"), ("connected", "1001"), ("ended", "1001")]


async def test_the_login_asks_for_agent_events_only() -> None:
    async with connected(fake := FakeAmi()):
        [login] = await fake.until_action("Login")
    assert login["Events"] == "agent"


async def test_events_come_through_in_pieces() -> None:
    async with connected(fake := FakeAmi()) as watcher:
        text = recorded("answered").encode()
        for start in range(0, len(text), 7):
            await fake.send(text[start : start + 7])
            await asyncio.sleep(0)
        assert len(await watcher.next(3)) == 3


HOSTILE = [
    b"\r\n\r\n\r\n\r\n",
    b"Event\r\n\r\n",
    b"Event: AgentCalled\r\n\r\n",
    b"Event: AgentCalled\r\nEvent: AgentConnect\r\n\r\n",
    b"Event: \r\nChanVariable: DEVAM_CONVERSATION\r\n\r\n",
    b"Response: Error\r\nMessage: Missing action in request\r\n\r\n",
    b"Response: Success\r\nActionID: unknown\r\n\r\n",
    b"Event: AgentCalled\r\nChanVariable: =\r\nChanVariable: DEVAM_CONVERSATION=a\r\nInterface: \xff\xfe\r\n\r\n",
    b"\xff\xfe\x00\x01: \x80\r\n\r\n",
    b"Event: " + b"x" * 500_000 + b"\r\n\r\n",
    b"Response: Follows\r\n\r\n",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_malformed_messages_are_ignored(text: bytes) -> None:
    async with connected(fake := FakeAmi()) as watcher:
        await fake.send(text)
        await fake.send(recorded("left_by_key"))
        assert await watcher.next() == [("ringing", "1001")]
        assert len(await fake.until_action("Login")) == 1


async def test_a_message_without_end_breaks_the_connection_and_a_new_one_comes() -> None:
    async with connected(fake := FakeAmi()) as watcher:
        await fake.send(b"Event: " + b"x" * 1_100_000)
        await fake.until_action("Login", 2)
        await fake.send(recorded("left_by_key"))
        assert await watcher.next() == [("ringing", "1001")]


async def test_a_watcher_that_fails_does_not_break_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(FakeWatcher):
        def queue_event(self, event: QueueEvent) -> None:
            super().queue_event(event)
            raise ValueError("+905321234567")

    watcher = Failing()
    async with FakeAmi() as fake:
        events = events_of(fake, watcher)
        async with running(events.run()):
            await events.wait_connected(PATIENCE)
            await fake.send(recorded("answered"))
            assert len(await watcher.next(3)) == 3
            assert len(await fake.until_action("Login")) == 1
    assert "could not be used (ValueError)" in caplog.text
    assert "+90" not in caplog.text


async def test_it_connects_again_and_events_come_again() -> None:
    async with connected(fake := FakeAmi()) as watcher:
        for times in (2, 3):
            await fake.drop()
            await fake.until_action("Login", times)
            await fake.send(recorded("answered"))
            assert len(await watcher.next(3)) == 3


async def test_an_asterisk_that_falls_silent_is_left() -> None:
    async with connected(fake := FakeAmi(answers={"Ping": None}), timeout=0.02, ping_every=0.0):
        await fake.until_action("Login", 2)


async def test_nothing_is_sent_twice_after_a_broken_connection() -> None:
    async with connected(fake := FakeAmi(answers={"Ping": None}), ping_every=0.0):
        await fake.until_action("Ping")
        await fake.drop()
        await fake.until_action("Ping", 2)
        await fake.send(message(Event="FullyBooted", Status="Fully Booted"))
        ids = [action["ActionID"] for action in fake.actions]
    assert len(ids) == len(set(ids))


async def test_phones_that_ring_and_talk_already_are_found_at_the_start() -> None:
    async with connected(FakeAmi(answers={"Status": recorded("status")})) as watcher:
        assert await watcher.next(2) == [("connected", "1002"), ("ringing", "1001")]


async def test_what_ended_during_an_outage_is_told() -> None:
    async with connected(fake := FakeAmi(answers={"Status": recorded("status")})) as watcher:
        await watcher.next(2)
        fake.answers["Status"] = (
            "Response: Success\r\nEventList: start\r\nMessage: Channel status will follow\r\n\r\n"
            + message(Event="StatusComplete", EventList="Complete", ListItems="0")
        )
        await fake.drop()
        assert await watcher.next(2) == [("ended", "1002"), ("retracted", "1001")]


@pytest.mark.parametrize(
    "answer", [None, "Response: Error\r\nMessage: Permission denied\r\n\r\n"], ids=["silent", "refused"]
)
async def test_events_come_when_asterisk_does_not_say_who_rings(
    answer: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(fake := FakeAmi(answers={"Status": answer}), timeout=0.3, ping_every=0.01) as watcher:
        await fake.until_action("Ping")  # the list was given up
        await fake.send(recorded("answered"))
        assert await watcher.next(3) == [("ringing", "1001"), ("connected", "1001"), ("ended", "1001")]
        assert len(await fake.until_action("Login")) == 1
    assert "may miss a call" in caplog.text


async def test_a_caller_who_left_by_a_key_is_retracted_at_the_next_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.telephony.queue_events._LEFT_GRACE", 0.0)
    async with connected(fake := FakeAmi(), ping_every=0.01) as watcher:
        await fake.send(recorded("left_by_key"))
        assert await watcher.next(2) == [("ringing", "1001"), ("retracted", "1001")]


async def test_a_wrong_password_is_told_and_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with FakeAmi() as fake:
        events = events_of(fake, FakeWatcher(), password="not-the-password")
        async with running(events.run()):
            await fake.until_action("Login", 2)
            assert not events.connected
    assert "asterisk.ami_user and ami_password" in caplog.text
    assert "not-the-password" not in caplog.text


async def test_a_login_that_is_not_answered_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async with FakeAmi(answers={"Login": None}) as fake:
        events = events_of(fake, FakeWatcher(), timeout=0.02)
        async with running(events.run()):
            await fake.until_action("Login", 2)
    assert "did not answer the login within 0.02 s" in caplog.text


async def test_nobody_listens(caplog: pytest.LogCaptureFixture) -> None:
    async with FakeAmi() as fake:
        pass
    events = events_of(fake, FakeWatcher())
    async with running(events.run()):
        with pytest.raises(TelephonyDown):
            await events.wait_connected(0.02)
    assert "cannot be reached" in caplog.text


async def test_callers_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with connected(fake := FakeAmi()) as watcher:
        await fake.send(recorded("answered"))
        await watcher.next(3)
    assert "05321112233" not in caplog.text
