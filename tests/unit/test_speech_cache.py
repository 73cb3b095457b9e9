"""The cache: how large it gets, what goes first and what never, and voices that fail."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import time
from pathlib import Path

import pytest

from ivr.errors import SpeechError
from ivr.speech import keeping
from ivr.speech.cache import SoundCache
from ivr.speech.pieces import After, Piece
from ivr.speech.program import TooSlow
from tests.unit.speech_house import FakeSynthesiser, later

HOUR, DAY = 3600.0, 86400.0


def value(text: str) -> Piece:
    return Piece(text, True, After.END)


def constant(text: str) -> Piece:
    return Piece(text, False, After.END)


def stored(folder: Path, name: str, size: int, used: float) -> Path:
    """A sound of that size, made and used so many seconds ago."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (time.time() - used, time.time() - used))
    return path


def named(text: str) -> str:
    """A name as sound has it."""
    return f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.wav"


def left(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_what_was_used_longest_ago_goes_first_and_single_calls_before_the_rest(tmp_path: Path) -> None:
    stored(tmp_path, "tr/once/" + named("new"), 100, HOUR)
    stored(tmp_path, "en/once/" + named("old"), 100, 2 * HOUR)
    stored(tmp_path, "tr/once/" + named("older"), 100, 3 * HOUR)
    stored(tmp_path, "tr/" + named("forgotten"), 100, 90 * DAY)
    stored(tmp_path, "tr/" + named("gone"), 100, 99 * DAY)
    assert keeping.trim(tmp_path, 500) == 0
    assert keeping.trim(tmp_path, 400) == 1
    assert "tr/once/" + named("older") not in left(tmp_path)
    assert keeping.trim(tmp_path, 150) == 3
    assert left(tmp_path) == {"tr/" + named("forgotten")}


def test_what_is_needed_or_may_be_played_stays_and_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    stored(tmp_path, "tr/once/" + named("played"), 100, keeping.PLAYED - 60)
    stored(tmp_path, "tr/" + named("live"), 100, keeping.NEEDED - 60)
    stored(tmp_path, "tr/notes.txt", 100, 99 * DAY)
    assert keeping.trim(tmp_path, 0) == 0
    assert len(left(tmp_path)) == 3
    assert "speech.cache_mb" in caplog.text


def test_using_a_file_keeps_it_whatever_the_file_system_does(tmp_path: Path) -> None:
    path = stored(tmp_path, "tr/once/" + named("a"), 100, 5 * DAY)
    made = path.stat().st_mtime
    assert keeping.use(path)
    assert keeping.trim(tmp_path, 0) == 0
    assert path.stat().st_mtime == made


def test_what_was_made_for_one_call_goes_by_the_day_of_its_making_but_not_while_it_may_be_played(
    tmp_path: Path,
) -> None:
    path = stored(tmp_path, "tr/once/" + named("a"), 100, 5 * DAY)
    made = path.stat().st_mtime
    assert keeping.use(path)
    assert keeping.prune(tmp_path, 4) == 0
    os.utime(path, (time.time() - keeping.PLAYED - 60, made))
    assert keeping.prune(tmp_path, 6) == 0
    assert keeping.prune(tmp_path, 4) == 1


def test_no_sound_is_used_where_there_is_none(tmp_path: Path) -> None:
    assert not keeping.use(tmp_path / "gone.wav")
    assert not keeping.use(stored(tmp_path, "tr/" + named("empty"), 0, DAY))


def test_a_file_of_another_user_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stored(tmp_path, "tr/" + named("a"), 10, DAY)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "utime", refuse)
    assert keeping.use(path)


def test_controllers_that_trim_together_do_not_mind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        stored(tmp_path, "tr/once/" + named(str(n)), 100, DAY + n)
    unlink = Path.unlink

    def other_was_faster(path: Path) -> None:
        unlink(path)
        unlink(path)

    monkeypatch.setattr(Path, "unlink", other_was_faster)
    assert keeping.trim(tmp_path, 100) == 0
    assert left(tmp_path) == set()


def test_what_has_no_name_of_ours_is_never_dropped(tmp_path: Path) -> None:
    foreign = (
        "tr/welcome.0a7e206d.wav",
        "tr/welcome.wav",
        "tr/once/a.wav",
        "music/once/" + named("a"),
        "music/.x.part",
    )
    for name in (*foreign, "tr/once/" + named("a"), "tr/" + named("b"), "tr/.x.part"):
        stored(tmp_path, name, 100, 99 * DAY)
    assert keeping.prune(tmp_path, 7) == 2
    assert keeping.trim(tmp_path, 0) == 1
    assert left(tmp_path) == set(foreign)


