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
from ivr.services.tmforum.apis import Api, Apis, together
from ivr.services.tmforum.reading import Characteristic, Moment, Part, Reference, read

_SERVICE = catalogue.STATUS.name
NUMBER = "phoneNumber"  # the characteristic of a service that is its number
# Whatever else a service can be, it is not in use yet, or not any more. "suspended" has come after v4.0.
_STATES = {"active": "up", "inactive": "suspended", "suspended": "suspended"}
OPEN = frozenset({"acknowledged", "held", "inProgress", "pending"})  # states of a problem that is not over yet


class _Specification(Part):
    name: str


class _Service(Part):
    state: str
    started: bool = Field(default=True, alias="hasStarted")
    enabled: bool = Field(default=True, alias="isServiceEnabled")
    specification: _Specification = Field(alias="serviceSpecification")
    characteristics: list[Characteristic] = Field(default=[], alias="serviceCharacteristic")
    place: list[Reference] = Field(default=[])

    @property
    def failed(self) -> bool:
        return self.state == "active" and self.started and not self.enabled

    def is_line(self, number: str) -> bool:
        return any(one.name == NUMBER and one.value == number for one in self.characteristics)


class _Problem(Part):
    id: str
    status: str
    place: list[Reference] = Field(default=[], alias="affectedLocation")
    characteristics: list[Characteristic] = Field(default=[], alias="characteristic")


class _Told(Part):
    """What a problem's characteristics tell callers."""

    cause_tr: str
    cause_en: str
    until: Moment = Field(alias="expectedResolutionDate")


_SERVICES, _PROBLEMS, _TOLD = TypeAdapter(list[_Service]), TypeAdapter(list[_Problem]), TypeAdapter(_Told)


async def status(apis: Apis, arguments: Mapping[str, str], key: str) -> Json:
    """How a line is, and what is broken in its area. Rejected when there is no such line."""
    line = arguments["line"]
    services, problems = await together(
        apis.get(_SERVICE, Api.SERVICE, "/service", {"serviceCharacteristic.value": line}),
        apis.get(_SERVICE, Api.PROBLEM, "/serviceProblem", _affecting(line)),
    )
    found = next((service for service in read(_SERVICE, _SERVICES, services) if service.is_line(line)), None)
    if found is None or found.state not in _STATES:
        raise ServiceError(_SERVICE, "rejected", "there is no such line")
    return {
        "state": "down" if found.failed else _STATES[found.state],
        "outage": _outage(found, read(_SERVICE, _PROBLEMS, problems)),
        "product": found.specification.name,
    }


def _affecting(line: str) -> dict[str, str]:
    """What is open for the line's service; without all the other services that it affects, too."""
    fields = "id,status,affectedLocation,characteristic"
    return {"affectedService.id": line, "status": ",".join(sorted(OPEN)), "fields": fields}


def _outage(service: _Service, problems: list[_Problem]) -> Json:
    places = {place.id for place in service.place}
    for problem in problems:
        area = next((place for place in problem.place if place.id in places), None)
        if problem.status in OPEN and area is not None:
            told = read(_SERVICE, _TOLD, {one.name: one.value for one in problem.characteristics})
            return {
                "id": problem.id,
                "area": area.name or area.id,
                "cause": {"tr": told.cause_tr, "en": told.cause_en},
                "until": f"{told.until:%H:%M}",
            }
    return None
