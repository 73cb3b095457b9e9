"""The sample back office's directory, the numbers that callers have remembered, and the tokens that the app makes."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.services.backoffice import sample, tokens
from ivr.services.backoffice.registrations import DAYS, MOST_NUMBERS
from tests.unit.backoffice_house import NOW, TODAY, Client, Said, ask, back_office, belonging, outbox, right, sql

AYSE, HUSEYIN = sample.AYSE, sample.HUSEYIN
MOBILE = sample.UNKNOWN_MOBILE
CONSENT = {
    "customer": AYSE.id,
    "line": AYSE.line.number,
    "number": MOBILE,
    "language": "tr",
    "wording": "Bu numarayı hattınız için hatırlayalım mı?",
}
YEAR = {"registered": True, "reason": "", "until": "2027-10-02"}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "backoffice.db"


@pytest.fixture
async def client(database: Path) -> AsyncIterator[Client]:
    async with back_office(database) as client:
        yield client


async def found(client: Client, number: str) -> list[Said]:
    matches: list[Said] = (await right(client, "/directory/find", {"number": number}))["matches"]
    return matches


def mobile(serial: int) -> str:
    return f"+9053112233{serial:02}"


class TestRegister:
    async def test_the_next_call_is_recognised(self, client: Client) -> None:
        assert await found(client, MOBILE) == []
        assert await right(client, "/number/register", CONSENT) == YEAR
        whose = belonging(AYSE)
        [match] = await found(client, MOBILE)
        assert match == {
            "way": "alternate_number",
            "customer": whose["customer"],
            "line": whose["lines"][0],
            "remembered": "2026-10-02",
        }

    async def test_what_was_consented_to_is_kept_with_its_time(self, client: Client, database: Path) -> None:
        await right(client, "/number/register", CONSENT)
        query = "SELECT consent_language, consent_wording, consent_at FROM numbers WHERE kind = 'registered'"
        assert sql(database, query) == [("tr", CONSENT["wording"], "2026-10-02T21:30:00")]

    async def test_for_one_line_only(self, client: Client) -> None:
        home, shop = HUSEYIN.lines
        for key, line in (("one", shop), ("other", home)):
            await right(client, "/number/register", {**CONSENT, "customer": HUSEYIN.id, "line": line.number}, key)
            seen = [match["line"]["number"] for match in await found(client, MOBILE)]
            assert seen == ([shop.number] if line is shop else [home.number, shop.number])

    @pytest.mark.parametrize(
        ("language", "words"), [("tr", "hatırlanacak"), ("en", "remembered"), ("de", "remembered")]
    )
    async def test_the_main_number_is_told(self, client: Client, language: str, words: str) -> None:
        await right(client, "/number/register", {**CONSENT, "language": language})
        [notice] = await outbox(client)
        assert (notice["to"], notice["kind"]) == (AYSE.main, "notice")
        for part in (words, MOBILE[-2:], AYSE.line.ending):
            assert part in notice["text"]
        assert MOBILE[-4:] not in notice["text"]

    async def test_without_a_main_number_the_line_is_told(self, client: Client, database: Path) -> None:
        sql(database, "DELETE FROM numbers WHERE customer = ? AND kind = 'main'", AYSE.id)
        await right(client, "/number/register", CONSENT, "r")
        await right(client, "/number/forget", {"customer": AYSE.id, "number": MOBILE}, "f")
        assert [notice["to"] for notice in await outbox(client)] == [AYSE.line.number] * 2

    @pytest.mark.parametrize(("days", "counts"), [(DAYS, True), (DAYS + 1, False)])
    async def test_for_a_year(self, database: Path, days: int, counts: bool) -> None:
        async with back_office(database) as client:
            await right(client, "/number/register", CONSENT)
        async with back_office(database, NOW + timedelta(days=days)) as client:
            assert len(await found(client, MOBILE)) == counts

    async def test_renewed(self, database: Path) -> None:
        async with back_office(database) as client:
            await right(client, "/number/register", CONSENT)
        later = NOW + timedelta(days=100)
        async with back_office(database, later) as client:
            said = await right(client, "/number/register", {**CONSENT, "language": "en", "wording": "Shall we?"}, "k2")
            assert said["until"] == (TODAY + timedelta(days=100 + DAYS)).isoformat()
            [match] = await found(client, MOBILE)
            assert match["remembered"] == TODAY.isoformat()
        query = "SELECT consent_wording, consent_at FROM numbers WHERE kind = 'registered'"
        assert sql(database, query) == [("Shall we?", later.replace(tzinfo=None).isoformat())]

    @pytest.mark.parametrize("number", [AYSE.main, AYSE.line.number])
    async def test_known_already(self, client: Client, number: str) -> None:
        said = await right(client, "/number/register", {**CONSENT, "number": number})
        assert said == {"registered": False, "reason": "known", "until": None}
        assert await outbox(client) == []

    async def test_an_alternate_of_somebody_else_may_be_registered(self, client: Client) -> None:
        number = sample.ZEYNEP.alternates[0]
        said = await right(client, "/number/register", {**CONSENT, "number": number})
        assert said["registered"]
        assert [match["customer"]["id"] for match in await found(client, number)] == [AYSE.id, sample.ZEYNEP.id]

    async def test_not_without_limit(self, database: Path) -> None:
        async with back_office(database) as client:
            for serial in range(MOST_NUMBERS):
                assert (await register(client, serial))["registered"]
            assert await register(client, 90) == {"registered": False, "reason": "limit", "until": None}
            assert (await register(client, 0, "renewed"))["registered"]
            await right(client, "/number/forget", {"customer": AYSE.id, "number": mobile(3)}, "f")
            assert (await register(client, 91))["registered"]
        async with back_office(database, NOW + timedelta(days=DAYS + 1)) as client:
            assert (await register(client, 92))["registered"]  # those of last year are over
        assert sql(database, "SELECT count(*) FROM numbers WHERE kind = 'registered'") == [(1,)]

    @pytest.mark.parametrize(
        "wrong", [{"line": sample.MEHMET.line.number}, {"line": sample.UNKNOWN_LINE}, {"customer": "C9999"}]
    )
    async def test_no_line_of_somebody_else(self, client: Client, database: Path, wrong: Said) -> None:
        assert (await ask(client, "/number/register", {**CONSENT, **wrong}))[0] == 404
        assert sql(database, "SELECT count(*) FROM numbers WHERE kind = 'registered'") == [(0,)]

    @pytest.mark.parametrize(
        "wrong", [{"language": "Turkish"}, {"wording": ""}, {"wording": "x" * 2001}, {"customer": "' OR 1"}]
    )
    async def test_wrong_requests(self, client: Client, wrong: Said) -> None:
        assert (await ask(client, "/number/register", {**CONSENT, **wrong}))[0] == 400

    async def test_once_a_key(self, client: Client) -> None:
        said = await asyncio.gather(*(right(client, "/number/register", CONSENT) for _ in range(10)))
        assert said == [YEAR] * 10
        assert len(await outbox(client)) == 1
        assert (await ask(client, "/number/register", {**CONSENT, "wording": "Something else"}))[0] == 409


async def register(client: Client, serial: int, key: str = "") -> Said:
    return await right(client, "/number/register", {**CONSENT, "number": mobile(serial)}, key or f"{serial}")


class TestForget:
    async def test_it_is_not_known_any_more_and_the_main_number_is_told(self, client: Client) -> None:
        await right(client, "/number/register", {**CONSENT, "language": "en"}, "r")
        for key, done in (("k", True), ("k", True), ("another", False)):
            said = await right(client, "/number/forget", {"customer": AYSE.id, "number": MOBILE}, key)
            assert said == {"forgotten": done}
        assert await found(client, MOBILE) == []
        notices = await outbox(client)
        assert [notice["to"] for notice in notices] == [AYSE.main] * 2
        assert "not remembered" in notices[1]["text"]

    @pytest.mark.parametrize("number", [sample.ZEYNEP.main, *sample.ZEYNEP.alternates, MOBILE])
    async def test_only_what_a_caller_had_registered(self, client: Client, number: str) -> None:
        before = await found(client, number)
        said = await right(client, "/number/forget", {"customer": sample.ZEYNEP.id, "number": number})
        assert said == {"forgotten": False}
        assert await found(client, number) == before
        assert await outbox(client) == []

    async def test_whoever_has_the_line_by_then_is_told_nothing(self, client: Client, database: Path) -> None:
        await right(client, "/number/register", CONSENT, "r")
        sql(database, "DELETE FROM numbers WHERE customer = ? AND kind = 'main'", AYSE.id)
        sql(database, "UPDATE lines SET customer = ? WHERE number = ?", HUSEYIN.id, AYSE.line.number)
        assert await right(client, "/number/forget", {"customer": AYSE.id, "number": MOBILE}) == {"forgotten": True}
        assert len(await outbox(client)) == 1  # that of the registration

    async def test_only_for_that_customer(self, client: Client) -> None:
        await right(client, "/number/register", CONSENT, "r")
        said = await right(client, "/number/forget", {"customer": HUSEYIN.id, "number": MOBILE})
        assert said == {"forgotten": False}
        assert len(await found(client, MOBILE)) == 1


class TestTokens:
    async def test_good_for_one_use(self, client: Client, database: Path) -> None:
        made = await right(client, "/app/token", {"customer": HUSEYIN.id, "level": "verified"})
        assert made["until"] == "2026-10-02T21:40:00"
        known = {"known": True, "level": "verified", **belonging(HUSEYIN)}
        for key, said in (("k", known), ("k", known), ("another", {"known": False})):
            assert await right(client, "/directory/redeem", {"token": made["token"]}, key) == said
        assert len(made["token"]) >= 16
        with closing(sqlite3.connect(database)) as kept:
            assert made["token"] not in "\n".join(kept.iterdump())

    async def test_for_a_line(self, client: Client) -> None:
        shop = HUSEYIN.lines[1]
        made = await right(client, "/app/token", {"customer": HUSEYIN.id, "line": shop.number, "level": "recognised"})
        said = await right(client, "/directory/redeem", {"token": made["token"]})
        assert said == {"known": True, "level": "recognised", **belonging(HUSEYIN, shop)}

    @pytest.mark.parametrize(
        ("minutes", "known"), [(tokens.MINUTES - 1, True), (tokens.MINUTES, False), (60 * 24, False)]
    )
    async def test_for_minutes(self, database: Path, minutes: int, known: bool) -> None:
        async with back_office(database) as client:
            made = await right(client, "/app/token", {"customer": AYSE.id, "level": "verified"})
        async with back_office(database, NOW + timedelta(minutes=minutes)) as client:
            said = await right(client, "/directory/redeem", {"token": made["token"]})
            assert said["known"] is known
            await right(client, "/app/token", {"customer": AYSE.id, "level": "verified"})
        assert sql(database, "SELECT count(*) FROM tokens") == [(2 if known else 1,)]

    @pytest.mark.parametrize("token", ["", "x" * 32, "' OR '1'='1", "ş" * 100])
    async def test_unknown(self, client: Client, token: str) -> None:
        await right(client, "/app/token", {"customer": AYSE.id, "level": "verified"})
        assert await right(client, "/directory/redeem", {"token": token}) == {"known": False}

    async def test_another_token_needs_another_key(self, client: Client) -> None:
        assert await right(client, "/directory/redeem", {"token": "x" * 32}) == {"known": False}
        assert (await ask(client, "/directory/redeem", {"token": "y" * 32}))[0] == 409

    @pytest.mark.parametrize(
        ("wrong", "status"),
        [
            ({"customer": "C9999"}, 404),
            ({"line": sample.MEHMET.line.number}, 404),
            ({"level": "claimed"}, 400),
            ({"level": None}, 400),
            ({"line": "my line"}, 400),
        ],
    )
    async def test_not_for_everything(self, client: Client, wrong: Said, status: int) -> None:
        body = {"customer": AYSE.id, "level": "verified", **wrong}
        assert (await ask(client, "/app/token", body))[0] == status

    async def test_not_without_the_bearer_token(self, client: Client) -> None:
        body = {"customer": AYSE.id, "level": "verified"}
        response = await client.post("/app/token", json=body, headers={"Authorization": "Bearer wrong"})
        assert response.status == 401


class TestFind:
    async def test_a_number_that_became_the_household_s_counts_once(self, client: Client, database: Path) -> None:
        await right(client, "/number/register", CONSENT)
        sql(database, "INSERT INTO numbers (number, customer, kind) VALUES (?, ?, 'alternate')", MOBILE, AYSE.id)
        [match] = await found(client, MOBILE)
        assert match["remembered"] is None

    async def test_the_line_of_somebody_else_meanwhile(self, client: Client, database: Path) -> None:
        await right(client, "/number/register", CONSENT)
        sql(database, "UPDATE lines SET customer = ? WHERE number = ?", HUSEYIN.id, AYSE.line.number)
        assert await found(client, MOBILE) == []
