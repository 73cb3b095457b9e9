"""Recordings take over piece by piece, as loud as the rest, and only while they say the words of the text."""

from __future__ import annotations

import os
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.errors import FlowError, SpeechError
from ivr.speech import recordings, sound
from ivr.speech.book import BookTexts, PromptBook
from ivr.speech.cache import SoundCache
from ivr.speech.pieces import After, Piece
from ivr.speech.speaker import PromptSpeaker
from tests.unit.speech_house import FakeSynthesiser, as_wav, book_of, record, tone

BOOK = """
    prompts:
      welcome: Hoş geldiniz.
      left: Sonu {{ x }} ile biten hattınız için arıyordunuz.
      bill: Son faturanızın tutarı {{ x }}. Doğruysa bire basın.
      told: "{% if x == 'a' %}Doğruysa bire basın.{% endif %}"
    """


def named(prompt: str, text: str) -> str:
    return recordings.file_name(prompt, Piece(text, False, After.END))


def frames(path: Path) -> sound.Samples:
    return sound.read(path.read_bytes())[0]


def loudness(path: Path) -> float:
    levels = sound.levels_of(frames(path))
    return float(np.sqrt(np.mean(levels[sound.voiced_of(levels)] ** 2)))


class Recorded:
    """A book with recordings, and a speaker."""

    def __init__(self, folder: Path, *files: str) -> None:
        self.folder = folder / "prompts" / "recordings" / "tr"
        self.files = [record(self.folder / file, tone(1.0, 44100, 0.02), 44100) for file in files]
        self.book = book_of(folder / "prompts", BOOK)
        self.voice = FakeSynthesiser()
        self.speaker = PromptSpeaker(self.book, SoundCache(folder / "cache", self.voice))


async def test_the_constant_part_is_a_recording_and_only_the_value_is_made(tmp_path: Path) -> None:
    house = Recorded(tmp_path, named("left", "ile biten hattınız için arıyordunuz."))
    original = house.files[0].read_bytes()
    spoken = await house.speaker.speak(("left",), "tr", {"x": "kırk bir"})
    assert spoken.text == "Sonu kırk bir ile biten hattınız için arıyordunuz."
    assert [text for text, _ in house.voice.made] == ["Sonu kırk bir,"]
    assert spoken.files[0].read_text() == "Sonu kırk bir,"
    assert len(frames(spoken.files[1])) == pytest.approx(8000, rel=0.2)
    assert house.files[0].read_bytes() == original


async def test_the_same_words_are_one_recording_wherever_they_are_said(tmp_path: Path) -> None:
    house = Recorded(tmp_path, named("bill", "Doğruysa bire basın."))
    spoken = await house.speaker.speak(("told",), "tr", {"x": "a"})
    assert house.voice.made == []
    assert frames(spoken.files[0]).size


async def test_a_recording_of_other_words_is_not_heard_and_no_mistake(tmp_path: Path) -> None:
    house = Recorded(tmp_path, named("welcome", "Hoş geldin."))
    assert house.book.recordings("tr").stale == house.files
    spoken = await house.speaker.speak(("welcome",), "tr", {})
    assert spoken.files[0].read_text() == "Hoş geldiniz."


