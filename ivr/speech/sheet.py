"""The sheet for a voice studio: what is to be recorded, under which file name, and how it is to be spoken.

A row for each words to be recorded in a language; the file's name tells the words it was recorded for (`Piece.id`), so
what the studio delivers needs no more than to be put into the folder. Only constant text is on it, never a value.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from ivr.speech.inventory import Entry, Part
from ivr.speech.pieces import After

COLUMNS = ("id", "language", "text", "file", "direction", "prompts")

_FOLLOWS = {
    After.WORD: "keep the voice up, something follows at once",
    After.CLAUSE: "keep the voice up, something follows after a short pause",
}


def sheet(entries: Sequence[Entry], separator: str, *, missing: bool) -> str:
    """The sheet as CSV, with a head. `missing`: only what is not recorded."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for parts in _by_words(entries):
        first = parts[0]
        if not (missing and all(part.recording for part in parts)):
            prompts = ", ".join(dict.fromkeys(part.prompt for part in parts))
            direction = "; or: ".join(dict.fromkeys(_direction(part) for part in parts))
            writer.writerow((first.piece.id, first.language, first.piece.text, first.file, direction, prompts))
    return file.getvalue()


def _by_words(entries: Sequence[Entry]) -> list[list[Part]]:
    """The parts that are one recording together."""
    found: dict[tuple[str, str], list[Part]] = {}
    for part in (part for entry in entries for part in entry.parts):
        found.setdefault((part.language, part.piece.id), []).append(part)
    return list(found.values())


def _direction(part: Part) -> str:
    """How to speak it: where it stands."""
    piece = part.piece
    if part.whole:
        return "a whole prompt"
    follows = _FOLLOWS.get(piece.after, "")
    if piece.opens:
        return f"the beginning of a sentence: {follows}" if follows else "a whole sentence"
    return f"amid a sentence: {follows}" if follows else "the end of a sentence that goes on here"
