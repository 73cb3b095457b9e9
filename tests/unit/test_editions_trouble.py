"""Editions when something is wrong: whatever it is, the last good edition goes on, and the log says what to do."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ivr.hotline.editions import SILENCE
from ivr.hotline.shelf import LATER
from tests.unit.edition_house import FILES, UNREADABLE, A, B, C, House, played, version
from tests.virtual_time import until


def test_with_the_library_away_it_begins_with_the_files_and_takes_up_what_is_published_later(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        house.library.away = True
        editions = await house.open()
        assert await version(editions) == FILES
        assert "cannot be reached" in house.told[0]
        house.library.away = False
        await asyncio.sleep(SILENCE)
        assert await version(editions) == A

    played(tmp_path, test)


def test_what_cannot_be_served_at_the_start_is_told_and_the_files_are_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(house: House) -> None:
        await house.library.live(A, UNREADABLE)
        editions = await house.open()
        assert await version(editions) == FILES
        assert house.told == [
            f"hotline h, version {FILES} of the files: edition {A} cannot be served here, see the log"
        ]

    played(tmp_path, test)
    assert "there is no service 'line.reset'" in caplog.text
    assert "or roll back" in caplog.text


def test_a_library_that_fails_is_left_alone_for_a_while(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        house.library.away = True
        asked = house.library.asked
        for _ in range(50):
            assert await version(editions) == A
        assert house.library.asked == asked + 1
        house.library.away = False
        await house.library.live(B)
        assert await version(editions) == A
        await asyncio.sleep(SILENCE)
        assert await version(editions) == B

    played(tmp_path, test)
    assert caplog.text.count("cannot be reached") == 1


def test_after_a_failure_one_call_asks_for_all(tmp_path: Path) -> None:
    """A library that hangs must not make every call late."""

    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        house.library.away = True
        await version(editions)
        await asyncio.sleep(SILENCE)
        house.library.away = False
        house.library.hold = held = asyncio.Event()
        asked = house.library.asked
        asking = asyncio.create_task(version(editions))
        await until(lambda: house.library.asked == asked + 1)
        assert await asyncio.gather(*(version(editions) for _ in range(20))) == [A] * 20
        assert house.library.asked == asked + 1
        held.set()
        await asking
        await version(editions)
        assert house.library.asked == asked + 2

    played(tmp_path, test)


def test_what_cannot_be_served_costs_no_call(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        await house.library.live(B, UNREADABLE)
        for _ in range(5):
            assert await version(editions) == A
        assert house.read_versions == [A, B]
        assert caplog.text.count(f"edition {B} is published, but cannot be served here") == 1
        await house.library.live(C)
        assert await version(editions) == C

    played(tmp_path, test)


def test_what_could_not_be_served_is_tried_again(tmp_path: Path) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        house.broken = lambda version: RuntimeError("a fault of ours") if version == B else None
        await house.library.live(B)
        assert await version(editions) == A
        house.broken = lambda version: None
        assert await version(editions) == A
        await asyncio.sleep(LATER)
        assert await version(editions) == B

    played(tmp_path, test)


def test_texts_that_the_store_has_lost_cost_no_call(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        await house.library.live(B)
        house.library._kept["h"].editions.clear()
        assert await version(editions) == A

    played(tmp_path, test)
    assert "publish it again" in caplog.text


def test_a_broken_record_costs_no_call(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        house.library._kept["h"].announcement, house.library._kept["h"].until = b'{"v":99}', 1e12
        assert await version(editions) == A
        house.library._kept["h"].announcement = b""
        await house.library.live(B)
        house.library._kept["h"].editions[B] = b'{"v":99}'
        await asyncio.sleep(SILENCE)
        assert await version(editions) == A

    played(tmp_path, test)
    assert caplog.text.count("bring all controllers to the same version") == 2


def test_a_store_that_was_emptied_costs_no_call(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        house.library._kept.clear()
        assert [await version(editions) for _ in range(3)] == [A] * 3
        await house.library.live(B)
        assert await version(editions) == B

    played(tmp_path, test)
    assert caplog.text.count("nothing is published any more") == 1


def test_an_answer_that_was_overtaken_is_not_believed(tmp_path: Path) -> None:
    """A call that was told of the old edition gets the old one; later calls must not."""

    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        held = asyncio.Event()
        house.library.hold = held
        slow = asyncio.create_task(version(editions))
        await until(lambda: house.library.asked == 2)
        await house.library.live(B)
        assert await version(editions) == B
        held.set()
        assert await slow == A
        house.library.away = True
        assert await version(editions) == B
        assert editions.latest.version == B

    played(tmp_path, test)


def test_a_fault_of_ours_while_reading_is_told_with_its_place(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def test(house: House) -> None:
        await house.library.live(A)
        editions = await house.open()
        house.broken = lambda version: ZeroDivisionError("unforeseen")
        await house.library.live(B)
        assert await version(editions) == A

    played(tmp_path, test)
    assert "Traceback" in caplog.text
    assert "unforeseen" in caplog.text
