"""The page's words in one language: its own from words/*.yaml, and the labels of the flow from the prompt book."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML

from ivr.desk.texts import clean, day, humanised, looks_like_phone, phone

LANGUAGES = ("tr", "en")
_FOLDER = Path(__file__).parent / "words"
_LONGEST_WORDS = 100  # characters: with the rest of its line, what was said is not cut again
_AMOUNT = re.compile(r"[0-9]{1,7}\.[0-9]{2}")  # of lira, as services answer it


def own_words(language: str) -> dict[str, str]:
    """The page's own words by key. The files come with Devam and have the same keys in every language."""
    words: dict[str, str] = YAML(typ="safe").load(_FOLDER / f"{language}.yaml")
    return words


class Wording:
    """Says things in one language. `labels`: language → label key of the flow → text; a missing label is humanised.

    They are looked up when they are needed: an edition that is published meanwhile may have others.
    """

    def __init__(self, language: str, labels: Mapping[str, Mapping[str, str]], region: str) -> None:
        self.language = language
        self._words = own_words(language)
        self._labels = labels
        self._region = region

    def __call__(self, key: str, **values: object) -> str:
        """The page's own words for `key`, filled in."""
        return self._words[key].format(**{name: clean(str(value)) for name, value in values.items()})

    def has(self, key: str) -> bool:
        """Whether the page has words of its own for `key`."""
        return key in self._words

    def label(self, key: str) -> str:
        """The label of a menu, choice, question, reason, service or queue."""
        if found := self._flow_label(key):
            return clean(found)
        return self._words.get(f"label.{key}") or humanised(key)

    def field(self, name: str, service: str) -> str:
        """What a field of a service's answer is called: there, or in any answer."""
        return self._words.get(f"field.{service}.{name}") or self._words.get(f"field.{name}") or humanised(name)

    def value(self, value: object) -> str:
        """A value of a service's answer or of an answer: words for a known code, numbers and dates for people."""
        if value is None:
            return self._words["value.none"]
        if isinstance(value, bool):
            return self._words["value.yes" if value else "value.no"]
        text = str(value)
        if known := self._words.get(f"value.{text}"):
            return known
        if _AMOUNT.fullmatch(text):
            return self("value.amount", amount=text.replace(".", self._words["value.point"]))
        return self.phone(text) if looks_like_phone(text) else day(text) or clean(text)

    def failure(self, reason: str) -> str:
        """Why something failed, where that is called otherwise than the same code among values."""
        return self._words.get(f"failure.{reason}") or self.value(reason)

    def answer(self, question: str, value: str | None) -> str:
        """An answer: the choice's label, the value, or that it was given when it is a secret."""
        if value is None:
            return self._words["answers.given"]
        return clean(self._flow_label(f"{question}.{value}")) or self.value(value)

    def said(self, words: str, confidence: float | None) -> str:
        """What was said, in quotation marks, and how sure that is, where that is known: “internetim kesildi”, 0.91."""
        shown = clean(words, _LONGEST_WORDS)
        if confidence is None:
            return self("said", words=shown)
        return self("said.heard", words=shown, confidence=f"{confidence:.2f}".replace(".", self._words["value.point"]))

    def way(self, way: str | None, proof: str | None) -> str:
        """How the caller was identified: "By line number · PIN". Empty when neither has words."""
        keys = (f"way.{way}", f"proof.{proof}")
        return " · ".join(self._words[key] for key in keys if key in self._words)

    def phone(self, number: str) -> str:
        """A telephone number for people."""
        return phone(number, self._region)

    def _flow_label(self, key: str) -> str:
        return self._labels.get(self.language, {}).get(key, "")
