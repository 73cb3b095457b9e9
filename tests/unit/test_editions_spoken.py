"""What is published is made at once: a call waits for nothing but what changes. And it stays while it is live."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from ivr.hotline.editions import USE_EVERY
from ivr.speech import keeping
from tests.unit.edition_house import A, House, played

GREETING = "'Bugün size yardımcı olmaya hazırız. Kayıtlı olan hattınızın sonu {{ x }}. Bir dakika bekleyin lütfen.'"


def test_the_first_call_after_publishing_has_only_what_changes_synthesised(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        await house.library.live(A, GREETING)
        editions = await house.open()
        await editions.build(lambda done, total: None)
        made = list(house.synthesiser.made)
        assert sorted(made) == [
            "Bir dakika bekleyin lütfen.",
            "Bugün size yardımcı olmaya hazırız.",
            "Kayıtlı olan hattınızın sonu,",
        ]
        served = await editions.current()
        spoken = await served.speaker.speak(("hello",), "tr", {"x": "kırk bir"})
        assert house.synthesiser.made[3:] == ["kırk bir."]
        assert [file.read_text() for file in spoken.files] == [*(made[n] for n in (0, 1)), "kırk bir.", made[2]]
        await served.speaker.speak(("hello",), "tr", {"x": "kırk bir"})
        assert len(house.synthesiser.made) == 4

    played(tmp_path, test)


def test_what_is_live_is_used_daily_so_that_no_cache_drops_it(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        await house.library.live(A, GREETING)
        editions = await house.open()
        await editions.build(lambda done, total: None)
        sounds = list((tmp_path / "cache").rglob("*.wav"))
        for sound in sounds:
            os.utime(sound, (0, 0))
        running = asyncio.create_task(editions.run(), name="editions")
        await asyncio.sleep(USE_EVERY + 10)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        assert keeping.trim(tmp_path / "cache", 0) == 0
        assert all(sound.exists() for sound in sounds)

    played(tmp_path, test)
