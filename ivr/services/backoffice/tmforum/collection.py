"""How a list of resources is asked for: filters by attribute, `fields`, `offset` and `limit`, as TMF630 has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiosqlite
from aiohttp import web

from context_store.records import Json
from ivr.services.backoffice.queries import all_rows

MOST = 100  # resources in an answer

Resource = dict[str, Json]
Row = tuple[Any, ...]
_ALWAYS = frozenset({"id", "href"})


@dataclass(frozen=True, slots=True)
class Page:
    """The rows that a request asked for, of `total` that match. `fields` are those of the resource; empty for all."""

    rows: Sequence[Row]
    total: int
    fields: frozenset[str]

    def answer(self, resources: Sequence[Resource]) -> web.Response:
        """The resources that were made of the rows, in the fields that were asked for."""
        headers = {"X-Total-Count": str(self.total), "X-Result-Count": str(len(resources))}
        return web.json_response([_shown(resource, self.fields) for resource in resources], headers=headers)


@dataclass(frozen=True, slots=True)
class Collection:
    """A query whose rows are resources. `select` ends where conditions may be added ("… WHERE true").

    `filters`: attribute path → SQL condition, in which {} stands for the values that will do ("l.number IN ({})").
    `sort` is the only order that may be asked for, by its name there ("-billDate"): the one that the rows have anyway.
    """

    select: str
    order: str
    filters: Mapping[str, str]
    sort: str = ""

    async def page(self, database: aiosqlite.Connection, request: web.Request) -> Page:
        """What a request asks for. Raises the answer 400 for a query that it does not understand."""
        query = self._checked(request)
        sql, values = self.select, []
        for name, condition in self.filters.items():
            if name in query:
                wanted = query[name].split(",")
                sql += f" AND {condition.format(', '.join('?' * len(wanted)))}"
                values += wanted
        offset, limit = _count(query, "offset", 0), min(_count(query, "limit", MOST), MOST)
        rows = await all_rows(database, f"{sql} ORDER BY {self.order} LIMIT ? OFFSET ?", (*values, limit, offset))
        total = offset + len(rows)
        if len(rows) == limit or (offset and not rows):  # there may be more, or fewer, than are seen
            # Nothing of the request is in the SQL but the number of its values.
            [(total,)] = await all_rows(database, f"SELECT count(*) FROM ({sql})", tuple(values))  # noqa: S608
        return Page(rows, total, frozenset(query["fields"].split(",")) if "fields" in query else frozenset())

    def _checked(self, request: web.Request) -> dict[str, str]:
        names = set(request.query)
        if unknown := names - {*self.filters, "fields", "offset", "limit", "sort"}:
            told = f"there is no filter {', '.join(sorted(unknown))}; there are {', '.join(self.filters)}"
            raise web.HTTPBadRequest(text=told)
        if len(request.query) != len(names):
            raise web.HTTPBadRequest(text="a name comes twice in the query; put commas between its values")
        if request.query.get("sort", self.sort) != self.sort:
            raise web.HTTPBadRequest(text=f"the order of this list is {self.sort or 'its own'}, and no other")
        return dict(request.query)


def href(request: web.Request, path: str, number: str) -> str:
    """Where a resource of that number is found; `path` is its collection's."""
    return f"{request.scheme}://{request.host}{path}/{quote(number, safe='')}"


def _count(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise web.HTTPBadRequest(text=f"{name} is no number")
    return int(text)


def _shown(resource: Resource, fields: frozenset[str]) -> Resource:
    if not fields:
        return resource
    return {name: value for name, value in resource.items() if name in fields or name in _ALWAYS}
