"""Tickets and appointments by TMF621 and TMF646: the same as the plain way, each change once, and no nonsense."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.adapters import NotThere
from ivr.services.backoffice import sample
from ivr.services.backoffice import sample_accounts as accounts
from ivr.services.backoffice.sample import SAMPLE
from ivr.services.tmforum.apis import STANDARD_PATHS, Api
from tests.unit.backoffice_house import ask, back_office, right
from tests.unit.tmforum_house import over_tmforum
from tests.unit.tmforum_said import Says

FAULT = {"line": sample.AYSE.line.number, "symptom": "no_internet", "contact": sample.UNKNOWN_MOBILE}
ZEYNEPS = f"{accounts.ZEYNEPS_TICKET.number}"
LINE = "+902121112233"


class TestTheSample:
    async def test_both_ways_find_the_same_for_every_line(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            seen = set()
            for line in (line.number for customer in SAMPLE for line in customer.lines):
                plain = await right(system.client, "/ticket/find", {"line": line})
                assert await tmforum.ask("ticket.find", {"line": line}, "") == plain
                seen.add(plain["ticket"] and (plain["ticket"]["state"], bool(plain["ticket"]["appointment"])))
            assert {None, ("waiting", True), ("working", False)} <= seen

    async def test_the_newest_of_several_is_found_both_ways(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            asked = {**FAULT, "line": sample.ZEYNEP.line.number}
            assert (await tmforum.ask("ticket.open", asked, "c:open:1"))["number"] == "480001"
            plain = await right(system.client, "/ticket/find", {"line": asked["line"]})
            assert plain["ticket"]["number"] == "480001"
            assert await tmforum.ask("ticket.find", {"line": asked["line"]}, "") == plain

    async def test_the_days_on_offer_are_the_same(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            plain = await right(system.client, "/appointment/slots", {"ticket": ZEYNEPS})
            assert await tmforum.ask("appointment.slots", {"ticket": ZEYNEPS}, "") == plain
            assert len(plain["days"]) == 3

    @pytest.mark.parametrize(
        ("service", "asked"),
        [
            ("appointment.slots", {"ticket": "479790"}),  # nobody comes for that one
            ("appointment.slots", {"ticket": "000000"}),
            ("appointment.move", {"ticket": "000000", "day": "2026-10-08"}),
            ("appointment.move", {"ticket": ZEYNEPS, "day": "tomorrow"}),
            ("ticket.open", {**FAULT, "line": sample.UNKNOWN_LINE}),
            ("ticket.open", {**FAULT, "contact": "anonymous"}),
            ("ticket.open", {**FAULT, "symptom": "It is down!"}),
        ],
    )
    async def test_what_is_rejected_is_so_both_ways(self, tmp_path: Path, service: str, asked: dict[str, str]) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            status, _ = await ask(system.client, catalogue.named(service).path, asked)
            assert 400 <= status < 500
            with pytest.raises(ServiceError) as caught:
                await tmforum.ask(service, asked, "k" if catalogue.named(service).changes else "")
        assert caught.value.reason == "rejected"


class TestOnce:
    async def test_whichever_way_it_is_asked_one_key_opens_one_ticket(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            answers = [
                await tmforum.ask("ticket.open", FAULT, "c:open:1"),
                await right(system.client, "/ticket/open", FAULT, "c:open:1"),
                await tmforum.ask("ticket.open", FAULT, "c:open:1"),
            ]
            assert answers == [{"number": "480001", "appointment": "2026-10-05"}] * 3
            assert await right(system.client, "/ticket/open", FAULT, "c:open:2") == {**answers[0], "number": "480002"}
            assert (await tmforum.ask("ticket.open", FAULT, "c:open:2"))["number"] == "480002"

    async def test_twenty_at_once(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            answers = await asyncio.gather(
                *(tmforum.ask("ticket.open", FAULT, "c:open:1") for _ in range(10)),
                *(right(system.client, "/ticket/open", FAULT, "c:open:1") for _ in range(10)),
            )
        assert {answer["number"] for answer in answers} == {"480001"}

    async def test_a_back_office_that_was_started_again_remembers(self, tmp_path: Path) -> None:
        for _ in range(2):
            async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, _):
                assert (await tmforum.ask("ticket.open", FAULT, "c:open:1"))["number"] == "480001"
        async with back_office(tmp_path / "backoffice.db") as client:
            assert (await right(client, "/ticket/open", FAULT, "c:open:1"))["number"] == "480001"

    async def test_a_key_of_another_fault_opens_nothing(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, _):
            await tmforum.ask("ticket.open", FAULT, "c:open:1")
            with pytest.raises(ServiceError) as caught:
                await tmforum.ask("ticket.open", {**FAULT, "symptom": "no_phone"}, "c:open:1")
            assert caught.value.reason == "rejected"
            found = await tmforum.ask("ticket.find", {"line": FAULT["line"]}, "")
            assert found["ticket"]["number"] == "480001"

    async def test_moved_whichever_way_it_is_asked(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            asked = {"ticket": ZEYNEPS, "day": "2026-10-08"}
            moved = {"moved": True, "appointment": "2026-10-08"}
            for _ in range(2):
                assert await tmforum.ask("appointment.move", asked, "c:move:1") == moved
                assert await right(system.client, "/appointment/move", asked, "c:move:1") == moved

    @pytest.mark.parametrize("day", ["2026-10-10", "2026-10-02", "2027-10-08"])
    async def test_on_a_day_that_is_not_free_it_stays(self, tmp_path: Path, day: str) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            asked = {"ticket": ZEYNEPS, "day": day}
            plain = await right(system.client, "/appointment/move", asked, "c:move:1")
            assert plain == {"moved": False, "appointment": "2026-10-05"}
            assert await tmforum.ask("appointment.move", asked, "c:move:1") == plain
            assert await tmforum.ask("appointment.move", asked, "c:move:2") == plain


ENDS = ("0001-01-01", "9999-12-31")
OFFSETS = ("Z", "+00:00", "-00:00", "+14:00", "-12:00", "+23:59", "-23:59", "+24:00", "+99:99", "+03", "+03:00:01", "")
moments = st.one_of(
    st.builds("{}T{}{}".format, st.dates(), st.times(), st.sampled_from(OFFSETS)),
    st.integers(),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["0000-01-01T00:00:00Z", "+12026-01-01T00:00:00Z", "2026-10-08", "2026-10-08 09:00:00Z", "T", ""]),
    st.none(),
)


async def test_whatever_a_moment_looks_like_the_appointment_is_moved_or_not(tmp_path: Path) -> None:
    hostile: list[Any] = [f"{day}T00:00:00{offset}" for day in ENDS for offset in OFFSETS]

    @settings(max_examples=200, database=None)
    @given(moments)
    def invent(moment: Any) -> None:
        hostile.append(moment)

    invent()
    async with back_office(tmp_path / "backoffice.db") as client:
        path = f"{STANDARD_PATHS[Api.APPOINTMENT]}/appointment/{ZEYNEPS}"
        for serial, moment in enumerate(hostile):
            body, key = {"validFor": {"startDateTime": moment}}, {"Idempotency-Key": f"k{serial}"}
            async with client.patch(path, json=body, headers=key) as response:
                beyond = isinstance(moment, str) and moment.startswith(ENDS)
                assert response.status in ((400,) if beyond else (200, 400, 409)), moment


def ticket(**changes: Any) -> dict[str, Any]:
    """A ticket of a company whose ids are not the sample's."""
    related = [{"id": LINE, "role": "affectedService", "@referredType": "Service"}]
    created = "2026-09-30T23:30:00+03:00"
    return {"id": "480001", "status": "held", "creationDate": created, "relatedEntity": related, **changes}


