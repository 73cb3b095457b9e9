"""One spoken type in one language: all its words, and the keys of what was said. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TypeVar

from ivr.flow.heard.rules import Rule, Words, either, meant, said, written
from ivr.flow.words import normal

T = TypeVar("T")

_MOST_WORDS = 40  # of one value: nobody says a date or an amount in more

# What people put around an answer, and what changes nothing.
_POLITE: Mapping[str, str] = MappingProxyType({
    "tr": "evet|lütfen|tamam|olsun|şey",
    "en": "yes|please|okay|well|um|uh|it's|it is",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spoken:
    """`phrases` is all that may be said; `keys` are those of a text (and today), None where it means nothing."""

    phrases: frozenset[str]
    keys: Callable[[str, date | None], str | None]


def one_value(
    language: str,
    rule: Rule[T],
    keys: Callable[[T, date | None], str | None],
    *,
    beside: str,
    unheard: str = "",
    typed: Callable[[str], str] = str,
) -> Spoken:
    """A type whose whole answer is one `rule`.

    `beside`: what may stand around and between, besides polite words; `unheard` likewise where it is typed, for it is
    not listened for. `typed` turns what people write into words.
    """
    heard = around(language, beside)
    fillers = either(heard, written(dict.fromkeys(unheard.split("|")))) if unheard else heard

    def understand(text: str, today: date | None) -> str | None:
        words = without(fillers, normal(typed(text), language).split())
        return meant(rule, words, lambda meaning: keys(meaning, today)) if 0 < len(words) <= _MOST_WORDS else None

    return Spoken(rule.phrases | fillers.phrases, understand)


def around(language: str, beside: str) -> Rule[None]:
    """Polite words of the language, and those `beside`: "a|b c"."""
    return said(dict.fromkeys(f"{_POLITE[language]}|{beside}".strip("|").split("|")))


def without(fillers: Rule[None], words: Words) -> Words:
    """The words that are no fillers."""
    kept: list[str] = []
    place = 0
    while place < len(words):
        end = max((end for _, end, _ in fillers.find(words, place)), default=place)
        if end == place:
            kept.append(words[place])
            end += 1
        place = end
    return kept
