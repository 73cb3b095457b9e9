"""The voice that speaks a hotline's prompts, as the settings describe it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ivr.settings import Settings
from ivr.settings_speech import SpeechSettings
from ivr.speech.book import PromptBook
from ivr.speech.cache import SoundCache
from ivr.speech.speaker import PromptSpeaker
from ivr.speech.synthesis import EspeakSynthesiser, PiperSynthesiser, Synthesiser

_MEGABYTE = 1_000_000


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


def _made(voice: str, speech: SpeechSettings) -> Synthesiser:
    kind, _, name = voice.partition(":")
    if kind == "piper":
        return PiperSynthesiser(speech.piper, Path(name))
    return EspeakSynthesiser(speech.espeak, speech.words_per_minute, mbrola=name)
