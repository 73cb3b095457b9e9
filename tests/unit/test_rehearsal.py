"""Flow tests as real calls: the hurried hotline, which tests can be calls, the stand-in for the company."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import aiohttp
import pytest
from rich.console import Console
from typer.testing import CliRunner

from ivr.commands.flows import commands
from ivr.errors import ServiceError, SettingsError
from ivr.flow.model import Call, Flow, Question
from ivr.flow.reading.loader import parse_flows
from ivr.flow.reading.texts import FlowTexts
from ivr.flowtest.junit import junit
from ivr.flowtest.replies import Company as Replies
from ivr.flowtest.report import Report
from ivr.flowtest.running import Run, Skipped, run_tests
from ivr.hotline.reading import flow_file, read_texts
from ivr.hotline.texts import gather_hotline
from ivr.sandbox.plan import plan_settings
from ivr.sandbox.ports import Ports
from ivr.sandbox.rehearsal.hurry import always_open, hurried, shorter
from ivr.sandbox.rehearsal.minutes import Minutes
from ivr.sandbox.rehearsal.playable import Part, part_of
from ivr.sandbox.rehearsal.running import queues_of
from ivr.sandbox.rehearsal.stand_in import Company, StandIn
from ivr.services.catalogue import SERVICES
from ivr.services.company import CompanyServices
from ivr.settings_services import Limits
from tests.unit.fakes_company import TOKEN, plainly, system_at
from tests.unit.flowtest_house import FLOW, RESUMING_STAGE, STAGE
from tests.unit.rehearsal_house import TEXTS, written
from tests.unit.test_sandbox_parts import COMPONENTS

SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=FLOW.zone)


def flows(flow: Flow) -> list[Flow]:
    return [flow, *flow.subflows.values()]


# The hurried hotline


@pytest.mark.parametrize("texts", [TEXTS, gather_hotline(flow_file(None, "hotline"), None).flows])
def test_a_hurried_hotline_differs_in_its_waiting_and_its_hours_only(texts: FlowTexts) -> None:
    flow = parse_flows(texts)
    quick = parse_flows(replace(texts, texts=hurried(flow, texts)))
    for old, new in zip(flows(flow), flows(quick), strict=True):
        defaults = {
            "timeout": shorter(old.defaults.timeout),
            "interdigit": shorter(old.defaults.interdigit),
        }
        assert new.defaults == old.defaults.model_copy(update=defaults)
        assert list(new.nodes) == list(old.nodes)
        for name, node in old.nodes.items():
            waits = {
                key: shorter(seconds)
                for key in ("timeout", "interdigit")
                if isinstance(node, Question) and (seconds := getattr(node, key)) is not None
            }
            assert new.nodes[name] == node.model_copy(update=waits)
        assert new.hours.keys() == old.hours.keys()
        rest = {"defaults", "nodes", "hours", "version", "subflows"}
        assert new.model_dump(exclude=rest) == old.model_dump(exclude=rest)
    services = [node.timeout for node in quick.nodes.values() if isinstance(node, Call)]
    assert services == [node.timeout for node in flow.nodes.values() if isinstance(node, Call)]


def test_a_hurried_hotline_is_open_when_the_other_is_closed() -> None:
    quick = parse_flows(replace(TEXTS, texts=hurried(FLOW, TEXTS)))
    for flow in (quick, always_open(FLOW)):
        assert flow.hours["desk"].is_open(SUNDAY)
        assert flow.hours["desk"].is_open(SUNDAY.replace(hour=23, minute=59))
    assert not FLOW.hours["desk"].is_open(SUNDAY)


def test_a_hurried_sample_hotline_passes_the_check() -> None:
    """Else no controller would serve it."""
    texts = gather_hotline(flow_file(None, "hotline"), None)
    quick = hurried(parse_flows(texts.flows), texts.flows)
    read_texts(replace(texts, flows=replace(texts.flows, texts=quick)), None)


@pytest.mark.parametrize(
    ("seconds", "hurried"), [(8.0, 2.0), (5.0, 1.25), (3.0, 1.0), (1.5, 1.0), (0.5, 0.5), (0.2, 0.2)]
)
def test_no_wait_is_cut_below_what_fingers_need(seconds: float, hurried: float) -> None:
    assert shorter(seconds) == hurried


# Which tests can be calls


def test_a_test_that_can_be_a_call_is_one() -> None:
    part = part_of(written('call: [{hears: main}, {presses: "2"}, {presses: "4711"}]'), STAGE, SUNDAY)
    assert isinstance(part, Part)
    assert part.language == "tr"
    assert part.shown == ("2", "****")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("call: [{says: arıza}]", "it says words, and the callers of these calls have keys only"),
        ("speech: true\ncall: [{presses: 1}]", "it says words, and the callers of these calls have keys only"),
        ("call: [{waits: 3m}]", "it waits too long: a call may take 30 s more than what is said in it"),
        ("language: de", "the hotline does not speak de"),
        (
            "returned: {level: verified, customer: {id: C1, name: Ayşe}}",
            "it goes on where a call has dropped: as real calls, tests know nothing of one another",
        ),
        ("call: [{hears: main}, taken_over]", "another controller goes on with the call, and there is only one"),
        (
            'earlier: {cut_off_from: "2001", call: [{presses: "0"}, {hears: to_agent}]}',
            "an agent talks to the caller in it, and no agents are there",
        ),
        (
            "earlier: {call: [{says: arıza}, hangs_up]}",
            "it says words, and the callers of these calls have keys only",
        ),
        (
            "services: {directory.prove: {fails: limited}}",
            "attempts are limited in it, which no service answers: the hotline counts them itself",
        ),
        (
            'at: 2026-11-22 10:00\ncall: [{hears: main}, {presses: "0"}]\nexpect: {outcome: completed}',
            "it is of 2026-11-22 10:00; now, with people there, it goes otherwise: outcome: transferred, not completed",
        ),
    ],
)
def test_a_test_that_cannot_be_a_call_says_why(text: str, why: str) -> None:
    assert part_of(written(text), STAGE, SUNDAY) == why


def test_a_test_of_another_day_that_goes_the_same_today_is_played() -> None:
    text = 'at: 2026-11-24 10:00\ncall: [{hears: main}, {presses: "0"}]\nexpect: {queue: agents}'
    assert isinstance(part_of(written(text), STAGE, SUNDAY), Part)


def test_a_test_that_fails_anyway_is_played_to_see_it_fail_and_shows_no_key() -> None:
    text = 'call: [{hears: nonsense}, {presses: "2"}, {presses: "4711"}]\nexpect: {queue: faults}'
    part = part_of(written(text), STAGE, SUNDAY)
    assert isinstance(part, Part)
    assert part.shown == ("*", "****")


def test_earlier_calls_are_right_before_the_next_ones() -> None:
    dropped = "call: [{presses: 1 2}, {hears: colour}, hangs_up]"
    part = part_of(written(f"earlier: {{ago: 1h, {dropped}}}\ncall: [{{hears: left_off}}]"), RESUMING_STAGE, SUNDAY)
    assert isinstance(part, Part)
    assert part.shown == ("12",), "the keys of all calls"
    assert part_of(written(f"earlier: {{ago: 3h, {dropped}}}\ncall: [{{hears: main}}]"), RESUMING_STAGE, SUNDAY) == (
        "it is of 2026-11-23 12:00; now, with people there, and one call right after the other, it goes otherwise: "
        "main is not heard: the call waits for the caller at left_off"
    )


# The company


@asynccontextmanager
async def stand_in(services: dict[str, Any], free_port: int) -> AsyncIterator[tuple[Company, CompanyServices]]:
    company = Company(Replies.model_validate({"services": services}).services, SERVICES)
    standing = StandIn(SERVICES, TOKEN)
    standing.company = company
    async with (
        standing.serving("127.0.0.1", free_port),
        plainly(system_at(f"http://127.0.0.1:{free_port}", Limits(tries=1))) as client,
    ):
        yield company, client


@pytest.fixture
def free_port() -> int:
    return Ports(prefer_usual=False).tcp(28070)


QUESTION = {"line": "+902125554141"}
UP = {"state": "up", "outage": None, "product": "Fiber"}


async def test_the_stand_in_answers_as_the_test_says_and_keeps_what_it_was_asked(free_port: int) -> None:
    async with stand_in({"line.status": [{"fails": "unavailable"}, UP]}, free_port) as (company, client):
        with pytest.raises(ServiceError):
            await client.ask("line.status", QUESTION, timeout=5, idempotency_key="a")
        assert await client.ask("line.status", QUESTION, timeout=5, idempotency_key="a") == UP
        assert [(ask.service, ask.arguments) for ask in company.asked] == [("line.status", QUESTION)] * 2
        assert company.asked[0] != company.asked[1]
        assert not company.busy


@pytest.mark.parametrize("reason", ["timeout", "unavailable", "rejected", "nonsense"])
async def test_the_stand_in_fails_as_real_systems_do(reason: str, free_port: int) -> None:
    async with stand_in({"line.status": {"fails": reason}}, free_port) as (company, client):
        told: list[str] = []
        company.on_reply = lambda reply: told.append(getattr(reply.event, "reason", ""))
        with pytest.raises(ServiceError) as failed:
            await client.ask("line.status", QUESTION, timeout=0.2, idempotency_key="a")
        assert failed.value.reason == reason
    assert told == [reason]
    assert not company.busy


async def test_a_question_that_the_test_has_no_reply_for_is_kept_as_a_failure(free_port: int) -> None:
    async with stand_in({}, free_port) as (company, client):
        with pytest.raises(ServiceError, match="unavailable"):
            await client.ask("line.status", QUESTION, timeout=5, idempotency_key="a")
        assert company.unanswered
        assert company.unanswered.what == ("the test has no reply of line.status to this",)


async def test_the_stand_in_answers_nobody_without_the_token(free_port: int) -> None:
    async with stand_in({"line.status": UP}, free_port) as (company, _), aiohttp.ClientSession() as stranger:
        url = f"http://127.0.0.1:{free_port}/line/status"
        for headers in ({}, {"Authorization": "Bearer another"}):
            async with stranger.post(url, json=QUESTION, headers=headers) as answer:
                assert answer.status == 401
        assert company.asked == []


# The transcript


def test_minutes_are_in_the_order_of_the_call_and_hide_secrets() -> None:
    minutes = Minutes(100.0, clock=lambda: 102.0)
    minutes.caller("calls")
    minutes.presses("124711", "12****")
    said = {"text": "Hoş geldiniz", "prompts": ["welcome", "news"], "ms": 1.0}
    minutes.news({"at": 100.5, "kind": "spoken", "node": "welcome", "conversation": "c", "data": said})
    minutes.news({"at": 103.0, "kind": "noinput", "node": "main", "conversation": "c", "data": {"attempt": 1}})
    minutes.news({"at": 103.0, "kind": "listening", "node": "main", "conversation": "c", "data": {"seconds": 1}})
    assert [(entry.at, entry.who.value, entry.what, entry.words) for entry in minutes.entries] == [
        (0.5, "hotline", "welcome, news", "Hoş geldiniz"),
        (2.0, "caller", "calls", ""),
        (2.0, "caller", "presses", "12****"),
        (3.0, "flow", "noinput", "attempt=1"),
    ]
    assert minutes.masked({"pin": "4711", "line": "12"}) == {"pin": "****", "line": "12"}


# What is around


def test_skipped_tests_are_told_in_the_terminal_and_to_ci() -> None:
    played = written('call: [{presses: "0"}]\nexpect: {queue: agents}')
    run = run_tests(STAGE, [played])
    run = Run(run.results, run.coverage, (Skipped(played, "it says [words] & more"),))
    page = io.StringIO()
    report = Report(Console(file=page, width=200, highlight=False))
    report.skipped(run.skipped[0])
    report.summary(run, 1.0)
    assert page.getvalue() == "skipped a call  it says [words] & more\n\n1 passed, 1 skipped in 1.00 s\n"
    suite = ElementTree.fromstring(junit(run, 1.0))[0]
    assert (suite.get("tests"), suite.get("skipped"), suite.get("failures")) == ("2", "1", "0")
    assert [element.get("message") for element in suite.iter("skipped")] == ["it says [words] & more"]


def test_the_sandbox_has_every_queue_of_the_hotline_once(tmp_path: Path) -> None:
    assert queues_of(FLOW) == ["agents"]
    planned = plan_settings(Ports(prefer_usual=False), COMPONENTS, tmp_path, 15, ["sales", "agents"])
    assert [queue["name"] for queue in planned["queues"]] == ["agents", "faults", "sales"]


@pytest.mark.parametrize("option", ["--coverage", "--need-all"])
def test_calls_tell_nothing_of_coverage(option: str) -> None:
    result = CliRunner().invoke(commands, ["test", "--live", option])
    assert isinstance(result.exception, SettingsError)
    assert str(result.exception) == "--live tells nothing of coverage: leave out --coverage and --need-all"
