"""A service that a system answers in its own words: what is sent, what comes of the answer, what hostile words do."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services.adapters import NotThere
from ivr.services.answering import Expression
from ivr.services.catalogue import SERVICES
from ivr.services.company import CompanyServices
from ivr.services.company_map import read_map
from ivr.services.filling import CannotFill, path_template, template
from ivr.services.mapped import MOST_KEYS, Mapped
from ivr.services.opening import company_services
from ivr.settings_services import ServicesSettings, SystemSettings
from tests.unit.fakes_company import AGES, CONTACT, LINE, Answering, Answers, Dropping, Handler, failure, serving

MAP = """
services:
  bill.current:
    system: billing
    method: GET
    path: /lines/{{ line }}/bills/latest
    query: {fields: "all", for: "{{ line[3:] }}"}
    headers: {X-Line-Ending: "{{ line[-2:] }}"}
    answer: >-
      {number: no, state: pick(status, {OPEN: 'open', DUNNED: 'overdue', SETTLED: 'paid'}), amount: amount(total),
      due: day(dueAt), previous: amount(last),
      reasons: items[?diff > `0`].{text: {tr: tr, en: en}, amount: amount(diff)}}
  ticket.open:
    system: billing
    method: POST
    path: /tickets
    key_header: X-Request-Id
    body:
      line: "{{ line }}"
      fault: {code: "{{ symptom | upper }}", sms: "{{ contact != '' }}", digits: "{{ line[-2:] | int }}"}
      tags: [ivr, "for {{ line }}", 7, 1.5, true, null]
    answer: "{number: id, appointment: day(visit.start)}"
  appointment.move:
    system: billing
    method: PUT
    path: /visits/{{ ticket }}
    body: {on: "{{ day }}"}
    answer: "{moved: `true`, appointment: asked('day')}"
  ticket.find:
    system: billing
    method: POST
    path: /search
    body: {line: "{{ line }}"}
    answer: "{ticket: [0].{number: id, state: 'waiting', opened: day(at), appointment: day(visit.start)}}"
    missing: {ticket: null}
