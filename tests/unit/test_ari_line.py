from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from ivr.call.ports import Line
from ivr.errors import ChannelGone, TelephonyDown, TelephonyError, TelephonyRefused, TelephonyTimeout
from ivr.telephony.ami_link import AmiLink
from ivr.telephony.line import AriLine
from ivr.telephony.lines import Lines
from tests.unit.fake_ari import (
    GONE,
    NOT_OURS,
    PATIENCE,
    FakeAri,
    client_of,
    ignore_connected,
    ignore_event,
    running,
)
from tests.virtual_time import until

CHANNEL = "1795320060.24"


@asynccontextmanager
async def line_in(fake: FakeAri, timeout: float = PATIENCE) -> AsyncIterator[AriLine]:
    async with fake:
        client = client_of(fake, timeout=timeout)
        async with running(client.run(ignore_event, ignore_connected)):
            await client.wait_connected(PATIENCE)
            yield Lines(client).line(CHANNEL)


@pytest.fixture
def fake() -> FakeAri:
    return FakeAri(channels={CHANNEL})


def asked(fake: FakeAri) -> list[tuple[str, dict[str, str], object]]:
    return [(asked.what, dict(asked.query), asked.body) for asked in fake.asked]


async def test_answer_picks_up_and_marks(fake: FakeAri) -> None:
    async with line_in(fake) as line:
        as_port: Line = line
        assert as_port.id == CHANNEL
        await line.answer("c0ffee")
    assert sorted(asked(fake), key=str) == [
        (f"POST channels/{CHANNEL}/answer", {}, None),
        (f"POST channels/{CHANNEL}/variable", {"variable": "__DEVAM_CONVERSATION", "value": "c0ffee"}, None),
    ]


@pytest.mark.parametrize("what", ["answer", "variable"])
async def test_answer_fails_when_either_half_does(fake: FakeAri, what: str) -> None:
    fake.answers[f"POST channels/{CHANNEL}/{what}"] = NOT_OURS
    async with line_in(fake) as line:
        with pytest.raises(ChannelGone):
            await line.answer("c0ffee")
    assert len(fake.asked) == 2


async def test_play_names_files_without_suffix(fake: FakeAri) -> None:
    async with line_in(fake) as line:
        await line.play("7", [Path("/prompts/a,b.tr.wav"), Path("/prompts/c.wav")])
        assert line.playing == {"7"}
        assert await line.is_playing("7")
        await line.stop_playing("7")
        await fake.until_asked(f"DELETE playbacks/{CHANNEL}~7")
        assert not await line.is_playing("7")
    body = {"media": ["sound:/prompts/a,b.tr", "sound:/prompts/c"], "playbackId": f"{CHANNEL}~7"}
    assert asked(fake)[0] == (f"POST channels/{CHANNEL}/play", {}, body)


async def test_a_play_that_was_refused_is_not_waited_for(fake: FakeAri) -> None:
    fake.answers[f"POST channels/{CHANNEL}/play"] = (500, {"message": "no"})
    async with line_in(fake) as line:
        with pytest.raises(TelephonyRefused):
            await line.play("7", [Path("/prompts/a.wav")])
        assert not line.playing


async def test_a_play_that_was_not_answered_may_have_started(fake: FakeAri) -> None:
    fake.answers[f"POST channels/{CHANNEL}/play"] = None
    async with line_in(fake, timeout=0.05) as line:
        with pytest.raises(TelephonyTimeout):
            await line.play("7", [Path("/prompts/a.wav")])
        assert line.playing == {"7"}


STOP = f"DELETE playbacks/{CHANNEL}~1"


@pytest.mark.parametrize("version", ["22.10.1", "20.7.0"], ids=["websocket", "http"])
async def test_stopping_a_play_does_not_wait_for_its_answer(fake: FakeAri, version: str) -> None:
    fake.version = version
    fake.answers[STOP] = None
    async with line_in(fake) as line:
        await line.stop_playing("1")
        await line.play("2", [Path("/prompts/a.wav")])
        await fake.until_asked(STOP)


async def test_a_play_that_is_just_beginning_is_stopped_a_little_later(
    fake: FakeAri, caplog: pytest.LogCaptureFixture
) -> None:
    fake.answers[STOP] = (500, {"message": "Could not stop playback"})
    async with line_in(fake) as line:
        await line.play("1", [Path("/prompts/a.wav")])
        await line.stop_playing("1")
        await fake.until_asked(STOP)
        del fake.answers[STOP]
        await fake.until_asked(STOP, 2)
        await line.play("2", [Path("/prompts/a.wav")])
        assert fake.playbacks == {f"{CHANNEL}~2"}
        assert len(await fake.until_asked(STOP)) == 2
    assert not caplog.records


