"""Which of the company's systems has which TM Forum Open API, and how it is asked: through `System` only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from context_store.records import Json
from ivr.services.adapters import System


class Api(StrEnum):
    """The APIs that are used, by what they are about."""

    CUSTOMER = "customer"
    PARTY = "party"
    PRODUCT = "product"
    SERVICE = "service"
    PROBLEM = "problem"
    TICKET = "ticket"
    BILL = "bill"
    ORDER = "order"
    APPOINTMENT = "appointment"


# The base path in each API's published definition.
STANDARD_PATHS: Mapping[Api, str] = MappingProxyType(
    {
        Api.CUSTOMER: "/tmf-api/customerManagement/v4",  # TMF629
        Api.PARTY: "/tmf-api/party/v4",  # TMF632
        Api.PRODUCT: "/tmf-api/productInventory/v4",  # TMF637
        Api.SERVICE: "/tmf-api/serviceInventory/v4",  # TMF638
        Api.PROBLEM: "/tmf-api/serviceProblemManagement/v4",  # TMF656
        Api.TICKET: "/tmf-api/troubleTicket/v4",  # TMF621
        Api.BILL: "/tmf-api/customerBillManagement/v4",  # TMF678
        Api.ORDER: "/tmf-api/productOrderingManagement/v4",  # TMF622
        Api.APPOINTMENT: "/tmf-api/appointment/v4",  # TMF646
    }
)


def local_now() -> datetime:
    """The moment, in this machine's local time."""
    return datetime.now(UTC).astimezone()


class Apis:
    """The APIs of one company: each has its system and its base path there.

    Paths are those of the published definitions ("/customer", "/appointment/481"); query names may have dots
    ("contactMedium.characteristic.phoneNumber"), values may be several with commas between. Every method raises
    `ServiceError`; `service` is the catalogue's name, for messages. `now` is the moment in local time, for
    what is valid for a time only.
    """

    def __init__(self, apis: Mapping[Api, tuple[System, str]], now: Callable[[], datetime] = local_now) -> None:
        self._apis = dict(apis)
        self.now = now

    async def get(self, service: str, api: Api, path: str, query: Mapping[str, str] | None = None) -> Json:
        """A resource, or the list of those that match every name of the query."""
        system, base = self._apis[api]
        return await system.request(service, "GET", base + path, query=query, again=True)

    async def post(self, service: str, api: Api, path: str, body: Json, key: str = "") -> Json:
        """Have a resource made; `key` is its idempotency key. Without one it is a search, which changes nothing."""
        return await self._send("POST", service, api, path, body, key)

    async def patch(self, service: str, api: Api, path: str, body: Json, key: str) -> Json:
        """Have a part of a resource changed (a JSON merge patch)."""
        return await self._send("PATCH", service, api, path, body, key)

    async def _send(self, method: str, service: str, api: Api, path: str, body: Json, key: str) -> Json:
        system, base = self._apis[api]
        headers = {"Idempotency-Key": key} if key else {}
        return await system.request(service, method, base + path, body=body, headers=headers, again=True)


async def together(*questions: Coroutine[Any, Any, Json]) -> list[Json]:
    """The answers to questions that are asked at the same time. When one fails, the others are called off."""
    try:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(question) for question in questions]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in asked]