async def test_a_rollback_brings_its_recordings_back(tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    old, new = "prompts:\n  hi: Eski metin.\n", "prompts:\n  hi: Yeni metin.\n"
    for text in ("Eski metin.", "Yeni metin."):
        record(folder / "recordings" / "tr" / named("hi", text))
    heard = []
    for text in (old, new, old):
        voice = FakeSynthesiser()
        book = PromptBook.published(BookTexts({"tr": text}), folder)
        heard.append((await PromptSpeaker(book, SoundCache(tmp_path / "cache", voice)).speak(("hi",), "tr", {})).files)
        assert voice.made == []
    assert heard[0] == heard[2]


async def test_recordings_and_synthesis_are_equally_loud(tmp_path: Path) -> None:
    house = Recorded(tmp_path, "welcome.wav")
    spoken = await house.speaker.speak(("welcome",), "tr", {})
    assert loudness(spoken.files[0]) == pytest.approx(sound.LOUDNESS, rel=0.05)


async def test_a_recording_that_breaks_while_calls_run_is_spoken_by_the_synthesiser(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    house = Recorded(tmp_path, "welcome.wav", named("bill", "Doğruysa bire basın."))
    house.files[0].write_bytes(b"RIFFnothing")
    house.files[1].unlink()
    for _ in range(2):
        spoken = await house.speaker.speak(("welcome", "bill"), "tr", {"x": "bir"})
        house.speaker.distrust()
    assert spoken.text == "Hoş geldiniz. Son faturanızın tutarı bir. Doğruysa bire basın."
    assert len(house.voice.made) == 4
    assert caplog.text.count("a recording is not used") == 2
    assert str(house.files[0]) in caplog.text


async def test_a_silent_recording_is_spoken_by_the_synthesiser(tmp_path: Path) -> None:
    house = Recorded(tmp_path, "welcome.wav")
    record(house.files[0], np.zeros(8000, dtype=np.float32))
    assert (await house.speaker.speak(("welcome",), "tr", {})).files[0].read_text() == "Hoş geldiniz."


async def test_a_recording_that_was_replaced_is_another_file(tmp_path: Path) -> None:
    house = Recorded(tmp_path, "welcome.wav")
    first = await house.speaker.speak(("welcome",), "tr", {})
    record(house.files[0], tone(2.0, 44100))
    await house.speaker.build(lambda done, total: None)
    house.speaker.distrust()
    again = await house.speaker.speak(("welcome",), "tr", {})
    assert again.files != first.files
    assert len(frames(again.files[0])) > len(frames(first.files[0]))


async def test_one_of_the_very_words_wins_over_one_of_whatever_words(tmp_path: Path) -> None:
    house = Recorded(tmp_path, "welcome.wav", named("welcome", "Hoş geldiniz."))
    [piece] = house.book.prompts("tr")["welcome"].lasting()
    assert house.book.recordings("tr").of("welcome", piece) == house.files[1].resolve()


@pytest.mark.parametrize("name", ["welcome.wav", named("welcome", "Hoş geldiniz."), named("welcome", "Eski.")])
def test_a_broken_recording_is_a_mistake_and_harms_no_published_book(tmp_path: Path, name: str) -> None:
    broken = tmp_path / "prompts" / "recordings" / "tr" / name
    broken.parent.mkdir(parents=True)
    broken.write_bytes(as_wav(tone(1.0))[:-500])
    with pytest.raises(FlowError, match="ends too early"):
        book_of(tmp_path / "prompts", BOOK)
    book = PromptBook.published(BookTexts({"tr": "prompts:\n  welcome: Hoş geldiniz.\n"}), tmp_path / "prompts")
    assert book.recordings("tr").pieces == book.recordings("tr").whole == {}


@pytest.mark.parametrize(
    "name", ["left.wav", "welcom.wav", "Hoş geldiniz.wav", "welcome.0.wav", "welcome.mp3", "welcome.WAV"]
)
def test_a_name_that_fits_nothing_is_a_mistake_that_tells_where_names_are(tmp_path: Path, name: str) -> None:
    record(tmp_path / "prompts" / "recordings" / "tr" / name)
    with pytest.raises(FlowError) as refused:
        book_of(tmp_path / "prompts", BOOK)
    [problem] = refused.value.problems
    assert "record-sheet" in problem.mend or "did you mean 'welcome'" in problem.mend


def test_the_studios_sheet_may_lie_beside_its_recordings(tmp_path: Path) -> None:
    house = Recorded(tmp_path, "welcome.wav")
    (house.folder / "sheet.csv").write_text("id;text\n")
    assert book_of(tmp_path / "prompts", BOOK).recordings("tr").whole


def extensible(samples: sound.Samples, rate: int, bits: int) -> bytes:
    """As studios' programs write it, with a chunk of another kind before the sound."""
    kind = 3 if bits == 0 else 1
    size = 4 if bits == 0 else bits // 8
    if bits == 0:
        data = samples.astype("<f4").tobytes()
    else:
        whole = np.round(samples.astype(np.float64) * (2 ** (bits - 1) - 1)).astype("<i4")
        data = whole.view(np.uint8).reshape(-1, 4)[:, :size].tobytes()
    form = struct.pack("<HHIIHH", 0xFFFE, 1, rate, rate * size, size, size * 8)
    form += struct.pack("<HHIH", 22, size * 8, 4, kind) + b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"LIST" + struct.pack("<I", 5) + b"INFOx\0"
    chunks += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


@pytest.mark.parametrize("bits", [16, 24, 32, 0])
@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_every_sensible_form_is_taken(tmp_path: Path, rate: int, bits: int) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(extensible(tone(0.5, rate), rate, bits))
    assert recordings.fault(path) is None
    samples, found = sound.read(recordings.content(path))
    assert found == rate
    assert samples == pytest.approx(tone(0.5, rate), abs=1e-3)


def test_a_quarter_that_is_no_number_makes_no_noise() -> None:
    data = extensible(np.array([0.5, np.nan, np.inf, -np.inf], dtype=np.float32), 8000, 0)
    samples, _ = sound.read(data)
    assert samples.tolist() == [0.5, 0.0, 1.0, -1.0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda data: data[:3], "not a WAV"),
        (lambda data: data[:40], "not a WAV file with sound"),
        (lambda data: data[:44], "ends too early"),
        (lambda data: data[:20] + b"\x07\0" + data[22:], "compressed"),
        (lambda data: data[:22] + b"\6\0" + data[24:], "6 channels"),
        (lambda data: data[:24] + struct.pack("<I", 96000) + data[28:], "96000 Hz"),
        (lambda data: data[:34] + b"\x08\0" + data[36:], "8 bit"),
        (lambda data: data[:12] + b"junk\xff\xff\xff\xff", "not a WAV file with sound"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, change: object, told: str) -> None:
    assert callable(change)
    path = tmp_path / "a.wav"
    path.write_bytes(change(as_wav(tone(0.2))))
    assert told in (recordings.fault(path) or "")
    with pytest.raises(SpeechError, match=told):
        recordings.content(path)


def test_a_pipe_or_a_folder_is_no_recording_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    folder = tmp_path / "prompts" / "recordings" / "tr"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "welcome.wav")
    (folder / named("welcome", "Hoş geldiniz.")).mkdir()
    with pytest.raises(FlowError) as refused:
        book_of(tmp_path / "prompts", BOOK)
    assert [problem.what for problem in refused.value.problems] == ["the recording is not a file"] * 2
    with pytest.raises(SpeechError, match="is not a file"):
        recordings.content(folder / "welcome.wav")


def test_a_header_is_all_that_is_read_to_know_a_recording(tmp_path: Path) -> None:
    with (tmp_path / "a.wav").open("wb") as file, wave.open(file) as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(48000)
        writer.writeframes(b"\0\0" * 30_000_000)
    assert "larger than 50 MB" in (recordings.fault(tmp_path / "a.wav") or "")
