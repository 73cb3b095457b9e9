"""A service that one of the company's systems answers in its own words: a request by template, an answer by expression.

Everything was checked when the map of services was read. No I/O but through the system.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.adapters import NotThere, System
from ivr.services.answering import Expression
from ivr.services.filling import CannotFill, Template

MOST_KEYS = 10_000  # that are remembered of what was sent; a call asks again within seconds

Tree = Template | Mapping[str, "Tree"] | tuple["Tree", ...] | int | float | bool | None  # of JSON, with templates


@dataclass(frozen=True, slots=True)
class Request:
    """How a service is asked. `answer` None: the system answers in the service's shape already.

    `key_header` carries the idempotency key of a change; without it none is sent, and a change is asked for once.
    `missing` is the answer for what is not there (status 404); None: that is a refusal.
    """

    method: str
    path: Template
    answer: Expression | None = None
    query: Mapping[str, Template] = field(default_factory=dict)
    headers: Mapping[str, Template] = field(default_factory=dict)
    body: Tree = None
    key_header: str = ""
    missing: Mapping[str, Json] | None = None


class Mapped:
    """One service by its request. Implements `ivr.services.adapters.Adapter`."""

    def __init__(self, system: System, request: Request) -> None:
        self._system = system
        self._request = request
        self._sent: OrderedDict[str, None] = OrderedDict()  # keys of changes that the system could not know again

    async def ask(self, service: str, arguments: Mapping[str, str], key: str) -> Json:
        """The answer in the service's shape, as far as the expression makes it so."""
        request = self._request
        try:
            path = request.path.path(arguments)
            query = {name: str(template.value(arguments)) for name, template in request.query.items()}
            headers = {name: template.line(arguments) for name, template in request.headers.items()}
            body = _filled(request.body, arguments)
        except CannotFill as error:
            raise ServiceError(service, "rejected", str(error)) from None
        if key and request.key_header:
            headers[request.key_header] = key
        elif key:
            self._once(service, key)
        again = bool(key and request.key_header) or catalogue.named(service).repeatable(arguments)
        try:
            answer = await self._system.request(
                service, request.method, path, query=query, body=body, headers=headers, again=again
            )
        except NotThere:
            if request.missing is None:
                raise
            return request.missing
        return request.answer.of(answer, arguments) if request.answer else answer

    def _once(self, service: str, key: str) -> None:
        """Refuse to send again what was sent: without an answer nobody knows whether it was done."""
        if key in self._sent:
            what = "it was sent before; without `key_header` in the map the system could do it twice"
            raise ServiceError(service, "rejected", what)
        self._sent[key] = None
        if len(self._sent) > MOST_KEYS:
            self._sent.popitem(last=False)


def _filled(tree: Tree, arguments: Mapping[str, str]) -> Json:
    match tree:
        case Template():
            return tree.value(arguments)
        case Mapping():
            return {name: _filled(part, arguments) for name, part in tree.items()}
        case tuple():
            return [_filled(part, arguments) for part in tree]
    return tree
