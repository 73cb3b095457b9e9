"""The words by which letters are told over a telephone, per language. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ivr.speech.grouping import groups

# As it is used in Turkey; Q, W and X, which it does not have, by their names.
TURKISH: Mapping[str, str] = MappingProxyType({
    "a": "Adana", "b": "Bolu", "c": "Ceyhan", "ç": "Çanakkale", "d": "Denizli", "e": "Edirne", "f": "Fatsa",
    "g": "Giresun", "ğ": "yumuşak G", "h": "Hatay", "ı": "Isparta", "i": "İzmir", "j": "jandarma", "k": "Kars",
    "l": "Lüleburgaz", "m": "Muş", "n": "Niğde", "o": "Ordu", "ö": "Ödemiş", "p": "Polatlı", "q": "kü", "r": "Rize",
    "s": "Sinop", "ş": "Şırnak", "t": "Tokat", "u": "Uşak", "ü": "Ünye", "v": "Van", "w": "çift ve", "x": "iks",
    "y": "Yozgat", "z": "Zonguldak",
})  # fmt: skip

# The NATO alphabet, with words for the letters of Turkish names.
ENGLISH: Mapping[str, str] = MappingProxyType({
    "a": "Alfa", "b": "Bravo", "c": "Charlie", "d": "Delta", "e": "Echo", "f": "Foxtrot", "g": "Golf", "h": "Hotel",
    "i": "India", "j": "Juliett", "k": "Kilo", "l": "Lima", "m": "Mike", "n": "November", "o": "Oscar", "p": "Papa",
    "q": "Quebec", "r": "Romeo", "s": "Sierra", "t": "Tango", "u": "Uniform", "v": "Victor", "w": "Whiskey",
    "x": "X-ray", "y": "Yankee", "z": "Zulu",
    "ç": "Charlie with cedilla", "ğ": "Golf with breve", "ı": "dotless India", "ö": "Oscar with dots",
    "ş": "Sierra with cedilla", "ü": "Uniform with dots",
})  # fmt: skip

ALPHABETS: Mapping[str, Mapping[str, str]] = MappingProxyType({"tr": TURKISH, "en": ENGLISH})

_SMALL = {"tr": str.maketrans("Iİ", "ıi"), "en": str.maketrans("İ", "i")}
_RUNS = re.compile(r"[0-9]+|[^\W0-9_]+")


def spell(text: str, language: str, digits: Sequence[str]) -> str:
    """ "K7 M2" → "Kars, yedi, Muş, iki": a pause between letters and digits, and in long runs of either.

    `digits` are the words of 0 to 9. Spaces and hyphens are pauses. Raises ValueError for any other sign.
    """
    words = {**ALPHABETS[language], **{str(digit): word for digit, word in enumerate(digits)}}
    small = unicodedata.normalize("NFC", text).translate(_SMALL[language]).lower()
    if not set(small) <= {*words, " ", "-"} or not small.strip(" -"):
        raise ValueError(f"letters and digits are needed to spell, not a text of {len(text)} characters")
    return ", ".join(" ".join(words[sign] for sign in group) for run in _RUNS.findall(small) for group in groups(run))
