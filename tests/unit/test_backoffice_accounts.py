"""The sample back office's books: data, tickets, orders, messages and callbacks; each change once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import aiosqlite
import pytest

from context_store.records import Json
from ivr.errors import SettingsError
from ivr.services.backoffice import sample
from ivr.services.backoffice import sample_accounts as accounts
from ivr.services.backoffice.data import opened
from ivr.services.backoffice.once import KeyReused, Ledger
from tests.unit.backoffice_house import NOW, TODAY, Client, Said, ask, back_office, right

MEHMET, SELIN = sample.MEHMET.line.number, sample.SELIN.line.number
ZEYNEPS = f"{accounts.ZEYNEPS_TICKET.number}"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "backoffice.db"


@pytest.fixture
async def client(database: Path) -> AsyncIterator[Client]:
    async with back_office(database) as client:
        yield client


class TestQuota:
    @pytest.mark.parametrize(
        ("customer", "kind", "remaining", "packages"),
        [(sample.SELIN, "limited", 3, 3), (sample.HATICE, "limited", 0, 3), (sample.AYSE, "unlimited", 0, 0)],
    )
    async def test_of_a_line(
        self, client: Client, customer: sample.SampleCustomer, kind: str, remaining: int, packages: int
    ) -> None:
        quota = await right(client, "/quota/current", {"line": customer.line.number})
        assert (quota["kind"], quota["remaining"], len(quota["packages"])) == (kind, remaining, packages)
        assert quota["renews"] == "2026-11-01"

    async def test_a_telephone_has_none(self, client: Client) -> None:
        assert (await right(client, "/quota/current", {"line": sample.ELIF.line.number}))["kind"] == "none"

    async def test_topped_up_once_a_key(self, client: Client) -> None:
        wanted = {"line": SELIN, "package": "medium"}
        for key, remaining in (("k", 28), ("k", 28), ("another", 53)):
            assert await right(client, "/quota/top_up", wanted, key) == {"remaining": remaining, "price": "119.90"}
        assert (await right(client, "/quota/current", {"line": SELIN}))["remaining"] == 53

    @pytest.mark.parametrize(
        "wrong", [{"package": "huge"}, {"line": sample.AYSE.line.number}, {"line": sample.UNKNOWN_LINE}]
    )
    async def test_what_cannot_be_bought(self, client: Client, wrong: Said) -> None:
        assert (await ask(client, "/quota/top_up", {"line": SELIN, "package": "small", **wrong}))[0] == 409

    async def test_it_renews_on_the_first(self, tmp_path: Path) -> None:
        for serial, (day, first) in enumerate(
            [((2026, 12, 31), "2027-01-01"), ((2027, 1, 31), "2027-02-01"), ((2028, 2, 29), "2028-03-01")]
        ):
            now = datetime(*day, tzinfo=NOW.tzinfo)
            async with back_office(tmp_path / f"{serial}.db", now) as client:
                assert (await right(client, "/quota/current", {"line": SELIN}))["renews"] == first


class TestTickets:
    async def test_open_with_an_appointment(self, client: Client) -> None:
        found = await right(client, "/ticket/find", {"line": sample.ZEYNEP.line.number})
        assert found["ticket"] == {
            "number": ZEYNEPS,
            "state": "waiting",
            "opened": "2026-09-30",
            "appointment": "2026-10-05",
        }

    async def test_open_without_one(self, client: Client) -> None:
        found = await right(client, "/ticket/find", {"line": sample.FATMA.line.number})
        assert (found["ticket"]["state"], found["ticket"]["appointment"]) == ("working", None)
        assert (await ask(client, "/appointment/slots", {"ticket": found["ticket"]["number"]}))[0] == 404

    async def test_none(self, client: Client) -> None:
        assert await right(client, "/ticket/find", {"line": MEHMET}) == {"ticket": None}
        assert (await ask(client, "/ticket/find", {"line": sample.UNKNOWN_LINE}))[0] == 404

    async def test_one_that_was_just_opened_is_found(self, client: Client) -> None:
        fault = {"line": MEHMET, "symptom": "slow", "contact": ""}
        opened_now = await right(client, "/ticket/open", fault)
        found = (await right(client, "/ticket/find", {"line": MEHMET}))["ticket"]
        assert (found["number"], found["appointment"]) == (opened_now["number"], opened_now["appointment"])
        assert found["opened"] == "2026-10-02"

    async def test_an_appointment_of_the_past_is_none(self, database: Path) -> None:
        async with opened(database, TODAY - timedelta(days=30)):
            pass
        async with back_office(database) as client:
            found = await right(client, "/ticket/find", {"line": sample.ZEYNEP.line.number})
            assert found["ticket"]["appointment"] is None
            assert (await ask(client, "/appointment/slots", {"ticket": ZEYNEPS}))[0] == 404

    async def test_days_to_choose_from_are_working_days_and_not_the_present_one(self, client: Client) -> None:
        assert await right(client, "/appointment/slots", {"ticket": ZEYNEPS}) == {
            "days": ["2026-10-06", "2026-10-07", "2026-10-08"]
        }

    async def test_moved(self, client: Client) -> None:
        for key in ("k", "k"):
            said = await right(client, "/appointment/move", {"ticket": ZEYNEPS, "day": "2026-10-07"}, key)
            assert said == {"moved": True, "appointment": "2026-10-07"}
        assert (await right(client, "/appointment/slots", {"ticket": ZEYNEPS}))["days"][0] == "2026-10-05"

    @pytest.mark.parametrize(
        "day", ["2026-10-02", "2026-10-03", "2026-10-10", "2026-10-11", "2026-12-01", "2025-10-07"]
    )
    async def test_nobody_comes_on_such_a_day(self, client: Client, day: str) -> None:
        said = await right(client, "/appointment/move", {"ticket": ZEYNEPS, "day": day})
        assert said == {"moved": False, "appointment": "2026-10-05"}

    @pytest.mark.parametrize(
        "body", [{"ticket": "000001", "day": "2026-10-07"}, {"ticket": "479790", "day": "2026-10-07"}]
    )
    async def test_no_such_appointment(self, client: Client, body: Said) -> None:
        assert (await ask(client, "/appointment/move", body))[0] == 404

    @pytest.mark.parametrize(
        "body", [{"ticket": ZEYNEPS, "day": "2026-02-30"}, {"ticket": "1; DROP", "day": "2026-10-07"}]
    )
    async def test_hostile_appointments(self, client: Client, body: Said) -> None:
        assert (await ask(client, "/appointment/move", body))[0] == 400


class TestOthers:
    async def test_the_newest_order(self, client: Client) -> None:
        order = (await right(client, "/order/find", {"customer": sample.MEHMET.id}))["order"]
        assert (order["number"], order["state"], order["day"]) == ("350117", "shipped", "2026-10-04")
        assert order["item"] == {"tr": "yeni modem", "en": "a new modem"}

    @pytest.mark.parametrize("customer", [sample.ZEYNEP.id, "C9999"])
    async def test_no_order(self, client: Client, customer: str) -> None:
        assert await right(client, "/order/find", {"customer": customer}) == {"order": None}

    async def test_a_message_for_somebody_else(self, client: Client) -> None:
        report = {"kind": "sms", "number": sample.UNKNOWN_MOBILE}
        for key, number in (("k", "610001"), ("k", "610001"), ("another", "610002")):
            said = await right(client, "/message/not_mine", report, key)
            assert said == {"number": number, "by": "2026-10-05"}
        assert (await ask(client, "/message/not_mine", {**report, "kind": "fax"}, "fax"))[0] == 400

    async def test_a_callback(self, client: Client) -> None:
        wanted = {"number": sample.UNKNOWN_MOBILE, "queue": "agents", "reason": "bill"}
        assert await right(client, "/callback/request", wanted) == {"number": "720001", "by": "2026-10-03T12:00"}
        assert (await ask(client, "/callback/request", {**wanted, "number": ""}, "withheld"))[0] == 400

    async def test_one_key_is_for_one_service(self, client: Client) -> None:
        await right(client, "/message/not_mine", {"kind": "sms", "number": sample.UNKNOWN_MOBILE})
        wanted = {"number": sample.UNKNOWN_MOBILE, "queue": "agents", "reason": "bill"}
        assert (await ask(client, "/callback/request", wanted))[0] == 409


def test_a_file_of_an_earlier_version_is_told_and_left_alone(database: Path) -> None:
    with sqlite3.connect(database) as older:
        older.execute("CREATE TABLE customers (id TEXT)")
        older.execute("PRAGMA user_version = 1")
    older.close()
    before = database.read_bytes()
    with pytest.raises(SettingsError, match=r"made by an earlier Devam .*name another file .*or remove it"):
        asyncio.run(_open(database))
    assert database.read_bytes() == before


async def _open(database: Path) -> None:
    async with opened(database, TODAY):
        pass


class TestOnce:
    """The ledger of changes, on a table of its own."""

    @pytest.fixture
    async def counted(self) -> AsyncIterator[aiosqlite.Connection]:
        async with aiosqlite.connect(":memory:", isolation_level=None) as connection:
            await connection.execute("CREATE TABLE done (what TEXT)")
            await connection.execute(
                "CREATE TABLE changes (idempotency_key TEXT, service TEXT, asked TEXT, answer TEXT)"
            )
            yield connection

    @staticmethod
    async def done(connection: aiosqlite.Connection) -> int:
        async with connection.execute("SELECT count(*) FROM done") as cursor:
            [(count,)] = await cursor.fetchall()
        return int(count)

    async def test_what_raises_is_undone_and_may_be_asked_again(self, counted: aiosqlite.Connection) -> None:
        ledger, failing = Ledger(counted), True

        async def change() -> dict[str, Json]:
            await counted.execute("INSERT INTO done VALUES ('it')")
            if failing:
                raise LookupError
            return {"number": 1}

        with pytest.raises(LookupError):
            await ledger.once("k", "a.change", {}, change)
        assert await self.done(counted) == 0
        failing = False
        assert [await ledger.once("k", "a.change", {}, change) for _ in range(3)] == [{"number": 1}] * 3
        assert await self.done(counted) == 1
        with pytest.raises(KeyReused):
            await ledger.once("k", "a.change", {"another": "request"}, change)
        with pytest.raises(KeyReused):
            await ledger.once("k", "another.change", {}, change)

    async def test_whoever_is_cancelled_leaves_nothing_half_done(self, counted: aiosqlite.Connection) -> None:
        ledger, begun = Ledger(counted), asyncio.Event()

        async def for_ever() -> dict[str, Json]:
            await counted.execute("INSERT INTO done VALUES ('half of it')")
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError

        async def change() -> dict[str, Json]:
            await counted.execute("INSERT INTO done VALUES ('it')")
            return {}

        stuck = asyncio.create_task(ledger.once("k", "a.change", {}, for_ever), name="stuck")
        await begun.wait()
        next_one = asyncio.create_task(ledger.once("l", "a.change", {}, change), name="next")
        stuck.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stuck
        assert await next_one == {}
        assert await self.done(counted) == 1
