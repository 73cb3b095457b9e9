"""The voice that speaks a hotline's prompts, as the settings describe it."""

from __future__ import annotations

from collections.abc import Callable

from ivr.settings import Settings
from ivr.speech.book import PromptBook
from ivr.speech.speaker import PromptSpeaker
from ivr.speech.synthesis import EspeakSynthesiser


def make_voice(settings: Settings) -> Callable[[PromptBook], PromptSpeaker]:
    """Makes the speakers that the settings describe; together they start no more synthesisers than one would."""
    synthesiser = EspeakSynthesiser(settings.speech.espeak, settings.speech.words_per_minute)
    return lambda book: PromptSpeaker(book, synthesiser, settings.speech.cache)


def make_speaker(settings: Settings, book: PromptBook) -> PromptSpeaker:
    """The speaker that the settings describe."""
    return make_voice(settings)(book)
