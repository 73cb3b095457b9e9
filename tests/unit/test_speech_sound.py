"""Sound for the telephone: rate, loudness, silence, and files that are whole or not there."""

from __future__ import annotations

import stat
import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.errors import SpeechError
from ivr.speech import recordings, sound
from ivr.speech.pieces import After
from ivr.speech.sound import Samples
from tests.unit.speech_house import as_wav, tone


def silence(seconds: float, rate: int = 22050) -> Samples:
    return np.zeros(int(seconds * rate), dtype=np.float32)


def test_a_wav_from_a_pipe_is_read_whatever_length_it_claims() -> None:
    wav = as_wav(tone(0.5))
    claimed = wav[:40] + b"\x00\xf0\xff\x7f" + wav[44:]
    samples, rate = sound.read(claimed)
    assert (len(samples), rate) == (11025, 22050)
    assert samples.dtype == np.float32
    assert np.abs(samples).max() == pytest.approx(0.3, abs=0.01)


def test_an_odd_byte_at_the_end_is_dropped() -> None:
    wav = as_wav(tone(0.5))
    samples, _ = sound.read(wav[:40] + b"\x00\xf0\xff\x7f" + wav[44:] + b"\x01")
    assert len(samples) == 11025


@pytest.mark.parametrize("wav", [b"", b"RIFF", b"no sound at all, only words", as_wav(tone(0.1))[:30], b"\0" * 100])
def test_what_is_no_wav_is_refused(wav: bytes) -> None:
    with pytest.raises(SpeechError, match="not a WAV"):
        sound.read(wav)


def test_both_channels_become_one() -> None:
    both = np.stack([tone(0.5, level=0.4), tone(0.5, level=0.2)], axis=1)
    samples, _ = sound.read(as_wav(both.reshape(-1), channels=2))
    assert len(samples) == 11025
    assert np.abs(samples).max() == pytest.approx(0.3, abs=0.01)


def test_the_length_in_seconds_is_kept_but_for_silence_at_the_ends() -> None:
    made = sound.for_telephone(np.concatenate([silence(0.5), tone(1.0), silence(1.0)]), 22050)
    assert len(made) / recordings.RATE == pytest.approx(1.0 + 0.03 + 0.12, abs=0.03)


def test_silence_between_words_stays() -> None:
    made = sound.for_telephone(np.concatenate([tone(0.5), silence(0.7), tone(0.5)]), 22050)
    assert len(made) / recordings.RATE == pytest.approx(1.7 + 0.12, abs=0.15)


@pytest.mark.parametrize("level", [0.01, 0.1, 0.9])
def test_quiet_and_loud_voices_are_brought_to_one_loudness(level: float) -> None:
    made = sound.for_telephone(tone(1.0, level=level), 22050)
    assert np.sqrt(np.mean(made[800:7200] ** 2)) == pytest.approx(sound.LOUDNESS, rel=0.02)


def test_a_click_is_not_clipped() -> None:
    samples = tone(1.0, level=0.02)
    samples[11000:11040] = 0.9
    made = sound.for_telephone(samples, 22050)
    assert np.abs(made).max() == pytest.approx(sound.PEAK, rel=0.01)


@pytest.mark.parametrize("samples", [silence(0), silence(1.0), tone(1.0, level=0.0005)])
def test_silence_is_no_prompt(samples: Samples) -> None:
    with pytest.raises(SpeechError, match="no sound"):
        sound.for_telephone(samples, 22050)


def test_what_is_written_is_a_telephone_wav(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    sound.write(path, np.array([0.0, 0.5, -0.5, 2.0, -2.0], dtype=np.float32))
    with wave.open(str(path)) as reader:
        assert (reader.getnchannels(), reader.getsampwidth(), reader.getframerate()) == (1, 2, 8000)
        frames = np.frombuffer(reader.readframes(10), dtype="<i2")
    assert frames.tolist() == [0, 16384, -16384, 32767, -32768]
    assert recordings.fault(path) is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.wav"]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.wav").mkdir()
    with pytest.raises(OSError, match="directory"):
        sound.write(tmp_path / "a.wav", tone(0.1))
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.wav"]


@pytest.mark.parametrize(
    ("after", "seconds"), [(After.END, 0.12), (After.SENTENCE, 0.32), (After.CLAUSE, 0.14), (After.WORD, 0)]
)
def test_silence_at_the_end_is_by_what_follows(after: After, seconds: float) -> None:
    for samples in (tone(1.0), np.concatenate([silence(0.5), tone(1.0), silence(1.0)])):
        made = sound.for_telephone(samples, 22050, after)
        assert len(made) / recordings.RATE == pytest.approx(1.0 + 0.03 + seconds, abs=0.03)


def test_it_begins_and_ends_without_a_click() -> None:
    made = sound.for_telephone(tone(1.0), 22050, After.WORD)
    assert np.abs(made[[0, -1]]).max() < 0.01


def test_few_loud_peaks_do_not_make_it_all_quiet() -> None:
    samples = tone(2.0, level=0.1)
    samples[::2205] = 0.95
    made = sound.for_telephone(samples, 22050)
    quiet = np.abs(made) < 0.5
    assert np.sqrt(np.mean(made[quiet] ** 2)) == pytest.approx(sound.LOUDNESS, rel=0.25)
    assert np.abs(made).max() <= sound.PEAK
