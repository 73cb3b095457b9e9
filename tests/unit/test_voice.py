"""Who speaks which language, as the settings say, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from ivr.errors import SettingsError
from ivr.hotline.voice import failing_voices, make_voices
from ivr.settings import load
from ivr.settings_speech import SpeechSettings
from tests.unit.test_speech_synthesis import MBROLA_MISSING, SPEAKS, program


def settings(**given: object) -> SpeechSettings:
    return SpeechSettings.model_validate(given)


def test_each_language_has_the_voice_that_it_is_given(tmp_path: Path) -> None:
    voices = {"tr": "piper:voices/ses.onnx", "en": "mbrola:us1", "de": "espeak-ng"}
    made = make_voices(settings(voices=voices, words_per_minute=150).from_folder(tmp_path))
    assert {language: one.voice for language, one in made.items()} == {"tr": "piper ses.onnx", "en": "mbrola us1 150"}


def test_a_voice_is_meant_from_the_settings_folder(tmp_path: Path) -> None:
    speech = settings(voices={"tr": "piper:voices/ses.onnx", "en": "piper:/opt/en.onnx"}).from_folder(tmp_path)
    assert speech.voices == {"tr": f"piper:{tmp_path}/voices/ses.onnx", "en": "piper:/opt/en.onnx"}
    assert speech.cache == tmp_path / "cache" / "prompts"


@pytest.mark.parametrize("voice", ["", "piper", "piper:", "mbrola:", "mbrola:tr1; rm", "festival", "piper:a\nb"])
def test_what_is_no_voice_is_refused(voice: str) -> None:
    with pytest.raises(ValidationError):
        settings(voices={"tr": voice})


def test_what_is_no_voice_is_told_with_those_that_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "devam.toml"
    file.write_text('[speech]\nvoices = { tr = "pipper:x.onnx" }\n')
    with pytest.raises(SettingsError, match=r"speech\.voices\.tr: write espeak-ng, mbrola:VOICE .*or piper:FILE"):
        load(file)


async def test_voices_that_do_not_speak_are_told(tmp_path: Path) -> None:
    (tmp_path / "ses.onnx").write_bytes(b"model")
    speech = settings(
        voices={"tr": "mbrola:tr1", "en": "piper:ses.onnx", "de": "piper:none.onnx"},
        espeak=program(MBROLA_MISSING),
        piper=program(SPEAKS, str(tmp_path / "given.json")),
    ).from_folder(tmp_path)
    failing = await failing_voices(speech)
    assert failing.keys() == {"tr", "de"}
    assert "mbrola" in str(failing["tr"])
