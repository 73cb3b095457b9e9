"""What a recogniser would write for what a caller says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.commands import Listen
from ivr.flowtest.heard_as import heard_as

PHRASES = ("top up", "bill", "Bill payment", "payment of today", "O'clock", "five", "five five")


def heard(words: str, *phrases: str, language: str = "en") -> str:
    return heard_as(words, Listen("l1", language, phrases or PHRASES))


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("top up", "top up"),
        ("Top-up, bill!", "Top-up, bill!"),
        ("top up please now", "top up [unk]"),
        ("please, Top Up", "[unk] top up"),
        ("well my bill please or top up now", "[unk] bill [unk] top up [unk]"),
        ("top", "[unk]"),
        ("topup", "[unk]"),
        ("[unk] bill", "[unk] bill"),
        ("[unk] please [unk]", "[unk]"),
        ("five o'clock five five five", "five o'clock five five five"),
        ("five five well five", "five five [unk] five"),
        ("...", "[unk]"),
        ("[UNK] bill", "[unk] bill"),
    ],
)
def test_what_is_none_of_the_phrases_is_unknown(words: str, written: str) -> None:
    assert heard(words) == written


def test_as_few_words_as_possible_are_unknown() -> None:
    assert heard("bill payment of today") == "bill payment of today", "not the longest phrase first"
    assert heard("a b c x", "a b", "a", "b c") == "a b c [unk]"


def test_words_are_compared_as_the_language_has_them() -> None:
    assert heard("İPTAL ISLAK", "iptal", language="tr") == "iptal [unk]"
    assert heard("anything at all", "…") == "[unk]", "a phrase without words is none"


@given(st.text(max_size=60), st.lists(st.text(max_size=8), max_size=5))
def test_what_is_heard_is_heard_again(words: str, phrases: list[str]) -> None:
    listen = Listen("l1", "tr", tuple(phrases))
    once = heard_as(words, listen)
    assert heard_as(once, listen) == once
    assert "[unk] [unk]" not in once
    assert len(heard_as("x" * 9000, listen)) < 600
