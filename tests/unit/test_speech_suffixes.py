"""Turkish suffixes: harmony and buffer letters for whatever comes, and what cannot bear one.

Words that were checked one by one are in spoken_turkish.tsv.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.speech import lexicon_tr, numbers_tr
from ivr.speech.saying import filters
from ivr.speech.suffixes_tr import CASES, asked
from tests.unit.doc_pages import page, rows, section

SAY = filters("tr", "TR")
ENDINGS = {**CASES, "asked": asked}
OPEN = {"dative", "locative", "ablative"}  # their vowel is a or e; that of the others ı, i, u or ü

VOWELS = "aıoueiöü"
TWO_WAYS = dict(zip(VOWELS, "aaaaeeee", strict=True))
FOUR_WAYS = dict(zip(VOWELS, "ııuuiiüü", strict=True))

TURKISH = "abcçdefgğhıijklmnoöprsştuüvyz"

names = st.text(TURKISH, min_size=1, max_size=12).map(lambda word: f"Ö{word}")
few_digits = st.from_regex(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", fullmatch=True)


def last_vowel(text: str) -> str:
    return next(letter for letter in reversed(text) if letter in VOWELS)


@settings(derandomize=True, deadline=None)
@given(st.one_of(st.integers(-(10**12), 10**12), few_digits), st.sampled_from(sorted(ENDINGS)))
def test_every_number_bears_every_suffix_in_harmony(number: int | str, name: str) -> None:
    spoken, ended = SAY["number"](number), SAY[name](number)
    assert last_vowel(ended) == (TWO_WAYS if name in OPEN else FOUR_WAYS)[last_vowel(spoken)]
    assert ended.startswith(spoken[:-1])
    assert all(letter.isalpha() or letter == " " for letter in ended)
    last = ended.rpartition(" ")[2]
    assert not any(one in VOWELS and two in VOWELS for one, two in pairwise(last)), last


@settings(derandomize=True, deadline=None)
@given(st.integers(0, 10**12))
def test_d_is_hard_after_a_hard_consonant_and_t_of_four_is_soft_before_a_vowel(number: int) -> None:
    spoken = numbers_tr.cardinal(number)
    hard = spoken[-1] in "fstkçşhp"
    assert SAY["locative"](number).startswith(spoken + ("t" if hard else "d"))
    assert SAY["ablative"](number).startswith(spoken + ("t" if hard else "d"))
    softened = spoken.removesuffix("dört") + "dörd" if spoken.endswith("dört") else spoken
    assert SAY["dative"](number).startswith(softened)


@settings(derandomize=True, deadline=None)
@given(names, st.sampled_from(sorted(CASES)))
def test_a_name_stays_as_it_is_before_its_apostrophe(name: str, case: str) -> None:
    ended = CASES[case](name)
    assert ended.startswith(f"{name}'")
    assert last_vowel(ended) in (set("ae") if case in OPEN else set("ıiuü"))


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=40), st.sampled_from(sorted(ENDINGS)))
def test_any_text_gets_a_suffix_or_is_refused(text: str, name: str) -> None:
    try:
        ended = SAY[name](text)
    except ValueError:
        return
    assert ended[-1] in "aeıiuün"
    assert len(ended) > len(" ".join(text.split()))


@pytest.mark.parametrize(
    "value",
    [
        "", " ", "!", "'", "-", "2026-11-22", "22.11.2025", "14:30", "+905321234567", "%20", "1e5+3", "3+1", "12,5",
        "9" * 13, "Москва", "東京", "²", "٣", "Fiber ٣", "\u0301", "😀", None, True, [], {}, float("nan"), float("inf"),
    ],
    ids=lambda value: ascii(value)[:16],
)  # fmt: skip
@pytest.mark.parametrize("name", sorted(ENDINGS))
def test_what_cannot_bear_a_suffix_is_refused_and_not_repeated(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"need|letters only|too large") as refused:
        SAY[name](value)
    if isinstance(value, str) and len(value) > 3:
        assert value not in str(refused.value)


def test_a_long_text_takes_no_long_time_and_keeps_its_beginning() -> None:
    for text in ("a" * 100_000, "a1" * 50_000, "-/" * 50_000 + "a", "ak" * 50_000, "1 " * 50_000 + "Ankara"):
        ended = CASES["locative"](text)
        assert ended.startswith(text[:-2])


def test_the_form_of_letters_does_not_matter() -> None:
    for text in ("Muş", "İnönü", "kayıp", "on üç", "Iğdır"):
        apart = unicodedata.normalize("NFD", text)
        assert apart != text or text == "kayıp"
        for end in ENDINGS.values():
            assert end(apart) == end(text)


def test_capitals_are_turkish() -> None:
    assert CASES["dative"]("PINAR") == "PINAR'a"
    assert CASES["accusative"]("DIŞ") == "DIŞ'ı"
    assert CASES["accusative"]("DİŞ") == "DİŞ'i"


def test_foreign_letters_and_ends() -> None:
    assert CASES["dative"]("Tromsø") == "Tromsø'ya"
    assert CASES["locative"]("Málaga") == "Málaga'da"
    assert CASES["genitive"]("Kennedy") == "Kennedy'nin"
    assert CASES["ablative"]("Disney") == "Disney'den"
    assert CASES["dative"]("X") == "X'e"
    assert CASES["dative"]("rüzgâr") == "rüzgâra"
    assert CASES["dative"]("hâl") == "hâle"
    assert CASES["accusative"]("kâyıt") == "kâyıtı"  # not the "kayıt" of the lexicon


def test_the_words_that_are_looked_up_are_of_use() -> None:
    for word, stem in lexicon_tr.STEMS.items():
        assert word != stem
        assert word[0] == stem[0]
        assert CASES["accusative"](word) == stem + FOUR_WAYS[last_vowel(heard(word))]
    for word in lexicon_tr.FRONT:
        assert last_vowel(word) in "aıou"
        assert last_vowel(CASES["locative"](word)) == "e"
    for word in lexicon_tr.POSSESSED:
        assert CASES["dative"](word) == f"{word}n{TWO_WAYS[last_vowel(word)]}"
    for word in lexicon_tr.KEEP_K:
        assert CASES["accusative"](word).startswith(word)
    assert not any("ı" in word for word in lexicon_tr.HEARD)
    assert not lexicon_tr.POSSESSED & lexicon_tr.FRONT


def heard(word: str) -> str:
    return word.replace("a", "e") if word in lexicon_tr.FRONT else word


def test_the_page_tells_every_case_and_what_it_says() -> None:
    told = rows(section(page("prompts"), "How things are said"))[1:]
    assert {cells[0].split("`")[0] for cells in told} == {*CASES, "asked"}
    for name, value, spoken in told:
        assert SAY[name.split("`")[0]](value) == spoken