async def test_a_play_that_cannot_be_stopped_is_told_of(
    fake: FakeAri, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("ivr.telephony.line._STOP_AGAIN", (0.0, 0.0, 0.0))
    fake.answers[STOP] = (500, {"message": "Could not stop playback"})
    async with line_in(fake) as line:
        await line.stop_playing("1")
        await until(lambda: bool(caplog.records))
        assert len(await fake.until_asked(STOP)) == 3
    assert f"channel {CHANNEL} hears a play that should have stopped" in caplog.text


async def test_stopping_a_play_that_has_ended_is_not_told_of(fake: FakeAri, caplog: pytest.LogCaptureFixture) -> None:
    async with line_in(fake) as line:
        await line.stop_playing("1")
        await fake.until_asked(STOP)
        await line.play("2", [Path("/prompts/a.wav")])
        assert len(await fake.until_asked(STOP)) == 1
    assert not caplog.records


async def test_without_a_connection_there_is_nothing_to_stop(fake: FakeAri, caplog: pytest.LogCaptureFixture) -> None:
    async with line_in(fake) as line:
        pass
    await line.stop_playing("1")
    assert not fake.asked


async def test_transfer_leaves_the_caller_to_the_queue(fake: FakeAri) -> None:
    async with line_in(fake) as line:
        await line.transfer("agents")
        with pytest.raises(ChannelGone):
            await line.transfer("agents")
    target = {"context": "devam-queue", "extension": "agents", "priority": "1"}
    assert asked(fake)[0] == (f"POST channels/{CHANNEL}/continue", target, None)


async def test_who_is_left_to_the_queue_in_mid_prompt_need_not_hear_it_to_its_end(fake: FakeAri) -> None:
    async with line_in(fake) as line:
        await line.play("p1", [Path("a.wav")])
        await line.transfer("agents")
    wanted = [f"DELETE playbacks/{CHANNEL}~p1", f"POST channels/{CHANNEL}/continue"]
    assert [what for what, *_ in asked(fake)][-2:] == wanted


async def test_hanging_up_twice_is_no_error(fake: FakeAri) -> None:
    async with line_in(fake) as line:
        await line.hang_up()
        await line.hang_up()
    assert [what for what, *_ in asked(fake)] == [f"DELETE channels/{CHANNEL}"] * 2


async def test_hanging_up_that_is_refused_is_an_error(fake: FakeAri) -> None:
    fake.answers[f"DELETE channels/{CHANNEL}"] = (500, {"message": "no"})
    async with line_in(fake) as line:
        with pytest.raises(TelephonyRefused):
            await line.hang_up()


async def test_a_channel_that_is_gone(fake: FakeAri) -> None:
    fake.answers[f"POST channels/{CHANNEL}/play"] = GONE
    async with line_in(fake) as line:
        with pytest.raises(ChannelGone):
            await line.play("7", [Path("/prompts/a.wav")])


class FakeLink(AmiLink):
    """An AMI that keeps what it was asked for, or fails."""

    def __init__(self, failing: TelephonyError | None = None) -> None:
        self.acts: list[tuple[str, dict[str, str]]] = []
        self.failing = failing

    async def act(self, action: str, **headers: str) -> None:
        if self.failing:
            raise self.failing
        self.acts.append((action, headers))


@asynccontextmanager
async def linked_line(fake: FakeAri, link: AmiLink | None) -> AsyncIterator[AriLine]:
    async with fake:
        client = client_of(fake)
        async with running(client.run(ignore_event, ignore_connected)):
            await client.wait_connected(PATIENCE)
            yield Lines(client, link).line(CHANNEL)


async def test_a_mark_is_set_at_once_by_ami(fake: FakeAri) -> None:
    link = FakeLink()
    async with linked_line(fake, link) as line:
        await line.mark("beef")
    assert link.acts == [("Setvar", {"Channel": CHANNEL, "Variable": "__DEVAM_CONVERSATION", "Value": "beef"})]
    assert not fake.asked


@pytest.mark.parametrize("link", [None, FakeLink(TelephonyDown("no")), FakeLink(TelephonyRefused("no"))])
async def test_without_ami_a_mark_is_set_aside_and_nobody_waits(fake: FakeAri, link: AmiLink | None) -> None:
    async with linked_line(fake, link) as line:
        await line.mark("beef")
        [variable] = await fake.until_asked(f"POST channels/{CHANNEL}/variable")
    assert variable.query == {"variable": "__DEVAM_CONVERSATION", "value": "beef"}
    assert variable.way == "http"  # it may wait for a prompt: on the websocket every call would wait with it


async def test_a_mark_on_a_channel_that_has_gone_says_so(fake: FakeAri) -> None:
    async with linked_line(fake, FakeLink(ChannelGone("No such channel"))) as line:
        with pytest.raises(ChannelGone):
            await line.mark("beef")


async def test_a_caller_can_be_left_to_an_agent_with_a_queue_behind(fake: FakeAri) -> None:
    async with line_in(fake) as line:
        await line.transfer("faults", "1001")
    target = {"context": "devam-agent-or-faults", "extension": "1001", "priority": "1"}
    assert asked(fake) == [(f"POST channels/{CHANNEL}/continue", target, None)]


@pytest.mark.parametrize(("answer", "handed_over"), [((204, None), True), ((500, None), False), (GONE, True)])
async def test_who_could_not_be_handed_over_is_still_ours(
    fake: FakeAri, answer: tuple[int, object], handed_over: bool
) -> None:
    fake.answers[f"POST channels/{CHANNEL}/continue"] = answer
    link = FakeLink()
    async with linked_line(fake, link) as line:
        with suppress(TelephonyError):
            await line.transfer("agents")
        await line.stay(20)
        assert bool(link.acts) is not handed_over


async def test_a_channel_that_does_not_come_is_not_waited_for_for_ever(
    fake: FakeAri, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It still plays something that nobody knows the name of: Asterisk moves it when that is over."""
    monkeypatch.setattr("ivr.telephony.line._MOVE_SECONDS", 0.01)
    fake.stuck.add(CHANNEL)
    async with fake:
        client = client_of(fake)
        async with running(client.run(ignore_event, ignore_connected)):
            await client.wait_connected(PATIENCE)
            lines = Lines(client)
            with pytest.raises(TelephonyTimeout):
                await lines.line(CHANNEL, "ivr-two").take_over("p1")
            assert not lines.expected(CHANNEL)
