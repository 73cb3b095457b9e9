"""What callers say, as text: typed in a chat or the terminal, or recognised. Pure.

Whatever was said is compared in its normal form, so that İPTAL, "iptal!" and iptal are the same to a Turkish flow. Only
the beginning of a very long text is read: people who answer a question do it at once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from ivr.flow.scalars import ANY_LANGUAGE

Answer = Literal["yes", "no"]

_Meaning = Literal["yes", "no", "doubt", "neither"]

_MOST_CHARACTERS = 500
_DOTTED = frozenset({"tr", "az"})  # their i and ı are two letters, in capitals too
_CAPITALS = str.maketrans({"İ": "i", "I": "ı"})

_END_OF_NOT = "t"  # of "isn't", in the normal form; nobody says it

# A longer phrase wins over its parts. Doubt spoils a yes beside it ("olur mu", "not so right"); neither only looks
# like a yes or a no.
_MEANINGS: dict[str, dict[_Meaning, tuple[str, ...]]] = {
    "tr": {
        "yes": (
            *("evet", "olur", "tamam", "tamamdır", "tabii", "tabi", "tabii ki", "tabi ki", "elbette", "peki", "doğru"),
            *("aynen", "ok", "okey", "kabul", "kabul ediyorum", "onaylıyorum", "onaylarım", "istiyorum", "isterim"),
            *("doğrudur", "olsun", "tabiki"),
        ),
        "no": (
            *("hayır", "hayir", "yok", "olmaz", "yanlış", "gerek yok", "istemiyorum", "istemem", "kabul etmiyorum"),
            *("onaylamıyorum", "onaylamam", "doğru değil", "tamam değil", "yo", "yoo"),
        ),
        "doubt": ("değil", "değil mi", "yanlış değil", "mi", "mı", "mu", "mü"),
        "neither": ("sorun yok", "problem yok"),
    },
    "en": {
        "yes": (
            *("yes", "yeah", "yep", "yup", "sure", "ok", "okay", "right", "correct", "that's right", "of course"),
            *("certainly", "exactly", "absolutely", "definitely", "please do", "that is right"),
        ),
        "no": (
            *("no", "nope", "nah", "never", "wrong", "incorrect", "no thanks", "of course not", "not right"),
            *("not correct", "not ok", "not okay", "that's not right", "don't", "do not", "please don't"),
            *("absolutely not", "definitely not"),
        ),
        "doubt": (
            *("not", _END_OF_NOT, "isn't", "can't", "cannot", "not sure", "not wrong", "isn't wrong", "not incorrect"),
            "never wrong",
        ),
        "neither": ("no problem", "right now", "right away", "why not"),
    },
}


def normal(text: str, language: str) -> str:
    """Its words in small letters, one space between them; punctuation and signs are spaces. At most 500 characters."""
    text = unicodedata.normalize("NFC", text[:_MOST_CHARACTERS])
    if language in _DOTTED:
        text = text.translate(_CAPITALS)
    # İ is i with a dot of its own where somebody made the letters small without knowing Turkish.
    folded = unicodedata.normalize("NFC", text.casefold().replace("i\u0307", "i"))
    # Letters, marks (half of a letter in many scripts) and numbers.
    kept = "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in folded)
    return " ".join(kept.split())[:_MOST_CHARACTERS].rstrip()


def match(phrases: Mapping[str, Mapping[str, Sequence[str]]], words: str, language: str) -> str | None:
    """The name of the option whose phrase was said, alone or amid other words; None when none, or two equally, were.

    `phrases`: name → language (or "any") → phrases. Of several the one with the most words counts.
    """
    said = f" {normal(words, language)} "
    best, longest = None, 0
    for name, by_language in phrases.items():
        length = max((_found(phrase, said, language) for phrase in _of(by_language, language)), default=0)
        if length > longest:
            best, longest = name, length
        elif length == longest:
            best = None
    return best


def yes_or_no(words: str, language: str) -> Answer | None:
    """What was said to a question of yes or no, in Turkish or English; None when that cannot be told: say, both."""
    if language not in _MEANINGS:
        return None
    pattern, meanings = _yes_and_no(language)
    said = {meanings[phrase] for phrase in pattern.findall(normal(words, language))} - {"neither"}
    if "yes" in said:
        return "yes" if said == {"yes"} else None
    return "no" if "no" in said else None


def yes_and_no_phrases(language: str) -> frozenset[str]:
    """All that `yes_or_no` understands, as it is said; none in a language that it does not know."""
    return frozenset(
        phrase for phrases in _MEANINGS.get(language, {}).values() for phrase in phrases if phrase != _END_OF_NOT
    )


def _of(by_language: Mapping[str, Sequence[str]], language: str) -> tuple[str, ...]:
    return (*by_language.get(language, ()), *by_language.get(ANY_LANGUAGE, ()))


def _found(phrase: str, said: str, language: str) -> int:
    """How many words of the phrase were said: all or none."""
    known = _known(phrase, language)
    return known.count(" ") + 1 if known and f" {known} " in said else 0


@lru_cache(maxsize=4096)
def _known(phrase: str, language: str) -> str:
    """The normal form of a flow's phrase. What callers say is never kept like this."""
    return normal(phrase, language)


@lru_cache(maxsize=8)
def _yes_and_no(language: str) -> tuple[re.Pattern[str], dict[str, _Meaning]]:
    """Finds whole words, the longest phrase first, none of them twice; and what each means."""
    meanings = {
        normal(phrase, language): meaning for meaning, phrases in _MEANINGS[language].items() for phrase in phrases
    }
    longest_first = sorted(meanings, key=len, reverse=True)
    return re.compile(rf"(?<!\S)(?:{'|'.join(longest_first)})(?!\S)"), meanings
