"""The voice that speaks a hotline's prompts, as the settings describe it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from ivr.errors import SpeechError
from ivr.settings import Settings
from ivr.settings_speech import SpeechSettings
from ivr.speech.book import PromptBook
from ivr.speech.cache import SoundCache
from ivr.speech.speaker import PromptSpeaker
from ivr.speech.synthesis import EspeakSynthesiser, PiperSynthesiser, Synthesiser

_MEGABYTE = 1_000_000
_WORD = "Devam"


def make_voice(settings: Settings) -> Callable[[PromptBook], PromptSpeaker]:
    """Makes the speakers that the settings describe; together they start no more synthesisers than one would."""
    speech = settings.speech
    cache = SoundCache(speech.cache, make_default(speech), make_voices(speech), speech.cache_mb * _MEGABYTE)
    return lambda book: PromptSpeaker(book, cache)


def make_speaker(settings: Settings, book: PromptBook) -> PromptSpeaker:
    """The speaker that the settings describe."""
    return make_voice(settings)(book)


def make_default(speech: SpeechSettings) -> Synthesiser:
    """Who speaks where nobody else does."""
    return EspeakSynthesiser(speech.espeak, speech.words_per_minute)


def make_voices(speech: SpeechSettings) -> dict[str, Synthesiser]:
    """The voices that languages have of their own."""
    return {language: _made(voice, speech) for language, voice in speech.voices.items() if voice != "espeak-ng"}


async def failing_voices(speech: SpeechSettings) -> dict[str, SpeechError]:
    """Why the voices that languages have of their own cannot speak, by language: each is made to say a word."""
    failed: dict[str, SpeechError] = {}
    with tempfile.TemporaryDirectory() as folder:
        for language, synthesiser in make_voices(speech).items():
            try:
                await synthesiser.synthesise(_WORD, language, Path(folder, "word.wav"))
            except SpeechError as error:
                failed[language] = error
    return failed


def _made(voice: str, speech: SpeechSettings) -> Synthesiser:
    kind, _, name = voice.partition(":")
    if kind == "piper":
        return PiperSynthesiser(speech.piper, Path(name))
    return EspeakSynthesiser(speech.espeak, speech.words_per_minute, mbrola=name)
