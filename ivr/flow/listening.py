"""What may be said to a question: the phrases of a flow, the words of a type, and what was meant by them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from ivr.flow.heard import Kind, keys_of, vocabulary
from ivr.flow.scalars import ANY_LANGUAGE
from ivr.flow.words import match

UNKNOWN = "[unk]"  # what a recogniser writes for what is none of the phrases

Phrases = Mapping[str, tuple[str, ...]]  # by language, or for all


class Sayings:
    """What may be said for an answer: `phrases` by what they mean (keys), or a `kind` of value, or both.

    A node has one for all calls: what is worked out of it is kept.
    """

    def __init__(self, phrases: Mapping[str, Phrases] | None = None, kind: Kind | None = None) -> None:
        self.phrases = phrases or {}
        self.kind = kind
        self._texts: dict[str, tuple[str, ...]] = {}

    @property
    def anything(self) -> bool:
        """Whether something can be said at all, in some language."""
        return self.kind is not None or any(any(own.values()) for own in self.phrases.values())

    def texts(self, language: str) -> tuple[str, ...]:
        """All that is to be heard, each once."""
        if language not in self._texts:
            own = (phrase for by_language in self.phrases.values() for phrase in _spoken(by_language, language))
            self._texts[language] = tuple(dict.fromkeys((*own, *_words_of(self.kind, language))))
        return self._texts[language]

    def meaning(self, words: str, language: str, today: date) -> str | None:
        """What was meant: keys, as a rule. None for nothing, or for two things at once.

        A phrase may stand amid what was not understood. In a number nothing may be missing, but before and behind it.
        """
        if self.phrases and (meant := match(self.phrases, without_unknown(words), language)):
            return meant
        return keys_of(self.kind, _without_ends(words), language, today) if self.kind else None

    def phrase(self, meant: str, words: str, language: str) -> str:
        """The phrase with which that was said, as the flow writes it; else the words themselves."""
        one_each = {phrase: {language: (phrase,)} for phrase in _spoken(self.phrases.get(meant, {}), language)}
        return match(one_each, words, language) or words


@lru_cache(maxsize=16)
def of_kind(kind: Kind) -> Sayings:
    """What may be said for a value of that kind."""
    return Sayings(kind=kind)


def without_unknown(words: str) -> str:
    """The words of them that were known."""
    return " ".join(word for word in words.split() if word != UNKNOWN)


def _without_ends(words: str) -> str:
    said = words.split()
    known = [place for place, word in enumerate(said) if word != UNKNOWN]
    return " ".join(said[known[0] : known[-1] + 1]) if known else ""


def _spoken(phrases: Phrases, language: str) -> tuple[str, ...]:
    return (*phrases.get(language, ()), *phrases.get(ANY_LANGUAGE, ()))


def _words_of(kind: Kind | None, language: str) -> tuple[str, ...]:
    return vocabulary(kind, language) if kind else ()
