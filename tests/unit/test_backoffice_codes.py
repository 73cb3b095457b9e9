"""Codes by SMS: to whom the sample back office sends them, how long they count, and what else its outbox holds."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.services.backoffice import codes, sample
from ivr.services.backoffice.handlers import OFFICE
from ivr.services.backoffice.secret_digests import Stretcher
from tests.unit.backoffice_house import (
    ARSLANS_ORDER,
    NOW,
    TODAY,
    Client,
    Watched,
    ask,
    back_office,
    outbox,
    prove,
    proved,
    right,
    sql,
)

AYSE, MEHMET, ZEYNEP, HATICE = sample.AYSE, sample.MEHMET, sample.ZEYNEP, sample.HATICE
BY_NUMBER = "customer_number"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "backoffice.db"


@pytest.fixture
async def client(database: Path) -> AsyncIterator[Client]:
    async with back_office(database) as client:
        yield client


async def send(client: Client, claim: str, key: str = "k", way: str = BY_NUMBER) -> None:
    assert await right(client, "/code/send", {"way": way, "claim": claim}, key) == {"sent": True}


async def code(client: Client) -> str:
    """The code that was sent last."""
    found = re.search(r"\b[0-9]{6}\b", (await outbox(client))[-1]["text"])
    assert found
    return found[0]


class TestWhoGetsOne:
    @pytest.mark.parametrize(
        ("customer", "mobile"),
        [
            (MEHMET, MEHMET.main),
            (ZEYNEP, ZEYNEP.alternates[0]),  # her main number is her telephone
            (sample.FATMA, sample.FATMA.alternates[0]),
        ],
    )
    async def test_a_mobile_of_the_customer(self, client: Client, customer: sample.SampleCustomer, mobile: str) -> None:
        await send(client, customer.line.number, way="fault_line")
        [message] = await outbox(client)
        assert (message["to"], message["kind"], message["at"]) == (mobile, "code", "2026-10-02T21:30:00")
        assert message["text"].count(await code(client)) == 2  # in Turkish and in English
        said = await prove(client, "fault_line", customer.line.number, "sms_code", await code(client))
        assert said == proved(customer)

    @pytest.mark.parametrize(
        ("way", "claim"),
        [
            (BY_NUMBER, AYSE.number),  # has no mobile
            (BY_NUMBER, "99999999"),
            (BY_NUMBER, ""),
            ("fault_line", sample.UNKNOWN_LINE),
            ("fault_line", MEHMET.main),
            ("last_order", ARSLANS_ORDER),  # may mean two
            ("last_order", "nonsense"),
        ],
    )
    async def test_nobody_and_that_looks_and_costs_the_same(
        self, client: Client, monkeypatch: pytest.MonkeyPatch, way: str, claim: str
    ) -> None:
        courses = []
        for key, asked in (("one", (BY_NUMBER, MEHMET.number)), ("other", (way, claim))):
            async with Watched(client, monkeypatch) as work:
                await send(client, asked[1], key, asked[0])
            courses.append(work.course)
        assert courses[0] == courses[1]
        assert courses[0][2] == 1
        assert [message["to"] for message in await outbox(client)] == [MEHMET.main]

    @pytest.mark.parametrize(
        ("hours_ago", "days_left", "gets"), [(0, 365, False), (23, 364, False), (24, 364, True), (9000, -1, False)]
    )
    async def test_a_remembered_mobile_after_a_day(
        self, client: Client, database: Path, hours_ago: int, days_left: int, gets: bool
    ) -> None:
        """Until then the customer can undo it: the notice is on the main number."""
        at = (NOW - timedelta(hours=hours_ago)).replace(tzinfo=None).isoformat(timespec="seconds")
        until = (TODAY + timedelta(days=days_left)).isoformat()
        row = (sample.UNKNOWN_MOBILE, AYSE.id, "registered", AYSE.line.number, at, until, "tr", "Hatırlayalım mı?", at)
        sql(database, "INSERT INTO numbers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *row)
        await send(client, AYSE.number)
        assert [message["to"] for message in await outbox(client)] == [sample.UNKNOWN_MOBILE] * gets


class TestWhatCounts:
    async def test_once(self, client: Client) -> None:
        await send(client, MEHMET.number)
        given = await code(client)
        said = await asyncio.gather(*(prove(client, BY_NUMBER, MEHMET.number, "sms_code", given) for _ in range(5)))
        assert sorted(answer["proved"] for answer in said) == [False] * 4 + [True]
        assert not (await prove(client, BY_NUMBER, MEHMET.number, "sms_code", given))["proved"]

    async def test_three_tries(self, client: Client) -> None:
        for wrong in (2, 3):
            await send(client, MEHMET.number, f"{wrong}")
            for _ in range(wrong):
                await prove(client, BY_NUMBER, MEHMET.number, "sms_code", "wrong")
            said = await prove(client, BY_NUMBER, MEHMET.number, "sms_code", await code(client))
            assert said["proved"] is (wrong < codes.TRIES)

    async def test_the_newest_one(self, client: Client) -> None:
        await send(client, MEHMET.number, "first")
        first = await code(client)
        await send(client, MEHMET.number, "second")
        second = await code(client)
        assert first != second  # but for one in a million
        assert not (await prove(client, BY_NUMBER, MEHMET.number, "sms_code", first))["proved"]
        assert (await prove(client, BY_NUMBER, MEHMET.number, "sms_code", second))["proved"]

    async def test_one_that_comes_too_late_leaves_the_newer_one(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The newer one is sent while the older one is being checked."""
        await send(client, MEHMET.number, "first")
        first = await code(client)
        assert client.app
        stretcher: Stretcher = client.app[OFFICE].stretcher
        stretch, checking, go_on = stretcher.stretch, asyncio.Event(), asyncio.Event()

        async def slowly(secret: str) -> bytes:
            if secret == first:
                checking.set()
                await go_on.wait()
            return await stretch(secret)

        monkeypatch.setattr(stretcher, "stretch", slowly)
        late = asyncio.create_task(prove(client, BY_NUMBER, MEHMET.number, "sms_code", first), name="late")
        async with asyncio.timeout(30):
            await checking.wait()
        await send(client, MEHMET.number, "second")
        go_on.set()
        assert not (await late)["proved"]
        assert (await prove(client, BY_NUMBER, MEHMET.number, "sms_code", await code(client)))["proved"]

    async def test_for_the_very_claim(self, client: Client) -> None:
        await send(client, MEHMET.number)
        given = await code(client)
        for way, claim in (("fault_line", MEHMET.line.number), ("last_order", "336:0117"), (BY_NUMBER, HATICE.number)):
            assert not (await prove(client, way, claim, "sms_code", given))["proved"]
        assert (await prove(client, BY_NUMBER, MEHMET.number, "sms_code", given))["proved"]

    @pytest.mark.parametrize(("seconds", "counts"), [(codes.MINUTES * 60 - 1, True), (codes.MINUTES * 60, False)])
    async def test_for_some_minutes(self, database: Path, seconds: int, counts: bool) -> None:
        async with back_office(database) as client:
            await send(client, MEHMET.number)
            given = await code(client)
        async with back_office(database, NOW + timedelta(seconds=seconds)) as client:
            assert len(await outbox(client)) == counts
            said = await prove(client, BY_NUMBER, MEHMET.number, "sms_code", given)
            assert said["proved"] is counts
            await send(client, "another", "next")
        assert sql(database, "SELECT count(*) FROM codes") == [(1,)]  # what is over is not kept

    async def test_the_code_that_nobody_got_proves_nothing(self, client: Client, database: Path) -> None:
        await send(client, AYSE.number)
        [(text,)] = sql(database, "SELECT text FROM outbox")
        given = "".join(filter(str.isdecimal, text))[:6]
        assert not (await prove(client, BY_NUMBER, AYSE.number, "sms_code", given))["proved"]


class TestOnce:
    async def test_one_key_sends_one(self, client: Client) -> None:
        await asyncio.gather(*(send(client, MEHMET.number) for _ in range(10)))
        assert len(await outbox(client)) == 1
        await send(client, MEHMET.number, "another")
        assert len(await outbox(client)) == 2
        assert (await ask(client, "/code/send", {"way": BY_NUMBER, "claim": AYSE.number}))[0] == 409

    async def test_the_code_is_in_the_message_and_nowhere_else(self, client: Client, database: Path) -> None:
        await send(client, MEHMET.number)
        given = await code(client)
        tables = [name for (name,) in sql(database, "SELECT name FROM sqlite_schema WHERE type = 'table'")]
        kept = {table: str(sql(database, f'SELECT * FROM "{table}"')) for table in tables}
        assert [table for table, rows in kept.items() if given in rows] == ["outbox"]


async def test_the_outbox_needs_the_token(client: Client) -> None:
    await send(client, MEHMET.number)
    response = await client.get("/outbox", headers={"Authorization": "Bearer wrong"})
    assert response.status == 401
    assert MEHMET.main not in json.dumps(await response.json())
    assert (await client.get("/outbox")).headers["Cache-Control"] == "no-store"
