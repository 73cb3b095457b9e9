"""The page on services keeps up with the catalogue, and its example is a map that works."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from aiohttp import web
from pydantic import BaseModel

from context_store.records import Json
from ivr.services import catalogue
from ivr.services.answering import Expression
from ivr.services.catalogue import SERVICES
from ivr.services.company_map import read_map
from ivr.services.filling import FILTERS
from ivr.services.map_entries import Entry
from ivr.services.opening import company_services
from ivr.services.tmforum.adapter import SERVICES as TMFORUM
from ivr.services.tmforum.apis import STANDARD_PATHS
from ivr.settings_services import Auth, ServicesSettings
from tests.unit.doc_pages import blocks, page, rows, section
from tests.unit.fakes_company import AGES, LINE, serving

PAGE = page("services")
EXAMPLES: dict[str, Json] = json.loads(blocks(PAGE, "json")[0])
WAYS, MAPPED = blocks(PAGE, "yaml")
[SETTINGS] = blocks(PAGE, "toml")


def test_every_service_is_told_with_its_arguments() -> None:
    told = {
        name: (set(re.findall(r"`(\w+)`", f"`{arguments}`")), set(re.findall(r"\*\*`(\w+)`\*\*", arguments)), changes)
        for name, arguments, changes in rows(section(PAGE, "The services"))[1:]
    }
    assert told == {
        service.name: (set(service.arguments), set(service.secrets), "yes" if service.changes else "no")
        for service in SERVICES.values()
    }


def test_every_answer_is_told_as_it_may_be() -> None:
    assert EXAMPLES.keys() == SERVICES.keys()
    for name, answer in EXAMPLES.items():
        assert SERVICES[name].check_answer(answer) == answer
    assert SERVICES["directory.prove"].check_answer({"proved": False})
    assert SERVICES["directory.redeem"].check_answer({"known": False})


def test_every_key_of_an_answer_is_told() -> None:
    for name, keys in catalogue.answers().items():
        missing = [key for key in keys if "." not in key and key not in EXAMPLES[name]]
        assert not missing, name


def settings_of(text: str) -> ServicesSettings:
    return ServicesSettings.model_validate(tomllib.loads(text)["services"])


def test_the_ways_and_systems_on_the_page_fit_together(tmp_path: Path) -> None:
    file = tmp_path / "services.yaml"
    file.write_text(WAYS, encoding="utf-8")
    found = read_map(file, settings_of(SETTINGS).systems)
    assert found.ways["ticket.open"] == "tmforum"
    assert found.ways["payment.pay"] == "plain"


def test_every_api_is_told_with_its_path_and_what_it_is_for() -> None:
    told = {api: path for api, _, path, _ in rows(section(PAGE, "`tmforum`"))[1:]}
    assert told == {api.value: path for api, path in STANDARD_PATHS.items()}
    uses = " ".join(use for *_, use in rows(section(PAGE, "`tmforum`"))[1:])
    assert {name for name in SERVICES if name in uses} == TMFORUM


def test_every_key_of_a_mapped_service_is_told() -> None:
    tables = rows(section(PAGE, "In the system's own words"))
    end = next(at for at, cells in enumerate(tables) if cells[0] == "function")
    assert {cells[0] for cells in tables[1:end]} == Entry.model_fields.keys()
    for name in FILTERS:
        assert f"`{name}`" in section(PAGE, "In the system's own words")


FUNCTIONS = [
    (cells[0], cells[1])
    for cells in rows(section(PAGE, "In the system's own words"))
    if re.fullmatch(r"\w+\(.*\)", cells[0])
]


@pytest.mark.parametrize(("call", "told"), FUNCTIONS)
def test_a_function_gives_what_the_page_says(call: str, told: str) -> None:
    call = re.sub(r"\((\d[\d.]*)\)", r"(`\1`)", call)
    asked = {"ticket": "480001", "day": "2026-10-05"}
    found = Expression(call, SERVICES["appointment.move"]).of({"state": "ACTIVE"}, asked)
    expected = re.search(r"`([^`]+)$", told)
    assert found == (expected[1] if expected else {"asked": "2026-10-05", "pick": "up"}[call.partition("(")[0]])


def test_every_function_of_ours_is_told() -> None:
    assert {call.partition("(")[0] for call, _ in FUNCTIONS} == {"asked", "pick", "amount", "day", "clock", "ending"}


def test_every_kind_of_authentication_is_told_with_its_keys() -> None:
    told = {cells[0]: set(re.findall(r"\w+", cells[1])) for cells in rows(section(PAGE, "Authentication"))[1:]}
    kinds: tuple[type[BaseModel], ...] = get_args(get_args(Auth)[0])
    assert told == {get_args(k.model_fields["kind"].annotation)[0]: k.model_fields.keys() - {"kind"} for k in kinds}


# The example of a mapped service, played against a system that speaks as it expects

BILL = {
    "billNo": "90010002",
    "status": "DUNNED",
    "total": 529.4,
    "dueAt": "2026-10-02T00:00:00+03:00",
    "before": {"total": 379.9},
    "changes": [{"amount": 149.5, "name_tr": "yurt dışı kullanımı", "name_en": "use abroad"}, {"amount": -5}],
}


async def billing(request: web.Request) -> web.Response:
    """The system of the example."""
    assert request.headers["X-Api-Key"] == "…"
    line = "/api/lines/%2B902125554141"
    if request.method == "POST":
        assert request.path == "/api/tickets"
        assert request.headers["X-Request-Id"] == "c:open:1"
        assert await request.json() == {"line": LINE, "kind": "SLOW", "reachable": False}
        return web.json_response({"id": "480001", "visit": {"start": "2026-10-05T09:00:00+03:00"}})
    if request.raw_path == f"{line}/bills/latest?details=yes":
        return web.json_response(BILL)
    assert request.raw_path == f"{line}/tickets/open"
    return web.Response(status=404)


async def test_the_example_of_a_mapped_service_works(tmp_path: Path) -> None:
    file = tmp_path / "services.yaml"
    file.write_text(MAPPED, encoding="utf-8")

    async def ask(service: str, **arguments: str) -> Any:
        return await services.ask(service, arguments, timeout=AGES, idempotency_key="c:open:1")

    async with serving(billing) as server:
        settings = settings_of(SETTINGS.replace("https://billing.example/api", str(server.make_url("/api"))))
        async with company_services(settings, file) as services:
            assert await ask("bill.current", line=LINE) == EXAMPLES["bill.current"]
            assert await ask("ticket.open", line=LINE, symptom="slow", contact="") == EXAMPLES["ticket.open"]
            assert await ask("ticket.find", line=LINE) == {"ticket": None}