"""
BILL = {
    "no": "90010002",
    "status": "DUNNED",
    "total": 529.4,
    "last": "349.9",
    "dueAt": "2026-10-02T00:00:00+03:00",
    "items": [{"diff": 149.5, "tr": "yurt dışı", "en": "abroad"}, {"diff": -3, "tr": "x", "en": "x"}],
}
FAULT = {"line": LINE, "symptom": "slow", "contact": CONTACT}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "services.yaml"
    file.write_text(MAP, encoding="utf-8")
    return file


@pytest.fixture
def bill(file: Path) -> Expression:
    """What makes the answer of bill.current."""
    way = read_map(file, ["billing"]).ways["bill.current"]
    assert isinstance(way, tuple)
    assert way[1].answer
    return way[1].answer


@asynccontextmanager
async def company(handler: Handler, file: Path) -> AsyncIterator[CompanyServices]:
    async with serving(handler) as server:
        billing = SystemSettings.model_validate({"url": str(server.make_url("/api")), "auth": {"kind": "none"}})
        services = ServicesSettings(token=SecretStr("a token of nobody"), systems={"billing": billing})
        async with company_services(services, file) as opened:
            yield opened


async def ask(services: CompanyServices, service: str, arguments: dict[str, str]) -> Json:
    return await services.ask(service, arguments, timeout=AGES, idempotency_key="c:node:1")


def answering(body: Any) -> Answering:
    return Answering(json.dumps(body).encode())


async def test_a_look_up(file: Path) -> None:
    system = answering(BILL)
    async with company(system, file) as services:
        assert await ask(services, "bill.current", {"line": LINE}) == {
            "number": "90010002",
            "state": "overdue",
            "amount": "529.40",
            "due": "2026-10-02",
            "previous": "349.90",
            "reasons": [{"text": {"tr": "yurt dışı", "en": "abroad"}, "amount": "149.50"}],
        }
    [(request, body)] = system.requests
    assert (request.method, request.raw_path.partition("?")[0]) == ("GET", "/api/lines/%2B902125554141/bills/latest")
    assert dict(request.query) == {"fields": "all", "for": "2125554141"}
    assert request.headers["X-Line-Ending"] == "41"
    assert body == b""


async def test_a_change_carries_its_key_in_the_systems_header(file: Path) -> None:
    system = answering({"id": "480001", "visit": {"start": "2026-10-05T09:00:00"}})
    async with company(system, file) as services:
        assert await ask(services, "ticket.open", FAULT) == {"number": "480001", "appointment": "2026-10-05"}
    [(request, body)] = system.requests
    assert request.headers["X-Request-Id"] == "c:node:1"
    assert json.loads(body) == {
        "line": LINE,
        "fault": {"code": "SLOW", "sms": True, "digits": 41},
        "tags": ["ivr", f"for {LINE}", 7, 1.5, True, None],
    }


async def test_what_is_null_stays_null(file: Path) -> None:
    async with company(answering({"id": "480001"}), file) as services:
        assert await ask(services, "ticket.open", FAULT) == {"number": "480001", "appointment": None}


async def test_an_empty_answer_can_be_an_answer(file: Path) -> None:
    async with company(Answering(b"", 204), file) as services:
        moved = await ask(services, "appointment.move", {"ticket": "480001", "day": "2026-10-06"})
    assert moved == {"moved": True, "appointment": "2026-10-06"}


async def test_what_is_missing_can_be_an_answer(file: Path) -> None:
    async with company(Answers(404), file) as services:
        assert await ask(services, "ticket.find", {"line": LINE}) == {"ticket": None}
        with pytest.raises(NotThere):
            await ask(services, "bill.current", {"line": LINE})


@pytest.mark.parametrize(
    ("service", "arguments", "asked"),
    [
        ("bill.current", {"line": LINE}, 3),
        ("ticket.find", {"line": LINE}, 3),  # a POST that looks something up
        ("ticket.open", FAULT, 3),  # carries its key
        ("appointment.move", {"ticket": "480001", "day": "2026-10-06"}, 1),  # carries none
    ],
)
async def test_only_what_may_be_asked_twice_is(file: Path, service: str, arguments: dict[str, str], asked: int) -> None:
    dropping = Dropping(100)
    async with company(dropping, file) as services:
        with pytest.raises(ServiceError, match="unavailable"):
            await ask(services, service, arguments)
    assert dropping.asked == asked


MOVE = {"ticket": "480001", "day": "2026-10-06"}


async def test_a_change_without_a_key_is_not_sent_twice_whatever_a_flow_says(file: Path) -> None:
    """A flow's `retries` ask again after a time-out, in the same visit: the first request may have been carried out."""
    dropping = Dropping(1)
    async with company(dropping, file) as services:
        assert await failure(ask(services, "appointment.move", MOVE)) == "unavailable"
        with pytest.raises(ServiceError, match=r"rejected .*sent before.*key_header"):
            await ask(services, "appointment.move", MOVE)
        assert dropping.asked == 1
        await services.ask("appointment.move", MOVE, timeout=AGES, idempotency_key="c:node:2")
        await failure(ask(services, "ticket.open", FAULT))  # has that key, too, but is another service
    assert dropping.asked == 3


async def test_what_was_sent_is_not_remembered_without_end(file: Path) -> None:
    way = read_map(file, ["billing"]).ways["appointment.move"]
    assert isinstance(way, tuple)
    system = Asked()
    moving = Mapped(system, way[1])

    async def move(number: int) -> None:
        with pytest.raises(NotThere):
            await moving.ask("appointment.move", MOVE, f"c:node:{number}")

    for number in range(MOST_KEYS + 1):
        await move(number)
    await move(0)
    with pytest.raises(ServiceError, match="rejected"):
        await moving.ask("appointment.move", MOVE, f"c:node:{MOST_KEYS}")
    assert len(system.paths) == MOST_KEYS + 2


