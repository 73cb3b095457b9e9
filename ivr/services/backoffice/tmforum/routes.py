"""Every TM Forum resource that the sample back office serves, and under which path."""

from __future__ import annotations

from aiohttp import web

from ivr.services.backoffice.tmforum import bills, orders, problems, products, services

# Below the base path that each API's published definition has.
ROUTES: tuple[web.RouteDef, ...] = (
    *services.ROUTES,
    *problems.ROUTES,
    *products.ROUTES,
    *bills.ROUTES,
    *orders.ROUTES,
)
