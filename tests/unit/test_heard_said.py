"""What callers say to questions of every spoken type, in tables made by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ivr.flow.heard import Kind, keys_of, vocabulary
from ivr.flow.words import normal
from tests.unit.doc_pages import page, rows, section

TODAY = date(2026, 10, 29)  # a Thursday
KINDS: tuple[Kind, ...] = ("yes_no", "digit", "digits", "amount", "date", "time", "phone", "letters")
UNHEARD = {"unk", "for"}  # understood where they are typed
TABLES = {"tr": "heard_turkish.tsv", "en": "heard_english.tsv"}


def table(language: str) -> list[tuple[Kind, str, str | None]]:
    """Kind, words and keys of each line."""
    rows: list[tuple[Kind, str, str | None]] = []
    for line in (Path(__file__).parent / TABLES[language]).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, words, keys = line.split("\t")
        rows.append((next(kind for kind in KINDS if kind == name), words, None if keys == "-" else keys))
    return rows


UTTERANCES = [(language, *row) for language in TABLES for row in table(language)]


@pytest.mark.parametrize(("language", "kind", "words", "keys"), UTTERANCES)
def test_the_keys_of_what_was_said(language: str, kind: Kind, words: str, keys: str | None) -> None:
    assert keys_of(kind, words, language, TODAY) == keys


@pytest.mark.parametrize(("language", "kind"), [(language, kind) for language in TABLES for kind in KINDS])
def test_every_word_that_is_understood_is_listened_for(language: str, kind: Kind) -> None:
    known = {word for phrase in vocabulary(kind, language) for word in normal(phrase, language).split()}
    understood = [words for spoken, words, keys in table(language) if spoken == kind and keys]
    assert understood
    for words in understood:
        if not any(sign.isdigit() for sign in words):  # which is typed
            assert {word for word in normal(words, language).split() if len(word) > 1} - UNHEARD <= known, words


@pytest.mark.parametrize(("language", "tens"), [("tr", "yirmi"), ("en", "thirty")])
def test_where_one_digit_is_asked_for_nothing_longer_is_listened_for(language: str, tens: str) -> None:
    assert len(vocabulary("digit", language)) in range(10, 14)
    assert tens in vocabulary("digits", language)
    assert tens not in vocabulary("digit", language)


def test_the_page_tells_the_truth() -> None:
    told = [row for row in rows(section(page("speech"), "What callers may say")) if row[0] != "type"]
    assert len(told) > 10
    for name, examples, keys in told:
        kind: Kind = next((one for one in KINDS if one == name), "letters")
        for words in examples.split(" · "):
            assert keys in {keys_of(kind, words, language, TODAY) for language in TABLES}, words
