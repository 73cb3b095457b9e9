"""`ivr recogniser`, by hand and as a controller's child. Without Vosk."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from ivr.speech.hearing.client import Server
from tests.unit.test_cli import ivr

GIVEN = ("--models", "none", "--places", "4", "--threads", "1")
PATIENCE = 20.0  # seconds; a Python that starts while all tests run takes some
# A model that never comes to an end of its first sound, which its only thread hangs with.
HANGS = """
import sys, threading
from pathlib import Path
from ivr.cli import main
from ivr.commands import recogniser
from ivr.speech.hearing.server import RecognitionServer
from tests.unit.hearing_house import ScriptedModel

def hang():
    print("hangs", flush=True)
    threading.Event().wait()

model = ScriptedModel()
model.before_answering = hang
recogniser._models = lambda folder, languages: {"tr": Path()}
recogniser._app = lambda folders, places, threads: RecognitionServer({"tr": model}, places, threads).app()
main()
"""


@pytest.mark.parametrize("settings", ["nonsense = [", "[hearing]\nplaces = -1\n"])
def test_a_child_needs_no_settings(tmp_path: Path, settings: str) -> None:
    """They may have been edited into a mistake since the controller began, whose child has to come back."""
    (tmp_path / "devam.toml").write_text(settings)
    by_hand = ivr("recogniser", *GIVEN, folder=tmp_path)
    assert (by_hand.returncode, "devam.toml" in by_hand.stderr) == (1, True)
    child = ivr("recogniser", "--as-child", *GIVEN, folder=tmp_path)
    assert (child.returncode, child.stderr) == (
        1,
        "error: none: there is no speech model: `ivr models get tr --folder none`\n",
    )


async def test_a_child_whose_thread_hangs_ends_with_its_controller(tmp_path: Path) -> None:
    socket = tmp_path / "socket"
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HANGS, "recogniser", "--as-child", "--socket", str(socket), *GIVEN),
        stdin=PIPE,
        stdout=PIPE,
    )
    assert child.stdin
    assert child.stdout
    server = Server("ws://localhost/tr", socket)
    try:
        async with asyncio.timeout(PATIENCE):
            assert await child.stdout.readline() == f"hears tr: 4 at a time, at socket {socket}\n".encode()
            async with server.utterance(["fatura"]) as utterance:
                await utterance.send(b"\x00\x20" * 800)
                assert await child.stdout.readline() == b"hangs\n"
            child.stdin.close()
            assert await child.wait() == 0
    finally:
        await server.aclose()
        if child.returncode is None:
            child.kill()
        await child.communicate()
