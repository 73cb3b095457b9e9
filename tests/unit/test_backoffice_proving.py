"""The sample back office on who is calling: which claims and proofs belong together, and which do not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.services.backoffice import sample
from ivr.services.backoffice import sample_accounts as accounts
from ivr.services.backoffice.proving import MOST_MEANT
from tests.unit.backoffice_house import (
    ARSLANS_ORDER,
    AYSES_ORDER,
    Client,
    Said,
    ask,
    back_office,
    prove,
    proved,
    sql,
)

AYSE, MEHMET, SELIN, HUSEYIN = sample.AYSE, sample.MEHMET, sample.SELIN, sample.HUSEYIN
NOT = {"proved": False}
BILLS = {line.number: bill.number for line, bill in accounts.bills()}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "backoffice.db"


@pytest.fixture
async def client(database: Path) -> AsyncIterator[Client]:
    async with back_office(database) as client:
        yield client


class TestRight:
    @pytest.mark.parametrize("customer", sample.SAMPLE, ids=lambda customer: customer.name)
    async def test_every_customer_by_number_with_every_proof(
        self, client: Client, customer: sample.SampleCustomer
    ) -> None:
        proofs = [("pin", customer.pin)]
        proofs += [("invoice", BILLS[line.number][-4:]) for line in customer.lines]
        proofs += [("birth_year", str(customer.birth_year))] if customer.birth_year else []
        for proof, value in proofs:
            assert await prove(client, "customer_number", customer.number, proof, value) == proved(customer)

    async def test_a_claimed_line_is_the_line_and_no_other(self, client: Client) -> None:
        for line in HUSEYIN.lines:
            said = await prove(client, "fault_line", line.number, "pin", HUSEYIN.pin)
            assert said == proved(HUSEYIN, line)

    async def test_the_bill_of_another_line_of_the_same_customer(self, client: Client) -> None:
        home, shop = HUSEYIN.lines
        said = await prove(client, "fault_line", home.number, "invoice", BILLS[shop.number][-4:])
        assert said == proved(HUSEYIN, home)

    @pytest.mark.parametrize("claim", [AYSES_ORDER, "94:0021", "945629:0021", "945:340021", "945:021"])
    async def test_a_surname_and_an_order(self, client: Client, claim: str) -> None:
        assert await prove(client, "last_order", claim, "pin", AYSE.pin) == proved(AYSE)

    @pytest.mark.parametrize("customer", [sample.HATICE, sample.IBRAHIM], ids=lambda customer: customer.name)
    async def test_one_of_two_whom_an_order_may_mean(self, client: Client, customer: sample.SampleCustomer) -> None:
        assert await prove(client, "last_order", ARSLANS_ORDER, "pin", customer.pin) == proved(customer)


class TestNotRight:
    @pytest.mark.parametrize(
        ("claim", "value"),
        [
            (AYSE.line.number, "1174"),
            (AYSE.line.number, ""),
            (AYSE.line.number, "471"),
            (AYSE.line.number, "47110"),
            (AYSE.line.number, "4711 "),
            (AYSE.line.number, "٤٧١١"),
            (AYSE.line.number, MEHMET.pin),
            (SELIN.line.number, "42"),
            (SELIN.line.number, "' OR 1=1 --"),
            (sample.UNKNOWN_LINE, AYSE.pin),
            (MEHMET.main, MEHMET.pin),  # a contact number is not a line
            (MEHMET.number, MEHMET.pin),
            ("", ""),
            ("+90' OR '1'='1", AYSE.pin),
            ("\x00", "\x00"),
            ("+902125554141\x00", AYSE.pin),
        ],
    )
    async def test_pins_of_lines(self, client: Client, claim: str, value: str) -> None:
        assert await prove(client, "fault_line", claim, "pin", value) == NOT

    @pytest.mark.parametrize(
        ("customer", "proof", "value"),
        [
            (SELIN, "invoice", "7"),
            (SELIN, "invoice", "007"),
            (SELIN, "invoice", ""),
            (SELIN, "invoice", "190020007"),
            (SELIN, "invoice", SELIN.pin),
            (AYSE, "invoice", BILLS[MEHMET.line.number][-4:]),
            (AYSE, "birth_year", "58"),
            (AYSE, "birth_year", "01958"),
            (AYSE, "birth_year", "1984"),
            (sample.IBRAHIM, "birth_year", ""),
            (sample.IBRAHIM, "birth_year", "None"),
            (sample.IBRAHIM, "birth_year", "0"),
            (AYSE, "sms_code", ""),
            (AYSE, "sms_code", AYSE.pin),
        ],
    )
    async def test_other_proofs(self, client: Client, customer: sample.SampleCustomer, proof: str, value: str) -> None:
        assert await prove(client, "customer_number", customer.number, proof, value) == NOT

    @pytest.mark.parametrize(
        ("claim", "value"),
        [
            ("420111", SELIN.pin),  # her number without its zeros
            (SELIN.id, SELIN.pin),
            (AYSE.line.number, AYSE.pin),
        ],
    )
    async def test_customer_numbers(self, client: Client, claim: str, value: str) -> None:
        assert await prove(client, "customer_number", claim, "pin", value) == NOT

    @pytest.mark.parametrize(
        "claim",
        ["9:0021", ":0021", "945:", "945:21", ":", "", "945", "945:0021:", "%:%", "946:0021", "945:0121", "²45:0021"],
    )
    async def test_orders(self, client: Client, claim: str) -> None:
        assert await prove(client, "last_order", claim, "pin", AYSE.pin) == NOT

    async def test_an_order_that_is_not_the_last_one(self, client: Client) -> None:
        assert await prove(client, "last_order", "336:0117", "pin", MEHMET.pin) == proved(MEHMET)
        assert await prove(client, "last_order", "336:0098", "pin", MEHMET.pin) == NOT

    async def test_a_proof_that_fits_two_whom_the_order_may_mean(self, client: Client, database: Path) -> None:
        for serial, customer in enumerate((sample.HATICE, sample.IBRAHIM)):
            sql(database, "UPDATE bills SET number = ? WHERE line = ?", f"900{serial}0815", customer.line.number)
        assert await prove(client, "last_order", ARSLANS_ORDER, "invoice", "0815") == NOT
        said = await prove(client, "customer_number", sample.HATICE.number, "invoice", "0815")
        assert said == proved(sample.HATICE)

    async def test_a_claim_that_may_mean_many(self, client: Client, database: Path) -> None:
        """Else one guess at a PIN would be a guess at all of theirs."""
        sql(database, "DELETE FROM orders")
        sql(database, "UPDATE customers SET surname_keys = '277'")
        said = []
        for serial, customer in enumerate((sample.HATICE, sample.IBRAHIM, AYSE, SELIN)):
            number = f"{serial}50131"
            sql(database, "INSERT INTO orders VALUES (?, ?, '', '', 'received', NULL)", number, customer.id)
            said.append(await prove(client, "last_order", ARSLANS_ORDER, "pin", sample.HATICE.pin))
        assert said == [proved(sample.HATICE)] * MOST_MEANT + [NOT]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"way": "caller_number"},
            {"way": "fault_line; --"},
            {"proof": "face"},
            {"claim": None},
            {"claim": "1" * 65},
            {"value": 4711},
            {"value": "4711" + "7" * 61},
            {"value": ["4711"]},
        ],
    )
    async def test_what_no_caller_can_cause_is_a_wrong_request(self, client: Client, wrong: Said) -> None:
        asked = {"way": "fault_line", "claim": AYSE.line.number, "proof": "pin", "value": AYSE.pin}
        status, said = await ask(client, "/directory/prove", {**asked, **wrong})
        assert status == 400
        assert "4711" not in str(said)
