"""What somebody types into a simulated call, friendly or not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.simulate.typed import KEYS, MOST, Jump, Keys, Order, Silence, Typed, Unusable, Words, clean, understood


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("1", Keys("1")),
        ("*0", Keys("*0")),
        ("0212 555 41 41\n", Keys("02125554141")),
        ("(0212) 555-41.41", Keys("02125554141")),
        ("", Silence()),
        (" \t\r\n", Silence()),
        ("\x00\x1b\x07", Silence()),
        ("arıza var", Words("arıza var")),
        ("-", Words("-")),
        ("1 or 2", Words("1 or 2")),
        ("４７１１", Words("４７１１")),
        ("+30s", Jump(30)),
        ("+ 45", Jump(45)),
        ("+2m", Jump(120)),
        ("+24h", Jump(86400)),
        ("?", Order("help")),
        ("/hangup", Order("hangup")),
        ("/SAVE  a b.yaml  ", Order("save", "a b.yaml")),
        ("/", Order("")),
    ],
)
def test_what_a_line_means(line: str, meant: Typed) -> None:
    assert understood(line) == meant


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("+0s", "at least a second"),
        ("+25h", "at most 24 hours"),
        ("+905321112233", "pressed as 00"),
        ("+soon", r"\+30s, \+2m or \+1h"),
        ("1" * (MOST + 1), "too long"),
        ("a" * 10_000, "too long"),
    ],
)
def test_what_cannot_be_used_says_why(line: str, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        understood(line)


@given(st.text(max_size=400))
def test_nothing_that_a_terminal_would_obey_gets_through(line: str) -> None:
    try:
        typed = understood(line)
    except Unusable as error:
        shown = str(error)
    else:
        shown = typed.words if isinstance(typed, Words) else ""
        assert not isinstance(typed, Keys) or (typed.keys and KEYS.issuperset(typed.keys))
    assert not any(unicodedata.category(sign) == "Cc" for sign in shown)


def test_clean_keeps_letters_and_drops_what_is_none() -> None:
    assert clean("ağ\x1b[2J\u202eİ") == "ağ [2J İ"
