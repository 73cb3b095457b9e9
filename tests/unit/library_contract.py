"""What every `Library` must do. A subclass has the fixtures `library` and `raw`: all that is kept, as bytes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from context_store.editions import Announcement, Edition, Publication, Standing
from context_store.errors import AnotherIsLive, BadRecord
from context_store.library import Library

Raw = Callable[[], Awaitable[bytes]]

ONE, TWO, THREE = "1" * 12, "2" * 12, "3" * 12
HOSTILE = ["", " ", "*", "a b", "x}:live", "a\r\nFLUSHALL\r\n", "a" * 65, "é", "\x00", "\ud800", "a\n"]


def edition(version: str = ONE, hotline: str = "h", text: str = "flow: h") -> Edition:
    files = {"flows/h.yaml": f"{text} # {version}", "prompts/tr.yaml": "prompts:\n  hello: Merhaba çığ 🛰 \u2028\n"}
    return Edition(hotline, version, files, 1000.0, "ayse")


def publication(version: str = ONE, before: str = "", note: str = "") -> Publication:
    return Publication(version, before, 1000.0, "ayse", note)


async def publish(library: Library, version: str, before: str, hotline: str = "h") -> None:
    await library.publish(edition(version, hotline), publication(version, before))


class LibraryContract:
    """Run by each implementation."""

    async def test_nothing_is_published_at_first(self, library: Library) -> None:
        assert await library.standing("h") == Standing("", None)
        assert await library.edition("h", ONE) is None
        assert await library.history("h") == ()

    async def test_what_is_published_is_live_and_read_back(self, library: Library) -> None:
        await library.publish(edition(), publication(note="first"))
        assert await library.standing("h") == Standing(ONE, None)
        assert await library.edition("h", ONE) == edition()
        assert await library.history("h") == (publication(note="first"),)

    async def test_older_editions_and_all_of_the_history_stay(self, library: Library) -> None:
        await publish(library, ONE, "")
        await publish(library, TWO, ONE)
        await publish(library, ONE, TWO)
        assert (await library.standing("h")).version == ONE
        assert await library.edition("h", TWO) == edition(TWO)
        gone_live = [(one.version, one.before) for one in await library.history("h")]
        assert gone_live == [(ONE, TWO), (TWO, ONE), (ONE, "")]

    @pytest.mark.parametrize("seen", ["", TWO, "nonsense"])
    async def test_who_saw_something_else_live_changes_nothing(self, library: Library, raw: Raw, seen: str) -> None:
        await publish(library, ONE, "")
        before = await raw()
        with pytest.raises(AnotherIsLive, match=ONE) as refused:
            await publish(library, THREE, seen)
        assert refused.value.live == ONE
        assert await raw() == before

    async def test_of_two_publishers_at_once_one_wins(self, library: Library) -> None:
        await publish(library, ONE, "")
        results = await asyncio.gather(publish(library, TWO, ONE), publish(library, THREE, ONE), return_exceptions=True)
        assert [type(result) for result in results if result] == [AnotherIsLive]
        won = TWO if results[0] is None else THREE
        assert (await library.standing("h")).version == won
        assert [one.version for one in await library.history("h")] == [won, ONE]
        assert await library.edition("h", THREE if won == TWO else TWO) is None

    async def test_publishing_the_live_version_again_is_written_down(self, library: Library) -> None:
        """Whether that makes sense is for the publisher to say; the edition may be mended by it."""
        await publish(library, ONE, "")
        await library.publish(edition(text="laid out otherwise"), publication(before=ONE))
        assert await library.edition("h", ONE) == edition(text="laid out otherwise")
        assert len(await library.history("h")) == 2

    async def test_hotlines_do_not_meet(self, library: Library) -> None:
        await publish(library, ONE, "", "h")
        await publish(library, TWO, "", "g")
        await library.announce("g", announcement())
        assert await library.standing("h") == Standing(ONE, None)
        assert await library.edition("g", ONE) is None
        assert [one.version for one in await library.history("g")] == [TWO]

    async def test_an_announcement_is_heard_until_it_is_taken_back(self, library: Library) -> None:
        await library.announce("h", announcement())
        found = (await library.standing("h")).announcement
        assert found is not None
        assert found.texts == {"tr": "Kesinti var çığ", "en": "There is an outage"}
        await library.announce("h", None)
        assert await library.standing("h") == Standing()
        await library.announce("h", None)

    async def test_a_later_announcement_takes_the_place_of_the_earlier(self, library: Library) -> None:
        later = replace(announcement(), texts={"tr": "Bitti"}, by="mehmet")
        await library.announce("h", announcement())
        await library.announce("h", later)
        assert (await library.standing("h")).announcement == later

    async def test_an_announcement_that_is_over_is_not_heard(self, library: Library) -> None:
        await library.announce("h", announcement())
        await library.announce("h", replace(announcement(), until=time.time() - 1))
        assert (await library.standing("h")).announcement is None

    async def test_publishing_leaves_the_announcement_alone(self, library: Library) -> None:
        told = announcement()
        await library.announce("h", told)
        await publish(library, ONE, "")
        assert await library.standing("h") == Standing(ONE, told)

    @pytest.mark.parametrize("name", HOSTILE)
    async def test_what_is_no_hotline_or_version_is_not_found_and_not_written(
        self, library: Library, raw: Raw, name: str
    ) -> None:
        await publish(library, ONE, "")
        before = await raw()
        assert await library.standing(name) == Standing()
        assert await library.history(name) == ()
        assert await library.edition(name, ONE) is None
        assert await library.edition("h", name) is None
        for bad in (edition(hotline=name), edition(version=name)):
            with pytest.raises(BadRecord):
                await library.publish(bad, publication(bad.version, ONE))
        with pytest.raises(BadRecord):
            await library.announce(name, announcement())
        assert await raw() == before

    async def test_what_does_not_fit_together_is_refused(self, library: Library, raw: Raw) -> None:
        before = await raw()
        no_text: Any = {"flows/h.yaml": object()}
        for bad in (edition(TWO), replace(edition(), files={}), replace(edition(), files=no_text)):
            with pytest.raises(BadRecord):
                await library.publish(bad, publication(ONE))
        assert await raw() == before

    async def test_nothing_is_shared_with_the_caller(self, library: Library) -> None:
        files = {"flows/h.yaml": "flow: h"}
        await library.publish(replace(edition(), files=files), publication())
        files["flows/h.yaml"] = "changed"
        found = await library.edition("h", ONE)
        assert found is not None
        assert found.files == {"flows/h.yaml": "flow: h"}


def announcement(seconds: float = 60.0) -> Announcement:
    now = time.time()
    return Announcement({"tr": "Kesinti var çığ", "en": "There is an outage"}, now + seconds, now, "ayse")
