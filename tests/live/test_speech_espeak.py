"""Real espeak-ng: what it says is fit for the telephone, and Turkish letters reach it."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from ivr.errors import SpeechError
from ivr.resources import packaged
from ivr.speech import recordings, sound
from ivr.speech.book import PromptBook
from ivr.speech.cache import SoundCache
from ivr.speech.speaker import PromptSpeaker
from ivr.speech.synthesis import EspeakSynthesiser
from tests.bench.sample_facts import FACTS

pytestmark = pytest.mark.live


@pytest.fixture
def espeak(espeak_command: Sequence[str]) -> EspeakSynthesiser:
    return EspeakSynthesiser(espeak_command, 160, timeout=30)


def frames(path: Path) -> npt.NDArray[np.int16]:
    with wave.open(str(path)) as reader:
        return np.frombuffer(reader.readframes(reader.getnframes()), dtype="<i2")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("tr", "Devam'a hoş geldiniz. Arıza bildirmek için bire basın."),
        ("tr", "sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi"),
        ("en", "Welcome to Devam. To report a fault, press one."),
        ("en", "yes"),
    ],
)
async def test_speech_is_fit_for_the_telephone(
    espeak: EspeakSynthesiser, tmp_path: Path, language: str, text: str
) -> None:
    target = tmp_path / "said.wav"
    await espeak.synthesise(text, language, target)
    assert recordings.fault(target) is None
    said = frames(target).astype(np.float64) / 32768
    assert len(said) / recordings.RATE > 0.3
    assert 0.03 < np.sqrt(np.mean(said**2)) < 0.2  # neither silent nor shouting
    assert np.abs(said).max() <= sound.PEAK + 0.001  # nothing clipped
    assert len(said) / recordings.RATE > 0.04 * len(text)  # all of it was said


async def test_turkish_letters_survive(espeak: EspeakSynthesiser, tmp_path: Path) -> None:
    for text in ("açık", "acik"):
        await espeak.synthesise(text, "tr", tmp_path / f"{text}.wav")
    assert not np.array_equal(frames(tmp_path / "açık.wav"), frames(tmp_path / "acik.wav"))


async def test_the_same_text_sounds_the_same(espeak: EspeakSynthesiser, tmp_path: Path) -> None:
    for name in ("one", "two"):
        await espeak.synthesise("merhaba", "tr", tmp_path / f"{name}.wav")
    assert np.array_equal(frames(tmp_path / "one.wav"), frames(tmp_path / "two.wav"))


async def test_a_language_that_it_does_not_speak_is_told(espeak: EspeakSynthesiser, tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match=r"'zz'.*voice"):
        await espeak.synthesise("merhaba", "zz", tmp_path / "a.wav")


async def test_a_text_without_words_is_told(espeak: EspeakSynthesiser, tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="no sound"):
        await espeak.synthesise(" ", "tr", tmp_path / "a.wav")


@pytest.mark.parametrize(
    ("language", "name"),
    [("tr", "bill_told"), ("tr", "outage"), ("tr", "ticket_opened"), ("en", "choose_line"), ("en", "topped_up")],
)
async def test_joined_pieces_last_about_as_long_as_the_whole_and_are_as_loud(
    espeak: EspeakSynthesiser, tmp_path: Path, language: str, name: str
) -> None:
    book = PromptBook.read(packaged("prompts"), (language,))
    await espeak.synthesise(book.text(name, language, FACTS), language, tmp_path / "whole.wav")
    whole = frames(tmp_path / "whole.wav")
    spoken = await PromptSpeaker(book, SoundCache(tmp_path / "cache", espeak)).speak([name], language, FACTS)
    assert len(spoken.files) > 1
    joined = np.concatenate([frames(file) for file in spoken.files])
    assert len(joined) == pytest.approx(len(whole), rel=0.12)
    levels = [np.sqrt(np.mean((said[said != 0].astype(np.float64) / 32768) ** 2)) for said in (joined, whole)]
    assert levels[0] == pytest.approx(levels[1], rel=0.2)
