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
from ivr.flow.turned_round import turned_round

Answer = Literal["yes", "no"]

_Meaning = Literal["yes", "no", "doubt", "neither", "beside"]

_MOST_CHARACTERS = 500
_DOTTED = frozenset({"tr", "az"})  # their i and ı are two letters, in capitals too
_CAPITALS = str.maketrans({"İ": "i", "I": "ı"})

_END_OF_NOT = "t"  # of "isn't", in the normal form; nobody says it

# A longer phrase wins over its parts. Doubt spoils a yes beside it ("olur mu", "not so right"); neither, which may only
# look like a yes or a no, changes nothing, nor does what stands beside and is not listened for.
_MEANINGS: dict[str, dict[_Meaning, tuple[str, ...]]] = {
    "tr": {
        "yes": (
            *("evet", "olur", "tamam", "tamamdır", "tabii", "tabi", "tabii ki", "tabi ki", "elbette", "peki", "doğru"),
            *("aynen", "ok", "okey", "kabul", "kabul ediyorum", "onaylıyorum", "onaylarım", "istiyorum", "isterim"),
            *("doğrudur", "olsun", "tabiki"),
        ),
        "no": (
            *("hayır", "hayir", "yok", "olmaz", "yanlış", "gerek yok", "istemiyorum", "istemem", "kabul etmiyorum"),
            *("onaylamıyorum", "onaylamam", "doğru değil", "tamam değil", "yo", "yoo", "kabul etmem", "kabul edemem"),
            *("vazgeçtim", "boş ver", "boşver", "gerekmez", "asla"),
        ),
        # "iptal" and "kalsın" are a yes to some questions and a no to others.
        "doubt": ("değil", "değil mi", "yanlış değil", "mi", "mı", "mu", "mü", "iptal", "kalsın"),
        "neither": ("sorun yok", "problem yok", "lütfen", "teşekkürler", "teşekkür ederim", "efendim"),
        "beside": (
            *("teşekkür ediyorum", "sağ olun", "sağ ol", "sağolun", "sağol", "rica ederim", "zahmet olmazsa"),
            *("memnun olurum", "hanımefendi", "beyefendi", "canım", "hocam", "merhaba", "alo", "şey", "yani", "ya"),
            *("işte", "zaten", "hemen", "şimdi", "hı hı", "çok", "gayet", "kesinlikle", "öyle", "öyledir", "aynı"),
            *("bu", "o", "bunu", "onu", "ben", "benim", "bana", "beni", "biz", "bize", "numara", "numaram", "de", "da"),
            *("yapın", "yapalım", "devam", "devam edin", "devam edelim", "devam et", "kaydedin", "ödeyin", "arayın"),
            *("devam etmek istiyorum", "ödemek istiyorum", "öğrenmek istiyorum", "dinlemek istiyorum"),
        ),
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
            *("never wrong", "cancel", "is that right", "is it right"),
        ),
        "neither": ("no problem", "right now", "right away", "why not", "please", "thank you", "thanks"),
        "beside": (
            *(
                "thank you very much",
                "thanks a lot",
                "many thanks",
                "sir",
                "madam",
                "ma'am",
                "hello",
                "well",
                "um",
                "uh",
            ),
            *("oh", "it is", "it's", "that is", "that's", "that's it", "that is it", "that's correct", "i do", "i am"),
            *(
                "i would",
                "i will",
                "i'd like to",
                "i would like to",
                "i'd like that",
                "i want to",
                "i want that",
                "i'm",
            ),
            *("i agree", "it's me", "this is me", "this number", "this one", "my number", "go ahead", "go on", "do it"),
            *("do that", "let's do it", "let's do that", "thing", "very", "totally"),
        ),
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

    `phrases`: name → language (or "any") → phrases. Of several the one with the most words counts, and none where the
    other words turn that one round: "fatura mı", "evet demiyorum".
    """
    said = normal(words, language)
    best, longest = None, 0
    for name, by_language in phrases.items():
        found = [known for phrase in _of(by_language, language) if _stands_in(known := _known(phrase, language), said)]
        length = max((_length(known) for known in found), default=0)
        if length > longest:
            meant = any(_length(known) == length and _is_meant(known, said, language) for known in found)
            best, longest = name if meant else None, length
        elif length == longest:
            best = None
    return best


def yes_or_no(words: str, language: str) -> Answer | None:
    """What was said to a question of yes or no, in Turkish or English; None when that cannot be told: say, both.

    A yes counts only where all else that was said is known to change nothing; a no stands amid whatever there is.
    """
    if language not in _MEANINGS:
        return None
    pattern, meanings = _yes_and_no(language)
    form = normal(words, language)
    said = {meanings[phrase] for phrase in pattern.findall(form)} - {"neither", "beside"}
    if "yes" in said:
        return "yes" if said == {"yes"} and not pattern.sub("", form).strip() else None
    return "no" if "no" in said else None


def yes_and_no_phrases(language: str) -> frozenset[str]:
    """All of what `yes_or_no` understands that is listened for, as it is said; none in a language it does not know."""
    meanings = _MEANINGS.get(language, {})
    heard = (phrase for meaning, phrases in meanings.items() if meaning != "beside" for phrase in phrases)
    return frozenset(phrase for phrase in heard if phrase != _END_OF_NOT)


def _of(by_language: Mapping[str, Sequence[str]], language: str) -> tuple[str, ...]:
    return (*by_language.get(language, ()), *by_language.get(ANY_LANGUAGE, ()))


def _stands_in(known: str, said: str) -> bool:
    return bool(known) and f" {known} " in f" {said} "


def _length(known: str) -> int:
    """In words."""
    return known.count(" ") + 1


def _is_meant(known: str, said: str, language: str) -> bool:
    """Whether the words around the phrase leave it what it is."""
    answer = _answer(known, language)
    if answer == "yes":
        return yes_or_no(said, language) == "yes"
    return answer == "no" or not turned_round(known, said, language)


@lru_cache(maxsize=4096)
def _answer(known: str, language: str) -> Answer | None:
    """What the flow's phrase is to a question of yes or no."""
    return yes_or_no(known, language)


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