@pytest.mark.parametrize(
    "body",
    [
        None, [], {}, "text", 7, {"no": 90010002}, {**BILL, "status": "UNHEARD"}, {**BILL, "total": "free"},
        {**BILL, "total": [1]}, {**BILL, "dueAt": 20261002}, {**BILL, "items": "none"}, {**BILL, "items": None},
        {**BILL, "total": "1e400000000"}, {**BILL, "total": "NaN"}, {**BILL, "total": 10**4000},
        {**BILL, "status": {"OPEN": 1}},
    ],
    ids=lambda body: repr(body)[-40:],
)  # fmt: skip
async def test_an_answer_that_does_not_fit_is_nonsense_that_repeats_nothing(
    file: Path, body: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with company(answering(body), file) as services:
        with pytest.raises(ServiceError) as caught:
            await ask(services, "bill.current", {"line": LINE})
    assert caught.value.reason == "nonsense"
    for data in ("529", "UNHEARD", "free", "9001", LINE):
        assert data not in str(caught.value) + caplog.text


class Asked:
    """Takes the place of a system: remembers what it was asked, and knows nothing."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []

    async def request(self, service: str, method: str, path: str, **others: Any) -> Json:
        self.paths.append(path)
        self.headers.append(others["headers"])
        raise NotThere(service)


HOSTILE = ["", ".", "..", "%2e%2e", "../../admin", "a/b", "a?b", "a#b", "a b", "\r\nHost: evil", "\x00", "ş", "{{ 1 }}"]


@pytest.mark.parametrize("value", HOSTILE)
async def test_an_argument_is_one_step_of_a_path_or_nothing_is_asked(file: Path, value: str) -> None:
    system, way = Asked(), read_map(file, ["billing"]).ways["bill.current"]
    assert isinstance(way, tuple)
    with pytest.raises(ServiceError, match="rejected") as caught:
        await Mapped(system, way[1]).ask("bill.current", {"line": value}, "")
    for path in system.paths:
        assert path.count("/") == 4
        assert path.isascii()
        assert not set(path) & set("?# \r\n")
    for headers in system.headers:
        assert all(text.isprintable() for text in headers.values())
    assert len(value) < 3 or value not in str(caught.value)
    assert not system.paths or value not in ("", ".", "..")


@given(st.text())
def test_any_argument_is_one_quoted_step(text: str) -> None:
    with suppress(CannotFill):
        path = path_template("/bills/{{ line }}/latest").path({"line": text})
        assert path.count("/") == 3
        assert path.isascii()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("", ""),
        ("{{ line }}", LINE),
        ("{{ line }}!", LINE + "!"),
        ("{{ line[-2:] }}", "41"),
        ("{{ line | length }}", None),
        ("{{ line[-2:] | int }}", 41),
        ("{{ '1.5' | float }}", 1.5),
        ("{{ line == '' }}", False),
        ("{{ none }}", None),
        ("{{ line if line else 'withheld' }}", LINE),
        ("{{ line | replace('+90', '0') }}", "02125554141"),
        ("{{ line }}{{ line[-2:] }}", LINE + "41"),
        ("007", "007"),
        ("[1, 2]", "[1, 2]"),
        ("{{ '[1, 2]' }}", "[1, 2]"),  # a text stays one, whatever it looks like
    ],
)
def test_a_template_keeps_the_type_of_a_single_expression(text: str, value: Json) -> None:
    if "length" in text:
        with pytest.raises(ValueError, match="length"):
            template(text)
        return
    found = template(text).value({"line": LINE})
    assert found == value
    assert type(found) is type(value)


def test_a_template_that_does_not_fit_repeats_nothing() -> None:
    with pytest.raises(CannotFill) as caught:
        template("{{ line > 3 if line[3:] else line }}").value({"line": LINE})
    assert LINE not in str(caught.value)


@pytest.mark.parametrize("text", ["{{ line.__class__ }}", "{{ line | attr('__class__') }}", "{{ line['x'] }}"])
def test_a_template_that_reaches_beyond_its_arguments_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"not allowed|slices of text only"):
        template(text)


SHORT = st.sampled_from(["line", "symptom", "'a'", "1", "[3:]", "[-2:]", "|", "upper", "int", "replace", "(", ")", ","])
WORDS = st.sampled_from(["if", "else", "==", "!=", "in", "not", "and", ">", "'+90'", "'0'", "-", "*", "%", ".x", "[0]"])


@given(st.lists(SHORT | WORDS, max_size=8), st.sampled_from(["+902125554141", "", "x", "00"]))
def test_what_is_let_through_does_not_depend_on_luck(words: list[str], value: str) -> None:
    """Whatever does not work with one text is refused when it is read, but for a branch that is not taken there."""
    with suppress(ValueError):
        made = template("{{ " + " ".join(words) + " }}")
        if not {"if", "and", "or"} & set(words):
            made.value(dict.fromkeys(made.names, value))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*BILL, "x"]), inner),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(json_values)
def test_whatever_a_system_says_it_is_an_answer_or_nonsense(bill: Expression, said: Json) -> None:
    with pytest.raises(ServiceError, match="nonsense"):
        SERVICES["bill.current"].check_answer(bill.of(said, {"line": LINE}))


async def test_a_body_too_long_for_a_line_is_read_up_to_256_kib(file: Path) -> None:
    async def long(request: web.Request) -> web.Response:
        return web.json_response([{"id": "480001", "at": "2026-10-01", "more": "x" * 200_000}])

    async with company(long, file) as services:
        answer = await ask(services, "ticket.find", {"line": LINE})
    assert answer["ticket"]["number"] == "480001"
