"""The list of prompts as people and programs read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from context_store.records import Json
from ivr.speech.inventory import Entry


def as_lines(entries: Sequence[Entry], width: int | None = None) -> Iterator[str]:
    """A line for each prompt in each language, under a head; cut to `width` characters if there is one."""
    rows = [("", "prompt", "kind", "pieces", "voice", "text")]
    rows += [
        (entry.language, entry.name, _kind(entry), str(len(entry.parts)), entry.voiced, entry.text) for entry in entries
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        line = "   ".join([*(cell.ljust(size) for cell, size in zip(row, widths, strict=False)), row[5]])
        yield line if width is None or len(line) <= width else f"{line[: width - 1]}…"


def as_data(entries: Sequence[Entry]) -> list[Json]:
    """Everything, with the pieces that are the same in each call and their files' names."""
    return [
        {
            "name": entry.name,
            "language": entry.language,
            "kind": _kind(entry),
            "voice": entry.voiced,
            "text": entry.text,
            "pieces": [
                {
                    "id": part.piece.id,
                    "text": part.piece.text,
                    "file": part.file,
                    "recording": str(part.recording) if part.recording else None,
                }
                for part in entry.parts
            ],
        }
        for entry in entries
    ]


def _kind(entry: Entry) -> str:
    return "static" if entry.static else "dynamic"
