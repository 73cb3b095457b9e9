"""One spoken type in one language: all its words, and the keys of what was said. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import TypeVar

from ivr.flow.heard.numbers import NUMBERS
from ivr.flow.heard.rules import Rule, Words, either, meant, said, written
from ivr.flow.words import normal

T = TypeVar("T")

_MOST_WORDS = 40  # of one value: nobody says a date or an amount in more

# What people put around an answer, and what changes nothing.
_POLITE: Mapping[str, str] = MappingProxyType({
    "tr": "evet|lütfen|tamam|olsun",
    "en": "yes|please|okay|well|it's|it is",
})  # fmt: skip
# What they say while they think, inside a number, too: "yüz şey elli".
_HESITATION: Mapping[str, str] = MappingProxyType({"tr": "şey", "en": "um|uh"})


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

    `beside`: what may stand around it and between its parts, besides polite words, but not inside a number. `unheard`:
    likewise where it is typed, for it is not listened for. `typed` turns what people write into words.
    """
    heard = around(language, beside)
    fillers = either(heard, written(dict.fromkeys(unheard.split("|")))) if unheard else heard

    def understand(text: str, today: date | None) -> str | None:
        parts = between_fillers(fillers, language, normal(typed(text), language).split())
        words = [word for part in parts for word in part]
        if not 0 < len(words) <= _MOST_WORDS or _number_is_broken(parts, language):
            return None
        return meant(rule, words, lambda meaning: keys(meaning, today))

    return Spoken(rule.phrases | fillers.phrases, understand)


def around(language: str, beside: str) -> Rule[None]:
    """Polite words of the language, hesitation, and those `beside`: "a|b c"."""
    return said(dict.fromkeys(f"{_POLITE[language]}|{_HESITATION[language]}|{beside}".strip("|").split("|")))


def between_fillers(fillers: Rule[None], language: str, words: Words) -> list[list[str]]:
    """The words that are no fillers, in parts: a part ends where a filler stands, but for hesitation."""
    hesitation = _HESITATION[language].split("|")
    parts: list[list[str]] = [[]]
    place = 0
    while place < len(words):
        end = max((end for _, end, _ in fillers.find(words, place)), default=place)
        if end == place:
            parts[-1].append(words[place])
            end += 1
        elif words[place] not in hesitation:
            parts.append([])
        place = end
    return [part for part in parts if part]


def _number_is_broken(parts: list[list[str]], language: str) -> bool:
    """Whether two parts would join to one number: who says "yüz olsun elli" has changed their mind."""
    return any(_is_number(one[-1], language) and _is_number(other[0], language) for one, other in pairwise(parts))


def _is_number(word: str, language: str) -> bool:
    numbers = NUMBERS[language]
    return any(True for rule in (numbers.whole, numbers.digit) for _ in rule.find([word], 0))
