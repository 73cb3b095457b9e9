"""The speaker and its cache: each text is made once, one bad prompt spoils nothing, personal sound stays private."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
import time
from pathlib import Path

import pytest

from ivr.call.ports import Speaker
from ivr.errors import SpeechError
from ivr.speech.book import PromptBook
from ivr.speech.cache import SoundCache
from ivr.speech.pieces import After, Piece
from ivr.speech.speaker import Built, PromptSpeaker
from tests.unit.speech_house import FakeSynthesiser, book_of, later, record

BOOK = """
    prompts:
      welcome: Hoş geldiniz.
      goodbye: Hoşça kalın.
      recorded: Kayıt.
      name: Sayın {{ name }}.
      number: "{{ name | number }}"
      perhaps: "{% if late %}Gecikmiş.{% endif %}"
    """


@pytest.fixture
def book(tmp_path: Path) -> PromptBook:
    folder = tmp_path / "prompts"
    record(folder / "recordings" / "tr" / "recorded.wav")
    return book_of(folder, BOOK, "tr", "en")


@pytest.fixture
def voice() -> FakeSynthesiser:
    return FakeSynthesiser()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def speaker(book: PromptBook, voice: FakeSynthesiser, cache: Path) -> PromptSpeaker:
    return PromptSpeaker(book, SoundCache(cache, voice))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def folder_of_mode(folder: Path, bits: int) -> None:
    folder.mkdir()
    folder.chmod(bits)


def age(folder: Path, days: float, but: str) -> None:
    """Make the files look as old as that, but for the sound of one text."""
    then = time.time() - days * 86400
    for path in folder.rglob("*.*"):
        if path.suffix != ".wav" or path.read_text() != but:
            os.utime(path, (then, then))


def files(folder: Path) -> list[Path]:
    return list(folder.rglob("*.wav"))


def sounds(folder: Path) -> list[str]:
    return sorted(path.read_text() for path in folder.rglob("*.wav"))


async def test_prompts_become_text_and_files_in_order(speaker: Speaker, cache: Path) -> None:
    spoken = await speaker.speak(("welcome", "name", "recorded"), "tr", {"name": "Ayşe"})
    assert spoken.text == "Hoş geldiniz. Sayın Ayşe. Kayıt."
    assert [path.read_text() for path in spoken.files[:2]] == ["Hoş geldiniz.", "Sayın Ayşe."]
    assert spoken.files[2].read_bytes()[:4] == b"RIFF"
    assert [path.parent for path in spoken.files] == [cache / "tr", cache / "tr" / "once", cache / "tr"]
    assert "Ay" not in spoken.files[1].name


async def test_what_was_made_is_not_made_again(book: PromptBook, voice: FakeSynthesiser, cache: Path) -> None:
    for _ in range(2):  # the second speaker is the next start of the controller
        speaker = PromptSpeaker(book, SoundCache(cache, voice))
        for _ in range(2):
            await speaker.speak(("welcome", "name"), "tr", {"name": "Ayşe"})
    assert sorted(voice.made) == [("Hoş geldiniz.", "tr"), ("Sayın Ayşe.", "tr")]


async def test_another_text_language_or_voice_is_another_file(book: PromptBook, cache: Path) -> None:
    files = [
        (await PromptSpeaker(book, SoundCache(cache, FakeSynthesiser(voice))).speak((prompt,), language, {})).files
        for voice in ("one", "two")
        for language in ("tr", "en")
        for prompt in ("welcome", "goodbye")
    ]
    assert len(set(files)) == 8


async def test_a_static_prompt_that_was_seen_needs_no_disk(
    speaker: PromptSpeaker, voice: FakeSynthesiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await speaker.speak(("welcome",), "tr", {})

    def no_disk(*_: object) -> object:
        raise AssertionError("the cache was asked")

    monkeypatch.setattr(SoundCache, "file", no_disk)
    assert await speaker.speak(("welcome",), "tr", {}) == first
    assert len(voice.made) == 1


async def test_a_dropped_dynamic_file_is_made_again(speaker: PromptSpeaker, voice: FakeSynthesiser) -> None:
    spoken = await speaker.speak(("name",), "tr", {"name": "Ayşe"})
    spoken.files[0].unlink()
    assert (await speaker.speak(("name",), "tr", {"name": "Ayşe"})).files[0].exists()
    assert len(voice.made) == 2


async def test_callers_who_ask_together_wait_for_one_synthesis(speaker: PromptSpeaker, voice: FakeSynthesiser) -> None:
    voice.gate.clear()
    callers = [asyncio.create_task(speaker.speak(("welcome", "goodbye"), "tr", {})) for _ in range(20)]
    await voice.begun.get()
    await voice.begun.get()
    voice.gate.set()
    spoken = await asyncio.gather(*callers)
    assert len(set(spoken)) == 1
    assert len(voice.made) == 2


async def test_a_caller_who_hangs_up_does_not_take_it_from_the_others(
    speaker: PromptSpeaker, voice: FakeSynthesiser
) -> None:
    voice.gate.clear()
    gone, waiting = (asyncio.create_task(speaker.speak(("welcome",), "tr", {})) for _ in range(2))
    await voice.begun.get()
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    voice.gate.set()
    assert (await waiting).text == "Hoş geldiniz."
    assert len(voice.made) == 1


async def test_a_failure_reaches_everybody_who_waits_and_is_tried_again_later(
    speaker: PromptSpeaker, voice: FakeSynthesiser
) -> None:
    voice.refused.add("Hoş geldiniz.")
    voice.gate.clear()
    callers = [asyncio.create_task(speaker.speak(("welcome",), "tr", {})) for _ in range(3)]
    await voice.begun.get()
    voice.gate.set()
    results = await asyncio.gather(*callers, return_exceptions=True)
    assert [type(result) for result in results] == [SpeechError] * 3
    assert len(voice.made) == 1
    voice.refused.clear()
    assert (await speaker.speak(("welcome",), "tr", {})).files


async def test_a_prompt_that_fails_is_left_out_and_logged_without_its_text(
    speaker: PromptSpeaker, voice: FakeSynthesiser, caplog: pytest.LogCaptureFixture
) -> None:
    voice.refused.add("Sayın Ayşe.")
    prompts = ("welcome", "name", "number", "nothing", "goodbye")
    with caplog.at_level(logging.DEBUG):
        spoken = await speaker.speak(prompts, "tr", {"name": "Ayşe"})
    assert spoken.text == "Hoş geldiniz. Hoşça kalın."
    assert len(spoken.files) == 2
    assert len(caplog.records) == 3
    assert all(record.levelno == logging.ERROR for record in caplog.records)
    assert all(f"'{name}'" in caplog.text for name in ("name", "number", "nothing"))
    assert "Ayşe" not in caplog.text


async def test_when_no_prompt_can_be_spoken_it_is_an_error(speaker: PromptSpeaker) -> None:
    with pytest.raises(SpeechError, match="nothing"):
        await speaker.speak(("nothing", "perhaps"), "tr", {"late": False})


async def test_a_prompt_without_words_is_no_error(speaker: PromptSpeaker, voice: FakeSynthesiser) -> None:
    spoken = await speaker.speak(("perhaps",), "tr", {"late": False})
    assert (spoken.text, spoken.files) == ("", ())
    assert voice.made == []


async def test_building_makes_all_static_prompts_and_tells_how_far(
    speaker: PromptSpeaker, voice: FakeSynthesiser, cache: Path
) -> None:
    told: list[tuple[int, int]] = []
    built = await speaker.build(lambda done, total: told.append((done, total)))
    assert built == Built(recorded=1, there=0, made=7)
    assert told == [(done, 8) for done in range(9)]
    # English has no recording; a branch that says the same in each call is made, too.
    texts = ["Gecikmiş."] * 2 + ["Hoş geldiniz."] * 2 + ["Hoşça kalın."] * 2 + ["Kayıt."]
    assert sorted(text for text, _ in voice.made) == texts
    assert len(files(cache)) == 8
    assert await speaker.build(lambda done, total: None) == Built(recorded=1, there=7, made=0)
    assert len(voice.made) == 7


async def test_building_asks_for_two_at_a_time(speaker: PromptSpeaker, voice: FakeSynthesiser) -> None:
    voice.gate.clear()
    building = asyncio.create_task(speaker.build(lambda done, total: None))
    await voice.begun.get()
    await voice.begun.get()
    caller = asyncio.create_task(speaker.speak(("name",), "tr", {"name": "Ayşe"}))
    assert await voice.begun.get() == "Sayın Ayşe."
    voice.gate.set()
    await building
    await caller


async def test_building_goes_on_after_a_failure_and_tells_it(speaker: PromptSpeaker, voice: FakeSynthesiser) -> None:
    voice.refused.add("Hoş geldiniz.")
    told: list[int] = []
    with pytest.raises(SpeechError, match=r"2 of 8 pieces.*'welcome' in 'tr': espeak-ng failed"):
        await speaker.build(lambda done, total: told.append(done))
    assert told[-1] == 8


async def test_closing_stops_what_is_being_made(speaker: PromptSpeaker, voice: FakeSynthesiser, cache: Path) -> None:
    voice.gate.clear()
    caller = asyncio.create_task(speaker.speak(("welcome",), "tr", {}))
    await voice.begun.get()
    await speaker.aclose()
    with pytest.raises(SpeechError, match="closed"):
        await caller
    assert sounds(cache) == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_the_cache_is_closed_to_other_users(speaker: PromptSpeaker, cache: Path) -> None:
    await speaker.speak(("welcome",), "tr", {})
    assert mode(cache) == 0o700


async def test_a_cache_that_was_open_is_closed_to_others_but_not_to_its_group(
    speaker: PromptSpeaker, cache: Path
) -> None:
    folder_of_mode(cache, 0o2757)
    await speaker.speak(("welcome",), "tr", {})
    assert mode(cache) == 0o2750


async def test_a_folder_that_holds_other_things_keeps_its_rights_and_ours_inside_are_closed(
    speaker: PromptSpeaker, cache: Path
) -> None:
    folder_of_mode(cache, 0o755)
    folder_of_mode(cache / "music", 0o755)
    await speaker.speak(("name",), "tr", {"name": "Ayşe"})
    assert mode(cache) == mode(cache / "music") == 0o755
    assert (mode(cache / "tr") | mode(cache / "tr" / "once")) & 0o007 == 0


async def test_a_cache_that_cannot_be_made_is_told(book: PromptBook, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    speaker = PromptSpeaker(book, SoundCache(tmp_path / "file" / "cache", FakeSynthesiser()))
    with pytest.raises(SpeechError, match=r"set speech\.cache"):
        await speaker.speak(("welcome",), "tr", {})


async def test_old_personal_sound_is_dropped_and_static_prompts_stay(speaker: PromptSpeaker, cache: Path) -> None:
    await speaker.speak(("welcome", "name"), "tr", {"name": "Ayşe"})
    await speaker.speak(("name",), "tr", {"name": "Veli"})
    parts = cache / "tr" / ".x.part", cache / "tr" / "once" / ".y.part"
    foreign = cache / "tr" / "notes.txt", cache / "tr" / "once" / "notes.txt"
    for file in parts + foreign:
        file.write_text("")
    age(cache, 10, but="Sayın Veli.")
    assert await speaker.prune(7) == 3
    assert sounds(cache) == ["Hoş geldiniz.", "Sayın Veli."]
    assert all(file.exists() for file in foreign)
    assert not any(file.exists() for file in parts)
    age(cache, 1, but="")
    assert await speaker.prune(0) == 1


async def test_what_another_controller_with_another_book_needs_is_never_dropped(
    speaker: PromptSpeaker, cache: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "tr.yaml").write_text("prompts:\n  ours: Başka.\n", encoding="utf-8")
    other = PromptSpeaker(PromptBook.read(folder, ("tr",)), SoundCache(cache, FakeSynthesiser()))
    spoken = await other.speak(("ours",), "tr", {})
    age(cache, 100, but="")
    assert await speaker.prune(0) == 0
    assert spoken.files[0].exists()


async def test_what_cannot_be_dropped_is_told_and_the_rest_is_dropped(
    speaker: PromptSpeaker, cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("Ayşe", "Veli"):
        await speaker.speak(("name",), "tr", {"name": name})
    age(cache, 10, but="")
    unlink = Path.unlink

    def refuse(path: Path) -> None:
        if path.read_text() == "Sayın Ayşe.":
            raise PermissionError(13, "Permission denied")
        unlink(path)

    monkeypatch.setattr(Path, "unlink", refuse)
    assert await speaker.prune(7) == 1
    assert sounds(cache) == ["Sayın Ayşe."]
    assert "Permission denied" in caplog.text


async def test_keeping_clean_goes_on_until_cancelled(
    speaker: PromptSpeaker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pruned: asyncio.Queue[float] = asyncio.Queue()

    async def prune(days: float) -> int:
        pruned.put_nowait(days)
        if pruned.qsize() % 2:
            raise OSError(5, "Input/output error")
        return 3

    monkeypatch.setattr(speaker, "prune", prune)
    with caplog.at_level(logging.INFO):
        task = asyncio.create_task(speaker.keep_clean(7, every=0))
        while pruned.qsize() < 4:  # noqa: ASYNC110 - each round lets the task prune once more
            await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pruned.get_nowait() == 7
    assert "Input/output error" in caplog.text
    assert "3 sound files" in caplog.text


@pytest.mark.parametrize("by", ["build", "speak"])
async def test_a_voice_that_comes_back_is_heard(
    book: PromptBook, voice: FakeSynthesiser, cache: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    own = FakeSynthesiser("own")
    speaker = PromptSpeaker(book, SoundCache(cache, voice, {"tr": own}))
    own.refused = texts = {"Hoş geldiniz.", "Gecikmiş."}
    said = ("welcome", "perhaps")
    first = await speaker.speak(said, "tr", {"late": True})
    assert texts == {text for text, _ in voice.made}
    assert await speaker.speak(said, "tr", {"late": True}) == first
    own.refused = set()
    later(monkeypatch, 31)
    if by == "build":
        await speaker.build(lambda _, __: None)
    again = await speaker.speak(said, "tr", {"late": True})
    assert not {*again.files} & {*first.files}
    assert await speaker.speak(said, "tr", {"late": True}) == again


async def test_a_voice_that_is_lost_takes_back_what_was_known_of_it(
    book: PromptBook, voice: FakeSynthesiser, cache: Path
) -> None:
    own = FakeSynthesiser("own")
    speaker = PromptSpeaker(book, SoundCache(cache, voice, {"tr": own}))
    first = await speaker.speak(("welcome",), "tr", {})
    first.files[0].unlink()
    own.refused = {"Hoş geldiniz."}
    await speaker.build(lambda _, __: None)
    again = await speaker.speak(("welcome",), "tr", {})
    assert again.files != first.files
    assert again.files[0].exists()


async def test_files_that_are_gone_are_made_anew_once_they_are_distrusted(
    speaker: PromptSpeaker, voice: FakeSynthesiser
) -> None:
    first = await speaker.speak(("welcome", "goodbye", "recorded", "perhaps"), "tr", {"late": True})
    for file in (first.files[0], first.files[2], first.files[3]):
        file.unlink()
    first.files[1].write_text("")  # as a power cut leaves it
    speaker.distrust()
    again = await speaker.speak(("welcome", "goodbye", "recorded", "perhaps"), "tr", {"late": True})
    assert again == first
    assert [again.files[place].read_text() for place in (0, 1, 3)] == ["Hoş geldiniz.", "Hoşça kalın.", "Gecikmiş."]
    assert again.files[2].stat().st_size > 1000
    assert len(voice.made) == 6


async def test_files_that_are_there_are_not_made_anew_after_distrust(
    speaker: PromptSpeaker, voice: FakeSynthesiser
) -> None:
    first = await speaker.speak(("welcome", "recorded"), "tr", {})
    speaker.distrust()
    assert await speaker.speak(("welcome", "recorded"), "tr", {}) == first
    assert len(voice.made) == 1


async def test_pruning_a_cache_that_is_not_there_is_no_error(speaker: PromptSpeaker) -> None:
    assert await speaker.prune(7) == 0


def test_texts_and_voices_cannot_be_mixed_up(tmp_path: Path) -> None:
    cache = SoundCache(tmp_path, FakeSynthesiser())
    pieces = [Piece(text, False, after) for text in ("a", "a b") for after in After]
    paths = [cache.path(piece, "tr", FakeSynthesiser(voice)) for piece in pieces for voice in ("b c", "c")]
    assert len(set(paths)) == len(paths)
