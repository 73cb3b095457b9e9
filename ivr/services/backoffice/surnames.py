"""Surnames as a telephone's keys spell them: ABC is 2, … WXYZ is 9. Pure text."""

from __future__ import annotations

import unicodedata

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_KEYS = str.maketrans(_LETTERS, "22233344455566677778889999")


def surname_keys(name: str) -> str:
    """The keys of the last word of a name, "945629" for "Ayşe Yılmaz"; Turkish letters as plain."""
    surname = (name.split() or [""])[-1].replace("ı", "i")
    # Decomposed, what makes a letter Turkish (a cedilla, a breve, a dot) stands for itself and falls away.
    plain = unicodedata.normalize("NFKD", surname.upper())
    return "".join(sign for sign in plain if sign in _LETTERS).translate(_KEYS)
