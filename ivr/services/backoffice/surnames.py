"""Surnames as a telephone's keys spell them. Pure text."""

from __future__ import annotations

from ivr.flow.identity.letters import letter_keys

_LONGEST = 64  # letters


def surname_keys(name: str) -> str:
    """The keys of the last word of a name: "945629" for "Ayşe Yılmaz". Empty where a sign of it stands on no key."""
    surname = (name.split() or [""])[-1]
    return letter_keys(surname, "tr", _LONGEST) or ""
