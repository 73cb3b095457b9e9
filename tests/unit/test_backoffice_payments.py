"""The sample back office's bills and payments: paid once, declined cards, and no digit of a card anywhere."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.services.backoffice import sample
from ivr.services.backoffice import sample_accounts as accounts
from ivr.services.backoffice.bank import accepts
from tests.unit.backoffice_house import TODAY, Client, Said, ask, back_office, right

MEHMET, EMRE = sample.MEHMET.line.number, sample.EMRE.line.number
CARD = {"card": accounts.GOOD_CARD, "expiry": "1130", "code": "987"}
MEHMET_PAYS = {"bill": accounts.MEHMETS_BILL.number, "amount": "529.40", **CARD}
EMRE_PAYS = {"bill": accounts.EMRES_BILL.number, "amount": "714.90", **CARD}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "backoffice.db"


@pytest.fixture
async def client(database: Path) -> AsyncIterator[Client]:
    async with back_office(database) as client:
        yield client


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
