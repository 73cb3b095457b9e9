"""Fetching a model over lines and from servers that are not what they should be."""

from __future__ import annotations

import errno
import hashlib
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from ivr.errors import ModelError
from ivr.speech.models import download
from tests.unit.models_house import Fetching, FileServer, Handler, serving, wanted

CONTENT = random.Random(7).randbytes(300_000)
HALF = 131_072  # two whole blocks


@pytest.fixture
def server() -> FileServer:
    return FileServer(CONTENT)


@pytest.fixture
def fetching(tmp_path: Path) -> Fetching:
    return Fetching(tmp_path)


async def test_a_file_comes_whole_and_says_how_far_it_is(server: FileServer, fetching: Fetching) -> None:
    async with serving(server) as url:
        assert await fetching.fetch(wanted(url, CONTENT)) == CONTENT
    assert fetching.steps[-1] == (300_000, 300_000)
    assert fetching.steps == sorted(fetching.steps)
    assert fetching.pauses == []


async def test_what_broke_off_goes_on_where_it_was(server: FileServer, fetching: Fetching) -> None:
    server.faults = [server.breaks_off(HALF), server.breaks_off(HALF + 65_536)]
    async with serving(server) as url:
        assert await fetching.fetch(wanted(url, CONTENT)) == CONTENT
    assert [asked.get("Range") for asked in server.asked] == [None, "bytes=131072-", "bytes=196608-"]
    assert [asked.get("If-Range") for asked in server.asked] == [None, '"one"', '"one"']
    assert len(fetching.pauses) == 2


async def test_another_day_goes_on_too(server: FileServer, fetching: Fetching) -> None:
    server.faults = [server.breaks_off(HALF), *[server.refuses(503)] * 5]
    async with serving(server) as url:
        with pytest.raises(ModelError, match=r"status 503.*goes on where it ended"):
            await fetching.fetch(wanted(url, CONTENT))
        assert fetching.pauses == [1.0, 2.0, 4.0, 8.0, 16.0]
        server.asked.clear()
        assert await fetching.fetch(wanted(url, CONTENT)) == CONTENT
    assert [asked.get("Range") for asked in server.asked] == ["bytes=131072-"]


async def test_a_file_that_is_here_already_is_not_asked_for(server: FileServer, fetching: Fetching) -> None:
    fetching.part.write_bytes(CONTENT)
    async with serving(server) as url:
        assert await fetching.fetch(wanted(url, CONTENT)) == CONTENT
    assert server.asked == []


async def test_a_server_without_ranges_begins_anew(server: FileServer, fetching: Fetching) -> None:
    server.faults = [server.breaks_off(HALF), server.ignores_ranges]
    async with serving(server) as url:
        assert await fetching.fetch(wanted(url, CONTENT)) == CONTENT


async def test_a_file_that_changed_there_begins_anew(server: FileServer, fetching: Fetching) -> None:
    old = FileServer(bytes(300_000), '"old"')
    async with serving(server) as url:
        server.faults = [old.breaks_off(HALF)]
        assert await fetching.fetch(wanted(url, CONTENT)) == CONTENT
    assert server.asked[1]["If-Range"] == '"old"'


async def test_a_change_that_no_mark_told_of_begins_anew_once(server: FileServer, fetching: Fetching) -> None:
    old = FileServer(bytes(300_000), 'W/"weak"')
    server.faults = [old.breaks_off(HALF)]
    async with serving(server) as url:
        assert await fetching.fetch(wanted(url, CONTENT)) == CONTENT
    assert "If-Range" not in server.asked[1]
    assert [asked.get("Range") for asked in server.asked] == [None, "bytes=131072-", None]


@pytest.mark.parametrize(
    "said",
    [
        "bytes 0-299999/300000",  # from the beginning
        "bytes 131072-299998/299999",  # of another file
        "bytes 131072-299999/*",
        "pages 1-2/3",
        "",
    ],
)
async def test_a_part_that_was_not_asked_for_is_not_taken(server: FileServer, fetching: Fetching, said: str) -> None:
    fetching.part.write_bytes(CONTENT[:HALF])
    server.faults = [server.says(b"x" * 168_928, 206, Content_Range=said)]
    async with serving(server) as url:
        assert await fetching.fetch(wanted(url, CONTENT)) == CONTENT


@pytest.mark.parametrize("digest", ["md5:" + "0" * 32, "sha256:" + "0" * 64])
async def test_a_wrong_checksum_is_fatal_and_nothing_is_kept(
    server: FileServer, fetching: Fetching, digest: str
) -> None:
    async with serving(server) as url:
        with pytest.raises(ModelError, match="checksum is wrong"):
            await fetching.fetch(wanted(url, CONTENT, digest))
    assert len(server.asked) == 1
    assert not fetching.part.exists()


