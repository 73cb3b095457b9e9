"""How often a system is asked, and when it is left alone: tries, waits, time-outs, the circuit. Nothing sleeps."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Mapping
from types import SimpleNamespace

import pytest
from aiohttp import web
from purgatory.domain import model

from context_store.records import Json
from ivr.call.requests import Requests
from ivr.errors import ServiceError
from ivr.flow.commands import LookUp, Lookup
from ivr.flow.events import Event, LookedUp
from ivr.services.adapters import NotThere
from ivr.services.company import CompanyServices
from ivr.services.retrying import LONGEST_WAIT
from ivr.settings_services import Limits
from tests.unit.fakes_company import (
    AGES,
    CLAIM,
    LINE,
    PIN,
    Answering,
    Answers,
    Dropping,
    Waits,
    failure,
    never,
    open_ticket,
    prove,
    serving,
    system_at,
    talking_to,
)

ONCE = Limits(tries=1, breaker_failures=3, breaker_seconds=20)


# Tries


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_what_may_be_over_soon_is_tried_again(status: int) -> None:
    answers = Answers(status, status, 200)
    async with talking_to(answers) as services:
        assert await prove(services) == {"proved": False}
    assert answers.asked == 3


async def test_a_one_time_code_is_not_tried_again() -> None:
    """The first request may have used it up: asked again, the right code would be a wrong one."""
    answers = Answers(502, 200)
    async with talking_to(answers) as services:
        code = {**CLAIM, "proof": "sms_code"}
        question = services.ask("directory.prove", code, timeout=AGES, idempotency_key="c:prove:1")
        assert await failure(question) == "unavailable"
    assert answers.asked == 1


@pytest.mark.parametrize("status", [304, 400, 401, 403, 404, 409, 422, 429, 500, 501])
async def test_what_will_be_the_same_is_not_tried_again(status: int) -> None:
    answers = Answers(status, 200)
    async with talking_to(answers) as services:
        await failure(prove(services))
    assert answers.asked == 1


async def test_nonsense_is_not_tried_again() -> None:
    answering = Answering(b"<html>")
    async with talking_to(answering) as services:
        assert await failure(prove(services)) == "nonsense"
    assert answering.asked == 1


@pytest.mark.parametrize("tries", [1, 2, 5])
async def test_as_often_as_the_settings_say(tries: int) -> None:
    answers, waits = Answers(503), Waits()
    async with talking_to(answers, limits=Limits(tries=tries), waits=waits) as services:
        assert await failure(prove(services)) == "unavailable"
    assert answers.asked == tries
    assert len(waits.seconds) == tries - 1


async def test_waits_double_within_their_chance_and_stay_short() -> None:
    waits = Waits()
    async with talking_to(Answers(503), limits=Limits(tries=5), waits=waits) as services:
        await failure(prove(services))
    for number, seconds in enumerate(waits.seconds):
        assert 0 <= seconds <= min(0.1 * 2**number, LONGEST_WAIT)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_system_is_left_alone_for_as_long_as_it_wants(status: int) -> None:
    answers, waits = Answers((status, {"Retry-After": "1"}), 200), Waits()
    async with talking_to(answers, waits=waits) as services:
        assert await prove(services) == {"proved": False}
    assert answers.asked == 2
    assert waits.seconds == [1.0]


@pytest.mark.parametrize("wanted", ["3", "3600", "9" * 400, "-1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", ""])
async def test_a_caller_does_not_wait_longer_than_is_bearable(wanted: str) -> None:
    answers, waits = Answers((429, {"Retry-After": wanted}), 200), Waits()
    async with talking_to(answers, waits=waits) as services:
        assert await failure(prove(services)) == "rejected"
    assert answers.asked == 1
    assert waits.seconds == []


async def test_what_would_come_too_late_is_not_tried_again() -> None:
    answers, waits = Answers((503, {"Retry-After": "2"}), 200), Waits()
    async with talking_to(answers, waits=waits) as services:
        assert await failure(prove(services, timeout=1.9)) == "unavailable"
    assert answers.asked == 1


async def test_a_change_that_the_system_could_not_know_again_is_asked_once() -> None:
    dropping = Dropping(1)
    async with serving(dropping) as server, system_at(str(server.make_url("/"))) as system:
        with pytest.raises(ServiceError, match="unavailable"):
            await system.request("ticket.open", "POST", "/tickets", body={})
        assert dropping.asked == 1
        await system.request("ticket.open", "POST", "/tickets", body={})


async def test_a_status_404_can_be_told_from_other_refusals() -> None:
    async with serving(Answers(404)) as server, system_at(str(server.make_url("/"))) as system:
        with pytest.raises(NotThere):
            await system.request("ticket.find", "GET", "/tickets/1", again=True)


@pytest.mark.parametrize("path", ["", "bills", "@evil.example/bills", ":80/bills"])
async def test_a_path_cannot_become_part_of_the_host(path: str) -> None:
    answering = Answering()
    async with serving(answering) as server, system_at(str(server.make_url("/")).rstrip("/")) as system:
        with pytest.raises(ValueError, match="slash"):
            await system.request("bill.current", "GET", path)
    assert answering.asked == 0


async def test_a_query_is_quoted() -> None:
    answering = Answering()
    query = {"relatedParty.id": "C 1&x=y#z", "number": "+902125554141"}
    async with serving(answering) as server, system_at(str(server.make_url("/company"))) as system:
        await system.request("bill.current", "GET", "/bills", query=query)
    [(request, _)] = answering.requests
    assert request.path == "/company/bills"
    assert dict(request.query) == query


# One request's time


async def test_one_request_may_take_only_so_long() -> None:
    async with talking_to(never, limits=Limits(request_seconds=0.05)) as services:
        with pytest.raises(ServiceError, match=r"timeout .*system company.* within 0\.05 s"):
            await prove(services)


# The circuit


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The clock by which circuits open: set `now`."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(model, "time", SimpleNamespace(time=lambda: clock.now))
    return clock


async def test_a_system_that_keeps_failing_is_left_alone(
    clock: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    answers = Answers(500, 500, 500, 200)
    async with talking_to(answers, limits=ONCE) as services:
        for _ in range(3):
            assert await failure(prove(services)) == "unavailable"
        for _ in range(5):
            with pytest.raises(ServiceError, match=r"unavailable .*company is left alone"):
                await prove(services)
        assert answers.asked == 3
        clock.now += 20.1
        assert await prove(services) == {"proved": False}
        assert await prove(services) == {"proved": False}
    assert answers.asked == 5
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
        "system company keeps failing: it is not asked for 20 s",
        "system company answers again",
    ]


async def test_a_system_that_fails_once_more_is_left_alone_once_more(clock: SimpleNamespace) -> None:
    answers = Answers(500)
    async with talking_to(answers, limits=ONCE) as services:
        for _ in range(4):
            await failure(prove(services))
        clock.now += 20.1
        await failure(prove(services))
        assert answers.asked == 4
        await failure(prove(services))
        assert answers.asked == 4


async def test_only_failures_in_a_row_count(clock: SimpleNamespace) -> None:
    answers = Answers(500, 500, 200, 500, 500, 200)
    async with talking_to(answers, limits=ONCE) as services:
        for reason in ("unavailable", "unavailable", "", "unavailable", "unavailable", ""):
            if reason:
                assert await failure(prove(services)) == reason
            else:
                assert await prove(services) == {"proved": False}
    assert answers.asked == 6


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429])
async def test_a_refusal_is_no_failure(clock: SimpleNamespace, status: int) -> None:
    answers = Answers(status)
    async with talking_to(answers, limits=ONCE) as services:
        for _ in range(10):
            await failure(prove(services))
    assert answers.asked == 10


async def test_nonsense_is_no_failure_of_the_system(clock: SimpleNamespace) -> None:
    answering = Answering(b"<html>")
    async with talking_to(answering, limits=ONCE) as services:
        for _ in range(10):
            assert await failure(prove(services)) == "nonsense"
    assert answering.asked == 10


async def test_each_try_counts_and_an_open_circuit_ends_the_trying(clock: SimpleNamespace) -> None:
    answers = Answers(503)
    async with talking_to(answers, limits=Limits(tries=5, breaker_failures=3)) as services:
        with pytest.raises(ServiceError, match="left alone"):
            await prove(services)
    assert answers.asked == 3


async def test_who_waits_in_vain_tells_of_a_failure(clock: SimpleNamespace) -> None:
    async with talking_to(never, limits=ONCE) as services:
        for _ in range(3):
            assert await failure(prove(services, timeout=0.02)) == "timeout"
        with pytest.raises(ServiceError, match="left alone"):
            await prove(services)


class Patient:
    """Waits for the company longer than a look_up does, whose limit then ends before the question's own."""

    def __init__(self, services: CompanyServices) -> None:
        self._services = services

    def changes_something(self, service: str) -> bool:
        return self._services.changes_something(service)

    async def ask(
        self, service: str, arguments: Mapping[str, str], *, timeout: float, idempotency_key: str
    ) -> Mapping[str, Json]:
        return await self._services.ask(service, arguments, timeout=timeout + AGES, idempotency_key=idempotency_key)


