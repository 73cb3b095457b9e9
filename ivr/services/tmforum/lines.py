"""line.status: how a line is (TMF638), and what is broken where it is (TMF656), asked at the same time.

A line is a service whose characteristic "phoneNumber" is its number. TMF638 v4 has no state of its own for a line that
is disturbed: a service that is started but not enabled has failed, as its definition says. What is open for the line
is found by the service that it affects, and counts where it lies in the line's own place; so a system that takes no
notice of the filter tells callers nothing wrong. TM Forum's texts have one language, so the cause is a characteristic
for each: cause_tr, cause_en; until when it should be mended is the characteristic expectedResolutionDate.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, TypeAdapter

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.shapes import State
from ivr.services.tmforum.apis import Api, Apis, together
from ivr.services.tmforum.reading import Characteristic, Moment, Part, Reference, read
from ivr.services.tmforum.words import words

_SERVICE = catalogue.STATUS.name
_ENDS = "expectedResolutionDate"  # the characteristic of a problem that is when it should be over
NUMBER = "phoneNumber"  # the characteristic of a service that is its number
# Whatever else a service can be, it is not in use yet, or not any more. "suspended" has come after v4.0.
_STATES: dict[str, State] = {"active": "up", "inactive": "suspended", "suspended": "suspended"}
OPEN = frozenset({"acknowledged", "held", "inProgress", "pending"})  # states of a problem that is not over yet


class _Specification(Part):
    name: str


class LineService(Part):
    """What is needed of a line's service."""

    id: str
    lifecycle: str = Field(alias="state")
    started: bool = Field(default=True, alias="hasStarted")
    enabled: bool = Field(default=True, alias="isServiceEnabled")
    specification: _Specification | None = Field(default=None, alias="serviceSpecification")
    characteristics: list[Characteristic] = Field(default=[], alias="serviceCharacteristic")
    place: list[Reference] = Field(default=[])
    parties: list[Reference] = Field(default=[], alias="relatedParty")

    @property
    def state(self) -> State | None:
        """How the line is; None when it is not in use."""
        failed = self.lifecycle == "active" and self.started and not self.enabled
        return "down" if failed else _STATES.get(self.lifecycle)

    @property
    def product(self) -> str | None:
        """What the customer calls the kind of the line."""
        return self.specification.name if self.specification else None

    @property
    def number(self) -> str | None:
        """The line's number."""
        values = (one.value for one in self.characteristics if one.name == NUMBER)
        return next((value for value in values if isinstance(value, str)), None)

    @property
    def customer(self) -> str | None:
        """The id of the customer whose line it is."""
        party = self.party("Customer")
        return party.id if party else None

    def party(self, kind: str) -> Reference | None:
        """Whose it is, of the kind "Customer" or "Individual"."""
        return next((one for one in self.parties if one.type == kind), None)


class _Problem(Part):
    id: str
    status: str
    place: list[Reference] = Field(default=[], alias="affectedLocation")
    characteristics: list[Characteristic] = Field(default=[], alias="characteristic")


_PROBLEMS, _UNTIL = TypeAdapter(list[_Problem]), TypeAdapter(Moment)
SERVICES = TypeAdapter(list[LineService])


async def status(apis: Apis, arguments: Mapping[str, str], key: str) -> Json:
    """How a line is, and what is broken in its area. Rejected when there is no such line."""
    line = arguments["line"]
    services, problems = await together(
        apis.get(_SERVICE, Api.SERVICE, "/service", {"serviceCharacteristic.value": line}),
        apis.get(_SERVICE, Api.PROBLEM, "/serviceProblem", _affecting(line)),
    )
    # A system may take no notice of a filter.
    found = next((service for service in read(_SERVICE, SERVICES, services) if service.number == line), None)
    if found is None or found.state is None:
        raise ServiceError(_SERVICE, "rejected", "there is no such line")
    return {
        "state": found.state,
        "outage": _outage(found, read(_SERVICE, _PROBLEMS, problems)),
        "product": found.product,
    }


def _affecting(line: str) -> dict[str, str]:
    """What is open for the line's service; without all the other services that it affects, too."""
    fields = "id,status,affectedLocation,characteristic"
    return {"affectedService.id": line, "status": ",".join(sorted(OPEN)), "fields": fields}


def _outage(service: LineService, problems: list[_Problem]) -> Json:
    places = {place.id for place in service.place}
    for problem in problems:
        area = next((place for place in problem.place if place.id in places), None)
        if problem.status in OPEN and area is not None:
            ends = (one.value for one in problem.characteristics if one.name == _ENDS)
            return {
                "id": problem.id,
                "area": area.name or area.id,
                "cause": words(problem.characteristics, "cause"),
                "until": f"{read(_SERVICE, _UNTIL, next(ends, None)):%H:%M}",
            }
    return None
