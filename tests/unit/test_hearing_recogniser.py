"""Who may have a place, and in which languages."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from ivr.flow.commands import Listen
from ivr.flow.events import Deaf, SpeechBegan, Spoke
from ivr.settings_hearing import HearingSettings
from ivr.speech.hearing import watch
from ivr.speech.hearing.client import Server
from ivr.speech.hearing.recogniser import VoskRecogniser
from ivr.speech.hearing.server import RecognitionServer
from tests.unit.hearing_house import SILENCE, Events, ScriptedModel, frames, vowel
from tests.virtual_time import until


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_EVERY", 0.02)


@asynccontextmanager
async def remote(port: int = 0, places: int = 9) -> AsyncIterator[int]:
    """A recogniser on another machine, for Turkish. Its port."""
    app = RecognitionServer({"tr": ScriptedModel()}, places=places, threads=1).app()
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def settings(folder: Path, port: int, places: int = 2) -> HearingSettings:
    return HearingSettings(models=folder, servers={"tr": f"ws://127.0.0.1:{port}/tr"}, places=places)


async def test_so_many_have_a_place_and_no_more(tmp_path: Path) -> None:
    async with remote() as port, VoskRecogniser(settings(tmp_path, port)) as recogniser:
        assert await recogniser.ready(5)
        events = Events()
        one, two = recogniser.place(events.put), recogniser.place(events.put)
        assert one
        assert two
        assert one.languages == recogniser.languages == ("tr",)
        assert recogniser.place(events.put) is None
        await one.aclose()
        await one.aclose()
        assert recogniser.taken == 1
        three = recogniser.place(events.put)
        assert three
        assert recogniser.place(events.put) is None
    assert recogniser.taken == 0
    assert events.taken() == []
    assert recogniser.place(events.put) is None


async def test_a_word_comes_through(tmp_path: Path) -> None:
    async with remote() as port, VoskRecogniser(settings(tmp_path, port), clock=lambda: 7.0) as recogniser:
        assert await recogniser.ready(5)
        told: asyncio.Queue[object] = asyncio.Queue()
        place = recogniser.place(told.put_nowait)
        assert place
        place.listen(Listen("l1", "tr", ("İptal",)))
        for frame in frames(SILENCE * 20 + vowel(500) + SILENCE * 50):
            place.hear(frame)
            await asyncio.sleep(0.002)
        async with asyncio.timeout(5):
            assert await told.get() == SpeechBegan(7.0, "l1")
            assert await told.get() == Spoke(7.0, "iptal", 0.9, "l1")


async def test_a_server_that_goes_and_comes_back(tmp_path: Path) -> None:
    async with remote() as port:
        pass
    async with VoskRecogniser(settings(tmp_path, port), clock=lambda: 7.0) as recogniser:
        told: asyncio.Queue[object] = asyncio.Queue()
        assert not await recogniser.ready(0.05)
        assert recogniser.place(told.put_nowait) is None
        async with remote(port):
            assert await recogniser.ready(5)
            place = recogniser.place(told.put_nowait)
            assert place
        async with asyncio.timeout(5):
            assert await told.get() == Deaf(7.0)
        assert recogniser.languages == ()
        assert recogniser.place(told.put_nowait) is None
        await place.aclose()
        assert recogniser.deafened == 1
        async with remote(port):
            assert await recogniser.ready(5)
            other = recogniser.place(told.put_nowait)
            assert other
            await other.aclose()
        assert recogniser.deafened == 1
        assert told.empty()


async def test_a_server_that_goes_costs_the_words_of_its_language_only(tmp_path: Path) -> None:
    async with remote() as turkish, AsyncExitStack() as english:
        addresses = {"tr": turkish, "en": await english.enter_async_context(remote())}
        servers = {language: f"ws://127.0.0.1:{port}/tr" for language, port in addresses.items()}
        async with VoskRecogniser(HearingSettings(models=tmp_path, servers=servers)) as recogniser:
            await until(lambda: recogniser.languages == ("en", "tr"))
            events = Events()
            place = recogniser.place(events.put)
            assert place
            place.listen(Listen("l1", "tr", ("İptal",)))
            await english.aclose()
            await until(lambda: recogniser.languages == ("tr",))
            assert (place.languages, place.deaf, events.taken()) == (("tr",), False, [])


async def test_a_server_that_is_full_is_there(tmp_path: Path) -> None:
    async with remote(places=1) as port, VoskRecogniser(settings(tmp_path, port)) as recogniser:
        assert await recogniser.ready(5)
        events = Events()
        place = recogniser.place(events.put)
        assert place
        place.listen(Listen("l1", "tr", ("İptal",)))
        for frame in frames(SILENCE * 20 + vowel(200)):
            place.hear(frame)
        await asyncio.sleep(0.2)
        assert recogniser.languages == ("tr",)


class Unforeseen(Server):
    """Fails in its own way, every other time."""

    asked = 0

    async def probe(self) -> None:
        self.asked += 1
        if self.asked % 2 == 0:
            raise ZeroDivisionError


async def test_whatever_goes_wrong_with_a_server_it_is_looked_for_again(caplog: pytest.LogCaptureFixture) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    server = Unforeseen("ws://localhost/tr")
    task = asyncio.create_task(
        watch.watch(server, lambda: told.put_nowait("found"), lambda: told.put_nowait("lost")), name="watch"
    )
    async with asyncio.timeout(5):
        assert [await told.get() for _ in range(4)] == 2 * ["found", "lost"]
    task.cancel()
    await asyncio.wait({task})
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("places", [0, 2])
async def test_without_models_and_servers_there_are_keys(tmp_path: Path, places: int) -> None:
    async with VoskRecogniser(HearingSettings(models=tmp_path / "none", places=places)) as recogniser:
        assert recogniser.languages == ()
        assert recogniser.place(Events().put) is None


async def test_nobody_is_to_be_heard(tmp_path: Path) -> None:
    async with remote() as port, VoskRecogniser(settings(tmp_path, port, places=0)) as recogniser:
        assert not await recogniser.ready(0.05)
        assert recogniser.place(Events().put) is None


def test_a_controller_has_no_vosk_in_it() -> None:
    """A mistake in it ends the process that it is in."""
    code = "import sys, ivr.app, ivr.speech.hearing.recogniser; sys.exit('vosk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
