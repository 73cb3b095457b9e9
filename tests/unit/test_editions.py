"""Which edition calls are served with: the published one, from the next call on; calls under way keep theirs."""

from __future__ import annotations

import asyncio
import gc
import weakref
from pathlib import Path
from typing import Any

import pytest

from context_store.editions import Announcement
from ivr.call.ports import Hotlines
from ivr.errors import FlowError, Problem
from ivr.hotline.editions import PATIENCE, SILENCE
from tests.unit.edition_house import FILES, UNREADABLE, A, B, C, House, played, version
from tests.virtual_time import until


async def broken_files() -> Any:
    raise FlowError([Problem("hotline.yaml", 1, 1, "is broken")])


def test_it_is_what_a_call_asks(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        hotlines: Hotlines = await house.open()
        assert (await hotlines.current()).flow.flow == "h"

    played(tmp_path, test)


def test_a_controller_begins_with_what_is_published(tmp_path: Path) -> None:
    """Also when its files are broken: nobody needs them."""

    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open(broken_files)
        assert await version(editions) == A
        assert house.told == [f"hotline h, edition {A}"]

    played(tmp_path, test)


def test_with_nothing_published_it_begins_with_the_files(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        editions = await house.open()
        assert await version(editions) == FILES
        assert house.told == [f"hotline h, version {FILES} of the files: nothing is published"]
        await house.library.live(A)
        assert await version(editions) == A

    played(tmp_path, test)


def test_with_nothing_published_and_broken_files_it_does_not_begin(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        with pytest.raises(FlowError, match="is broken"):
            await house.open(broken_files)

    played(tmp_path, test)


def test_the_next_call_has_the_new_edition_and_a_call_under_way_keeps_its_own(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        under_way = await editions.current()
        await house.library.live(B)
        assert await version(editions) == B
        spoken = await under_way.speaker.speak(("hello",), "tr", {})
        assert (under_way.flow.version, spoken.text) == (A, f"Merhaba {A}")
        await house.library.live(A)
        assert await version(editions) == A
        assert house.read_versions == [A, B]  # a rollback to the one before is read already

    played(tmp_path, test)


def test_calls_wait_a_while_for_an_edition_that_is_being_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        house.reading = PATIENCE / 2
        await house.library.live(B)
        assert await asyncio.gather(*(version(editions) for _ in range(20))) == [B] * 20
        house.reading = PATIENCE * 2
        await house.library.live(C)
        assert await asyncio.gather(*(version(editions) for _ in range(20))) == [B] * 20
        await asyncio.sleep(PATIENCE)
        assert await version(editions) == C
        assert house.read_versions == [A, B, C]  # once each

    played(tmp_path, test)
    assert "a call begins with" in caplog.text


def test_a_caller_who_hangs_up_takes_the_reading_from_nobody(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        house.reading = 1.0
        await house.library.live(B)
        gone, stays = asyncio.create_task(version(editions)), asyncio.create_task(version(editions))
        await asyncio.sleep(0.5)
        gone.cancel()
        assert await stays == B
        assert gone.cancelled()

    played(tmp_path, test)


def test_an_announcement_is_heard_from_the_next_call_on_until_its_end(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        editions = await house.open()
        assert (await editions.current()).announcement == {}
        told = Announcement({"tr": "Kesinti var"}, until=4e9, at=0.0, by="ayse")
        await house.library.announce("h", told)
        assert (await editions.current()).announcement == {"tr": "Kesinti var"}
        house.library.away = True
        assert (await editions.current()).announcement == {"tr": "Kesinti var"}
        house.now = 4e9
        assert (await editions.current()).announcement == {}
        house.library.away, house.now = False, 0.0
        await house.library.announce("h", None)
        await asyncio.sleep(SILENCE)
        assert (await editions.current()).announcement == {}

    played(tmp_path, test)


def test_prompts_are_made_before_a_call_needs_them(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        await editions.build(lambda done, total: None)
        watch = asyncio.create_task(editions.run())
        await house.library.live(B)
        await until(lambda: f"Merhaba {B}" in house.synthesiser.made, within=60)
        assert editions.latest.version == B
        await asyncio.sleep(60)
        assert house.synthesiser.made == [f"Merhaba {A}", f"Merhaba {B}"]
        house.library.away = True
        await asyncio.sleep(60)
        house.library.away = False
        await house.library.live(C, UNREADABLE)
        await asyncio.sleep(60)
        assert editions.latest.version == B
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)

    played(tmp_path, test)


def test_labels_are_the_live_edition_s_and_those_of_older_calls_stay(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        labels = editions.labels
        await house.library.live(B)
        await editions.current()
        assert labels["tr"] == {"hello": B, f"only.{A}": "Yalnız", f"only.{B}": "Yalnız"}

    played(tmp_path, test)


def test_editions_that_no_call_uses_are_let_go(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        await house.library.live("0" * 12)
        editions = await house.open()
        held = await editions.current()
        speakers = []
        for number in range(1, 10):
            await house.library.live(str(number) * 12)
            speakers.append(weakref.ref((await editions.current()).speaker))
        gc.collect()
        assert [bool(speaker()) for speaker in speakers] == [False] * 7 + [True] * 2
        assert (await held.speaker.speak(("hello",), "tr", {})).text == "Merhaba 000000000000"

    played(tmp_path, test)


def test_sound_that_is_gone_is_made_again_for_calls_of_every_edition(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        old = (await editions.current()).speaker
        await house.library.live(B)
        new = (await editions.current()).speaker
        for speaker in (old, new):
            (await speaker.speak(("hello",), "tr", {})).files[0].unlink()
        editions.distrust()
        for speaker in (old, new):
            assert (await speaker.speak(("hello",), "tr", {})).files[0].exists()

    played(tmp_path, test)


def test_what_is_being_read_ends_with_the_controller(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        house.reading = 1000.0
        await house.library.live(B)
        assert await version(editions) == A

    played(tmp_path, test)  # fails when a task is left


def test_a_call_that_another_controller_has_begun_goes_on_with_its_own_edition(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        await house.library.live(B)
        editions = await house.open()
        served = await editions.edition(A)
        assert (served.flow.version, served.announcement) == (A, {})
        assert await version(editions) == B, "new calls have today's"

    played(tmp_path, test)


@pytest.mark.parametrize("lost", ["000000000000", "not a version", ""])
def test_an_edition_that_cannot_be_had_any_more_is_todays(tmp_path: Path, lost: str) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        assert (await editions.edition(lost)).flow.version == A
        house.library.away = True
        assert (await editions.edition(B)).flow.version == A

    played(tmp_path, test)
