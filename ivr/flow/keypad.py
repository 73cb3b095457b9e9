"""The letters on telephone keys: ABC on 2 to WXYZ on 9, Turkish letters like those that they are made of. Pure."""

from __future__ import annotations

import unicodedata

_GROUPS = ("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz")
_KEYS = {letter: str(key) for key, letters in enumerate(_GROUPS, 2) for letter in letters}


def keys_of_letters(letters: str, most: int) -> str | None:
    """The keys of the first `most` of these small letters. None where one stands on no key, or there is none."""
    parts = unicodedata.normalize("NFKD", letters.replace("ı", "i"))
    plain = "".join(sign for sign in parts if not unicodedata.combining(sign))
    keys = [_KEYS.get(letter) for letter in plain[:most]]
    return "".join(key for key in keys if key) if keys and all(keys) else None
