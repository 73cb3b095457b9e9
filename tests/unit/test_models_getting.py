"""From a language to an installed model, over a list of models; and what is left when it fails."""

from __future__ import annotations

import asyncio
import json
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import pytest

from ivr.errors import ModelError
from ivr.speech.models import installing
from ivr.speech.models.folder import Origin, installed
from ivr.speech.models.getting import Wish, by_hand, offered
from ivr.speech.models.vocabulary import known_words
from tests.unit.models_house import MODEL, NOWHERE, FileServer, as_zip, get, left, serving, take_untried

ZIP = as_zip(MODEL)


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    take_untried(monkeypatch)


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


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("graph/Gr.fst", MODEL["graph/Gr.fst"][:-10], "cannot be read"),
        ("graph/Gr.fst", b"", "cannot be read"),
        ("graph/HCLr.fst", None, "it lacks graph/HCLr.fst"),
    ],
)
async def test_a_damaged_one_is_got_anew(
    tmp_path: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None, told: str
) -> None:
    monkeypatch.setattr(installing, "try_model", known_words)
    server = Mirror(ZIP)
    async with serving(server) as url:
        got = await get(wish(url), tmp_path, lines)
        if content is None:
            (got.folder / name).unlink()
        else:
            (got.folder / name).write_bytes(content)
        lines.clear()
        assert got == await get(wish(url), tmp_path, lines)
    assert len(server.asked) == 2
    assert told in lines[0]
    assert lines[0].endswith("it is got anew")
    assert (got.folder / name).read_bytes() == MODEL[name]


@pytest.mark.usefixtures("untried")
async def test_a_damaged_one_stays_where_no_other_can_be_had(tmp_path: Path, lines: list[str]) -> None:
    server = Mirror(ZIP)
    async with serving(server) as url:
        got = await get(wish(url), tmp_path, lines)
        (got.folder / "graph/HCLr.fst").unlink()
        server.faults = [server.refuses(404)]
        with pytest.raises(ModelError):
            await get(wish(url), tmp_path, lines)
    assert installed(tmp_path) == [got]


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
    assert "ivr models get en --from FILE-OR-FOLDER\n" in str(refused.value)
    assert lines == []


@pytest.mark.usefixtures("untried")
async def test_for_one_that_is_there_and_known_by_name_nobody_is_asked(tmp_path: Path, lines: list[str]) -> None:
    async with serving(Mirror(ZIP)) as url:
        got = await get(wish(url), tmp_path, lines)
    lines.clear()
    for known in (Wish("tr", address=NOWHERE), wish(NOWHERE, name="vosk-model-small-tr-0.3")):
        assert await get(known, tmp_path, lines) == got
    assert lines == [f"{tmp_path}/tr: vosk-model-small-tr-0.3 is already there, nothing to do"] * 2
    for other in (wish(NOWHERE), Wish("tr", "vosk-model-tr-0.9", NOWHERE)):
        with pytest.raises(ModelError, match="cannot be reached"):
            await get(other, tmp_path, lines)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wish("tr"), "download vosk-model-small-tr-0.3.zip\n"),
        (Wish("tr"), "    ivr models get tr --from vosk-model-small-tr-0.3.zip\n"),
        (Wish("tr"), "    ivr models get tr --list URL"),
        (Wish("tr", "vosk-model-tr-9"), "download vosk-model-tr-9.zip\n"),
        (Wish("xx"), "see whether there is a small model of 'xx'"),
    ],
)
def test_what_is_fetched_by_hand_is_named_where_it_is_known(wanted: Wish, told: str) -> None:
    assert told in by_hand(wanted)


async def test_who_asks_what_there_is_is_told_how_to_go_on_without_the_list() -> None:
    with pytest.raises(ModelError, match=r"cannot be reached(.|\n)*ivr models get tr --from"):
        await offered(Wish("tr", address=NOWHERE))
