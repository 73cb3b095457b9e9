"""Which words can be heard: the phrases of a hotline beside the speech models that are installed. Reads models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from functools import cache
from pathlib import Path

from ivr.flow.heard import Kind, vocabulary
from ivr.flow.model import Flow
from ivr.flow.reading.check import Unheard
from ivr.flow.reading.hints import listed
from ivr.flow.spoken_to import sayings_of
from ivr.speech.hearing.grammar import words_of
from ivr.speech.models.folder import bring, installed_of
from ivr.speech.models.vocabulary import known_words, near

_LETTERS = {"tr": "abcçdefgğhıijklmnoöprsştuüvyz"}  # to find near words with; elsewhere those of English
_ALPHABET = "abcdefghijklmnopqrstuvwxyz'"


def unheard_in(models: Path) -> Unheard:
    """Looks phrases up in the models installed in that folder. It raises `ModelError` for a model that is damaged."""

    @cache
    def known(language: str) -> Set[str] | None:
        model = installed_of(models, language)
        return known_words(model.folder) if model else None

    def unheard(language: str, phrase: str) -> Mapping[str, tuple[str, ...]] | None:
        words, letters = known(language), _LETTERS.get(language, _ALPHABET)
        if words is None:
            return None
        return {word: near(word, words, letters) for word in words_of(phrase, language) if word not in words}

    return unheard


def heard_notes(models: Path, hotline: Flow) -> Iterator[str]:
    """What those who check flows should know beside mistakes, a line each: nothing that they can mend in a flow."""
    unheard, kinds = unheard_in(models), _kinds(hotline)
    for language in hotline.languages:
        if unheard(language, "") is None:
            yield f"{language}: no speech model is in {models}, so no phrase was looked up; {bring(language, models)}"
            continue
        phrases = (phrase for kind in kinds for phrase in vocabulary(kind, language))
        unknown = dict.fromkeys(word for phrase in phrases for word in unheard(language, phrase) or ())
        if unknown:
            yield f"{language}: the speech model does not know, of numbers, dates and the like: {listed(unknown)}"


def _kinds(hotline: Flow) -> list[Kind]:
    """The kinds of value that callers may say somewhere."""
    nodes = (node for flow in (hotline, *hotline.subflows.values()) for node in flow.nodes.values())
    kinds = (sayings.kind for node in nodes for sayings in sayings_of(node))
    return sorted({kind for kind in kinds if kind})
