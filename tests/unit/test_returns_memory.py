"""Returns in memory keep the contract."""

from __future__ import annotations

import pytest

from context_store.memory_returns import MemoryReturns
from tests.unit.attempts_contract import Passing
from tests.unit.clocks import Clock
from tests.unit.returns_contract import ReturnsContract


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def returns(clock: Clock) -> MemoryReturns:
    return MemoryReturns(clock)


@pytest.fixture
def passing(clock: Clock) -> Passing:
    return clock.passing


class TestMemoryReturns(ReturnsContract):
    pass
