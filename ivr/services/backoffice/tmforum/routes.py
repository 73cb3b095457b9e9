"""Every TM Forum resource that the sample back office serves, and under which path."""

from __future__ import annotations

from aiohttp import web

from ivr.services.backoffice.tmforum import (
    appointments,
    bills,
    customers,
    orders,
    parties,
    problems,
    products,
    services,
    tickets,
)

# Below the base path that each API's published definition has.
ROUTES: tuple[web.RouteDef, ...] = (
    *customers.ROUTES,
    *parties.ROUTES,
    *services.ROUTES,
    *problems.ROUTES,
    *tickets.ROUTES,
    *appointments.ROUTES,
    *products.ROUTES,
    *bills.ROUTES,
    *orders.ROUTES,
)
