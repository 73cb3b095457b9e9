"""A `System` that says what a test has it say: what a company's systems may answer that the sample's would not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services.tmforum.adapter import TmForum
from ivr.services.tmforum.apis import STANDARD_PATHS, Api, Apis
from tests.unit.backoffice_house import NOW


@dataclass
class Says:
    """Answers by method and path below the API's base path: {"GET /customerBill": []}. `bodies` are what was sent.

    An answer may be made of the query, or be the error that is raised.
    """

    answers: Mapping[str, Json | Callable[[Mapping[str, str]], Json] | ServiceError]
    bodies: list[Json] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    async def request(
        self,
        service: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json = None,
        headers: Mapping[str, str] | None = None,
        again: bool = False,
    ) -> Json:
        self.bodies.append(body)
        self.headers.append(headers or {})
        answer = self.answers[f"{method} {path.partition('/v4')[2]}"]
        if isinstance(answer, ServiceError):
            raise answer
        return answer(query or {}) if callable(answer) else answer

    @property
    def adapter(self) -> TmForum:
        return TmForum(Apis({api: (self, STANDARD_PATHS[api]) for api in Api}, now=lambda: NOW))
