"""Texts that are said as they are. TM Forum's have one language, so there is a characteristic for each. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from context_store.records import Json
from ivr.services.tmforum.reading import Characteristic

LANGUAGES = ("tr", "en")


def words(characteristics: Iterable[Characteristic], name: str) -> Json:
    """{"tr": …, "en": …} from the characteristics name_tr, name_en. None unless there is one for every language."""
    values = {one.name: one.value for one in characteristics}
    said = {language: values.get(f"{name}_{language}") for language in LANGUAGES}
    return None if None in said.values() else dict(said)
