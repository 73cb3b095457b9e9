"""What a flow may ask of the company, whichever of its systems answers. Implements `ivr.call.ports.Services`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Self

from context_store.records import Json
from ivr.deadline import within
from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.adapters import Adapter
from ivr.services.system import HttpSystem

# What an adapter may raise over an answer that its author did not think of.
_UNFORESEEN = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class CompanyServices:
    """The company's services: `adapters` has one for each of the catalogue. Use it as `async with`."""

    def __init__(self, systems: Sequence[HttpSystem], adapters: Mapping[str, Adapter]) -> None:
        self.systems = tuple(systems)
        self._adapters = adapters
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open every system's connections."""
        for system in self.systems:
            await self._open.enter_async_context(system)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close them."""
        await self._open.aclose()

    def changes_something(self, service: str) -> bool:
        """Whether the service does something rather than look something up."""
        return catalogue.named(service).changes

    async def ask(
        self, service: str, arguments: Mapping[str, str], *, timeout: float, idempotency_key: str
    ) -> Mapping[str, Json]:
        """Ask and check the answer's shape. Raises `ServiceError` within `timeout` seconds."""
        entry = catalogue.named(service)
        entry.check_arguments(arguments)
        try:
            async with within(timeout):
                answer = await self._adapters[service].ask(service, arguments, idempotency_key if entry.changes else "")
        except TimeoutError:
            raise ServiceError(service, "timeout", f"no answer within {timeout:g} s") from None
        except _UNFORESEEN as error:  # its text may hold what was asked or answered
            raise ServiceError(service, "nonsense", f"{type(error).__name__} in {_where(error)}") from None
        return entry.check_answer(answer)


def _where(error: Exception) -> str:
    """The place in the code that did not expect it, for those who mend it."""
    last = extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