async def test_a_cache_that_grows_beyond_its_limit_trims_itself(tmp_path: Path) -> None:
    cache = SoundCache(tmp_path, FakeSynthesiser(), limit=300)
    old = stored(tmp_path, "tr/once/" + named("old"), 250, DAY)
    await cache.file(value("a" * 100), "tr")
    while old.exists():  # noqa: ASYNC110 - the trimming runs in a thread
        await asyncio.sleep(0)
    assert (await cache.file(value("a" * 100), "tr")).exists()
    await cache.aclose()


async def test_a_value_is_kept_by_its_content(tmp_path: Path) -> None:
    voice = FakeSynthesiser()
    cache = SoundCache(tmp_path, voice)
    assert cache.there(value("kırk bir"), "tr") is None
    path = await cache.file(value("kırk bir"), "tr")
    assert cache.there(value("kırk bir"), "tr") == path == await cache.file(value("kırk bir"), "tr")
    assert path.parent.name == "once"
    assert (await cache.file(constant("kırk bir"), "tr")).parent.name == "tr"
    assert len(voice.made) == 2


class Slow(FakeSynthesiser):
    async def synthesise(self, text: str, language: str, target: Path, after: After = After.END) -> None:
        self.made.append((text, language))
        raise TooSlow("Piper took more than 5 s for a prompt")


async def test_another_voice_speaks_only_its_language(tmp_path: Path) -> None:
    own, default = FakeSynthesiser("own"), FakeSynthesiser()
    cache = SoundCache(tmp_path, default, {"tr": own})
    assert await cache.file(value("a"), "tr") != await cache.file(value("a"), "en")
    assert (own.made, default.made) == ([("a", "tr")], [("a", "en")])
    assert cache.there(value("a"), "tr")


async def test_where_a_voice_fails_the_default_speaks_and_it_is_told_once_an_hour(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, default = FakeSynthesiser("own"), FakeSynthesiser()
    own.refused = {"a", "b"}
    cache = SoundCache(tmp_path, default, {"tr": own})
    paths = [await cache.file(value(text), "tr") for text in ("a", "b", "c", "a")]
    assert default.made == [("a", "tr"), ("b", "tr")]
    assert len(own.made) == 4  # each text is tried again, as that may have been all
    assert paths[0] == paths[3]
    assert paths[0] != cache.path(value("a"), "tr", own)  # what the default has said is not kept as the voice's
    assert caplog.text.count("speaks instead") == 1
    later(monkeypatch, 3601)
    await cache.file(value("a"), "tr")
    assert caplog.text.count("speaks instead") == 2


async def test_a_voice_that_hangs_is_left_alone_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, default = Slow("own"), FakeSynthesiser()
    cache = SoundCache(tmp_path, default, {"tr": own})
    for text in ("a", "b", "c"):
        await cache.file(value(text), "tr")
    assert own.made == [("a", "tr")]
    assert len(default.made) == 3
    later(monkeypatch, 31)
    await cache.file(value("d"), "tr")
    assert own.made == [("a", "tr"), ("d", "tr")]


async def test_a_voice_is_not_asked_by_each_caller_for_what_it_cannot_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, default = FakeSynthesiser("own"), FakeSynthesiser()
    own.refused = {"a"}
    cache = SoundCache(tmp_path, default, {"tr": own})
    paths = [await cache.file(constant(text), "tr") for text in ("a", "a", "b")]
    assert own.made == [("a", "tr"), ("b", "tr")]
    assert paths[0] == paths[1]
    own.refused.clear()
    later(monkeypatch, 31)
    assert await cache.file(constant("a"), "tr") == cache.path(constant("a"), "tr", own)


async def test_when_both_fail_it_is_an_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    own, default = FakeSynthesiser("own"), FakeSynthesiser()
    own.refused = default.refused = {"Ayşe"}
    with caplog.at_level(logging.DEBUG), pytest.raises(SpeechError):
        await SoundCache(tmp_path, default, {"tr": own}).file(value("Ayşe"), "tr")
    assert "Ayşe" not in caplog.text
