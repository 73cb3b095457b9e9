"""Prompts that are in the book, and that no flow of the hotline says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.flow.model import Flow
from ivr.flow.reading.said import prompts_of
from ivr.speech.book import PromptBook


def unused_prompts(flow: Flow, book: PromptBook) -> Mapping[str, tuple[str, ...]]:
    """Prompt name → the languages that have it."""
    said = set(_said(flow))
    names = dict.fromkeys(name for language in book.languages for name in book.prompts(language))
    return {
        name: tuple(language for language in book.languages if name in book.prompts(language))
        for name in names
        if name not in said
    }


def _said(flow: Flow) -> Iterator[str]:
    for each in (flow, *flow.subflows.values()):
        yield from prompts_of(each)
    for wordings in flow.wordings.values():
        yield from wordings
