"""Which words can be heard: the phrases of a hotline beside the speech models that are installed. Reads models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cache
from pathlib import Path

from ivr.flow.heard import Kind, vocabulary
from ivr.flow.model import Collect, Flow, Menu
from ivr.flow.reading.check import Unheard
from ivr.flow.reading.hints import listed
from ivr.flow.scalars import ANY_LANGUAGE
from ivr.flow.spoken_to import sayings_of
from ivr.speech.hearing.grammar import words_of
from ivr.speech.models.folder import bring, installed_of
from ivr.speech.models.vocabulary import known_words, near
from ivr.speech.saying import WORDINGS

_LETTERS = {"tr": "abcçdefgğhıijklmnoöprsştuüvyz"}  # to find near words with; elsewhere those of English
_LONGEST_NUMBER = 12  # figures
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
        return {
            word: _figures(word, language) or near(word, words, letters)
            for word in words_of(phrase, language)
            if word not in words
        }

    return unheard


def heard_notes(models: Path, hotline: Flow) -> Iterator[str]:
    """What those who check flows should know beside mistakes, a line each."""
    unheard, kinds = unheard_in(models), _kinds(hotline)
    for language in hotline.languages:
        if unheard(language, "") is None:
            yield f"{language}: no speech model is in {models}, so no phrase was looked up; {bring(language, models)}"
            continue
        phrases = (phrase for kind in kinds for phrase in vocabulary(kind, language))
        unknown = dict.fromkeys(word for phrase in phrases for word in unheard(language, phrase) or ())
        if unknown:
            what = "the speech model does not know these words of numbers, dates and the like"
            yield f"{language}: callers cannot say {_either(unknown)}: {what}"
    for flow in (hotline, *hotline.subflows.values()):
        yield from _unsaid(flow)


def _unsaid(flow: Flow) -> Iterator[str]:
    """The choices that can be said in one language of the flow and not in another."""
    for name, node in flow.nodes.items():
        if not isinstance(node, Menu | Collect) or not flow.listens(node):
            continue
        for language in flow.languages:
            heard = (language, ANY_LANGUAGE)
            unsaid = [
                repr(option)
                for option, choice in node.choices.items()
                if any(choice.phrases.values()) and not any(choice.phrases.get(one) for one in heard)
            ]
            if unsaid:
                yield f"{language}: nobody can say {_either(unsaid)} at {name!r} of {flow.flow!r}: write phrases for it"


def _figures(word: str, language: str) -> tuple[str, ...]:
    """How figures are said, () for what is none."""
    words = WORDINGS.get(language)
    if words is None or not word.isdecimal() or len(word) > _LONGEST_NUMBER or (word[0] == "0" and word != "0"):
        return ()
    return (words.cardinal(int(word)),)


def _either(words: Iterable[str]) -> str:
    text = listed(words)
    return text if text.endswith("…") else " or ".join(text.rsplit(", ", 1))


def _kinds(hotline: Flow) -> list[Kind]:
    """The kinds of value that callers may say somewhere."""
    nodes = (node for flow in (hotline, *hotline.subflows.values()) for node in flow.nodes.values())
    kinds = (sayings.kind for node in nodes for sayings in sayings_of(node))
    return sorted({kind for kind in kinds if kind})
