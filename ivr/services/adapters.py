"""What an adapter is: it asks one of the company's systems in that system's own words. Pure; the protocols only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from context_store.records import Json
from ivr.errors import ServiceError


class NotThere(ServiceError):
    """Status 404: what was asked for does not exist. A rejected question, unless the adapter knows more."""

    def __init__(self, service: str) -> None:
        super().__init__(service, "rejected", "status 404")


class System(Protocol):
    """One of the company's systems over HTTP: base URL, authentication, retries and circuit breaker are its own."""

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
        """The JSON that it answers; None for an empty answer. `service` is only for messages.

        `again`: asking twice does no harm (it looks something up, or carries an idempotency key that the system
        honours), so it is retried where that may help. Raises `ServiceError`; `NotThere` for status 404.
        """
        ...


class Adapter(Protocol):
    """Turns a service of the catalogue into requests, and what comes back into the service's answer."""

    async def ask(self, service: str, arguments: Mapping[str, str], key: str) -> Json:
        """The answer, not checked yet. `key` is the idempotency key of a change, empty for others.

        Raises `ServiceError`. The time-out is the caller's.
        """
        ...
