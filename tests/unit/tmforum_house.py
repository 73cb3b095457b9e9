"""The sample back office by its TM Forum APIs, where every request and answer is held against the definitions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services.adapters import NotThere
from ivr.services.tmforum.adapter import TmForum
from ivr.services.tmforum.apis import STANDARD_PATHS, Api, Apis
from tests.unit.backoffice_house import NOW, Client, back_office
from tests.unit.tmforum_contract import BESIDE, contract_of

Query = Mapping[str, str]


@dataclass
class Checked:
    """A `System`: the sample back office. `asked` tells what was asked of it, as "GET /customer".

    `filters` are the names in the queries of each of these, in their order, without those that every list has.
    """

    client: Client
    asked: list[str] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)

    async def request(
        self,
        service: str,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Json = None,
        headers: Query | None = None,
        again: bool = False,
    ) -> Json:
        assert again, f"{service} would not be asked again"
        self.asked.append(f"{method} {path[path.index('/v4') + 3 :]}")
        self.filters.append("&".join(name for name in query or {} if name not in ("fields", "limit", "sort")))
        status, answer = await exchange(self.client, method, path, query, body, headers)
        if status == 404:
            raise NotThere(service)
        if status >= 300:
            raise ServiceError(service, "rejected", f"status {status}")
        return answer


async def exchange(
    client: Client, method: str, path: str, query: Query | None = None, body: Json = None, headers: Query | None = None
) -> tuple[int, Any]:
    """Ask by a whole path; the request, when it is right, and the answer are what the definitions have."""
    response = await client.request(method, path, params=query, json=body, headers=headers)
    answer = await response.json()
    if BESIDE.is_dir():
        api, below = contract_of(path)
        if response.status < 300:
            api.request(method, below, query or {}, body)
        api.answer(method, below, query or {}, response.status, answer)
    return response.status, answer


def apis_of(system: Checked, now: datetime = NOW) -> Apis:
    """All of TM Forum's APIs at one system."""
    return Apis({api: (system, STANDARD_PATHS[api]) for api in Api}, now=lambda: now)


@asynccontextmanager
async def over_tmforum(database: Path, now: datetime = NOW) -> AsyncIterator[tuple[TmForum, Checked]]:
    """The adapter on the sample back office, and the system by which it asks."""
    async with back_office(database, now) as client:
        system = Checked(client)
        yield TmForum(apis_of(system, now)), system
