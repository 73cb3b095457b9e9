"""The sample back office: who gets in, what it refuses, what it keeps, and what it never tells."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from ivr.errors import SettingsError
from ivr.flow.numbers import to_e164
from ivr.services.backoffice import sample
from ivr.services.backoffice.app import make_app, serving
from ivr.services.backoffice.data import opened
from ivr.services.backoffice.requests import MOST_BYTES
from tests.unit.backoffice_house import TODAY, TOKEN, Client, back_office

ALLOWED = {"Authorization": f"Bearer {TOKEN}"}
LINE = sample.AYSE.line.number
FAULT = {"line": LINE, "symptom": "no_internet", "contact": sample.UNKNOWN_MOBILE}
CONSENT = {"customer": sample.AYSE.id, "line": LINE, "number": "", "language": "tr", "wording": "Hatırlayalım mı?"}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "made for it" / "backoffice.db"


@pytest.fixture
async def client(database: Path) -> AsyncIterator[Client]:
    async with back_office(database) as client:
        yield client


async def error(response: aiohttp.ClientResponse) -> str:
    """What an error answer says; every one is JSON of the same shape."""
    assert response.content_type == "application/json"
    said = await response.json()
    assert isinstance(said["error"], str)
    return json.dumps(said)


class TestAccess:
    @pytest.mark.parametrize(
        "authorization",
        [None, "", "Bearer", "Bearer ", "Bearer wrong", f"Bearer {TOKEN} ", f"bearer {TOKEN}", TOKEN, "Bearer ş"],
    )
    async def test_no_token_no_answer(self, database: Path, authorization: str | None) -> None:
        headers = {} if authorization is None else {"Authorization": authorization}
        async with TestClient(TestServer(make_app(database, f"{TOKEN}!"))) as client:
            for path in ("/directory/find", "/nowhere"):
                response = await client.post(path, json={"number": LINE}, headers=headers)
                assert response.status == 401
                assert "token" in await error(response)

    async def test_no_such_path(self, client: Client) -> None:
        response = await client.post("/directory/everybody", json={})
        assert response.status == 404
        await error(response)

    async def test_nothing_is_asked_by_get(self, client: Client) -> None:
        response = await client.get("/directory/find", params={"number": LINE})
        assert (response.status, response.headers["Allow"]) == (405, "POST")
        await error(response)


class TestWrongRequests:
    @pytest.mark.parametrize(
        "body", [b"", b"{", b"null", b"[]", b'"x"', b"\xff", b'{"number": "\\ud800"}', b"[" * 10_000]
    )
    async def test_not_json(self, client: Client, body: bytes) -> None:
        response = await client.post("/directory/find", data=body)
        assert response.status == 400
        await error(response)

    @pytest.mark.parametrize(
        "number",
        [
            None,
            902125554141,
            "",
            "02125554141",
            "+0212555414",
            "+90212",
            "+9021255541419999",
            "+902125554141\n",
            "+902125554141 ",
            "+٩٠٢١٢٥٥٥٤١٤١",
            "+90' OR '1'='1",
            "%",
            "\x00",
            "anonymous",
            ["+902125554141"],
            {"number": "+902125554141"},
        ],
    )
    async def test_hostile_numbers(self, client: Client, number: Any) -> None:
        requests: list[tuple[str, dict[str, Any]]] = [
            ("/directory/find", {"number": number}),
            ("/number/register", {**CONSENT, "number": number}),
            ("/number/register", {**CONSENT, "line": number}),
            ("/number/forget", {"customer": sample.AYSE.id, "number": number}),
            ("/line/status", {"line": number}),
            ("/ticket/open", {**FAULT, "line": number}),
            *((path, {"line": number}) for path in ("/ticket/find", "/bill/current", "/quota/current")),
            ("/quota/top_up", {"line": number, "package": "small"}),
            ("/message/not_mine", {"kind": "sms", "number": number}),
            ("/callback/request", {"number": number, "queue": "agents", "reason": "bill"}),
        ]
        for path, body in requests:
            response = await client.post(path, json=body, headers={"Idempotency-Key": "k"})
            assert response.status == 400
            await error(response)

    async def test_every_mistake_is_told_at_once_and_no_value(self, client: Client) -> None:
        body = {"line": "my line", "symptom": "It's broken!", "more": "than wanted"}
        response = await client.post("/ticket/open", json=body, headers={"Idempotency-Key": "k"})
        said = await response.json()
        assert [mistake["field"] for mistake in said["mistakes"]] == ["line", "symptom", "contact", "more"]
        assert not any(value in json.dumps(said) for value in body.values())

    @pytest.mark.parametrize("contact", [None, "None", "05321234567", "+90", "ask my son"])
    async def test_what_cannot_be_called_back(self, client: Client, contact: Any) -> None:
        response = await client.post(
            "/ticket/open", json={**FAULT, "contact": contact}, headers={"Idempotency-Key": "k"}
        )
        assert response.status == 400

    @pytest.mark.parametrize("key", [None, "", " ", "two words", "ş", "k" * 201])
    async def test_a_change_needs_a_key(self, client: Client, key: str | None) -> None:
        response = await client.post(
            "/ticket/open", json=FAULT, headers={} if key is None else {"Idempotency-Key": key}
        )
        assert response.status == 400
        assert "Idempotency-Key" in await error(response)

    async def test_too_long(self, client: Client) -> None:
        longest = json.dumps({"number": sample.UNKNOWN_MOBILE}).ljust(MOST_BYTES)
        assert (await client.post("/directory/find", data=longest)).status == 200
        response = await client.post("/directory/find", data=longest + " ")
        assert response.status == 413
        await error(response)


class TestTickets:
    async def test_they_outlive_the_server(self, database: Path) -> None:
        numbers = []
        for key in ("one", "two", "one"):
            async with TestClient(TestServer(make_app(database, TOKEN)), headers=ALLOWED) as client:
                response = await client.post("/ticket/open", json=FAULT, headers={"Idempotency-Key": key})
                numbers.append((await response.json())["number"])
        assert numbers == ["480001", "480002", "480001"]

    async def test_two_servers_on_one_file_open_one(self, database: Path) -> None:
        async with back_office(database) as one, back_office(database) as other:
            responses = await asyncio.gather(
                *(
                    client.post("/ticket/open", json=FAULT, headers={"Idempotency-Key": "k"})
                    for client in (one, other) * 10
                )
            )
            assert {response.status for response in responses} == {200}
            assert {(await response.json())["number"] for response in responses} == {"480001"}


class TestFile:
    async def test_two_that_start_at_once_make_it_once(self, database: Path) -> None:
        async with opened(database, TODAY) as one, opened(database, TODAY) as other:
            for connection in (one, other):
                async with connection.execute("SELECT count(*) FROM customers") as cursor:
                    assert await cursor.fetchone() == (len(sample.SAMPLE),)

    @pytest.mark.parametrize("before", [None, 0o644, 0o660, 0o600])
    async def test_it_is_for_its_owner_alone(self, database: Path, before: int | None) -> None:
        async with opened(database, TODAY):
            pass
        if before is not None:
            await asyncio.to_thread(database.chmod, before)
        async with opened(database, TODAY) as connection:
            await connection.execute("UPDATE lines SET state = 'up'")
            assert {stat.S_IMODE(file.stat().st_mode) for file in database.parent.iterdir()} == {0o600}

    async def test_something_else(self, tmp_path: Path) -> None:
        text = tmp_path / "notes.txt"
        text.write_text("these are my notes, not a database " * 100)
        foreign = tmp_path / "other.db"
        with sqlite3.connect(foreign) as other:
            other.execute("CREATE TABLE songs (title TEXT)")
        other.close()
        newer = tmp_path / "newer.db"
        with sqlite3.connect(newer) as other:
            other.execute("PRAGMA user_version = 99")
        other.close()
        for file in (text, foreign, newer, tmp_path, text / "below" / "a.db"):
            before = file.read_bytes() if file.is_file() else b""
            mode = file.stat().st_mode if file.exists() else 0
            with pytest.raises(SettingsError, match="name another file"):
                async with opened(file, TODAY):
                    pass
            assert (file.read_bytes() if file.is_file() else b"") == before
            assert (file.stat().st_mode if file.exists() else 0) == mode

    async def test_what_goes_wrong_later_is_not_blamed_on_the_file(self, database: Path) -> None:
        with pytest.raises(sqlite3.OperationalError):
            async with opened(database, TODAY) as connection:
                await connection.execute("SELECT * FROM nothing")


class TestServing:
    async def test_on_a_free_port(self, database: Path) -> None:
        async with aiohttp.ClientSession(headers=ALLOWED) as session:
            async with serving("127.0.0.1", 0, database, TOKEN) as url:
                response = await session.post(f"{url}/line/status", json={"line": LINE})
                assert (await response.json())["state"] == "down"
            with pytest.raises(aiohttp.ClientConnectionError):
                await session.post(f"{url}/line/status", json={"line": LINE})

    async def test_on_a_port_in_use(self, database: Path, tmp_path: Path) -> None:
        async with serving("127.0.0.1", 0, database, TOKEN) as url:
            with pytest.raises(OSError, match="in use"):
                async with serving("127.0.0.1", int(url.rpartition(":")[2]), tmp_path / "other.db", TOKEN):
                    pass

    async def test_with_a_file_it_cannot_use(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError):
            async with serving("127.0.0.1", 0, tmp_path, TOKEN):
                pass


class TestSample:
    def test_every_number_is_one(self) -> None:
        lines = [line.number for customer in sample.SAMPLE for line in customer.lines]
        others = [number for customer in sample.SAMPLE for number in (customer.main, *customer.alternates)]
        for number in (*lines, *others, sample.UNKNOWN_LINE, sample.UNKNOWN_MOBILE):
            assert to_e164(number) == number
        assert len(lines) == len(set(lines))
        assert not {sample.UNKNOWN_LINE, sample.UNKNOWN_MOBILE} & {*lines, *others}

    def test_every_story_has_its_customer(self) -> None:
        assert (sample.AYSE.line.ending, sample.AYSE.line.state) == ("41", "down")
        assert sample.AYSE.main == sample.AYSE.line.number
        assert not sample.AYSE.alternates
        assert {line.state for customer in sample.SAMPLE for line in customer.lines} == {"up", "down", "suspended"}
        assert {outage.area for outage in sample.OUTAGES} <= {c.line.area for c in sample.SAMPLE}