def appointment(day: str = "2026-10-05", number: str = "480001", **changes: Any) -> dict[str, Any]:
    related = [{"id": number, "role": "x", "@referredType": "TroubleTicket"}]
    valid = {"startDateTime": f"{day}T09:00:00+03:00", "endDateTime": f"{day}T18:00:00+03:00"}
    return {"id": "A-1", "status": "confirmed", "validFor": valid, "relatedEntity": related, **changes}


OPENED = ticket(relatedEntity=[{"id": "A-1", "role": "appointment", "@referredType": "Appointment"}])


async def found(tickets: Any, appointments: Any = ()) -> Any:
    says = Says({"GET /troubleTicket": tickets, "GET /appointment": list(appointments)})
    return catalogue.FIND_TICKET.check_answer(await says.adapter.ask("ticket.find", {"line": LINE}, ""))["ticket"]


class TestWhatSystemsFind:
    @pytest.mark.parametrize(
        ("status", "state"),
        [("acknowledged", "waiting"), ("inProgress", "working"), ("held", "working"), ("pending", "working")],
    )
    async def test_open(self, status: str, state: str) -> None:
        told = {"number": "480001", "state": state, "opened": "2026-09-30", "appointment": "2026-10-05"}
        assert await found([ticket(status=status)], [appointment()]) == told

    @pytest.mark.parametrize("status", ["closed", "resolved", "cancelled", "rejected", "", "open"])
    async def test_not_open(self, status: str) -> None:
        assert await found([ticket(status=status)]) is None

    async def test_of_another_line(self) -> None:
        other = [{"id": "+905550000000", "role": "x", "@referredType": "Service"}]
        contact = [{"id": LINE, "role": "callback", "@referredType": "ContactMedium"}]
        assert await found([ticket(relatedEntity=other), ticket(relatedEntity=contact)]) is None

    async def test_the_newest(self) -> None:
        older = ticket(id="480009", creationDate="2026-09-30T20:29:59Z")
        assert (await found([older, ticket(), older]))["number"] == "480001"

    @pytest.mark.parametrize(
        "appointments",
        [
            [appointment(number="480002")],
            [appointment("2026-10-01")],
            *([appointment(status=status)] for status in ("cancelled", "completed", "failed")),
        ],
    )
    async def test_nobody_comes(self, appointments: Any) -> None:
        assert (await found([ticket()], appointments))["appointment"] is None

    async def test_the_next_day_on_which_somebody_comes(self) -> None:
        coming = [appointment("2026-10-07"), appointment("2026-10-01"), appointment("2026-10-02")]
        assert (await found([ticket()], coming))["appointment"] == "2026-10-02"  # today

    @pytest.mark.parametrize(
        ("tickets", "appointments"),
        [
            (None, []),
            ([None], []),
            ([ticket(creationDate="2026-09-30")], []),
            ([ticket(creationDate=None)], []),
            ([ticket(id=480001)], []),
            ([ticket(id="T-1; and your PIN")], []),
            ([ticket(relatedEntity="x")], []),
            ([ticket()], [{}]),
            ([ticket()], [appointment(validFor={"endDateTime": "2026-10-05T00:00:00Z"})]),
            ([ticket()], [appointment("2026-02-30")]),
        ],
    )
    async def test_nonsense(self, tickets: Any, appointments: Any) -> None:
        with pytest.raises(ServiceError) as caught:
            await found(tickets, appointments)
        assert caught.value.reason == "nonsense"
        assert LINE not in str(caught.value)


