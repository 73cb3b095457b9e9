"""bill.current by TMF678: the same as the plain way tells, and nothing that another bill or nonsense would say."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.backoffice import sample
from ivr.services.backoffice import sample_accounts as accounts
from ivr.services.backoffice.sample import SAMPLE
from ivr.services.backoffice.tmforum.bills import PATH as BILLS_PATH
from tests.unit.backoffice_house import NOW, right
from tests.unit.tmforum_house import exchange, over_tmforum
from tests.unit.tmforum_said import Says

LINES = [line.number for customer in SAMPLE for line in customer.lines]
AYSE, MEHMET = sample.AYSE.line.number, sample.MEHMET.line.number


async def told(bills: Any, rates: Any = ()) -> Any:
    """What the caller is told when the system says that."""
    says = Says({"GET /customerBill": bills, "GET /appliedCustomerBillingRate": list(rates)})
    return catalogue.BILL.check_answer(await says.adapter.ask("bill.current", {"line": MEHMET}, ""))


def lira(value: float) -> dict[str, Any]:
    return {"unit": "TRY", "value": value}


def bill(**changes: Any) -> dict[str, Any]:
    """A customer bill of Mehmet's that is due today."""
    return {
        "id": "b-7",
        "billNo": "90010002",
        "billDate": "2026-09-18T00:00:00+03:00",
        "paymentDueDate": "2026-10-02T00:00:00+03:00",
        "state": "sent",
        "amountDue": lira(100),
        "billingAccount": {"id": MEHMET},
        **changes,
    }


def rate(amount: float, **changes: Any) -> dict[str, Any]:
    texts = [{"name": f"reason_{language}", "value": f"{amount} {language}"} for language in ("tr", "en")]
    return {"id": "r", "bill": {"id": "b-7"}, "taxIncludedAmount": lira(amount), "characteristic": texts, **changes}


