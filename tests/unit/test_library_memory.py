"""The library in memory keeps the contract."""

from __future__ import annotations

import time

import pytest

from context_store.memory_library import MemoryLibrary
from tests.unit.library_contract import LibraryContract, Raw, announcement


class Clock:
    """Epoch seconds that a test can move on."""

    def __init__(self) -> None:
        self.moved = 0.0

    def __call__(self) -> float:
        return time.time() + self.moved


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def library(clock: Clock) -> MemoryLibrary:
    return MemoryLibrary(clock)


@pytest.fixture
def raw(library: MemoryLibrary) -> Raw:
    async def everything() -> bytes:
        return repr(library._kept).encode()

    return everything


class TestMemoryLibrary(LibraryContract):
    pass


async def test_an_announcement_ends_by_itself(library: MemoryLibrary, clock: Clock) -> None:
    await library.announce("h", announcement(seconds=60))
    clock.moved = 59
    assert (await library.standing("h")).announcement
    clock.moved = 61
    assert (await library.standing("h")).announcement is None
