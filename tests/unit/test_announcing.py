"""What may be announced to every caller: something to say, in all languages, for some time, and heard at all."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from context_store.editions import Announcement
from ivr.errors import SettingsError
from ivr.publishing.announcing import LONGEST, seconds
from ivr.publishing.deeds import announce_texts, show_announcement, withdraw
from tests.unit.publishing_house import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def announce(desk: Desk, text: str | None = "Kesinti var", lasting: str = "2h", **texts: str) -> Announcement:
    await announce_texts(desk.settings, desk.library, text, texts, lasting, "ayse", desk.console)
    told = (await desk.library.standing("hotline")).announcement
    assert told
    return told


async def test_it_is_kept_with_its_end(desk: Desk) -> None:
    told = await announce(desk, "  Kesinti\n var.  ", "30m", en="There is an outage.")
    assert told.texts == {"tr": "Kesinti var.", "en": "There is an outage."}
    assert told.until - told.at == 1800
    assert abs(told.at - time.time()) < 60
    assert "There is an outage." in desk.said()


async def test_languages_may_be_named(desk: Desk) -> None:
    assert (await announce(desk, None, tr="Bir şey", en="Something")).texts == {"tr": "Bir şey", "en": "Something"}


async def test_it_is_shown_and_taken_back(desk: Desk) -> None:
    await show_announcement(desk.settings, desk.library, desk.console)
    assert "nothing is announced" in desk.said()
    await announce(desk, en="[bold]Outage[/]")
    desk.said()
    await show_announcement(desk.settings, desk.library, desk.console)
    assert "[bold]Outage[/]" in desk.said()
    await withdraw(desk.settings, desk.library, desk.console)
    assert (await desk.library.standing("hotline")).announcement is None


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ({}, "add --en TEXT"),
        ({"en": " "}, "add --en TEXT"),
        ({"en": "x", "de": "y"}, "does not speak de"),
        ({"en": "1234"}, "nothing to say"),
        ({"en": "a\x00b"}, "nobody can say"),
        ({"en": "a\u202eb"}, "nobody can say"),
        ({"en": "x" * (LONGEST + 1)}, "501 characters"),
    ],
)
async def test_what_cannot_be_announced(desk: Desk, texts: dict[str, str], why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        await announce(desk, **texts)
    assert (await desk.library.standing("hotline")).announcement is None


async def test_what_no_prompt_says_would_be_heard_by_nobody(desk: Desk) -> None:
    desk.change("prompts/en.yaml", "{{ announcement.en }}", "Something happened")
    with pytest.raises(SettingsError, match=r"no prompt in en says .*\n.*announcement\.en"):
        await announce(desk, en="Outage")


async def test_it_is_checked_against_what_is_live_not_against_the_files(desk: Desk) -> None:
    await desk.publish()
    desk.write("flows/hotline.yaml", "broken: [")
    assert (await announce(desk, en="Outage")).texts["en"] == "Outage"


@pytest.mark.parametrize(("span", "length"), [("1m", 60), ("30m", 1800), ("2h", 7200), ("7d", 604800), (" 1d ", 86400)])
def test_times(span: str, length: float) -> None:
    assert seconds(span) == length


@pytest.mark.parametrize("span", ["", "0m", "59s", "8d", "2", "h", "-1h", "1.5h", "99999999h", "2 h", "٣h", "2h\n3h"])
def test_what_is_no_time(span: str) -> None:
    with pytest.raises(SettingsError, match="write 30m, 2h or 1d"):
        seconds(span)
