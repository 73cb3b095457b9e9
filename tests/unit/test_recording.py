"""`ivr record` and `ivr replay`: from a controller's socket into a folder, and from there onto the engine."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import WSCloseCode, web
from aiohttp.test_utils import TestServer
from typer.testing import CliRunner

from context_store.editions import Edition
from ivr.cli import app
from ivr.errors import FlowError, TapeError
from ivr.hotline.reading import read_hotline, read_texts
from ivr.hotline.texts import edition_texts, gather_hotline
from ivr.recording.folder import Folder, edition_beside, found, tape_of
from ivr.recording.listening import record_calls
from ivr.resources import packaged
from ivr.settings import Settings
from ivr.tape.tape import Tape, written
from tests.unit.test_tape import Recorded

FLOW = packaged("dialplans") / "flows/hotline.yaml"
TOKEN = "token-for-tests"


@pytest.fixture(scope="module")
def sample() -> tuple[Edition, Tape]:
    """The sample hotline, and a call to it whose caller hangs up during the welcome."""
    flow, _ = read_hotline(FLOW, None)
    call = Recorded(flow)
    call.press("1").hang_up()
    return Edition("hotline", flow.version, gather_hotline(FLOW, None).files, 0.0, "test"), call.tape


@asynccontextmanager
async def controller(*messages: str, code: int = WSCloseCode.GOING_AWAY) -> AsyncIterator[Settings]:
    """One that sends these tapes to who knows its token, and then ends the socket with that code."""

    async def tapes(request: web.Request) -> web.WebSocketResponse:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise web.HTTPUnauthorized
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for message in messages:
            await socket.send_str(message)
        await socket.close(code=code)
        return socket

    server = web.Application()
    server.router.add_get("/api/tapes", tapes)
    async with TestServer(server) as serving:
        yield settings(serving.port or 0)


def settings(port: int, token: str = TOKEN) -> Settings:
    return Settings.model_validate(
        {
            "asterisk": {"ari_password": "ari-password", "ami_password": "ami-password"},
            "web": {"port": port, "secret": "secret-for-tests", "api_token": token},
            "services": {"token": "service-token"},
            "redis": {"url": "redis://127.0.0.1:1/0"},
            "queues": [{"name": "agents"}, {"name": "faults"}],
        }
    )


async def recorded(settings: Settings, folder: Path, calls: int = 1) -> list[str]:
    told: list[str] = []
    await record_calls(settings, Folder(folder), calls, asyncio.Event(), told.append)
    return told


async def test_a_call_goes_into_the_folder_with_its_edition_and_can_be_replayed(
    tmp_path: Path, sample: tuple[Edition, Tape]
) -> None:
    _, tape = sample
    async with controller(written(tape), written(tape)) as running:
        told = await recorded(running, tmp_path / "tapes", calls=2)
    files = found([tmp_path / "tapes"])
    assert [tape_of(file) for file in files] == [tape, tape]
    assert edition_beside(files[0], tape.version).version == tape.version
    assert told[0].startswith(f"call 1 of 2: {len(tape.steps)} events, ")
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in (tmp_path / "tapes").iterdir())
    result = CliRunner().invoke(app, ["replay", str(tmp_path / "tapes")])
    assert result.exit_code == 0, result.output
    assert "2 of 2 calls go as they went then" in result.output


async def test_a_tape_whose_edition_nobody_has_is_kept_and_told(tmp_path: Path, sample: tuple[Edition, Tape]) -> None:
    _, tape = sample
    stranger = Tape(tape.flow, "0" * 64, tape.language, tape.region, tape.steps)
    async with controller(written(stranger)) as running:
        told = await recorded(running, tmp_path)
    assert "cannot be replayed" in told[0]
    [file] = found([tmp_path])
    with pytest.raises(TapeError, match="edition"):
        edition_beside(file, stranger.version)


async def test_the_wrong_token_no_controller_and_one_that_ends_are_told(
    tmp_path: Path, sample: tuple[Edition, Tape]
) -> None:
    async with controller() as running:
        with pytest.raises(TapeError, match="api_token"):
            await recorded(settings(running.web.port, "another-token-1"), tmp_path)
        with pytest.raises(TapeError, match="not there"):
            await recorded(running, tmp_path)
    with pytest.raises(TapeError, match="ivr serve"):
        await recorded(running, tmp_path)


async def test_a_controller_that_cannot_hand_a_call_on_is_told(tmp_path: Path) -> None:
    async with controller(code=WSCloseCode.INTERNAL_ERROR) as running:
        with pytest.raises(TapeError, match="its log says why"):
            await recorded(running, tmp_path)


async def test_it_can_be_stopped_while_it_waits_for_a_call(tmp_path: Path) -> None:
    async with controller() as running:
        stop = asyncio.Event()
        stop.set()
        await record_calls(running, Folder(tmp_path), 1, stop, lambda _: None)


def test_a_tape_that_goes_otherwise_now_is_told_with_the_event(tmp_path: Path, sample: tuple[Edition, Tape]) -> None:
    edition, tape = sample
    folder = Folder(tmp_path)
    folder.keep_edition(edition)
    last = tape.steps[-1]
    changed = (*tape.steps[:-1], type(last)(last.event, ("something else",), last.ids))
    folder.keep(Tape(tape.flow, tape.version, tape.language, tape.region, changed))
    result = CliRunner().invoke(app, ["replay", str(tmp_path)])
    assert result.exit_code == 1
    assert f"at event {len(tape.steps)}, HungUp" in result.output
    assert "something else" in result.output


def test_a_tape_of_an_edition_that_could_not_be_published_today_is_replayed(
    tmp_path: Path, sample: tuple[Edition, Tape]
) -> None:
    """Rules come with every version: what was served by those of before went as it went."""
    edition, tape = sample
    prompts = {name: text for name, text in edition.files.items() if name.startswith("prompts/")}
    lacking = {name: text.replace("  noinput:", "  otherwise_named:", 1) for name, text in prompts.items()}
    assert lacking != prompts
    folder = Folder(tmp_path)
    folder.keep_edition(replace(edition, files={**edition.files, **lacking}))
    folder.keep(tape)
    with pytest.raises(FlowError, match="noinput"):
        read_texts(edition_texts(edition_beside(tmp_path / "any", tape.version)), None)
    assert CliRunner().invoke(app, ["replay", str(tmp_path)]).exit_code == 0


def test_no_tapes_and_a_folder_that_cannot_be_are_told(tmp_path: Path) -> None:
    with pytest.raises(TapeError, match="ivr record"):
        found([tmp_path])
    (tmp_path / "file").write_text("")
    with pytest.raises(TapeError, match="folder"):
        Folder(tmp_path / "file")
