"""Answers services of the catalogue from TM Forum Open APIs. Implements `ivr.services.adapters.Adapter`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.tmforum import appointments, bills, directory, lines, orders, quotas, tickets
from ivr.services.tmforum.apis import Apis

# Asks the APIs with a service's arguments and its idempotency key, and gives the service's answer.
Ask = Callable[[Apis, Mapping[str, str], str], Awaitable[Json]]

_ASK: Mapping[str, Ask] = MappingProxyType(
    {
        catalogue.FIND.name: directory.find,
        catalogue.STATUS.name: lines.status,
        catalogue.OPEN_TICKET.name: tickets.open_ticket,
        catalogue.FIND_TICKET.name: tickets.find,
        catalogue.SLOTS.name: appointments.slots,
        catalogue.MOVE.name: appointments.move,
        catalogue.BILL.name: bills.current,
        catalogue.QUOTA.name: quotas.current,
        catalogue.TOP_UP.name: quotas.top_up,
        catalogue.FIND_ORDER.name: orders.find,
    }
)

SERVICES = frozenset(_ASK)
"""The names of the services that TM Forum's APIs can answer."""


class TmForum:
    """The services that a company's TM Forum APIs answer; `SERVICES` names them."""

    def __init__(self, apis: Apis) -> None:
        self._apis = apis

    async def ask(self, service: str, arguments: Mapping[str, str], key: str) -> Json:
        """The answer, not checked against its shape yet. Raises `ServiceError`."""
        ask = _ASK.get(service)
        if ask is None:
            raise ServiceError(service, "rejected", f"TM Forum's APIs answer only {', '.join(sorted(SERVICES))}")
        return await ask(self._apis, arguments, key)