async def test_a_system_that_is_slower_than_every_look_up_is_left_alone(clock: SimpleNamespace) -> None:
    """A look_up's limit begins before those of its questions, so it may end by a hair before them."""
    events: asyncio.Queue[Event] = asyncio.Queue()
    async with talking_to(never, limits=ONCE) as services:
        requests = Requests(Patient(services), "c1", events.put_nowait)
        failures = []
        for number in range(4):
            requests.make(
                LookUp(f"r{number}", {"line": Lookup("line.status", {"line": LINE})}, 0.05, "look", 1), "run1"
            )
            told = await events.get()
            assert isinstance(told, LookedUp)
            failures.append(told.failures["line"])
        await requests.close()
    assert failures == ["timeout", "timeout", "timeout", "unavailable"]


async def test_who_hangs_up_tells_of_nothing(clock: SimpleNamespace) -> None:
    arrived: asyncio.Queue[None] = asyncio.Queue()

    async def arrive(request: web.Request) -> web.StreamResponse:
        arrived.put_nowait(None)
        return await never(request)

    async with talking_to(arrive, limits=ONCE) as services:
        for _ in range(5):
            asking = asyncio.create_task(prove(services), name="asking")
            async with asyncio.timeout(AGES):
                await arrived.get()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking


async def test_one_question_at_a_time_finds_out_whether_it_is_over(clock: SimpleNamespace) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()
    answers = Answers(500, 500, 500, 200)

    async def slow_when_probed(request: web.Request) -> web.StreamResponse:
        if answers.asked == 3:
            arrived.set()
            await go_on.wait()
        return await answers(request)

    async with talking_to(slow_when_probed, limits=ONCE) as services:
        for _ in range(3):
            await failure(prove(services))
        clock.now += 20.1
        probe = asyncio.create_task(prove(services), name="probe")
        async with asyncio.timeout(AGES):
            await arrived.wait()
        for _ in range(3):
            with pytest.raises(ServiceError, match="left alone"):
                await prove(services)
        go_on.set()
        assert await probe == {"proved": False}
        assert await prove(services) == {"proved": False}


