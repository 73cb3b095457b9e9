"""Who answers for the company: the sample back office, systems over HTTP, or what was arranged."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from ivr.errors import ServiceError
from ivr.flow.commands import AskService
from ivr.services.backoffice.sample import AYSE
from ivr.services.opening import company_services
from ivr.settings_services import ServicesSettings
from ivr.simulate.company import Arranged, answered, sample_office, systems
from ivr.simulate.happenings import Asked, Replied
from tests.unit.simulate_house import Simulated

STATUS = '{"state": "up", "outage": null, "product": "x"}'


def ask(service: str, **arguments: str) -> tuple[AskService, Asked, str]:
    """A question, as a call asks it."""
    return AskService("r1", service, arguments, 5.0, "node", 1), Asked(service, arguments, (), "node"), "c:node:1"


def test_the_sample_office_answers_at_the_time_of_the_call() -> None:
    call = Simulated("/quit").call
    with sample_office(call.now) as office:
        status = office.reply(*ask("line.status", line=AYSE.line.number))
        ticket = office.reply(*ask("ticket.open", line=AYSE.line.number, symptom="slow", contact="+905321112233"))
        unknown = office.reply(*ask("line.status", line="+902125559999"))
    assert status.answer
    assert status.answer["state"] == "down"
    assert not status.changed
    assert ticket.answer
    assert str(ticket.answer["appointment"]).startswith("2026-11-2"), "a day soon after that of the call"
    assert ticket.changed
    assert (unknown.answer, unknown.reason) == (None, "rejected")


def test_a_system_that_is_not_there_fails_and_says_why() -> None:
    there = ServicesSettings(url="http://127.0.0.1:9", token=SecretStr("a token of nobody"))
    with systems(company_services(there, None)) as company:
        reply = company.reply(*ask("line.status", line=AYSE.line.number))
    assert reply.reason == "unavailable"
    assert "services.url" in reply.detail


def test_what_was_arranged_comes_once_and_in_order() -> None:
    arranged = Arranged()
    arranged.arrange("ticket.open", Replied("ticket.open", None, "timeout"))
    arranged.arrange("", Replied("", None, "rejected"))
    assert arranged.reply(ask("line.status")[0]) == Replied("line.status", None, "rejected")
    assert arranged.reply(ask("line.status")[0]) is None
    assert arranged.reply(ask("ticket.open")[0]) == Replied("ticket.open", None, "timeout")
    assert arranged.reply(ask("ticket.open")[0]) is None


def test_an_answer_must_have_the_services_shape() -> None:
    assert answered("line.status", STATUS).answer == {"state": "up", "outage": None, "product": "x"}
    for wrong in ("{}", "[]", "nothing", '{"state": "\ud800"}'):
        with pytest.raises(ServiceError, match="nonsense"):
            answered("line.status", wrong)
