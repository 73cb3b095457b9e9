"""line.status by TMF638 and TMF656: the same as the plain way, and no outage that is not the line's."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.backoffice import sample
from ivr.services.backoffice.sample import SAMPLE
from ivr.services.tmforum.apis import together
from tests.unit.backoffice_house import NOW, right
from tests.unit.tmforum_house import over_tmforum
from tests.unit.tmforum_said import Says

LINE = "+902121112233"


def service(**changes: Any) -> dict[str, Any]:
    return {
        "id": "S-1",
        "state": "active",
        "serviceSpecification": {"name": "Fibre"},
        "serviceCharacteristic": [{"name": "phoneNumber", "value": LINE}],
        "place": [{"id": "A-1", "role": "home"}, {"id": "A-2", "role": "exchangeArea"}],
        **changes,
    }


def told(**changes: Any) -> list[dict[str, Any]]:
    """What a problem's characteristics tell."""
    texts = {"cause_tr": "kablo", "cause_en": "a cable", "expectedResolutionDate": "2026-10-02T23:15:00+03:00"}
    return [{"name": name, "value": value} for name, value in {**texts, **changes}.items() if value is not None]


def problem(**changes: Any) -> dict[str, Any]:
    place = {"id": "A-2", "name": "Moda", "role": "exchangeArea"}
    return {"id": "K-1", "status": "inProgress", "affectedLocation": [place], "characteristic": told(), **changes}


async def status(services: Any, problems: Any = ()) -> Any:
    says = Says({"GET /service": services, "GET /serviceProblem": list(problems) if problems == () else problems})
    return catalogue.STATUS.check_answer(await says.adapter.ask("line.status", {"line": LINE}, ""))


