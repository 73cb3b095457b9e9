"""Sound over HTTP: addresses that nobody can make up, which lead to the same bytes for ever or nowhere."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from ivr.speech.addresses import SoundAddresses
from ivr.speech.keeping import PLAYED
from ivr.speech.serving import serve_sounds

BASE = "http://10.0.0.5:8080"
SECRET = "a secret of all controllers"
BYTES = b"RIFF" + bytes(range(256)) * 40

Client = TestClient[web.Request, web.Application]


def sound(folder: Path, text: str = "welcome", data: bytes = BYTES, place: str = "tr") -> Path:
    file = folder / place / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.wav"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def made(folder: Path, url: str = BASE, secret: str = SECRET) -> SoundAddresses:
    return SoundAddresses(folder, url, secret)


async def tail(folder: Path, file: Path) -> str:
    [address] = await made(folder).of([file])
    return address.removeprefix(f"{BASE}/sounds/")


def unused_for(file: Path, seconds: float) -> None:
    at = time.time() - seconds
    os.utime(file, (at, at))


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """A web server whose pages may not be kept, with the sound beside them."""

    async def nothing_is_kept(_: web.Request, response: web.StreamResponse) -> None:
        response.headers["Cache-Control"] = "no-store"

    app = web.Application()
    app.on_response_prepare.append(nothing_is_kept)
    serve_sounds(app, made(tmp_path))
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_a_sound_is_served_and_may_be_kept_for_ever(client: Client, tmp_path: Path) -> None:
    answer = await client.get(f"/sounds/{await tail(tmp_path, sound(tmp_path))}")
    assert answer.status == 200
    assert await answer.read() == BYTES
    assert answer.content_type == "audio/wav"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "private" in answer.headers["Cache-Control"]


async def test_an_address_is_right_for_asterisk(tmp_path: Path) -> None:
    url = "https://" + "x" * 92
    for place in ("tr", "tr/once"):
        [address] = await made(tmp_path, url).of([sound(tmp_path, place=place)])
        assert address.endswith(".wav"), "from this it knows the format"
        assert len(address) < 240, "it is a key of its table"
        assert len(address.removeprefix(url)) > 100, "it must be longer than the path that it is kept at"


async def test_whoever_has_the_bytes_gets_none(client: Client, tmp_path: Path) -> None:
    path = f"/sounds/{await tail(tmp_path, sound(tmp_path))}"
    tag = (await client.get(path)).headers["ETag"]
    for known in (tag, f'"other", {tag}', "*"):
        answer = await client.get(path, headers={"If-None-Match": known})
        assert (answer.status, await answer.read()) == (304, b"")
        assert answer.headers["ETag"] == tag
        assert "immutable" in answer.headers["Cache-Control"]
    assert (await client.get(path, headers={"If-None-Match": '"other"'})).status == 200


async def test_a_look_at_the_head(client: Client, tmp_path: Path) -> None:
    answer = await client.head(f"/sounds/{await tail(tmp_path, sound(tmp_path))}")
    assert (answer.status, answer.headers["Content-Length"], await answer.read()) == (200, str(len(BYTES)), b"")


async def test_who_asks_for_a_part_gets_all(client: Client, tmp_path: Path) -> None:
    answer = await client.get(f"/sounds/{await tail(tmp_path, sound(tmp_path))}", headers={"Range": "bytes=4-"})
    assert (answer.status, await answer.read()) == (200, BYTES)


async def test_other_bytes_are_never_served_by_the_same_address(client: Client, tmp_path: Path) -> None:
    file = sound(tmp_path)
    addresses = made(tmp_path)
    [before] = await addresses.of([file])
    path = before.removeprefix(BASE)
    sound(tmp_path, data=BYTES[::-1])
    unused_for(file, 60)
    assert (await client.get(path)).status == 404
    [after] = await addresses.of([file])
    assert after != before
    assert await (await client.get(after.removeprefix(BASE))).read() == BYTES[::-1]
    sound(tmp_path)
    assert await (await client.get(path)).read() == BYTES, "it is there again"


async def test_a_file_that_is_gone_is_not_found_even_by_who_has_it(client: Client, tmp_path: Path) -> None:
    file = sound(tmp_path, place="tr/once")
    path = f"/sounds/{await tail(tmp_path, file)}"
    tag = (await client.get(path)).headers["ETag"]
    file.unlink()
    answer = await client.get(path, headers={"If-None-Match": tag})
    assert answer.status == 404
    assert answer.headers["Cache-Control"] == "no-store"


async def test_controllers_with_one_secret_make_the_same_addresses(tmp_path: Path) -> None:
    file = sound(tmp_path)
    assert await made(tmp_path).of([file]) == await made(tmp_path, f"{BASE}/").of([file])
    assert await made(tmp_path).of([file]) != await made(tmp_path, secret="another secret").of([file])


async def test_the_digest_is_not_reckoned_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = sound(tmp_path)
    addresses = made(tmp_path)
    first = await addresses.of([file])
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was read again"))
    assert await addresses.of([file]) == first


async def test_what_cannot_have_an_address_stays_what_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    outside = sound(tmp_path, place="tr")
    strange = folder / "tr" / "welcome.wav"
    good = sound(folder)
    strange.write_bytes(BYTES)
    gone = good.with_stem("0" * 32)
    found = await made(folder).of([outside, strange, gone, good])
    assert found[:3] == [str(file.with_suffix("")) for file in (outside, strange, gone)]
    assert found[3].startswith(BASE)


async def test_no_other_address_leads_anywhere(client: Client, tmp_path: Path) -> None:
    file = sound(tmp_path)
    good = await tail(tmp_path, file)
    place, rest = good.split("/")
    name, digest, seal = rest.removesuffix(".wav").split("-")
    other = sound(tmp_path, "a secret balance", place="tr/once")
    (tmp_path / "secret.wav").write_bytes(BYTES)
    hostile = (
        f"{place}/{name}.wav",
        f"{place}/{name}-{digest}-{'0' * 32}.wav",
        f"{place}/{name}-{digest}-{seal[:-1]}.wav",
        f"{place}/{name}-{digest}-{seal}",
        f"{place}/{name}-{digest}-{seal}.wav.wav",
        f"{place}/{name}-{digest}-{seal}.wav\n",
        f"{place}/{name}-{digest}-{seal}.WAV",
        f"en/{rest}",
        f"{place}/once/{rest}",
        f"{place}/{other.stem}-{digest}-{seal}.wav",
        f"tr/once/{other.stem}-{digest}-{seal}.wav",
        f"{place}//{rest}",
        f"{place}/../{place}/{rest}",
        f"../secret-{digest}-{seal}.wav",
        "/etc/passwd",
        "../secret.wav",
        "tr\0/x.wav",
        f"{place}/{'٠' * 32}-{digest}-{seal}.wav",
        "tr/",
        "x" * 4000,
    )
    for path in hostile:
        assert made(tmp_path).recognise(path) is None, path
        answer = await client.get(URL(f"/sounds/{quote(path, safe='')}", encoded=True))
        assert answer.status == 404, path
        assert BYTES not in await answer.read()
    assert (await client.get(f"/sounds/{'x' * 20_000}")).status == 400
    assert (await client.post(f"/sounds/{good}")).status == 405
    assert (await client.get(f"/sounds/{good}")).status == 200


async def test_an_address_without_a_seal_of_ours_does_not_reach_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = await tail(tmp_path, sound(tmp_path))
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was read"))
    assert made(tmp_path, secret="another secret").recognise(good) is None
    assert made(tmp_path).recognise(good) is not None


async def test_sound_for_one_call_is_not_needed_when_nobody_has_used_it_for_minutes(tmp_path: Path) -> None:
    file = sound(tmp_path, place="tr/once")
    [address] = await made(tmp_path).of([file])
    [of_another] = await made(tmp_path, "http://10.0.0.6:8080").of([file])
    addresses = made(tmp_path)
    unused_for(file, PLAYED / 2)
    assert not addresses.unneeded(address)
    unused_for(file, PLAYED * 2)
    assert addresses.unneeded(address)
    assert addresses.unneeded(of_another), "it goes even when that controller is no more"
    file.unlink()
    assert addresses.unneeded(address)
    assert not addresses.unneeded(of_another), "it may have a folder of its own"


async def test_other_sound_is_needed_while_there_is_a_file(tmp_path: Path) -> None:
    file = sound(tmp_path)
    [address] = await made(tmp_path).of([file])
    [of_another] = await made(tmp_path, "http://10.0.0.6:8080").of([file])
    addresses = made(tmp_path)
    unused_for(file, PLAYED * 1000)
    assert not addresses.unneeded(address)
    file.unlink()
    assert addresses.unneeded(address)
    assert not addresses.unneeded(of_another), "it may have a folder of its own"


async def test_what_was_sealed_with_a_secret_of_before_goes_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    file = sound(tmp_path, place="tr/once")
    addresses = made(tmp_path)
    [before] = await made(tmp_path, secret="the secret of last year").of([file])
    [foreign] = await made(tmp_path, "http://10.0.0.6:8080", "another company's").of([file])
    assert addresses.unneeded(before)
    for other in (foreign, "http://elsewhere.example/music.wav", "https://x/sounds/", ""):
        assert not addresses.unneeded(other)
