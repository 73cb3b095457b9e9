"""TMF656 service problems: every outage is one, of the lines in its area."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from aiohttp import web

from ivr.services.backoffice.handlers import OFFICE
from ivr.services.backoffice.tmforum.collection import Collection, Resource, Row, href
from ivr.services.tmforum.apis import STANDARD_PATHS, Api

PATH = f"{STANDARD_PATHS[Api.PROBLEM]}/serviceProblem"

_STATUS = "inProgress"  # an outage is in the table as long as it lasts

OUTAGES = Collection(
    """SELECT o.id, o.area, o.cause_tr, o.cause_en, o.until, (SELECT count(*) FROM lines l WHERE l.area = o.area)
    FROM outages o WHERE true""",
    "o.id",
    {
        "id": "o.id IN ({})",
        "affectedLocation.id": "o.area IN ({})",
        "affectedService.id": "o.area IN (SELECT l.area FROM lines l WHERE l.number IN ({}))",
        "status": f"'{_STATUS}' IN ({{}})",
    },
)


async def _list(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    page = await OUTAGES.page(office.database, request)
    return page.answer([_problem(request, row, office.now()) for row in page.rows])


def _problem(request: web.Request, row: Row, now: datetime) -> Resource:
    number, area, cause_tr, cause_en, until, lines = row
    told = {"cause_tr": cause_tr, "cause_en": cause_en, "expectedResolutionDate": _next(until, now).isoformat()}
    return {
        "id": number,
        "href": href(request, PATH, number),
        "category": "serviceProvider.originated",
        "priority": 1,
        "description": cause_en,
        "reason": cause_en,
        "status": _STATUS,
        "affectedNumberOfServices": lines,
        "affectedLocation": [{"id": area, "name": area, "role": "exchangeArea", "@referredType": "Place"}],
        "characteristic": [{"name": name, "valueType": "string", "value": text} for name, text in told.items()],
        "originatorParty": {"id": "network", "name": "Network operations", "@referredType": "Organization"},
    }


def _next(clock: str, now: datetime) -> datetime:
    """The next moment at which a local clock shows that."""
    today = datetime.combine(now.date(), time.fromisoformat(clock), now.tzinfo)
    return today if today > now else today + timedelta(days=1)


ROUTES = (web.get(PATH, _list),)
