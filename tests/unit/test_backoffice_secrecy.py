"""The sample back office tells nothing of its customers to who guesses: not in words, and not by the work it takes."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.services.backoffice import sample, secret_digests
from ivr.services.backoffice import sample_accounts as accounts
from tests.unit.backoffice_house import (
    ARSLANS_ORDER,
    AYSES_ORDER,
    Client,
    Watched,
    back_office,
    outbox,
    prove,
    right,
    sql,
)

AYSE, MEHMET, HUSEYIN = sample.AYSE, sample.MEHMET, sample.HUSEYIN
NOT = {"proved": False}
BILLS = {line.number: bill.number for line, bill in accounts.bills()}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "backoffice.db"


@pytest.fixture
async def client(database: Path) -> AsyncIterator[Client]:
    async with back_office(database) as client:
        yield client


CLAIMS = {
    "fault_line": [AYSE.line.number, MEHMET.line.number, HUSEYIN.line.number, sample.UNKNOWN_LINE, "", "1; --"],
    "customer_number": [AYSE.number, MEHMET.number, HUSEYIN.number, "99999999", "", "1; --"],
    "last_order": [AYSES_ORDER, "336:0117", "293:0121", ARSLANS_ORDER, "945:9999", "", "1; --"],
}
VALUES = {
    "pin": [AYSE.pin, MEHMET.pin, "0000", ""],
    "invoice": [BILLS[AYSE.line.number], BILLS[MEHMET.line.number][-4:], "0000", ""],
    "birth_year": [str(AYSE.birth_year), str(MEHMET.birth_year), "1900", ""],
    "sms_code": ["000000", ""],
}


class TestNothingIsTold:
    @pytest.mark.parametrize("proof", VALUES)
    @pytest.mark.parametrize("way", CLAIMS)
    async def test_all_that_is_wrong_gets_one_answer_for_one_course_of_work(
        self, client: Client, monkeypatch: pytest.MonkeyPatch, way: str, proof: str
    ) -> None:
        answers, courses = set(), []
        for claim, value in itertools.product(CLAIMS[way], VALUES[proof]):
            asked = {"way": way, "claim": claim, "proof": proof, "value": value}
            async with Watched(client, monkeypatch) as work:
                response = await client.post("/directory/prove", json=asked)
            courses.append(work.course)
            headers = tuple((name, held) for name, held in response.headers.items() if name != "Date")
            body = await response.read()
            if not body.startswith(b'{"proved": true'):
                answers.add((response.status, headers, body))
        assert courses == courses[:1] * len(courses)
        assert courses[0][2] == 1  # secret was stretched
        [(status, _, body)] = answers
        assert (status, body) == (200, b'{"proved": false}')

    @pytest.mark.parametrize("way", CLAIMS)
    async def test_nor_where_codes_were_sent(self, client: Client, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
        """A wrong code costs the same for every claim for which one was asked, whoever got it."""
        courses = []
        for serial, claim in enumerate(CLAIMS[way]):
            await right(client, "/code/send", {"way": way, "claim": claim}, f"{serial}")
            for _ in range(2):
                async with Watched(client, monkeypatch) as work:
                    assert await prove(client, way, claim, "sms_code", "none of") == NOT
                courses.append(work.course)
        assert courses == courses[:1] * len(courses)
        assert courses[0][1:] == (1, 1)  # its tries, and one secret

    async def test_every_statement_finds_its_rows_by_an_index(
        self, client: Client, database: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with Watched(client, monkeypatch) as work:
            await right(client, "/directory/find", {"number": MEHMET.main})
            for way, proof in itertools.product(CLAIMS, VALUES):
                await prove(client, way, CLAIMS[way][0], proof, VALUES[proof][0])
                await right(client, "/code/send", {"way": way, "claim": CLAIMS[way][0]}, f"{way}-{proof}")
        asked = {statement for statement in work.statements if statement.split()[0] not in ("BEGIN", "COMMIT")}
        assert len(asked) > 20
        for statement in asked:
            plan = [row[3] for row in sql(database, f"EXPLAIN QUERY PLAN {statement}")]
            assert [step for step in plan if step.startswith("SCAN") and step != "SCAN meant"] == []


class TestSecrets:
    async def test_pins_are_not_kept_and_equal_ones_look_different(self, client: Client, database: Path) -> None:
        rows = sql(database, "SELECT pin_salt, pin_digest FROM customers ORDER BY id")
        assert len(rows) == len(sample.SAMPLE)
        for (salt, digest), customer in zip(rows, sample.SAMPLE, strict=True):
            assert customer.pin.encode() not in salt + digest
        assert sample.CAN.pin == MEHMET.pin
        assert len({digest for _, digest in rows}) == len(rows)

    async def test_nothing_personal_is_logged(self, client: Client, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        for claim, value in ((AYSE.line.number, AYSE.pin), (AYSE.line.number, "9999"), ("x", AYSE.pin)):
            await prove(client, "fault_line", claim, "pin", value)
        await right(client, "/code/send", {"way": "customer_number", "claim": MEHMET.number})
        [sent] = await outbox(client)
        assert "/directory/prove" in caplog.text  # the access log was on
        code = "".join(filter(str.isdecimal, sent["text"]))[:6]
        for secret in (AYSE.line.number[1:], AYSE.pin, "9999", MEHMET.number, MEHMET.main[1:], AYSE.name, code):
            assert secret not in caplog.text
        assert AYSE.pin not in repr(AYSE)
        assert str(AYSE.birth_year) not in repr(AYSE)

    async def test_guesses_wait_for_each_other_and_nobody_for_them(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """However many guess at once, secrets are stretched one by one, in a thread that nothing else needs."""
        go_on, threads = threading.Event(), set()
        real = secret_digests.stretch

        def held_up(secret: str) -> bytes:
            threads.add(threading.current_thread().name)
            assert go_on.wait(60)
            return real(secret)

        monkeypatch.setattr(secret_digests, "stretch", held_up)
        async with asyncio.TaskGroup() as guesses:
            tasks = [
                guesses.create_task(prove(client, "fault_line", AYSE.line.number, "pin", f"{pin:04}"), name="guess")
                for pin in range(30)
            ]
            try:
                found = await right(client, "/directory/find", {"number": MEHMET.main})
                assert len(found["matches"]) == 1
                assert await asyncio.to_thread(lambda: True)
                assert not any(task.done() for task in tasks)
            finally:
                go_on.set()
        assert len(threads) == 1
