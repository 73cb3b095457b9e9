"""`ivr graph`: reads a hotline and the words of its prompts, and has them drawn.

The files must be readable, but not without mistakes otherwise: prompts that are not written yet are shown by their
names, so that a flow can be looked at while it grows.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ivr.errors import SettingsError
from ivr.flow.reading.loader import parse_flows
from ivr.flow.reading.texts import scanned
from ivr.flow.reading.version import with_version
from ivr.graph.drawing import draw
from ivr.graph.formats import Format, written
from ivr.hotline.texts import HotlineTexts, gather_hotline


def drawn(flow: Path, prompts: Path | None, form: Format, only: str | None, language: str | None) -> str:
    """The hotline of that flow, or one flow of it, as text in that form. Its version is that of `ivr check`.

    Raises `FlowError` for files that cannot be read, `SettingsError` for names that do not exist.
    """
    texts = gather_hotline(flow, prompts)
    hotline = parse_flows(texts.flows)
    hotline = with_version(hotline, texts.version(hotline.version))
    _refuse("--only", only, (hotline.flow, *hotline.subflows))
    _refuse("--language", language, hotline.languages)
    spoken = language or hotline.languages[0]
    picture = draw(hotline, _prompts(texts, spoken), spoken, only)
    try:
        return written(picture, form)
    except ImportError as error:
        raise SettingsError(f"{error}; `pip install pygraphviz`, or choose --format mermaid or --format dot") from None


def _refuse(option: str, name: str | None, known: Collection[str]) -> None:
    if name is not None and name not in known:
        raise SettingsError(f"{option} {name!r}: there are {', '.join(known)}")


def _prompts(texts: HotlineTexts, language: str) -> dict[str, str]:
    """The prompts of a language as they stand in its file; empty while there is none."""
    text = texts.prompts.texts.get(language)
    prompts = scanned(text, texts.prompts.file(language)).data.get("prompts") if text else None
    entries = prompts.items() if isinstance(prompts, dict) else ()
    return {name: words for name, words in entries if isinstance(words, str)}
