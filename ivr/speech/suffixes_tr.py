"""Turkish suffixes on words, names and spoken numbers: vowel harmony, hardening, softening, buffer letters. Pure.

A name (it has a capital letter) is written with an apostrophe and unchanged, as one writes it: "Zonguldak'a". What
letters cannot tell (kayıt → kaydı, saat → saate, Google → Google'a) is in `lexicon_tr`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ivr.flow.words import normal
from ivr.speech import lexicon_tr, numbers_tr

_BACK, _FRONT = "aıou", "eiöü"
_VOWELS = _BACK + _FRONT
_ROUND = "ouöü"
_HARD = "fstkçşhpxq"
_LETTERS = frozenset("abcçdefgğhıijklmnoöpqrsştuüvwxyz")
_FOLDED = str.maketrans("øœæłđ", "ooeld")
_LONGEST_WORD = 100  # characters that are looked at
# A number at the end of a name: "Fiber 100", "Fiber100", "No:5"; never "14:30", "2026-11-22", "%20".
_NUMBER = re.compile(r"(?P<name>.*[^\W\d_][-/:.]?)?(?P<digits>[0-9]{1,12})", re.DOTALL)
_LIKE_POSSESSED = re.compile(rf"[{_VOWELS}]s[ıiü]$")
_POSSESSED_LIK = re.compile(r"l[ıiuü]ğ[ıiuü]$")
_SOFTENED_K = re.compile(rf"[{_VOWELS}].*[aeıiuü]k$")


class _Suffix(NamedTuple):
    """A is a or e, I is ı, i, u or ü, D is d or t."""

    after_consonant: str
    after_vowel: str
    after_possessive: str


_DATIVE = _Suffix("A", "yA", "nA")
_LOCATIVE = _Suffix("DA", "DA", "ndA")
_ABLATIVE = _Suffix("DAn", "DAn", "ndAn")
_ACCUSATIVE = _Suffix("I", "yI", "nI")
_GENITIVE = _Suffix("In", "nIn", "nIn")


def dative(text: str) -> str:
    """To: "Ankara" → "Ankara'ya", "on dört" → "on dörde". Raises ValueError, like all of these."""
    return _with(text, _DATIVE)


def locative(text: str) -> str:
    """In, at, on: "üç" → "üçte", "yirmi iki kasım" → "yirmi iki kasımda"."""
    return _with(text, _LOCATIVE)


def ablative(text: str) -> str:
    """From: "İzmir" → "İzmir'den", "kırk" → "kırktan"."""
    return _with(text, _ABLATIVE)


def accusative(text: str) -> str:
    """The object of a sentence: "kayıt" → "kaydı", "on dört" → "on dördü"."""
    return _with(text, _ACCUSATIVE)


def genitive(text: str) -> str:
    """Of: "Bursa" → "Bursa'nın", "on dört" → "on dördün"."""
    return _with(text, _GENITIVE)


def asked(text: str) -> str:
    """A question, the particle being a word of its own: "fatura" → "fatura mı", "on dört" → "on dört mü"."""
    text = _in_words(text)
    return f"{text} {_shaped('mI', _sound(_last_word(text)))}"


CASES: Mapping[str, Callable[[str], str]] = {
    "dative": dative, "locative": locative, "ablative": ablative, "accusative": accusative, "genitive": genitive,
}  # fmt: skip


def _with(text: str, suffix: _Suffix) -> str:
    text = _in_words(text)
    word = _last_word(text)
    sound = _sound(word)
    if _possessed(text, word):
        form = suffix.after_possessive
    else:
        form = suffix.after_vowel if sound[-1] in _VOWELS else suffix.after_consonant
    if _is_name(text, word):
        return f"{text}'{_shaped(form, sound)}"
    return (_softened(text, word) if form[0] in "AI" else text) + _shaped(form, sound)


def _in_words(text: str) -> str:
    """ "Fiber 100" → "Fiber yüz": a number that stands alone is put into words. "Fiber100" stays a name."""
    *before, last = unicodedata.normalize("NFC", text).split() or [""]
    found = _NUMBER.fullmatch(last)
    if found and not found["name"]:
        last = numbers_tr.ending(last)
    return " ".join([*before, last])


def _last_word(text: str) -> str:
    """The last word in small letters of the Turkish alphabet, or q, w, x; of "Fiber100" the spoken number's."""
    written = text.rpartition(" ")[2][-_LONGEST_WORD:]
    if written[-1:].isdigit():
        found = _NUMBER.fullmatch(written)
        if not found:
            raise ValueError("a date, a time or another figure needs its own filter first: {{ day | date | dative }}")
        written = numbers_tr.ending(found["digits"])
    words = normal(written, "tr").split()
    word = "".join(_letter(sign) for sign in words[-1] if sign.isalpha()) if words else ""
    if not word:
        raise ValueError("a word or a number is needed to put a Turkish suffix to")
    return word