class TestWhatSystemsOpen:
    async def opened(self, said: Any, appointments: Any = ()) -> tuple[Any, Says]:
        says = Says({"POST /troubleTicket": said, "GET /appointment": appointments})
        answer = await says.adapter.ask("ticket.open", {**FAULT, "line": LINE}, "c:open:1")
        return catalogue.OPEN_TICKET.check_answer(answer), says

    async def test_the_key_is_in_the_body_and_in_the_header(self) -> None:
        answer, says = await self.opened(OPENED, [appointment()])
        assert answer == {"number": "480001", "appointment": "2026-10-05"}
        assert says.bodies[0]["externalId"] == says.headers[0]["Idempotency-Key"] == "c:open:1"

    async def test_without_an_appointment_nobody_asks_for_the_day(self) -> None:
        answer, says = await self.opened(ticket())
        assert answer == {"number": "480001", "appointment": None}
        assert len(says.bodies) == 1

    @pytest.mark.parametrize("appointments", [ServiceError("ticket.open", "unavailable"), None, [{}], []])
    async def test_it_is_open_even_when_the_day_cannot_be_told(self, appointments: Any) -> None:
        assert (await self.opened(OPENED, appointments))[0] == {"number": "480001", "appointment": None}

    @pytest.mark.parametrize(
        "said", [None, {}, [], [ticket()], ticket(id="1"), ticket(id=None), ticket(relatedEntity=1)]
    )
    async def test_nonsense(self, said: Any) -> None:
        with pytest.raises(ServiceError) as caught:
            await self.opened(said)
        assert caught.value.reason == "nonsense"


