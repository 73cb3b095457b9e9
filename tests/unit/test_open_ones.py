"""How long a conversation is open, in memory; in Redis see tests/live/test_moves_redis.py."""

from __future__ import annotations

import pytest

from context_store.going_on import Matter
from context_store.memory import MemoryStore
from tests.unit.clocks import Clock


@pytest.mark.parametrize("matter", [Matter("C1", "line"), Matter(number="+905321112233")])
async def test_it_is_open_for_its_time_and_not_prolonged(matter: Matter) -> None:
    clock = Clock()
    store = MemoryStore(clock)
    assert await store.join(matter, "c1", 60.0) == "c1"
    await clock.passing(59.0)
    assert await store.join(matter, "c2", 600.0) == "c1"
    await clock.passing(2.0)
    assert await store.join(matter, "c3", 60.0) == "c3"
    assert await store.join(matter, "c4", 60.0) == "c3"
