"""The sample back office's books: bills and payments, data, tickets, orders, messages and callbacks."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp.test_utils import TestClient, TestServer

from ivr.errors import SettingsError
from ivr.services.backoffice import sample
from ivr.services.backoffice import sample_accounts as accounts
from ivr.services.backoffice.app import make_app
from ivr.services.backoffice.bank import accepts
from ivr.services.backoffice.data import opened

TOKEN = "a token for tests"
ALLOWED = {"Authorization": f"Bearer {TOKEN}"}
NOW = datetime(2026, 10, 2, 21, 30, tzinfo=ZoneInfo("Europe/Istanbul"))  # a Friday
TODAY = NOW.date()
MEHMET, EMRE, SELIN = sample.MEHMET.line.number, sample.EMRE.line.number, sample.SELIN.line.number
CARD = {"card": accounts.GOOD_CARD, "expiry": "1130", "code": "987"}
MEHMET_PAYS = {"bill": accounts.MEHMETS_BILL.number, "amount": "529.40", **CARD}
EMRE_PAYS = {"bill": accounts.EMRES_BILL.number, "amount": "714.90", **CARD}
ZEYNEPS = f"{accounts.ZEYNEPS_TICKET.number}"

Client = TestClient[Any, Any]
Said = dict[str, Any]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "backoffice.db"


@pytest.fixture
async def client(database: Path) -> AsyncIterator[Client]:
    async with TestClient(TestServer(make_app(database, TOKEN, now=lambda: NOW)), headers=ALLOWED) as client:
        yield client


async def ask(client: Client, path: str, body: Said, key: str = "k") -> tuple[int, Said]:
    response = await client.post(path, json=body, headers={"Idempotency-Key": key})
    return response.status, await response.json()


async def right(client: Client, path: str, body: Said, key: str = "k") -> Said:
    status, said = await ask(client, path, body, key)
    assert status == 200, said
    return said


class TestBills:
    async def test_overdue_and_higher_for_reasons(self, client: Client) -> None:
        bill = await right(client, "/bill/current", {"line": MEHMET})
        assert (bill["state"], bill["due"]) == ("overdue", "2026-09-29")
        reasons = [reason["amount"] for reason in bill["reasons"]]
        assert (bill["amount"], bill["previous"], reasons) == ("529.40", "349.90", ["149.50", "30.00"])

    async def test_reasons_add_up(self) -> None:
        for _, bill in accounts.bills():
            assert bill.amount == bill.previous + sum(kurus for _, kurus in bill.reasons)

    async def test_every_state_has_its_customer(self, client: Client) -> None:
        states = {
            (await right(client, "/bill/current", {"line": line.number}))["state"] for line, _ in accounts.bills()
        }
        assert states == {"open", "overdue", "paid"}

    async def test_paying_settles_it(self, client: Client) -> None:
        assert await right(client, "/payment/pay", MEHMET_PAYS) == {"result": "paid", "reference": "55000001"}
        assert (await right(client, "/bill/current", {"line": MEHMET}))["state"] == "paid"

    async def test_a_suspended_line_is_up_when_its_bill_is_paid(self, client: Client) -> None:
        assert (await right(client, "/line/status", {"line": EMRE}))["state"] == "suspended"
        await right(client, "/payment/pay", EMRE_PAYS)
        assert (await right(client, "/line/status", {"line": EMRE}))["state"] == "up"

    async def test_twenty_at_once_with_one_key_pay_once(self, client: Client) -> None:
        said = await asyncio.gather(*(right(client, "/payment/pay", MEHMET_PAYS) for _ in range(20)))
        assert {answer["reference"] for answer in said} == {"55000001"}
        assert (await right(client, "/payment/pay", EMRE_PAYS, "another"))["reference"] == "55000002"

    async def test_nothing_is_paid_twice(self, client: Client) -> None:
        await right(client, "/payment/pay", MEHMET_PAYS)
        status, said = await ask(client, "/payment/pay", MEHMET_PAYS, "another")
        assert (status, said["error"]) == (409, "there is no bill of that number and amount to be paid")

    @pytest.mark.parametrize("wrong", [{"amount": "529.41"}, {"amount": "0.01"}, {"bill": "99999999"}])
    async def test_no_other_amount_and_no_other_bill(self, client: Client, wrong: Said) -> None:
        assert (await ask(client, "/payment/pay", {**MEHMET_PAYS, **wrong}))[0] == 409
        assert (await right(client, "/bill/current", {"line": MEHMET}))["state"] == "overdue"

    async def test_a_key_that_came_with_another_bill(self, client: Client) -> None:
        await right(client, "/payment/pay", MEHMET_PAYS)
        assert (await ask(client, "/payment/pay", EMRE_PAYS))[0] == 409
        assert (await right(client, "/bill/current", {"line": EMRE}))["state"] == "overdue"

    async def test_declined_leaves_it_open_and_another_card_pays(self, client: Client) -> None:
        declined = {**MEHMET_PAYS, "card": accounts.DECLINED_CARD}
        assert await right(client, "/payment/pay", declined) == {"result": "declined", "reference": None}
        assert (await right(client, "/bill/current", {"line": MEHMET}))["state"] == "overdue"
        assert (await right(client, "/payment/pay", MEHMET_PAYS, "second"))["result"] == "paid"

    async def test_a_change_that_was_refused_may_be_asked_again_with_its_key(self, client: Client) -> None:
        assert (await ask(client, "/payment/pay", {**MEHMET_PAYS, "amount": "1.00"}))[0] == 409
        assert (await right(client, "/payment/pay", MEHMET_PAYS))["result"] == "paid"


class TestCards:
    @pytest.mark.parametrize(
        ("card", "expiry", "right"),
        [
            (accounts.GOOD_CARD, "1026", True),
            (accounts.GOOD_CARD, "0926", False),
            (accounts.GOOD_CARD, "0127", True),
            (accounts.GOOD_CARD, "1327", False),
            (accounts.GOOD_CARD, "0027", False),
            ("4111111111111112", "1130", False),
            ("378282246310005", "1130", True),
            (accounts.DECLINED_CARD, "1130", False),
        ],
    )
    def test_what_the_bank_accepts(self, card: str, expiry: str, right: bool) -> None:
        assert accepts(card, expiry, TODAY) is right

    @pytest.mark.parametrize(
        "wrong",
        [
            {"card": "4111"},
            {"card": "4" * 20},
            {"card": "4111 1111 1111 1111"},
            {"card": "٤١١١١١١١١١١١١١١١"},
            {"card": 4111111111111111},
            {"expiry": "11/30"},
            {"expiry": "113"},
            {"code": "12"},
            {"code": "12a"},
            {"code": ""},
        ],
    )
    async def test_what_cannot_be_a_card(self, client: Client, wrong: Said) -> None:
        status, said = await ask(client, "/payment/pay", {**MEHMET_PAYS, **wrong})
        assert status == 400
        [mistake] = said["mistakes"]
        assert mistake["field"] == next(iter(wrong))
        assert "4111" not in json.dumps(said)

    async def test_no_digit_of_it_is_kept_or_logged(
        self, client: Client, database: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        await right(client, "/payment/pay", MEHMET_PAYS)
        await right(client, "/payment/pay", {**EMRE_PAYS, "card": accounts.DECLINED_CARD}, "declined")
        await ask(client, "/payment/pay", {**MEHMET_PAYS, "amount": "1.00"}, "refused")
        await ask(client, "/payment/pay", {**MEHMET_PAYS, "code": "98765"}, "wrong")
        with sqlite3.connect(database) as kept:
            dump = "\n".join(kept.iterdump())
        kept.close()
        assert accounts.MEHMETS_BILL.number in dump
        for secret in (accounts.GOOD_CARD[:8], accounts.GOOD_CARD[-8:], accounts.DECLINED_CARD[-8:], "'1130'", "'987'"):
            assert secret not in dump
            assert secret not in caplog.text


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
            app = make_app(tmp_path / f"{serial}.db", TOKEN, now=lambda now=now: now)  # type: ignore[misc]
            async with TestClient(TestServer(app), headers=ALLOWED) as client:
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
        async with TestClient(TestServer(make_app(database, TOKEN, now=lambda: NOW)), headers=ALLOWED) as client:
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

    @pytest.mark.parametrize("customer", [sample.AYSE.id, "C9999"])
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