async def test_sha256_counts_as_well(server: FileServer, fetching: Fetching) -> None:
    async with serving(server) as url:
        right = wanted(url, CONTENT, f"sha256:{hashlib.sha256(CONTENT).hexdigest()}")
        assert await fetching.fetch(right) == CONTENT


def too_long(server: FileServer) -> Handler:
    return server.says(CONTENT + b"x")


def too_short(server: FileServer) -> Handler:
    return server.says(CONTENT[:-1])


def endless(server: FileServer) -> Handler:
    return server.never_ends


@pytest.mark.parametrize("fault", [too_long, too_short, endless])
async def test_a_file_of_another_size_is_refused(
    server: FileServer, fetching: Fetching, fault: Callable[[FileServer], Handler]
) -> None:
    server.faults = [fault(server)]
    async with serving(server) as url:
        with pytest.raises(ModelError, match=r"has \d+ bytes, not 300000"):
            await fetching.fetch(wanted(url, CONTENT))
    assert not fetching.part.exists()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_a_plain_no_is_not_asked_again(server: FileServer, fetching: Fetching, status: int) -> None:
    server.faults = [server.refuses(status)]
    async with serving(server) as url:
        with pytest.raises(ModelError, match=f"not to be had there \\(status {status}\\)"):
            await fetching.fetch(wanted(url, CONTENT))
    assert len(server.asked) == 1


async def test_a_server_that_stops_speaking_is_asked_again(
    server: FileServer, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_TIMES", aiohttp.ClientTimeout(sock_read=0.05))
    server.faults = [server.is_silent]
    async with serving(server) as url:
        assert await fetching.fetch(wanted(url, CONTENT)) == CONTENT
    assert len(server.asked) == 2


async def test_a_server_that_never_gets_anywhere_is_given_up(server: FileServer, fetching: Fetching) -> None:
    server.faults = [server.breaks_off(10)] * 1000
    async with serving(server) as url:
        with pytest.raises(ModelError, match="cannot be fetched"):
            await fetching.fetch(wanted(url, CONTENT))
    assert len(server.asked) == 5


async def test_a_server_that_begins_anew_for_ever_is_given_up(server: FileServer, fetching: Fetching) -> None:
    forwards, anew = server.breaks_off(HALF), server.says(b"", 206)
    server.faults = [forwards, anew] * 100
    async with serving(server) as url:
        with pytest.raises(ModelError, match="cannot be fetched"):
            await fetching.fetch(wanted(url, CONTENT))
    assert len(server.asked) == 50


async def test_nobody_there(fetching: Fetching) -> None:
    with pytest.raises(ModelError, match=r"http://127\.0\.0\.1:9/x cannot be fetched"):
        await fetching.fetch(wanted("http://127.0.0.1:9/x?token=hunter22", CONTENT))


@pytest.mark.parametrize("url", ["http://elsewhere.example/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "x"])
async def test_only_https_is_asked_where_nobody_named_another(fetching: Fetching, url: str) -> None:
    with pytest.raises(ModelError, match="is not asked: only https is"):
        await fetching.fetch(replace(wanted(url, CONTENT), named="https://list.example/models.json"))


async def test_a_way_from_https_to_http_is_not_gone(server: FileServer, fetching: Fetching) -> None:
    other = FileServer(CONTENT)
    async with serving(other) as there, serving(server) as url:
        server.faults = [server.says(b"", 302, Location=there)]
        with pytest.raises(ModelError, match="is not asked: only https is"):
            await fetching.fetch(wanted(url, CONTENT))


async def test_more_than_was_wanted_is_thrown_away(server: FileServer, fetching: Fetching) -> None:
    fetching.part.write_bytes(CONTENT + b"x")
    async with serving(server) as url:
        assert await fetching.fetch(wanted(url, CONTENT)) == CONTENT


@pytest.mark.parametrize("mark", ["\x00\n", "a\r\nX-Other: b", "ÿ" * 50])
async def test_a_damaged_mark_does_no_harm(server: FileServer, fetching: Fetching, mark: str) -> None:
    fetching.part.write_bytes(CONTENT[:HALF])
    fetching.part.with_name("model.part.etag").write_text(mark, encoding="utf-8")
    async with serving(server) as url:
        assert await fetching.fetch(wanted(url, CONTENT)) == CONTENT


async def test_a_full_disk_is_told(server: FileServer, fetching: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    async with serving(server) as url:
        with pytest.raises(ModelError, match="No space left on device; 0 MB must fit there"):
            await fetching.fetch(wanted(url, CONTENT))
