"""The page of the sample customers: the sample back office knows them by everything that stands there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.flow.numbers import to_e164
from ivr.services.backoffice import sample_accounts as accounts
from ivr.services.backoffice.sample import SAMPLE, UNKNOWN_LINE, UNKNOWN_MOBILE, SampleCustomer
from tests.unit.backoffice_house import Client, back_office, prove
from tests.unit.doc_pages import page, rows

PAGE = page("sample")
HEAD, *ROWS = rows(PAGE)
TOLD = [dict(zip(HEAD, cells, strict=True)) for cells in ROWS]
NONE = "—"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with back_office(tmp_path / "backoffice.db") as client:
        yield client


def numbers(cell: str) -> tuple[str | None, ...]:
    return tuple(to_e164(number, "TR") for number in cell.split(", "))


@pytest.mark.parametrize(
    ("customer", "told"), list(zip(SAMPLE, TOLD, strict=True)), ids=lambda it: getattr(it, "id", "")
)
async def test_a_customer_is_known_by_all_that_is_told(
    client: Client, customer: SampleCustomer, told: dict[str, str]
) -> None:
    assert told["customer"] == customer.name
    assert numbers(told["calls from"]) == (customer.main, *customer.alternates)
    assert numbers(told["line"]) == tuple(line.number for line in customer.lines)
    claims = [("customer_number", told["customer number"]), *[("fault_line", line.number) for line in customer.lines]]
    if (order := told["last order"]) != NONE:
        claims.append(("last_order", order.replace(" ", ":")))
    proofs = [("pin", told["PIN"]), *[("invoice", digits) for digits in told["invoice"].split(", ")]]
    if (year := told["year of birth"]) != NONE:
        proofs.append(("birth_year", year))
    for claim in claims:
        for proof in proofs:
            found = await prove(client, *claim, *proof)
            assert found["proved"], (claim, proof)
            assert found["customer"]["id"] == customer.id


def test_nothing_is_left_out() -> None:
    for customer, told in zip(SAMPLE, TOLD, strict=True):
        assert (told["year of birth"] == NONE) == (customer.birth_year is None)
        assert (told["last order"] == NONE) == (customer.id not in {order.customer for order in accounts.ORDERS})
        assert len(told["invoice"].split(", ")) == len(customer.lines)
    written = {to_e164(number, "TR") for number in re.findall(r"\b0\d{3} \d{3} \d\d \d\d\b", PAGE)}
    assert {UNKNOWN_MOBILE, UNKNOWN_LINE} <= written
    digits = PAGE.replace(" ", "")
    assert accounts.GOOD_CARD in digits
    assert accounts.DECLINED_CARD in digits
