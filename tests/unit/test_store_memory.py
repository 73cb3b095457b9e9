"""The store in memory keeps the contract."""

from __future__ import annotations

import pytest

from context_store.memory import MemoryStore
from tests.unit.store_contract import StoreContract
from tests.unit.store_steps import Raw


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def raw(store: MemoryStore) -> Raw:
    async def everything() -> bytes:
        return repr((store._kept, store._open)).encode()

    return everything


class TestMemoryStore(StoreContract):
    pass
