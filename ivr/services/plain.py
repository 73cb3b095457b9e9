"""The plain way: a service is a POST of its arguments. For systems that were built, or wrapped, for Devam. No I/O."""

from __future__ import annotations

from collections.abc import Mapping

from context_store.records import Json
from ivr.services import catalogue
from ivr.services.adapters import System

KEY_HEADER = "Idempotency-Key"


class Plain:
    """Asks `ticket.open` at /ticket/open. Implements `ivr.services.adapters.Adapter`."""

    def __init__(self, system: System) -> None:
        self._system = system

    async def ask(self, service: str, arguments: Mapping[str, str], key: str) -> Json:
        """The answer, as it came."""
        headers = {KEY_HEADER: key} if key else {}
        entry = catalogue.named(service)
        again = bool(key) or entry.repeatable(arguments)
        return await self._system.request(
            service, "POST", entry.path, body=dict(arguments), headers=headers, again=again
        )