class TestWhatSystemsOffer:
    async def offered(self, said: Any) -> Any:
        says = Says({"POST /searchTimeSlot": said})
        answer = await says.adapter.ask("appointment.slots", {"ticket": "480001"}, "")
        return catalogue.SLOTS.check_answer(answer)["days"]

    def slots(self, *starts: Any) -> dict[str, Any]:
        return {"id": "1", "availableTimeSlot": [{"validFor": {"startDateTime": start}} for start in starts]}

    async def test_days_once_each_in_their_order(self) -> None:
        said = self.slots("2026-10-07T14:00:00+03:00", "2026-10-06T09:00:00+03:00", "2026-10-07T09:00:00+03:00")
        assert await self.offered(said) == ["2026-10-06", "2026-10-07"]

    async def test_no_more_than_can_be_told(self) -> None:
        said = self.slots(*(f"2026-10-{day}T09:00:00Z" for day in range(10, 31)))
        assert await self.offered(said) == [f"2026-10-{day}" for day in range(10, 20)]

    async def test_none(self) -> None:
        assert await self.offered({"id": "1", "status": "rejected"}) == []

    @pytest.mark.parametrize("said", [None, [], "x", {"availableTimeSlot": [None]}, {"availableTimeSlot": "x"}])
    async def test_nonsense(self, said: Any) -> None:
        with pytest.raises(ServiceError) as caught:
            await self.offered(said)
        assert caught.value.reason == "nonsense"
        with pytest.raises(ServiceError):
            await self.offered(self.slots("2026-10-06"))


class TestWhatSystemsMove:
    async def moved(self, said: Any, present: Any = None) -> Any:
        says = Says({"PATCH /appointment/480001": said, "GET /appointment/480001": present})
        answer = await says.adapter.ask("appointment.move", {"ticket": "480001", "day": "2026-10-06"}, "c:move:1")
        assert says.headers[0]["Idempotency-Key"] == "c:move:1"
        return catalogue.MOVE.check_answer(answer)

    async def test_to_the_day_or_to_another(self) -> None:
        assert await self.moved(appointment("2026-10-06")) == {"moved": True, "appointment": "2026-10-06"}
        assert await self.moved(appointment("2026-10-07")) == {"moved": False, "appointment": "2026-10-07"}

    async def test_refused(self) -> None:
        refused = ServiceError("appointment.move", "rejected", "status 409")
        assert await self.moved(refused, appointment()) == {"moved": False, "appointment": "2026-10-05"}

    @pytest.mark.parametrize("reason", ["unavailable", "timeout", "nonsense"])
    async def test_what_failed_is_not_asked_for(self, reason: str) -> None:
        failed = ServiceError("appointment.move", reason)
        with pytest.raises(ServiceError) as caught:
            await self.moved(failed, appointment())
        assert caught.value is failed

    async def test_there_is_none(self) -> None:
        with pytest.raises(NotThere):
            await self.moved(NotThere("appointment.move"), appointment())

    async def test_it_is_over(self) -> None:
        with pytest.raises(ServiceError) as caught:
            await self.moved(appointment("2026-10-01"))
        assert caught.value.reason == "rejected"

    @pytest.mark.parametrize("said", [None, {}, [appointment()], appointment(validFor=None), appointment(status=1)])
    async def test_nonsense(self, said: Any) -> None:
        with pytest.raises(ServiceError) as caught:
            await self.moved(said)
        assert caught.value.reason == "nonsense"
