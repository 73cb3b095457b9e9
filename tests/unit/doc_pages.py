"""Reads the documentation: pages, sections, tables and fenced blocks."""

from __future__ import annotations

import re
from pathlib import Path

from ivr.flow.reading.check import PromptNames
from ivr.speech.book import PromptBook

TOP = Path(__file__).parents[2]


def page(name: str) -> str:
    """The text of a page: "README" or one of docs/."""
    path = TOP / "README.md" if name == "README" else TOP / "docs" / f"{name}.md"
    return path.read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def section(text: str, heading: str) -> str:
    """The text below a heading, up to the next one of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}[^\n]*\n(.*?)(?=^#|\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"there is no heading {heading!r}"
    return found[1]


def without_code(text: str) -> str:
    """The page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def rows(text: str) -> list[list[str]]:
    """The cells of every table row, without backticks around them."""
    lines = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split(" | ")] for line in lines]


def words_of(text: str, tmp_path: Path) -> PromptNames:
    """The names of a prompt book's file, the same in each language."""
    for language in ("tr", "en"):
        (tmp_path / f"{language}.yaml").write_text(text, encoding="utf-8")
    book = PromptBook.read(tmp_path, ("tr", "en"))
    labels = {language: frozenset(texts) for language, texts in book.labels.items()}
    return PromptNames({language: book.variables(language) for language in book.languages}, labels)
