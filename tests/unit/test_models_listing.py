"""The list of models: what is taken of it unasked, and what of a list made by a stranger."""

from __future__ import annotations

import json
import socket
from typing import Any, NoReturn

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver

from ivr.errors import ModelError
from ivr.speech.models import listing
from ivr.speech.models.listing import ListUnreachable, choose, fetch, of_language, read
from tests.unit.models_house import FileServer, serving

SMALL = {
    "lang": "tr",
    "lang_text": "Turkish",
    "md5": "0" * 32,
    "name": "vosk-model-small-tr-0.3",
    "obsolete": "false",
    "size": 36_000_000,
    "size_text": "34.3MiB",
    "type": "small",
    "url": "https://list.example/vosk-model-small-tr-0.3.zip",
    "version": "0.3",
}


def entry(**differs: Any) -> dict[str, Any]:
    return {**SMALL, **differs}


def names(language: str, *entries: dict[str, Any]) -> list[str]:
    return [one.name for one in of_language(read(json.dumps(entries).encode(), "here"), language)]


def test_a_small_new_one_comes_first() -> None:
    assert names(
        "en",
        entry(lang="en-us", name="vosk-model-en-us-0.22", type="big"),
        entry(lang="en-in", name="vosk-model-small-en-in-0.4"),
        entry(lang="en-us", name="vosk-model-small-en-us-0.3", obsolete="true"),
        entry(lang="en-us", name="vosk-model-small-en-us-0.9"),
        entry(lang="en-us", name="vosk-model-small-en-us-0.15"),
        entry(lang="tr"),
    ) == [
        "vosk-model-small-en-us-0.15",
        "vosk-model-small-en-us-0.9",
        "vosk-model-small-en-in-0.4",
        "vosk-model-en-us-0.22",
        "vosk-model-small-en-us-0.3",
    ]


def test_one_chooses_by_name() -> None:
    models = read(json.dumps([entry(), entry(name="vosk-model-tr-0.9", type="big")]).encode(), "here")
    assert choose(models, "tr", None).name == "vosk-model-small-tr-0.3"
    assert choose(models, "tr", "vosk-model-tr-0.9").name == "vosk-model-tr-0.9"
    with pytest.raises(ModelError, match=r"no model 'x' of 'tr'; choose with --name: vosk-model-small-tr-0\.3, vosk"):
        choose(models, "tr", "x")
    with pytest.raises(ModelError, match="no small model of 'tr'; choose with --name: vosk-model-tr"):
        choose(models[1:], "tr", None)
    with pytest.raises(ModelError, match="no model of the language 'de'; it has tr"):
        choose(models, "de", None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "../../etc/passwd"},
        {"name": ".hidden"},
        {"name": "a" * 101},
        {"url": "file:///etc/passwd"},
        {"url": "https://a b"},
        {"url": "https://" + "a" * 501},
        {"size": 0},
        {"size": -1},
        {"size": 10**13},
        {"size": "much"},
        {"md5": "short"},
        {"md5": None},
        {"lang": "../tr"},
        {"type": "\x1b[2J"},
        {"obsolete": "perhaps"},
    ],
)
def test_an_entry_that_makes_no_sense_is_left_out(wrong: dict[str, Any]) -> None:
    assert names("tr", entry(**wrong), entry()) == ["vosk-model-small-tr-0.3"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"{}", b"[]", b"[1, null, {}]", b"<html>", b"\xff\xfe", b"[" * 100_000, b'["' + b"x" * 3_000_000],
)
def test_what_is_no_list_is_told_so(raw: bytes) -> None:
    with pytest.raises(ListUnreachable, match="here is not a list of Vosk models"):
        read(raw, "here")


class Nameless(AbstractResolver):
    """A DNS without names."""

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> NoReturn:
        raise OSError(socket.EAI_NONAME, "Name or service not known")

    async def close(self) -> None: ...


async def test_who_is_not_to_be_reached_is_told_without_the_librarys_words() -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=Nameless())) as session:
        with pytest.raises(ListUnreachable, match=r"cannot be reached \(Connection refused\)$"):
            await fetch(session, "http://127.0.0.1:9/list.json")
        with pytest.raises(ListUnreachable, match=r"cannot be reached \(no such name in DNS\)$"):
            await fetch(session, "https://nowhere.invalid/list.json")


async def fetched(server: FileServer) -> list[str]:
    async with serving(server) as url, aiohttp.ClientSession() as session:
        return [one.name for one in await fetch(session, url)]


async def test_a_list_is_fetched() -> None:
    assert await fetched(FileServer(json.dumps([SMALL]).encode())) == ["vosk-model-small-tr-0.3"]


async def test_a_list_without_end_is_not_read_to_it() -> None:
    server = FileServer(b"")
    server.faults = [server.never_ends]
    with pytest.raises(ListUnreachable, match="not a list"):
        await fetched(server)


async def test_a_server_without_the_list() -> None:
    server = FileServer(b"")
    server.faults = [server.refuses(404)]
    with pytest.raises(ListUnreachable, match=r"cannot be read \(status 404\)"):
        await fetched(server)


async def test_a_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "_PATIENCE", 0.05)
    server = FileServer(b"")
    server.faults = [server.is_silent]
    with pytest.raises(ListUnreachable, match="no answer in time"):
        await fetched(server)


async def test_passwords_in_an_address_are_not_told() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(ListUnreachable) as unreachable:
            await fetch(session, "http://me:hunter22@127.0.0.1:9/list?token=hunter23")
    assert "hunter2" not in str(unreachable.value)
    assert "http://127.0.0.1:9/list cannot be reached" in str(unreachable.value)
