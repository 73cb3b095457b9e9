"""What is voice, and what is not. Real voices are in tests/live/test_recogniser.py."""

from __future__ import annotations

import pytest

from ivr.settings_hearing import HearingSettings
from ivr.speech.hearing.voice import FRAME_BYTES, Voice
from tests.unit.hearing_house import frames, noise, tones, vowel

_LEARNT = 25  # frames
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)


def voiced(sound: bytes) -> int:
    """Milliseconds of voice in it, when the line hissed a little before and hisses after."""
    voice = Voice()
    return sum(20 for frame in frames(noise(1000, 6) + sound + noise(1000, 6)) if voice(frame))


@pytest.mark.parametrize("pitch", [90, 120, 220, 300])
@pytest.mark.parametrize("peak", [400, 6000, 30000])
def test_a_vowel_is_voice(pitch: int, peak: int) -> None:
    assert 500 <= voiced(vowel(600, pitch=pitch, peak=peak)) <= 800


@pytest.mark.parametrize("tone", [(row, column) for row in ROWS for column in COLUMNS])
@pytest.mark.parametrize("peak", [500, 6000, 14000])
def test_a_key_is_none(tone: tuple[int, int], peak: int) -> None:
    assert voiced(tones(200, *tone, peak=peak)) == 0


@pytest.mark.parametrize("mains", [(50,), (50, 150), (60, 120)])
def test_mains_are_none(mains: tuple[int, ...]) -> None:
    assert voiced(tones(2000, *mains, peak=2000)) == 0


@pytest.mark.parametrize("loud", [0, 20])
def test_a_soft_hiss_is_none(loud: float) -> None:
    assert voiced(noise(3000, loud)) == 0


@pytest.mark.parametrize("loud", [100, 400, 2000])
def test_a_hiss_that_begins_is_taken_for_voice_for_less_than_is_speech(loud: float) -> None:
    assert voiced(noise(3000, loud)) <= 2 * HearingSettings().voice_ms


@pytest.mark.parametrize("loud", [100, 400, 2000])
def test_a_voice_that_is_louder_than_the_hiss_is_heard(loud: float) -> None:
    voice = Voice()
    assert not any([voice(frame) for frame in frames(noise(2000, loud))][_LEARNT:])
    assert sum(voice(frame) for frame in frames(vowel(600, peak=30000))) > 15


@pytest.mark.parametrize("frame", [b"", b"\0", bytes(FRAME_BYTES - 2), bytes(FRAME_BYTES + 1), bytes(4 * FRAME_BYTES)])
def test_what_is_no_frame_is_no_voice(frame: bytes) -> None:
    assert not Voice()(frame)


def test_the_loudest_and_the_softest_there_is() -> None:
    for frame in (b"\xff\x7f" * 160, b"\x00\x80" * 160, bytes(320), b"\x01\x00" * 160):
        assert not Voice()(frame)