def _letter(sign: str) -> str:
    """A letter without marks that Turkish does not have: é → e."""
    if sign in _LETTERS:
        return sign
    plain = unicodedata.normalize("NFD", sign.translate(_FOLDED))[0]
    if plain not in _LETTERS:
        raise ValueError("a Turkish suffix can be put to Latin letters only")
    return plain


def _sound(word: str) -> str:
    """How the word's end is heard, with at least one vowel."""
    word = lexicon_tr.HEARD.get(word.replace("ı", "i"), word)
    if word in lexicon_tr.FRONT:
        at = max(word.rfind(vowel) for vowel in _BACK)
        return word[:at] + _FRONT[_BACK.index(word[at])] + word[at + 1 :]
    if len(word) > 1 and word[-1] == "y" and word[-2] not in _VOWELS:
        return f"{word[:-1]}i"  # Sony, Kennedy
    if any(letter in _VOWELS for letter in word):
        return word
    return "iks" if word.endswith("x") else f"{word}e"  # TL, KDV: the letters' names are te, le, ka, de, ve


def _shaped(form: str, sound: str) -> str:
    last = next(letter for letter in reversed(sound) if letter in _VOWELS)
    front, rounded = last in _FRONT, last in _ROUND
    close = ("ü" if rounded else "i") if front else ("u" if rounded else "ı")
    hard = sound[-1] in _HARD
    return form.replace("A", "e" if front else "a").replace("I", close).replace("D", "t" if hard else "d")


def _possessed(text: str, word: str) -> bool:
    if word in lexicon_tr.POSSESSED or word.endswith("oğlu"):
        return True
    if " " not in text or word in lexicon_tr.NOT_POSSESSED:
        return False
    return bool(_LIKE_POSSESSED.search(word)) or (text.endswith(word) and _bears_possessive(word))


def _bears_possessive(word: str) -> bool:
    """Whether it is a known noun and a vowel behind its last consonant: "bildirimi", "sahibi", "desteği"."""
    if _POSSESSED_LIK.search(word):
        return True
    stem = word[:-1] if word[-1] in "ıiuü" else ""
    bare = f"{stem[:-1]}k" if stem.endswith("ğ") else stem
    return bare in lexicon_tr.NOUNS or stem in lexicon_tr.STEMS.values()


def _is_name(text: str, word: str) -> bool:
    """A name or an abbreviation, after which an apostrophe is written."""
    last = text.rpartition(" ")[2]
    plain = last[-1].isalpha() and last == last.lower()
    return not plain or not any(letter in _VOWELS for letter in word)


def _softened(text: str, word: str) -> str:
    """The text as it is before a vowel: "on dört" → "on dörd", "aralık" → "aralığ"."""
    for form in (text.rpartition(" ")[2], word):  # with its marks, "kâğıt", or without what stands before it, "e-kayıt"
        if form in lexicon_tr.STEMS and text.endswith(form):
            return text.removesuffix(form) + lexicon_tr.STEMS[form]
    if not text.endswith(word):  # a letter has a mark that Turkish words do not have
        return text
    if _SOFTENED_K.search(word) and word not in lexicon_tr.KEEP_K:
        return f"{text.removesuffix('k')}ğ"
    return text
