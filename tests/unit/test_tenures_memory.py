"""Tenures in memory keep the contract; whose token it is."""

from __future__ import annotations

import pytest

from context_store.memory_tenures import MemoryTenures
from context_store.tenures import name_of
from tests.unit.attempts_contract import Passing
from tests.unit.clocks import Clock
from tests.unit.tenures_contract import TenuresContract


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tenures(clock: Clock) -> MemoryTenures:
    return MemoryTenures(clock)


@pytest.fixture
def passing(clock: Clock) -> Passing:
    return clock.passing


class TestMemoryTenures(TenuresContract):
    pass


@pytest.mark.parametrize(
    ("owner", "name"), [("one#5f2a", "one"), ("one#5#6", "one"), ("one", "one"), ("#x", ""), ("", "")]
)
def test_a_token_begins_with_its_controllers_name(owner: str, name: str) -> None:
    assert name_of(owner) == name
