"""What a call asks of the company: one event for each request, within its time, and no task left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from context_store.records import Json
from ivr.call.requests import Requests
from ivr.errors import ServiceError
from ivr.flow.commands import AskService, LookUp, Lookup
from ivr.flow.events import Event, LookedUp, ServiceAnswered, ServiceFailed
from tests.unit.fakes import FakeAnswers
from tests.virtual_time import run_virtual, until

LINE = "+902125554141"


class Company(FakeAnswers):
    """Takes its time: seconds by service, named like line_status."""

    def __init__(self, answers: Mapping[str, Mapping[str, Json] | Exception], **seconds: float) -> None:
        super().__init__(answers)
        self.seconds = seconds
        self.given_up: list[str] = []

    async def ask(
        self, service: str, arguments: Mapping[str, str], *, timeout: float, idempotency_key: str
    ) -> Mapping[str, Json]:
        try:
            await asyncio.sleep(self.seconds.get(service.replace(".", "_"), 0.0))
        except asyncio.CancelledError:
            self.given_up.append(service)
            raise
        return await super().ask(service, arguments, timeout=timeout, idempotency_key=idempotency_key)


class House:
    def __init__(self, company: FakeAnswers) -> None:
        self.events: list[Event] = []
        self.company = company
        self.requests = Requests(company, "c1", self.events.append)

    async def ask(self, service: str, number: str = "r1", node: str = "n", visit: int = 1) -> Event:
        before = len(self.events)
        self.requests.make(AskService(number, service, {"line": LINE}, 2.0, node, visit), "run1")
        await until(lambda: len(self.events) > before)
        return self.events[-1]

    async def look_up(self, *services: str, timeout: float = 2.0) -> LookedUp:
        lookups = {service.replace(".", "_"): Lookup(service, {"line": LINE}) for service in services}
        self.requests.make(LookUp("r7", lookups, timeout, "look", 1), "run1")
        await until(lambda: bool(self.events), within=30)
        [event] = self.events
        assert isinstance(event, LookedUp)
        assert event.id == "r7"
        return event

    @property
    def keys(self) -> list[str]:
        return [key for _, _, key in self.company.asked]


def test_an_answer_is_an_event() -> None:
    async def test() -> None:
        house = House(FakeAnswers({"ticket.open": {"number": "1"}, "line.status": {"state": "ok"}}))
        opened, status = await house.ask("ticket.open", "r1"), await house.ask("line.status", "r2")
        assert isinstance(opened, ServiceAnswered)
        assert (opened.id, opened.result, opened.changed) == ("r1", {"number": "1"}, True)
        assert isinstance(status, ServiceAnswered)
        assert (status.id, status.result, status.changed) == ("r2", {"state": "ok"}, False)
        await house.requests.close()

    run_virtual(test)


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [(ServiceError("line.status", "limited"), "limited"), (ZeroDivisionError(), "unavailable")],
)
def test_a_failure_is_an_event_with_its_reason(trouble: Exception, reason: str) -> None:
    async def test() -> None:
        house = House(FakeAnswers({"line.status": trouble}))
        failed = await house.ask("line.status")
        assert isinstance(failed, ServiceFailed)
        assert (failed.id, failed.reason) == ("r1", reason)
        await house.requests.close()

    run_virtual(test)


def test_the_same_visit_has_the_same_key_whatever_the_request_is_called() -> None:
    """A retry has another id, and so may whoever takes the call over."""

    async def test() -> None:
        house = House(FakeAnswers({"ticket.open": {"number": "1"}}))
        for number, visit in (("r1", 1), ("r5", 1), ("r9", 2)):
            await house.ask("ticket.open", number, "ticket", visit)
        assert house.keys == ["run1:ticket:1", "run1:ticket:1", "run1:ticket:2"]
        await house.requests.close()

    run_virtual(test)


def test_a_caller_whose_code_did_not_come_gets_another_within_the_same_visit() -> None:
    async def test() -> None:
        house = House(FakeAnswers({"code.send": {"sent": True}, "directory.redeem": {"redeemed": True}}))
        for service, number in (("directory.redeem", "r1"), ("code.send", "r2"), ("code.send", "r6")):
            await house.ask(service, number, "who")
        assert len(set(house.keys)) == 3
        await house.ask("code.send", "r6", "who")
        assert house.keys[-1] == house.keys[-2], "a takeover that begins where the request was saved sends it once"
        await house.requests.close()

    run_virtual(test)


def test_everything_is_looked_up_at_once() -> None:
    async def test() -> None:
        company = Company(
            {"line.status": {"state": "ok"}, "bill.current": {"amount": "1"}, "ticket.find": {"ticket": None}},
            line_status=0.8,
            bill_current=0.8,
            ticket_find=0.8,
        )
        house = House(company)
        told = await house.look_up("line.status", "bill.current", "ticket.find")
        assert told.answers == {
            "line_status": {"state": "ok"},
            "bill_current": {"amount": "1"},
            "ticket_find": {"ticket": None},
        }
        assert told.failures == {}
        assert asyncio.get_running_loop().time() == pytest.approx(0.8, abs=0.1)
        await house.requests.close()

    run_virtual(test)


def test_what_does_not_come_in_time_or_fails_takes_nothing_from_the_rest() -> None:
    async def test() -> None:
        company = Company(
            {
                "line.status": {"state": "ok"},
                "bill.current": ServiceError("bill.current", "nonsense"),
                "order.find": ZeroDivisionError(),
                "ticket.find": {"ticket": None},
            },
            ticket_find=60,
            line_status=1.5,
        )
        house = House(company)
        told = await house.look_up("line.status", "bill.current", "order.find", "ticket.find")
        assert told.answers == {"line_status": {"state": "ok"}}
        assert told.failures == {"bill_current": "nonsense", "order_find": "unavailable", "ticket_find": "timeout"}
        assert asyncio.get_running_loop().time() == pytest.approx(2.0, abs=0.1)
        assert company.given_up == ["ticket.find"]
        await house.requests.close()

    run_virtual(test)


def test_when_nothing_comes_that_is_told_in_time_too() -> None:
    async def test() -> None:
        house = House(Company({}, line_status=60, bill_current=60))
        told = await house.look_up("line.status", "bill.current", timeout=0.5)
        assert told.answers == {}
        assert told.failures == {"line_status": "timeout", "bill_current": "timeout"}
        assert asyncio.get_running_loop().time() == pytest.approx(0.5, abs=0.1)
        await house.requests.close()

    run_virtual(test)


def test_whether_something_is_being_changed_is_known() -> None:
    async def test() -> None:
        house = House(FakeAnswers({"ticket.open": {"number": "1"}, "line.status": {"state": "ok"}}))
        await house.ask("ticket.open")
        assert house.requests.changing
        await house.ask("line.status")
        assert not house.requests.changing
        house.requests.make(AskService("r3", "ticket.open", {}, 2.0, "n", 2), "run1")
        house.requests.make(LookUp("r4", {"a": Lookup("line.status", {})}, 2.0, "n", 1), "run1")
        assert not house.requests.changing
        await house.requests.close()

    run_virtual(test)


def test_at_the_end_nothing_is_asked_any_more_and_nothing_told() -> None:
    async def test() -> None:
        house = House(company := Company({}, line_status=60, bill_current=60, order_find=60))
        house.requests.make(AskService("r1", "line.status", {}, 90.0, "n", 1), "run1")
        lookups = {"a": Lookup("bill.current", {}), "b": Lookup("order.find", {})}
        house.requests.make(LookUp("r2", lookups, 90.0, "n", 1), "run1")
        await asyncio.sleep(1)
        await house.requests.close()
        assert sorted(company.given_up) == ["bill.current", "line.status", "order.find"]
        assert house.events == []

    run_virtual(test)
