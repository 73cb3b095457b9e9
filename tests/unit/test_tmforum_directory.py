"""directory.find by TMF629, 632 and 638: the same as the plain way, few requests, nobody by mistake."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.backoffice import sample
from ivr.services.backoffice.sample import SAMPLE
from tests.unit.backoffice_house import NOW, right
from tests.unit.tmforum_house import over_tmforum
from tests.unit.tmforum_said import Says

HOME, SHOP = (line.number for line in sample.HUSEYIN.lines)
NUMBERS = sorted(
    {
        sample.UNKNOWN_LINE,
        sample.UNKNOWN_MOBILE,
        *(number for one in SAMPLE for number in (one.main, *one.alternates)),
        *(line.number for one in SAMPLE for line in one.lines),
    }
)

MOBILE, LINE, OTHER_LINE = "+905321112233", "+902121112233", "+902121112244"


def service(number: str = LINE, customer: str = "C-1", person: str = "P-1", **changes: Any) -> dict[str, Any]:
    """A line of a company whose services, customers and persons have ids of their own."""
    return {
        "id": f"S{number}",
        "state": "active",
        "serviceSpecification": {"id": "7", "name": "Fibre"},
        "serviceCharacteristic": [{"name": "colour", "value": 7}, {"name": "phoneNumber", "value": number}],
        "relatedParty": [
            {"id": customer, "@referredType": "Customer"},
            {"id": person, "@referredType": "Individual"},
        ],
        **changes,
    }


def contact(number: str = MOBILE, kind: str = "main", **changes: Any) -> dict[str, Any]:
    return {"mediumType": "phone", "characteristic": {"contactType": kind, "phoneNumber": number}, **changes}


def customer(*media: Any, **changes: Any) -> dict[str, Any]:
    return {
        "id": "C-1",
        "engagedParty": {"id": "P-1", "@referredType": "Individual"},
        "contactMedium": list(media),
        **changes,
    }


def registered(number: str = MOBILE, line: str = LINE, **valid: str) -> dict[str, Any]:
    period = {"startDateTime": "2026-09-01T23:30:00+03:00", "endDateTime": "2027-09-01T00:00:00+03:00", **valid}
    value = {"phoneNumber": number, "service": {"id": f"S{line}"}, "validFor": period}
    return {"name": "registeredPhoneNumber", "value": value}


NOBODY: Mapping[str, Any] = {"customers": [], "called_from": [], "lines": [service()]}
PERSONS = [{"id": "P-1", "fullName": "Deniz Er"}, {"id": "P-2", "givenName": "Ada", "familyName": "Su"}]


async def found(number: str = MOBILE, *, individuals: Any = PERSONS, **said: Any) -> Any:
    """The matches when the systems say that."""
    told = {**NOBODY, **said}
    says = Says(
        {
            "GET /customer": told["customers"],
            "GET /service": lambda query: told["lines" if "relatedParty.id" in query else "called_from"],
            "GET /individual": individuals,
        }
    )
    answer = catalogue.FIND.check_answer(await says.adapter.ask("directory.find", {"number": number}, ""))
    return answer["matches"]


def lines(matches: Any) -> list[tuple[str, str]]:
    return [(match["way"], match["line"]["number"]) for match in matches]


class TestTheSample:
    async def test_both_ways_find_the_same_for_every_number(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            seen = set()
            for number in NUMBERS:
                plain = await right(system.client, "/directory/find", {"number": number})
                assert await tmforum.ask("directory.find", {"number": number}, "") == plain
                seen |= {match["way"] for match in plain["matches"]}
            assert seen == {"caller_number", "alternate_number"}

    @pytest.mark.parametrize(
        ("number", "asked"),
        [
            (sample.UNKNOWN_MOBILE, []),
            (SHOP, ["GET /individual"]),
            (sample.MEHMET.main, ["GET /service"]),
            (sample.HATICE.alternates[0], ["GET /service"]),
        ],
    )
    async def test_three_requests_at_most(self, tmp_path: Path, number: str, asked: list[str]) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            await tmforum.ask("directory.find", {"number": number}, "")
            assert sorted(system.asked[:2]) == ["GET /customer", "GET /service"]
            assert sorted(system.asked[2:]) == sorted(asked)

    async def test_numbers_that_callers_had_registered(self, tmp_path: Path) -> None:
        """For one of two lines; over; for a line of another customer; beside the same number as an alternate."""
        database = tmp_path / "backoffice.db"
        rows = [
            (sample.UNKNOWN_MOBILE, sample.HUSEYIN.id, SHOP, "2026-09-30T23:59:59", "2026-10-02"),
            (sample.UNKNOWN_MOBILE, sample.AYSE.id, sample.AYSE.line.number, "2026-01-01T10:00:00", "2026-10-01"),
            (sample.UNKNOWN_MOBILE, sample.ELIF.id, sample.ELIF.line.number, "2026-10-02T00:00:00", "2027-10-02"),
            (
                sample.FATMA.alternates[0],
                sample.FATMA.id,
                sample.FATMA.line.number,
                "2026-10-01T00:00:00",
                "2027-01-01",
            ),
        ]
        async with over_tmforum(database) as (tmforum, system):
            with closing(sqlite3.connect(database, isolation_level=None)) as table:
                for number, customer, line, since, until in rows:
                    values = (number, customer, "registered", line, since, until, "tr", "Kaydedeyim mi?", since)
                    table.execute(f"INSERT INTO numbers VALUES ({', '.join('?' * len(values))})", values)
            for number in (sample.UNKNOWN_MOBILE, sample.FATMA.alternates[0]):
                plain = await right(system.client, "/directory/find", {"number": number})
                answer = await tmforum.ask("directory.find", {"number": number}, "")
                assert answer == plain
                remembered = [(match["line"]["number"], match["remembered"]) for match in answer["matches"]]
                if number == sample.UNKNOWN_MOBILE:
                    assert remembered == [(sample.ELIF.line.number, "2026-10-02"), (SHOP, "2026-09-30")]
                else:
                    assert remembered == [(sample.FATMA.line.number, None)]


class TestWhoseNumberItIs:
    async def test_a_main_number_leads_to_all_lines_and_its_own_is_first(self) -> None:
        theirs = [service(OTHER_LINE), service()]
        matches = await found(customers=[customer(contact())], lines=theirs)
        assert lines(matches) == [("caller_number", LINE), ("caller_number", OTHER_LINE)]
        matches = await found(
            OTHER_LINE, customers=[customer(contact(OTHER_LINE))], called_from=[service(OTHER_LINE)], lines=theirs
        )
        assert lines(matches) == [("caller_number", OTHER_LINE), ("caller_number", LINE)]

    async def test_the_line_called_from_and_no_other(self) -> None:
        matches = await found(LINE, called_from=[service()])
        assert lines(matches) == [("caller_number", LINE)]
        assert matches[0]["customer"] == {"id": "C-1", "name": "Deniz Er"}

    async def test_an_alternate_number(self) -> None:
        assert lines(await found(customers=[customer(contact(kind="alternate"))])) == [("alternate_number", LINE)]

    async def test_own_numbers_come_before_others(self) -> None:
        hers = customer(contact(kind="alternate"))
        his = customer(contact(), id="C-2", engagedParty={"id": "P-2", "@referredType": "Individual"})
        matches = await found(customers=[hers, his], lines=[service(), service(OTHER_LINE, "C-2", "P-2")])
        assert [(match["way"], match["customer"]["name"]) for match in matches] == [
            ("caller_number", "Ada Su"),
            ("alternate_number", "Deniz Er"),
        ]

    @pytest.mark.parametrize("kind", ["fax", "technician", "", None, "registered", "Main"])
    async def test_other_kinds_of_contact_lead_nowhere(self, kind: Any) -> None:
        assert await found(customers=[customer(contact(kind=kind))]) == []

    @pytest.mark.parametrize(
        ("valid", "counts"),
        [
            ({}, True),
            ({"startDateTime": "2026-01-01T00:00:00Z"}, True),
            ({"endDateTime": f"{NOW.isoformat()}"}, True),
            ({"endDateTime": "2026-10-02T21:29:59+03:00"}, False),
            ({"endDateTime": "2026-10-02T21:29:59Z"}, True),
            ({"startDateTime": "2026-10-02T21:30:01+03:00"}, False),
        ],
    )
    async def test_numbers_count_as_long_as_they_are_valid(self, valid: dict[str, str], counts: bool) -> None:
        assert bool(await found(customers=[customer(contact(validFor=valid))])) is counts
        known = customer(contact(kind="registered"), characteristic=[registered(**valid)])
        assert bool(await found(customers=[known])) is counts

    async def test_a_registered_number_leads_to_its_line_alone(self) -> None:
        known = customer(
            contact(kind="registered"), characteristic=[registered(), registered("+905550000000", OTHER_LINE)]
        )
        matches = await found(customers=[known], lines=[service(), service(OTHER_LINE)])
        assert lines(matches) == [("alternate_number", LINE)]
        assert matches[0]["remembered"] == "2026-09-01"  # the local day on which it was

    async def test_what_is_an_alternate_anyway_is_not_remembered(self) -> None:
        known = customer(contact(kind="alternate"), characteristic=[registered()])
        [match] = await found(customers=[known])
        assert match["remembered"] is None


class TestSystemsThatTakeNoNoticeOfFilters:
    async def test_customers_with_other_numbers(self) -> None:
        assert await found(customers=[customer(contact("+905550000000")), customer(id="C-2")]) == []

    async def test_services_with_other_numbers(self) -> None:
        assert await found(LINE, called_from=[service(OTHER_LINE), service("")]) == []

    async def test_lines_of_other_customers(self) -> None:
        theirs = [service(OTHER_LINE, "C-9"), service(), service("+902121112255", relatedParty=[])]
        assert lines(await found(customers=[customer(contact())], lines=theirs)) == [("caller_number", LINE)]

    async def test_persons_that_were_not_asked_for(self) -> None:
        matches = await found(customers=[customer(contact())], individuals=[*PERSONS, {"id": "P-3", "fullName": "X"}])
        assert [match["customer"]["name"] for match in matches] == ["Deniz Er"]


class TestWhatIsNoLine:
    @pytest.mark.parametrize("state", ["terminated", "designed", "reserved", "feasibilityChecked", "", "ACTIVE"])
    async def test_a_service_that_is_not_in_use(self, state: str) -> None:
        assert await found(LINE, called_from=[service(state=state)]) == []
        assert await found(customers=[customer(contact())], lines=[service(state=state)]) == []

    async def test_a_service_without_a_number(self) -> None:
        television = service(serviceCharacteristic=[{"name": "smartCard", "value": MOBILE}])
        assert await found(customers=[customer(contact())], called_from=[television], lines=[television]) == []

    async def test_a_service_without_a_customer(self) -> None:
        assert await found(LINE, called_from=[service(relatedParty=[])]) == []

    async def test_null_is_as_good_as_nothing(self) -> None:
        theirs = [service(place=None, hasStarted=None)]
        known = customer(contact(validFor=None), characteristic=None)
        assert lines(await found(customers=[known], lines=theirs)) == [("caller_number", LINE)]
        assert await found(customers=[customer(contactMedium=None)]) == []


class TestNames:
    @pytest.mark.parametrize("kind", ["Individual", "Organization"])
    async def test_who_is_named_is_not_asked_for(self, kind: str) -> None:
        known = customer(contact(), engagedParty={"id": "P-1", "name": "Er Ltd", "@referredType": kind})
        [match] = await found(customers=[known], individuals=ServiceError("x", "unavailable"))
        assert match["customer"] == {"id": "C-1", "name": "Er Ltd"}

    @pytest.mark.parametrize(
        ("engaged", "individuals"),
        [
            ({"id": "P-1", "@referredType": "Individual"}, []),
            ({"id": "P-1", "@referredType": "Individual"}, [{"id": "P-1"}]),
            ({"id": "P-1", "@referredType": "Individual"}, [{"id": "C-1", "fullName": "Deniz Er"}]),
            ({"id": "P-1", "@referredType": "Organization"}, PERSONS),
        ],
    )
    async def test_somebody_without_a_name_is_nonsense(self, engaged: Any, individuals: Any) -> None:
        with pytest.raises(ServiceError) as caught:
            await found(customers=[customer(contact(), engagedParty=engaged)], individuals=individuals)
        assert caught.value.reason == "nonsense"


class TestNonsense:
    @pytest.mark.parametrize(
        "said",
        [
            {"customers": None},
            {"customers": {}},
            {"customers": "[]"},
            {"customers": [None]},
            {"customers": [{"id": "C-1"}]},
            {"customers": [customer(contact(), id=1)]},
            {"customers": [customer(contact(), engagedParty="P-1")]},
            {"customers": [customer({"mediumType": "phone"})]},
            {"customers": [customer(contact(validFor={"endDateTime": "2027-01-01"}))]},
            {"customers": [customer(contact(validFor={"endDateTime": 1_790_000_000}))]},
            {"customers": [customer(characteristic=[{"name": "registeredPhoneNumber", "value": MOBILE}])]},
            {"called_from": None},
            {"called_from": [service(), 7]},
            {"called_from": [service(state=1)]},
            {"called_from": [service(relatedParty=[{"id": None}])]},
            {"called_from": [service(LINE, serviceSpecification={"name": ["Fibre"]})]},
            {"customers": [customer(contact())], "lines": None},
            {"customers": [customer(contact())], "lines": [service("212 111")]},
            {"customers": [customer(contact())], "lines": [service(serviceSpecification=None)]},
            {"customers": [customer(contact())], "individuals": None},
            {"customers": [customer(contact())], "individuals": [{"fullName": "Deniz Er"}]},
            {"customers": [customer(contact())], "individuals": [{"id": "P-1", "fullName": "x\ny"}]},
            {"customers": [customer(contact())], "individuals": [{"id": "P-1", "fullName": "x" * 300}]},
        ],
    )
    async def test_is_told_as_such(self, said: dict[str, Any]) -> None:
        with pytest.raises(ServiceError) as caught:
            await found(**said)
        assert caught.value.reason == "nonsense"
        assert not any(personal in str(caught.value) for personal in (MOBILE, LINE, "Deniz"))

    @pytest.mark.parametrize("path", ["GET /customer", "GET /service", "GET /individual"])
    async def test_one_system_that_is_down_is_the_reason(self, path: str) -> None:
        down = ServiceError("directory.find", "unavailable")
        answers = {"GET /customer": [customer(contact())], "GET /service": [service()], "GET /individual": PERSONS}
        with pytest.raises(ServiceError) as caught:
            await Says({**answers, path: down}).adapter.ask("directory.find", {"number": MOBILE}, "")
        assert caught.value is down
