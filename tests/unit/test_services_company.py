"""The company's services as a whole: what an adapter did not foresee, a time-out for all of it, who is asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

import pytest

from context_store.records import Json
from ivr.deadline import left, within
from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.adapters import Adapter
from ivr.services.company import CompanyServices
from tests.unit.fakes_company import AGES, LINE

UP = {"state": "up", "outage": None, "product": "Fiber 100"}


class Says:
    """An adapter that does what the test says, and remembers its keys."""

    def __init__(self, say: Callable[[], Json]) -> None:
        self._say = say
        self.keys: list[str] = []

    async def ask(self, service: str, arguments: Mapping[str, str], key: str) -> Json:
        self.keys.append(key)
        return self._say()


def company(adapter: Adapter) -> CompanyServices:
    return CompanyServices([], dict.fromkeys(catalogue.SERVICES, adapter))


async def status(services: CompanyServices, timeout: float = AGES) -> Json:
    return await services.ask("line.status", {"line": LINE}, timeout=timeout, idempotency_key="c:status:1")


def fails(error: Exception) -> Callable[[], Json]:
    def say() -> Json:
        raise error

    return say


@pytest.mark.parametrize(
    "error",
    [
        KeyError(LINE),
        IndexError(LINE),
        AttributeError(LINE),
        TypeError(LINE),
        ValueError(LINE),
        ZeroDivisionError(LINE),
        RecursionError(LINE),
        AssertionError(LINE),
        UnicodeDecodeError("utf-8", LINE.encode(), 0, 1, "no"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_an_adapter_did_not_foresee_is_nonsense_and_tells_where(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with company(Says(fails(error))) as services:
        with pytest.raises(
            ServiceError, match=r"line\.status: nonsense \(\w+ in test_services_company\.py:\d+\)"
        ) as told:
            await status(services)
    assert LINE not in str(told.value) + caplog.text
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__


async def test_a_mistake_of_ours_is_not_taken_for_one_of_the_company() -> None:
    async with company(Says(fails(NotImplementedError()))) as services:
        with pytest.raises(NotImplementedError):
            await status(services)


@pytest.mark.parametrize("said", [None, [], "up", {"state": "up"}, {**UP, "state": "broken"}, {**UP, "product": 1}])
async def test_an_answer_of_another_shape_is_nonsense(said: Json) -> None:
    async with company(Says(lambda: said)) as services:
        with pytest.raises(ServiceError, match="nonsense"):
            await status(services)


async def test_only_what_changes_something_gets_a_key() -> None:
    adapter = Says(lambda: UP)
    async with company(adapter) as services:
        await status(services)
        arguments = {"line": LINE, "symptom": "slow", "contact": ""}
        with pytest.raises(ServiceError):
            await services.ask("ticket.open", arguments, timeout=AGES, idempotency_key="c:open:1")
    assert adapter.keys == ["", "c:open:1"]


async def test_the_time_out_is_for_all_that_an_adapter_asks() -> None:
    class Slow:
        async def ask(self, service: str, arguments: Mapping[str, str], key: str) -> Json:
            for _ in range(1000):
                await asyncio.sleep(0.01)

    async with company(Slow()) as services:
        with pytest.raises(ServiceError, match=r"timeout \(no answer within 0\.03 s\)"):
            await status(services, timeout=0.03)


async def test_whoever_is_asked_below_knows_how_long_the_caller_waits() -> None:
    seen: list[float] = []

    async def look() -> None:
        seen.append(left())

    class Asking:
        async def ask(self, service: str, arguments: Mapping[str, str], key: str) -> Json:
            await asyncio.gather(look(), look())
            return UP

    async with company(Asking()) as services:
        await status(services, timeout=AGES)
    assert len(seen) == 2
    assert all(AGES - 5 < seconds <= AGES for seconds in seen)
    assert left() == float("inf")


async def test_a_time_that_is_over_stays_over() -> None:
    async with within(AGES):
        with pytest.raises(TimeoutError):
            async with within(0):
                await asyncio.sleep(AGES)
        assert left() > 0
