"""What every implementation of `Services` must do: in memory, and over HTTP against the real sample back office.

Over HTTP both ways: as the map that comes with Devam says, much of it by TM Forum's APIs, and plainly.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from context_store.records import Json
from ivr.call.ports import Services
from ivr.errors import ServiceError
from ivr.sandbox.rehearsal import rehearsal
from ivr.services import catalogue
from ivr.services.backoffice import sample, sample_accounts
from ivr.services.backoffice.app import make_app
from ivr.services.opening import company_services
from ivr.settings_services import ServicesSettings
from tests.unit.fakes_services import APPOINTMENT, FakeServices

PLAIN_MAP = Path(rehearsal.__file__).with_name("services.yaml")
TOKEN = "a token for tests"
FRIDAY = datetime(2026, 10, 2, 21, 30, tzinfo=ZoneInfo("Europe/Istanbul"))


def now() -> datetime:
    return FRIDAY


@pytest.fixture(params=["memory", "plain", "packaged"])
async def services(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Services]:
    if request.param == "memory":
        yield FakeServices()
        return
    server = TestServer(make_app(tmp_path / "backoffice.db", TOKEN, now=now))
    async with server:
        settings = ServicesSettings(url=str(server.make_url("/")), token=SecretStr(TOKEN))
        async with company_services(settings, PLAIN_MAP if request.param == "plain" else None, now) as company:
            yield company


async def ask(services: Services, service: str, *, key: str = "conversation:node:1", **arguments: str) -> Json:
    return await services.ask(service, arguments, timeout=30, idempotency_key=key)


def named(customer: sample.SampleCustomer) -> dict[str, Json]:
    return {"id": customer.id, "name": customer.name}


def shown(line: sample.SampleLine) -> dict[str, Json]:
    return {"number": line.number, "ending": line.number[-2:], "product": line.product}


def match(way: str, customer: sample.SampleCustomer, line: sample.SampleLine | None = None) -> dict[str, Json]:
    return {"way": way, "customer": named(customer), "line": shown(line or customer.line), "remembered": None}


class TestFind:
    async def test_by_own_line(self, services: Services) -> None:
        answer = await ask(services, "directory.find", number="+902125554141")
        assert answer == {"matches": [match("caller_number", sample.AYSE)]}
        assert answer["matches"][0]["line"]["ending"] == "41"

    async def test_by_main_contact_number(self, services: Services) -> None:
        answer = await ask(services, "directory.find", number=sample.MEHMET.main)
        assert answer == {"matches": [match("caller_number", sample.MEHMET)]}

    @pytest.mark.parametrize("number", sample.FATMA.alternates)
    async def test_by_each_alternate_number(self, services: Services, number: str) -> None:
        answer = await ask(services, "directory.find", number=number)
        assert answer == {"matches": [match("alternate_number", sample.FATMA)]}

    async def test_every_line_of_a_customer(self, services: Services) -> None:
        home, shop = sample.HUSEYIN.lines
        answer = await ask(services, "directory.find", number=sample.HUSEYIN.main)
        assert [match["line"]["number"] for match in answer["matches"]] == [home.number, shop.number]

    async def test_the_line_called_from_and_no_other(self, services: Services) -> None:
        shop = sample.HUSEYIN.lines[1]
        answer = await ask(services, "directory.find", number=shop.number)
        assert answer == {"matches": [match("caller_number", sample.HUSEYIN, shop)]}

    async def test_a_number_that_two_customers_share(self, services: Services) -> None:
        answer = await ask(services, "directory.find", number=sample.HATICE.alternates[0])
        assert [match["customer"]["id"] for match in answer["matches"]] == [sample.HATICE.id, sample.IBRAHIM.id]

    async def test_nobody(self, services: Services) -> None:
        assert await ask(services, "directory.find", number=sample.UNKNOWN_MOBILE) == {"matches": []}


async def prove(services: Services, claim: str, value: str, *, way: str = "fault_line", proof: str = "pin") -> Json:
    return await ask(services, "directory.prove", way=way, claim=claim, proof=proof, value=value)


class TestProve:
    @pytest.mark.parametrize("customer", sample.SAMPLE, ids=lambda customer: customer.id)
    async def test_right(self, services: Services, customer: sample.SampleCustomer) -> None:
        for line in customer.lines:
            answer = await prove(services, line.number, customer.pin)
            assert answer == {"proved": True, "customer": named(customer), "lines": [shown(line)]}
        answer = await prove(services, customer.number, customer.pin, way="customer_number")
        assert answer == {"proved": True, "customer": named(customer), "lines": [shown(one) for one in customer.lines]}

    @pytest.mark.parametrize(
        ("line", "pin"),
        [
            (sample.AYSE.line.number, "1174"),
            (sample.AYSE.line.number, ""),
            (sample.AYSE.line.number, "471"),
            (sample.AYSE.line.number, "47110"),
            (sample.AYSE.line.number, "4711 "),
            (sample.AYSE.line.number, sample.MEHMET.pin),
            (sample.SELIN.line.number, "42"),
            (sample.SELIN.line.number, "' OR 1=1 --"),
            (sample.UNKNOWN_LINE, "4711"),
            (sample.MEHMET.main, sample.MEHMET.pin),  # a contact number is not a line
        ],
    )
    async def test_not_right(self, services: Services, line: str, pin: str) -> None:
        assert await prove(services, line, pin) == {"proved": False}

    @pytest.mark.parametrize("proof", ["pin", "invoice", "birth_year", "sms_code"])
    @pytest.mark.parametrize("way", ["fault_line", "customer_number", "last_order"])
    async def test_a_claim_that_is_nobodys_is_answered_like_a_wrong_proof(
        self, services: Services, way: str, proof: str
    ) -> None:
        assert await prove(services, "0", "0", way=way, proof=proof) == {"proved": False}


class TestStatus:
    @pytest.mark.parametrize(
        ("customer", "state", "outage"),
        [
            (sample.AYSE, "down", None),
            (sample.MEHMET, "up", None),
            (sample.EMRE, "suspended", None),
            (sample.MUSTAFA, "down", sample.CABLE_CUT),
            (sample.FATMA, "down", sample.CABLE_CUT),
            (sample.GULSEN, "up", sample.PLANNED_WORK),
        ],
    )
    async def test_known(
        self, services: Services, customer: sample.SampleCustomer, state: str, outage: sample.SampleOutage | None
    ) -> None:
        broken = outage and {
            "id": outage.id,
            "area": outage.area,
            "cause": dict(zip(("tr", "en"), outage.cause, strict=True)),
            "until": outage.until,
        }
        answer = await ask(services, "line.status", line=customer.line.number)
        assert answer == {"state": state, "outage": broken, "product": customer.line.product}

    async def test_unknown(self, services: Services) -> None:
        with pytest.raises(ServiceError) as caught:
            await ask(services, "line.status", line=sample.UNKNOWN_LINE)
        assert caught.value.reason == "rejected"


FAULT = {"line": sample.AYSE.line.number, "symptom": "no_internet", "contact": sample.UNKNOWN_MOBILE}


class TestTicket:
    async def test_opened(self, services: Services) -> None:
        answer = await ask(services, "ticket.open", **FAULT)
        assert answer == {"number": "480001", "appointment": APPOINTMENT}

    async def test_contact_withheld(self, services: Services) -> None:
        assert (await ask(services, "ticket.open", **{**FAULT, "contact": ""}))["number"] == "480001"

    async def test_each_key_its_own(self, services: Services) -> None:
        numbers = {(await ask(services, "ticket.open", key=f"c:open:{n}", **FAULT))["number"] for n in range(3)}
        assert len(numbers) == 3

    async def test_twenty_at_once_with_one_key_open_one(self, services: Services) -> None:
        answers = await asyncio.gather(*(ask(services, "ticket.open", key="c:open:1", **FAULT) for _ in range(20)))
        assert len({answer["number"] for answer in answers}) == 1
        assert (await ask(services, "ticket.open", key="c:open:2", **FAULT))["number"] not in {answers[0]["number"]}

    async def test_a_key_used_for_another_fault(self, services: Services) -> None:
        await ask(services, "ticket.open", **FAULT)
        with pytest.raises(ServiceError) as caught:
            await ask(services, "ticket.open", **{**FAULT, "line": sample.ZEYNEP.line.number})
        assert caught.value.reason == "rejected"

    async def test_unknown_line(self, services: Services) -> None:
        with pytest.raises(ServiceError) as caught:
            await ask(services, "ticket.open", **{**FAULT, "line": sample.UNKNOWN_LINE})
        assert caught.value.reason == "rejected"


QUESTIONS: dict[str, dict[str, str]] = {
    "directory.redeem": {"token": "a-token-that-nobody-made"},
    "code.send": {"way": "fault_line", "claim": sample.AYSE.line.number},
    "number.register": {
        "customer": sample.AYSE.id,
        "line": sample.AYSE.line.number,
        "number": sample.UNKNOWN_MOBILE,
        "language": "tr",
        "wording": "remember this number?",
    },
    "number.forget": {"customer": sample.AYSE.id, "number": sample.UNKNOWN_MOBILE},
    "ticket.find": {"line": sample.AYSE.line.number},
    "appointment.slots": {"ticket": f"{sample_accounts.ZEYNEPS_TICKET.number}"},
    "appointment.move": {"ticket": f"{sample_accounts.ZEYNEPS_TICKET.number}", "day": "2026-10-08"},
    "bill.current": {"line": sample.MEHMET.line.number},
    "payment.pay": {
        "bill": sample_accounts.MEHMETS_BILL.number,
        "amount": "529.40",
        "card": sample_accounts.GOOD_CARD,
        "expiry": "1230",
        "code": "123",
    },
    "quota.current": {"line": sample.SELIN.line.number},
    "quota.top_up": {"line": sample.SELIN.line.number, "package": "medium"},
    "order.find": {"customer": sample.SELIN.id},
    "message.not_mine": {"kind": "sms", "number": sample.UNKNOWN_MOBILE},
    "callback.request": {"number": sample.UNKNOWN_MOBILE, "queue": "agents", "reason": "asked_for_agent"},
}


class TestTheRest:
    def test_no_service_is_left_out(self) -> None:
        tested_above = {"directory.find", "directory.prove", "line.status", "ticket.open"}
        assert QUESTIONS.keys() | tested_above == catalogue.SERVICES.keys()

    @pytest.mark.parametrize("service", QUESTIONS)
    async def test_a_right_question_has_an_answer_of_the_right_shape(self, services: Services, service: str) -> None:
        assert await ask(services, service, **QUESTIONS[service])

    @pytest.mark.parametrize("service", ["bill.current", "quota.current"])
    async def test_a_line_that_nobody_knows(self, services: Services, service: str) -> None:
        with pytest.raises(ServiceError) as caught:
            await ask(services, service, line=sample.UNKNOWN_LINE)
        assert caught.value.reason == "rejected"

    async def test_a_card_that_the_bank_declines(self, services: Services) -> None:
        declined = {**QUESTIONS["payment.pay"], "card": sample_accounts.DECLINED_CARD}
        assert await ask(services, "payment.pay", **declined) == {"result": "declined", "reference": None}


class TestAsking:
    async def test_what_changes_something(self, services: Services) -> None:
        changes = {name for name in catalogue.SERVICES if services.changes_something(name)}
        assert changes == {
            "directory.redeem",
            "code.send",
            "number.register",
            "number.forget",
            "ticket.open",
            "appointment.move",
            "payment.pay",
            "quota.top_up",
            "message.not_mine",
            "callback.request",
        }

    @pytest.mark.parametrize("service", ["", "directory", "ticket.close", "../directory/find"])
    async def test_no_such_service(self, services: Services, service: str) -> None:
        with pytest.raises(ServiceError) as caught:
            await ask(services, service)
        assert caught.value.reason == "rejected"
        with pytest.raises(ServiceError):
            services.changes_something(service)

    @pytest.mark.parametrize(
        "given", [{}, {"claim": "x"}, {"way": "w", "claim": "x", "proof": "p", "value": "4711", "more": "y"}]
    )
    async def test_other_arguments(self, services: Services, given: dict[str, str]) -> None:
        with pytest.raises(ServiceError) as caught:
            await ask(services, "directory.prove", **given)
        assert caught.value.reason == "rejected"
        assert "claim, proof, value, way" in str(caught.value)
        assert "4711" not in str(caught.value)
