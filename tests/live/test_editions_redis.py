"""Editions at a real Redis: every controller has the same from the next call on, for one round trip a call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from context_store.editions import Announcement, Edition, Publication
from context_store.errors import AnotherIsLive
from context_store.redis_library import RedisLibrary
from ivr.flow.model import Flow
from ivr.hotline.editions import Editions
from ivr.hotline.shelf import Shelf
from ivr.speech.book import PromptBook
from ivr.speech.cache import SoundCache
from ivr.speech.speaker import PromptSpeaker
from tests.live.redis_proxy import RedisProxy
from tests.unit.edition_house import FILES, A, B, C, Silent, edition, hotline

pytestmark = pytest.mark.live

Controller = Callable[[RedisLibrary], Any]


async def controller(url: str, folder: Path, timeout: float = 1.0) -> tuple[Editions, RedisLibrary]:
    async def read(found: Edition) -> tuple[Flow, PromptBook]:
        return hotline(found.version)

    async def files() -> tuple[Flow, PromptBook]:
        return hotline(FILES)

    own = RedisLibrary(url, timeout=timeout)
    shelf = Shelf(own, "h", read, lambda book: PromptSpeaker(book, SoundCache(folder, Silent())))
    return await Editions.begin(own, "h", shelf, files, lambda line: None), own


async def live(library: RedisLibrary, version: str, before: str) -> None:
    await library.publish(edition(version), Publication(version, before, 0.0, "ayse"))


async def version(editions: Editions) -> str:
    return (await editions.current()).flow.version


async def test_every_controller_has_it_from_the_next_call_on(
    library: RedisLibrary, redis_url: str, tmp_path: Path
) -> None:
    controllers = [await controller(redis_url, tmp_path) for _ in range(3)]
    before = ""
    for published in (A, B, A, C):
        await live(library, published, before)
        before = published
        assert [await version(editions) for editions, _ in controllers] == [published] * 3
    with pytest.raises(AnotherIsLive):
        await live(library, B, A)
    assert [await version(editions) for editions, _ in controllers] == [C] * 3
    await library.announce("h", Announcement({"tr": "Kesinti"}, 4e9, 0.0, "ayse"))
    assert [(await editions.current()).announcement for editions, _ in controllers] == [{"tr": "Kesinti"}] * 3
    for _, own in controllers:
        await own.aclose()


async def test_a_call_costs_one_round_trip(library: RedisLibrary, proxy: RedisProxy, tmp_path: Path) -> None:
    await live(library, A, "")
    editions, own = await controller(proxy.url, tmp_path)
    proxy.forget()
    for _ in range(10):
        assert await version(editions) == A
    assert proxy.trips == 10
    proxy.forget()
    await live(library, B, A)
    assert await version(editions) == B
    assert proxy.trips == 2  # and its texts, once
    await own.aclose()


async def test_a_redis_that_is_silent_costs_a_call_the_timeout_once(
    library: RedisLibrary, proxy: RedisProxy, tmp_path: Path
) -> None:
    await live(library, A, "")
    editions, own = await controller(proxy.url, tmp_path, timeout=0.2)
    proxy.answering = False
    proxy.forget()
    async with asyncio.timeout(5):
        assert [await version(editions) for _ in range(100)] == [A] * 100
    assert proxy.trips == 1
    await own.aclose()