class TestTheSample:
    async def test_both_ways_tell_the_same_of_every_line(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            for line in LINES:
                plain = await right(system.client, "/bill/current", {"line": line})
                assert await tmforum.ask("bill.current", {"line": line}, "") == plain

    async def test_one_request_unless_there_is_something_to_explain(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            await tmforum.ask("bill.current", {"line": sample.AYSE.line.number}, "")
            assert system.asked == ["GET /customerBill"]
            await tmforum.ask("bill.current", {"line": MEHMET}, "")
            assert system.asked[1:] == ["GET /customerBill", "GET /appliedCustomerBillingRate"]

    async def test_both_ways_agree_on_the_days_around_the_last_one(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            due = date.fromisoformat((await tmforum.ask("bill.current", {"line": AYSE}, ""))["due"])
        states = []
        for days in (-1, 0, 1):
            late = datetime.combine(due + timedelta(days=days), time(23, 59), NOW.tzinfo)
            async with over_tmforum(tmp_path / "backoffice.db", late) as (tmforum, system):
                over = await tmforum.ask("bill.current", {"line": AYSE}, "")
                assert over == await right(system.client, "/bill/current", {"line": AYSE})
                states.append(over["state"])
        assert states == ["open", "open", "overdue"]

    async def test_a_payment_shows(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            wanted = {"bill": accounts.MEHMETS_BILL.number, "amount": "529.40"}
            card = {"card": accounts.GOOD_CARD, "expiry": "1229", "code": "123"}
            assert (await right(system.client, "/payment/pay", {**wanted, **card}))["result"] == "paid"
            assert (await tmforum.ask("bill.current", {"line": MEHMET}, ""))["state"] == "paid"

    async def test_no_line_no_bill(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, _):
            with pytest.raises(ServiceError) as caught:
                await tmforum.ask("bill.current", {"line": sample.UNKNOWN_LINE}, "")
        assert caught.value.reason == "rejected"

    async def test_lists_are_of_whom_they_are_asked_for(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (_, system):
            for query, ids in (
                ({"relatedParty.id": sample.MEHMET.id}, ["90010002", "90010002-before"]),
                ({"billingAccount.id": MEHMET, "limit": "1"}, ["90010002"]),
                ({"billingAccount.id": "' OR 1=1 --"}, []),
            ):
                status, bills = await exchange(system.client, "GET", BILLS_PATH, query)
                assert (status, [bill["id"] for bill in bills]) == (200, ids)
            assert (await exchange(system.client, "GET", BILLS_PATH, {"sort": "amountDue"}))[0] == 400


class TestWhatSystemsSay:
    """Bills of a company whose own ids are no numbers that its customers know."""

    async def test_state(self) -> None:
        for changes, state in (
            ({}, "open"),
            ({"paymentDueDate": "2026-10-01T23:59:59+03:00"}, "overdue"),
            ({"paymentDueDate": "2026-10-02T00:00:00Z"}, "open"),
            ({"state": "partiallyPaid", "remainingAmount": lira(1)}, "open"),
            ({"state": "settled"}, "paid"),
            ({"state": "validated", "remainingAmount": lira(0)}, "paid"),
        ):
            assert (await told([bill(**changes)]))["state"] == state, changes

    async def test_the_one_before_is_the_second(self) -> None:
        of_last_month = bill(id="b-6", billNo="90010001", amountDue=lira(80.5))
        assert (await told([bill(), of_last_month]))["previous"] == "80.50"

    async def test_the_first_bill_ever_is_not_higher_than_another(self) -> None:
        said = await told([bill()], [rate(30)])
        assert (said["number"], said["previous"], said["reasons"]) == ("90010002", "100.00", [])

    async def test_bills_of_other_accounts_are_none(self) -> None:
        with pytest.raises(ServiceError) as caught:
            await told([bill(billingAccount={"id": "+902125554141"})])
        assert caught.value.reason == "rejected"

    async def test_reasons_are_those_of_the_bill_that_have_words(self) -> None:
        rates = [
            rate(1, bill={"id": "b-6"}),
            rate(2, characteristic=[]),
            rate(3, characteristic=[{"name": "reason_tr", "value": "yalnız Türkçe"}]),
            *map(rate, (4, 5, 6, 7)),
        ]
        said = await told([bill(), bill(id="b-6", amountDue=lira(1))], rates)
        assert [reason["amount"] for reason in said["reasons"]] == ["4.00", "5.00", "6.00"]
        assert said["reasons"][0]["text"] == {"tr": "4 tr", "en": "4 en"}

    async def test_floats_do_not_show(self) -> None:
        for value, amount in ((0.1 + 0.2, "0.30"), (1234567.89, "1234567.89"), (5, "5.00")):
            assert (await told([bill(amountDue=lira(value))]))["amount"] == amount

    @pytest.mark.parametrize(
        "answer",
        [
            None,
            {},
            "[]",
            [None],
            [{}],
            [bill(amountDue={"unit": "USD", "value": 100})],
            [bill(amountDue=lira(-1))],
            [bill(amountDue=lira(math.nan))],
            [bill(amountDue=lira(math.inf))],
            [bill(amountDue=lira(1e30))],
            [bill(amountDue=lira(9_999_999.999))],
            [bill(amountDue={"unit": "TRY", "value": "100"})],
            [bill(paymentDueDate="2026-10-02")],
            [bill(paymentDueDate="2026-10-02T00:00:00")],
            [bill(paymentDueDate=1_790_000_000)],
            [bill(paymentDueDate="2026-02-30T00:00:00+03:00")],
            [bill(state="lost")],
            [bill(billNo="90010002; and your PIN")],
            [bill(billNo=None)],
            [bill(id=7)],
            [bill(), bill(id="b-6", amountDue=None)],
        ],
    )
    async def test_nonsense(self, answer: Any) -> None:
        with pytest.raises(ServiceError) as caught:
            await told(answer)
        assert caught.value.reason == "nonsense"
        assert MEHMET not in str(caught.value)

    @pytest.mark.parametrize("rates", [None, {}, [{"id": "r"}], [rate(-1)], [rate(4, characteristic="reason")]])
    async def test_nonsense_for_reasons(self, rates: Any) -> None:
        says = Says(
            {
                "GET /customerBill": [bill(), bill(id="b-6", amountDue=lira(1))],
                "GET /appliedCustomerBillingRate": rates,
            }
        )
        with pytest.raises(ServiceError) as caught:
            await says.adapter.ask("bill.current", {"line": MEHMET}, "")
        assert caught.value.reason == "nonsense"
