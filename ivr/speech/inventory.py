"""What a prompt book needs to be spoken, piece by piece, and what of it is recorded: for lists, sheets and checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import Problem, SpeechError
from ivr.speech.book import PromptBook
from ivr.speech.levels import oddities
from ivr.speech.pieces import Piece
from ivr.speech.recordings import file_name


@dataclass(frozen=True, slots=True)
class Part:
    """A piece that is the same in each call. `whole`: it is all of the prompt; `recording`: None where synthesised."""

    prompt: str
    language: str
    piece: Piece
    whole: bool
    recording: Path | None

    @property
    def file(self) -> str:
        """What its recording is called."""
        return file_name(self.prompt, self.piece)


@dataclass(frozen=True, slots=True)
class Entry:
    """A prompt in one language. `text` is as it is written; `parts` leaves out what changes from call to call."""

    name: str
    language: str
    static: bool
    text: str
    parts: tuple[Part, ...]

    @property
    def voiced(self) -> str:
        """How it comes to be heard: recorded, partly (recorded), synthesised."""
        recorded = sum(part.recording is not None for part in self.parts)
        if not recorded:
            return "synthesised"
        return "recorded" if self.static and recorded == len(self.parts) else "partly"


def inventory(book: PromptBook, languages: Sequence[str] = ()) -> tuple[list[Entry], list[SpeechError]]:
    """All prompts of these languages, or of all, and why some cannot be said."""
    found, failed = [], []
    for language in languages or book.languages:
        recordings = book.recordings(language)
        for name, prompt in book.prompts(language).items():
            try:
                pieces = prompt.lasting()
            except SpeechError as error:
                failed.append(SpeechError(f"prompt {name!r} in {language!r}: {error}"))
                continue
            parts = tuple(Part(name, language, piece, prompt.is_static, recordings.of(name, piece)) for piece in pieces)
            found.append(Entry(name, language, prompt.is_static, prompt.source, parts))
    return found, failed


def wrong_recordings(entries: Sequence[Entry]) -> Iterator[Problem]:
    """What is odd about recordings that are in use. Reads all of them."""
    used = {part.recording: part.piece.text for entry in entries for part in entry.parts if part.recording}
    for path, text in used.items():
        try:
            yield from (Problem(str(path), 0, 0, f"the recording {what}", mend) for what, mend in oddities(path, text))
        except SpeechError as error:
            yield Problem(str(path), 0, 0, str(error), "deliver it again")


def stale_recordings(book: PromptBook) -> Iterator[Problem]:
    """Recordings of words that no prompt has, and those of which nobody knows whether their words are still right."""
    for language in book.languages:
        recordings, prompts = book.recordings(language), book.prompts(language)
        for path in recordings.stale:
            name = path.name.partition(".")[0]
            what = "was recorded for other words than the prompts have now" if name in prompts else "has no prompt"
            mend = (
                "editions that have these words still play it; `ivr prompts record-sheet --missing` tells what is new"
            )
            yield Problem(str(path), 0, 0, what, mend)
        for name, path in recordings.whole.items():
            [piece] = prompts[name].lasting() or [None]
            if piece and piece.id not in recordings.pieces:
                what = f"nothing tells for which words it was recorded; {name!r} says: {piece.text}"
                yield Problem(str(path), 0, 0, what, f"if it says that, rename it to {file_name(name, piece)}")
