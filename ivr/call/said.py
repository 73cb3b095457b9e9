"""What a caller said, as the conversation's log has it. Pure; the notes may be older ones, or come from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from context_store.records import Note


@dataclass(frozen=True, slots=True)
class Said:
    """The caller's words. `confidence` is how sure it is that they were these, from 0 to 1; None where nobody noted it.

    They are personal, as whatever a caller tells.
    """

    words: str
    confidence: float | None = None


def said(note: Note) -> Said | None:
    """The words in a note of something said, or asked back; None when there are none."""
    words, confidence = note.data.get("words"), note.data.get("confidence")
    if not isinstance(words, str) or not words:
        return None
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 <= confidence <= 1:
        return Said(words)
    return Said(words, float(confidence))
