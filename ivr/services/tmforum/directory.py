"""directory.find: who may be calling (TMF629, TMF638), their lines (TMF638) and their names (TMF632).

Two questions at a time, and two times at most: whose number it is, and whether it is a line; then which lines those
have that were found. Who refers to a party may say its name; the party API is asked for persons whom nobody named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.tmforum.apis import Api, Apis, together
from ivr.services.tmforum.customers import CUSTOMERS, INDIVIDUALS, Customer, Way
from ivr.services.tmforum.lines import SERVICES, LineService
from ivr.services.tmforum.reading import Reference, read

_SERVICE = catalogue.FIND.name
_MOST = "100"  # of a list


@dataclass(frozen=True, slots=True)
class _Match:
    way: Way
    line: LineService
    customer: str
    remembered: str | None = None


async def find(apis: Apis, arguments: Mapping[str, str], _key: str) -> Json:
    """The lines that someone who calls from a number may mean, their own numbers first."""
    number, now = arguments["number"], apis.now()
    found, customers = await together(_lines(apis, "serviceCharacteristic.value", number), _customers(apis, number))
    # A system may take no notice of a filter.
    own = [line for line in found if line.number == number]
    known = [one for one in customers if one.ways(number, now) or one.registered(_SERVICE, number, now)]
    lines, names = await together(
        _lines(apis, "relatedParty.id", ",".join(customer.id for customer in known)), _names(apis, _parties(known, own))
    )
    matches = {
        (match.way, match.line.id): match for match in (*_called_from(own), *_reached(number, now, known, lines))
    }
    return {"matches": [_told(one, names) for one in sorted(matches.values(), key=lambda one: _rank(one, number))]}


async def _customers(apis: Apis, number: str) -> list[Customer]:
    fields = "id,engagedParty,contactMedium,characteristic"
    query = {"contactMedium.characteristic.phoneNumber": number, "fields": fields, "limit": _MOST}
    return read(_SERVICE, CUSTOMERS, await apis.get(_SERVICE, Api.CUSTOMER, "/customer", query))


async def _lines(apis: Apis, attribute: str, values: str) -> list[LineService]:
    """The lines in use of which an attribute has one of the values."""
    if not values:
        return []
    fields = "id,state,serviceSpecification,serviceCharacteristic,relatedParty"
    query = {attribute: values, "fields": fields, "limit": _MOST}
    services = read(_SERVICE, SERVICES, await apis.get(_SERVICE, Api.SERVICE, "/service", query))
    return [service for service in services if service.number and service.state]


async def _names(apis: Apis, parties: Mapping[str, Reference]) -> dict[str, str | None]:
    """What customers are called, by their id; `parties` are who they are."""
    names = {customer: party.name for customer, party in parties.items()}
    people = {
        customer: party.id for customer, party in parties.items() if not party.name and party.type == "Individual"
    }
    if people:
        query = {"id": ",".join(sorted(set(people.values()))), "fields": "id,fullName,givenName,familyName"}
        answer = await apis.get(_SERVICE, Api.PARTY, "/individual", {**query, "limit": _MOST})
        persons = {person.id: person.name for person in read(_SERVICE, INDIVIDUALS, answer)}
        names |= {customer: persons.get(person) for customer, person in people.items()}
    return names


def _parties(known: list[Customer], own: list[LineService]) -> dict[str, Reference]:
    """Who the customers are, by their id: a line names both its customer and the person."""
    named = {line.customer: line.party("Individual") or line.party("Customer") for line in own}
    of_lines = {customer: party for customer, party in named.items() if customer and party}
    return of_lines | {customer.id: customer.party for customer in known}


def _called_from(own: list[LineService]) -> Iterator[_Match]:
    for line in own:
        if line.customer:
            yield _Match("caller_number", line, line.customer)


def _reached(number: str, now: datetime, known: list[Customer], lines: list[LineService]) -> Iterator[_Match]:
    """The lines of customers of whom it is a contact number, and those that it was registered for."""
    customers = {customer.id: customer for customer in known}
    for line in lines:
        if (customer := customers.get(line.customer or "")) is None:
            continue
        ways = customer.ways(number, now)
        yield from (_Match(way, line, customer.id) for way in ways)
        since = {} if ways else customer.registered(_SERVICE, number, now)
        if line.id in since:
            yield _Match("alternate_number", line, customer.id, since[line.id])


def _rank(match: _Match, number: str) -> tuple[bool, bool, str, str]:
    """Own numbers come first, and of these the line called from."""
    alternate = match.way != "caller_number"
    return alternate, alternate or match.line.number != number, match.customer, match.line.number or ""


def _told(match: _Match, names: Mapping[str, str | None]) -> Json:
    number, name = match.line.number, names.get(match.customer)
    if not number or not name:
        raise ServiceError(_SERVICE, "nonsense", "a customer without a name, or a line without a number")
    return {
        "way": match.way,
        "customer": {"id": match.customer, "name": name},
        "line": {"number": number, "ending": number[-2:], "product": match.line.product},
        "remembered": match.remembered,
    }