async def test_a_probe_that_is_given_up_lets_the_next_one_through(clock: SimpleNamespace) -> None:
    arrived = asyncio.Event()
    answers = Answers(500, 500, 500, 200)

    async def probed(request: web.Request) -> web.StreamResponse:
        if answers.asked == 3 and not arrived.is_set():
            arrived.set()
            return await never(request)
        return await answers(request)

    async with talking_to(probed, limits=ONCE) as services:
        for _ in range(3):
            await failure(prove(services))
        clock.now += 20.1
        probe = asyncio.create_task(prove(services), name="probe")
        async with asyncio.timeout(AGES):
            await arrived.wait()
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe
        assert await prove(services) == {"proved": False}


async def test_being_refused_keeps_nothing_of_who_was_refused(clock: SimpleNamespace) -> None:
    async with talking_to(Answers(500), limits=ONCE) as services:
        for _ in range(8):
            await failure(prove(services))
        opened = [each for each in gc.get_objects() if isinstance(each, model.OpenedState)]
        assert opened
        assert all(each.__traceback__ is None for each in opened), "it is raised again and again"


async def test_two_systems_have_a_circuit_each(clock: SimpleNamespace) -> None:
    async with talking_to(Answers(500), limits=ONCE) as broken, talking_to(Answers(200), limits=ONCE) as well:
        for _ in range(4):
            await failure(prove(broken))
        assert await prove(well) == {"proved": False}


async def test_nothing_of_a_question_is_told_when_it_is_tried_again(
    clock: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with talking_to(Answers(503), limits=Limits(tries=3, breaker_failures=2)) as services:
        await failure(prove(services))
        await failure(open_ticket(services))
    assert "asking once more" in caplog.text
    assert PIN not in caplog.text
    assert "5554141" not in caplog.text
