"""What calls are played on: the hotline, its words, and the services that there are. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from context_store.records import Json
from ivr.flow.model import Flow
from ivr.flowtest.replies import Catalogue


class Texts(Protocol):
    """Where the words of a prompt come from: the prompt book."""

    def text(self, name: str, language: str, variables: Mapping[str, Json]) -> str:
        """The prompt as it would be spoken. Raises `SpeechError`."""
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """`texts` None: prompts go by their names alone. `region` is the numbering plan of callers' and keyed numbers."""

    flow: Flow
    texts: Texts | None
    catalogue: Catalogue
    region: str = "TR"
