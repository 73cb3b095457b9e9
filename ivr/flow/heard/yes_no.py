"""Yes and no as keys. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from types import MappingProxyType

from ivr.flow.heard.spoken import Spoken
from ivr.flow.words import yes_and_no_phrases, yes_or_no

_KEYS = {"yes": "1", "no": "2"}  # as `inputs` reads them, which knows the words of a flow and so this package


def _keys(language: str, text: str, today: date | None) -> str | None:
    answer = yes_or_no(text, language)
    return answer and _KEYS[answer]


SPOKEN: Mapping[str, Spoken] = MappingProxyType({
    language: Spoken(yes_and_no_phrases(language), partial(_keys, language)) for language in ("tr", "en")
})  # fmt: skip
