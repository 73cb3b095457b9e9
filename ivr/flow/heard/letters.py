"""Letters by their names and by the words of telephone alphabets, as the keys that they stand on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ivr.flow.heard.numbers import EN_ONES, TR_ONES
from ivr.flow.heard.rules import Rule, counted, either, said, then, written
from ivr.flow.heard.runs import run_of
from ivr.flow.heard.spoken import Spoken
from ivr.flow.keypad import keys_of_letters

# Letter, names, and the words that people say for it.
_TURKISH = """
a a, adana, ankara, antalya
b be, bolu, bursa, balıkesir
c ce, ceyhan
ç çe, çanakkale, çankırı, çorum
d de, denizli, diyarbakır
e e, edirne, erzurum, elazığ, eskişehir
f fe, fatsa, fethiye
g ge, giresun, gaziantep
ğ yumuşak ge
h he, ha, hatay, hakkari
ı ı, ısparta, ığdır
i i, izmir, istanbul
j je, jandarma, jale
k ke, ka, kars, kayseri, konya, kastamonu
l le, lüleburgaz
m me, muş, manisa, mersin, malatya
n ne, niğde, nevşehir
o o, ordu, osmaniye
ö ö, ödemiş
p pe, polatlı
q kü
r re, rize
s se, sinop, samsun, sivas, sakarya
ş şe, şırnak, şanlıurfa
t te, tokat, trabzon
u u, uşak, urfa
ü ü, ünye, ürgüp
v ve, van
w çift ve, dabıl yu
x iks
y ye, yozgat, yalova
z ze, zonguldak
"""
_ENGLISH = """
a a, alfa, alpha
b b, bravo
c c, charlie
d d, delta
e e, echo
f f, foxtrot
g g, golf
h h, hotel
i i, india
j j, juliet, juliett
k k, kilo
l l, lima
m m, mike
n n, november
o o, oh, oscar
p p, papa
q q, quebec
r r, romeo
s s, sierra
t t, tango
u u, uniform
v v, victor
w w, whiskey, whisky, double u
x x, x ray
y y, yankee
z z, zed, zee, zulu
"""

_MARKS = ("with cedilla", "with breve", "with dots")  # of Turkish letters spelled in English
_DIGITS = {"tr": {"sıfır": 0, **TR_ONES}, "en": {"zero": 0, **EN_ONES}}


def _alphabet(table: str) -> Mapping[str, str]:
    """Each word and its letter."""
    rows = (line.split(" ", 1) for line in table.strip().splitlines())
    return {word: letter for letter, words in rows for word in words.split(", ")}


def _typed(letters: Mapping[str, str]) -> Rule[str]:
    """Letters by themselves: those that are no word to a recogniser of this language either."""
    return written({**{letter: letter for letter in letters.values()}, "yumuşak g": "ğ"})


def _turkish() -> Rule[str]:
    names = _alphabet(_TURKISH)
    return either(said(names), _typed(names))


def _english() -> Rule[str]:
    names = _alphabet(_ENGLISH)
    letter = either(said(names), _typed(_alphabet(_TURKISH)))
    same = then(lambda name, word: name if name == word else None, letter, "as in|like", said(names))
    marked = then(lambda letter, _: str(letter), letter, written(dict.fromkeys(_MARKS)))
    return either(letter, same, marked, then(lambda _, letter: str(letter), written({"dotless": None}), letter))


def _spelled(language: str, letter: Rule[str], twice: str) -> Spoken:
    one = counted(then(lambda found: keys_of_letters(found, 1), letter))
    digit = counted(then(str, said(_DIGITS[language])))
    return run_of(language, either(one, counted(then(lambda key: 2 * key, twice, one)), digit), beside="")


SPOKEN: Mapping[str, Spoken] = MappingProxyType({
    "tr": _spelled("tr", _turkish(), "çift"),
    "en": _spelled("en", _english(), "double"),
})  # fmt: skip