class TestTheSample:
    async def test_both_ways_tell_the_same_of_every_line(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            seen = set()
            for line in (line for customer in SAMPLE for line in customer.lines):
                plain = await right(system.client, "/line/status", {"line": line.number})
                assert await tmforum.ask("line.status", {"line": line.number}, "") == plain
                seen.add((plain["state"], bool(plain["outage"])))
            assert seen == {("up", False), ("up", True), ("down", False), ("down", True), ("suspended", False)}

    async def test_one_question_at_a_time_to_each(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            await tmforum.ask("line.status", {"line": sample.MUSTAFA.line.number}, "")
            assert sorted(system.asked) == ["GET /service", "GET /serviceProblem"]

    async def test_a_line_that_nobody_knows(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, _):
            with pytest.raises(ServiceError) as caught:
                await tmforum.ask("line.status", {"line": sample.UNKNOWN_LINE}, "")
        assert caught.value.reason == "rejected"

    @pytest.mark.parametrize("hours", [-4, 0, 8, 20])
    async def test_until_when_an_outage_lasts_is_ahead(self, tmp_path: Path, hours: int) -> None:
        """The table has a clock, the standard a moment."""
        now = NOW + timedelta(hours=hours)
        async with over_tmforum(tmp_path / "backoffice.db", now) as (tmforum, system):
            response = await system.client.get("/tmf-api/serviceProblemManagement/v4/serviceProblem")
            [cut, _] = await response.json()
            [until] = [one["value"] for one in cut["characteristic"] if one["name"] == "expectedResolutionDate"]
            assert now.isoformat() < until <= (now + timedelta(days=1)).isoformat()
            answer = await tmforum.ask("line.status", {"line": sample.MUSTAFA.line.number}, "")
            assert answer["outage"]["until"] == sample.CABLE_CUT.until


class TestState:
    @pytest.mark.parametrize(
        ("changes", "state"),
        [
            ({}, "up"),
            ({"isServiceEnabled": True, "hasStarted": True}, "up"),
            ({"isServiceEnabled": False, "hasStarted": True}, "down"),
            ({"isServiceEnabled": False}, "down"),
            ({"isServiceEnabled": False, "hasStarted": False}, "up"),
            ({"state": "inactive"}, "suspended"),
            ({"state": "inactive", "isServiceEnabled": False}, "suspended"),
            ({"state": "suspended"}, "suspended"),
        ],
    )
    async def test_of_a_line_in_use(self, changes: dict[str, Any], state: str) -> None:
        assert await status([service(**changes)]) == {"state": state, "outage": None, "product": "Fibre"}

    @pytest.mark.parametrize("state", ["terminated", "designed", "reserved", "feasibilityChecked", "UP"])
    async def test_what_is_not_in_use_is_no_line(self, state: str) -> None:
        with pytest.raises(ServiceError) as caught:
            await status([service(state=state)])
        assert caught.value.reason == "rejected"

    @pytest.mark.parametrize(
        "characteristics",
        [[], [{"name": "phoneNumber", "value": "+902129998877"}], [{"name": "fax", "value": LINE}]],
    )
    async def test_other_lines_are_none(self, characteristics: Any) -> None:
        with pytest.raises(ServiceError) as caught:
            await status([service(serviceCharacteristic=characteristics)])
        assert caught.value.reason == "rejected"


class TestOutage:
    async def test_told_in_every_language(self) -> None:
        assert (await status([service()], [problem()]))["outage"] == {
            "id": "K-1",
            "area": "Moda",
            "cause": {"tr": "kablo", "en": "a cable"},
            "until": "23:15",
        }

    async def test_the_clock_is_the_one_that_is_written(self) -> None:
        ends = told(expectedResolutionDate="2026-10-02T20:15:00Z")
        assert (await status([service()], [problem(characteristic=ends)]))["outage"]["until"] == "20:15"

    @pytest.mark.parametrize(
        "changes",
        [
            {"affectedLocation": []},
            {"affectedLocation": None},
            {"affectedLocation": [{"id": "A-9", "name": "Moda"}]},
            *({"status": status} for status in ("resolved", "closed", "cancelled", "rejected", "")),
        ],
    )
    async def test_elsewhere_or_over_is_none(self, changes: dict[str, Any]) -> None:
        """Whether or not the system takes notice of the filters."""
        assert (await status([service()], [problem(**changes)]))["outage"] is None
        assert (await status([service()], [problem(**changes), problem(id="K-2")]))["outage"]["id"] == "K-2"


@pytest.mark.parametrize(
    "said",
    [
        {"services": None},
        {"services": {"id": "S-1"}},
        {"services": [service(isServiceEnabled="false")]},
        {"services": [service(place=["Moda"])]},
        {"services": [service(serviceSpecification=None)]},
        {"services": [service()], "problems": None},
        {"services": [service()], "problems": [{"id": "K-1"}]},
        {"services": [service()], "problems": [problem(characteristic=told(cause_tr=None))]},
        {"services": [service()], "problems": [problem(characteristic=told(cause_en="x\ny"))]},
        {"services": [service()], "problems": [problem(characteristic=told(cause_en=7))]},
        {"services": [service()], "problems": [problem(characteristic=told(expectedResolutionDate=None))]},
        {"services": [service()], "problems": [problem(characteristic=told(expectedResolutionDate="18:30"))]},
        {"services": [service()], "problems": [problem(characteristic=told(expectedResolutionDate=1_790_000_000))]},
        {"services": [service()], "problems": [problem(id=7)]},
    ],
)
async def test_nonsense(said: dict[str, Any]) -> None:
    with pytest.raises(ServiceError) as caught:
        await status(**said)
    assert caught.value.reason == "nonsense"
    assert LINE not in str(caught.value)


class TestTogether:
    async def test_answers_come_in_the_order_of_the_questions(self) -> None:
        first = asyncio.Event()

        async def slow() -> str:
            await first.wait()
            return "slow"

        async def fast() -> str:
            first.set()
            return "fast"

        assert await together(slow(), fast()) == ["slow", "fast"]

    async def test_when_one_fails_the_others_are_called_off(self) -> None:
        down, called_off = ServiceError("line.status", "unavailable"), asyncio.Event()

        async def fails() -> None:
            raise down

        async def goes_on() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                called_off.set()

        with pytest.raises(ServiceError) as caught:
            await together(goes_on(), fails())
        assert caught.value is down
        assert called_off.is_set()

    async def test_who_is_called_off_calls_off(self) -> None:
        begun, called_off = asyncio.Event(), asyncio.Event()

        async def goes_on() -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                called_off.set()

        asked = asyncio.create_task(together(goes_on()))
        await begun.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert called_off.is_set()


async def test_a_service_that_is_in_no_api() -> None:
    with pytest.raises(ServiceError) as caught:
        await Says({}).adapter.ask("payment.pay", {}, "k")
    assert caught.value.reason == "rejected"
    assert "line.status" in str(caught.value)
