"""The page about TM Forum's APIs tells every request that is made, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.services import catalogue
from ivr.services.backoffice import sample
from ivr.services.backoffice import sample_accounts as accounts
from ivr.services.tmforum.adapter import SERVICES
from tests.unit.doc_pages import page, rows
from tests.unit.tmforum_contract import contract, needs_definitions
from tests.unit.tmforum_house import over_tmforum

TOLD = {service: requests for service, requests, _ in rows(page("tmforum"))[1:]}
ZEYNEPS = f"{accounts.ZEYNEPS_TICKET.number}"

# For each service, questions that take every way.
QUESTIONS: dict[str, list[dict[str, str]]] = {
    "directory.find": [{"number": number} for number in (sample.MEHMET.main, sample.HUSEYIN.lines[1].number)],
    "line.status": [{"line": sample.AYSE.line.number}],
    "ticket.open": [{"line": sample.AYSE.line.number, "symptom": "no_internet", "contact": ""}],
    "ticket.find": [{"line": sample.ZEYNEP.line.number}],
    "appointment.slots": [{"ticket": ZEYNEPS}],
    "appointment.move": [{"ticket": ZEYNEPS, "day": day} for day in ("2026-10-08", "2026-10-10")],
    "bill.current": [{"line": sample.MEHMET.line.number}],
    "quota.current": [{"line": sample.SELIN.line.number}],
    "quota.top_up": [{"line": sample.SELIN.line.number, "package": "small"}],
    "order.find": [{"customer": sample.MEHMET.id}],
}


def told(service: str) -> Iterator[tuple[str, str, str]]:
    """The API, the method with the path, and the filters of each request on the page."""
    api = ""
    # The backtick at the end of a cell is not in the cell.
    for name, request in re.findall(r"(TMF\d+ )?`((?:GET|POST|PATCH) [^`]+)", TOLD[service]):
        api = name.strip() or api
        line, _, filters = request.partition("?")
        yield api, line, filters


def test_every_service_is_told() -> None:
    assert TOLD.keys() == SERVICES == QUESTIONS.keys()


@pytest.mark.parametrize("service", QUESTIONS)
async def test_its_requests_are_those_on_the_page(tmp_path: Path, service: str) -> None:
    async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
        for key, arguments in enumerate(QUESTIONS[service]):
            catalogue.named(service).check_answer(await tmforum.ask(service, arguments, f"k{key}"))
    asked = [re.sub(r"/\d+$", "/{id}", line) for line in system.asked]
    assert set(zip(asked, system.filters, strict=True)) == {(line, filters) for _, line, filters in told(service)}


@needs_definitions
@pytest.mark.parametrize("service", QUESTIONS)
def test_they_are_of_the_api_that_the_page_names(service: str) -> None:
    for api, line, _ in told(service):
        method, path = line.split()
        assert method.lower() in contract(api).swagger["paths"][path]
