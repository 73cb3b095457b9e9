"""Recordings of prompts in `recordings/<language>/`: which there are, for which words, and what is wrong with them.

`NAME.ID.wav` is of the words that have that id (`Piece.id`), wherever the language says them. When the words change it
is not heard any more, and is heard again when they come back, as by a rollback: recordings lie in a folder, while texts
are published. `NAME.wav` is of that static prompt, whatever its words are.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ivr.errors import Problem, SpeechError
from ivr.flow.reading.hints import did_you_mean
from ivr.speech import wav
from ivr.speech.pieces import Piece
from ivr.speech.templates import Prompt
from ivr.speech.wav import RATE

__all__ = ["LARGEST", "RATE", "Recordings", "content", "fault", "file_name", "find"]

LARGEST = 50_000_000  # bytes: minutes of the largest form

_NAME = re.compile(r"(?P<prompt>[a-z][a-z0-9_]{0,63})(\.(?P<id>[0-9a-f]{8}))?\.wav")


@dataclass(slots=True)
class Recordings:
    """Those of one language that can be used. `stale` are of words that no prompt has, or has any more."""

    whole: dict[str, Path] = field(default_factory=dict)  # by the name of a static prompt
    pieces: dict[str, Path] = field(default_factory=dict)  # by the id of the words
    stale: list[Path] = field(default_factory=list)

    def of(self, prompt: str, piece: Piece) -> Path | None:
        """The recording of a piece of the prompt, or None; one of these very words before one of whatever words."""
        if piece.changing:
            return None
        return self.pieces.get(piece.id) or self.whole.get(prompt)


def file_name(prompt: str, piece: Piece) -> str:
    """What the recording of a piece is called."""
    return f"{prompt}.{piece.id}.wav"


def find(folder: Path, prompts: Mapping[str, Prompt]) -> tuple[Recordings, list[Problem]]:
    """The recordings of a language, and every mistake. A folder that is not there has no recordings."""
    found, problems = Recordings(), []
    known = {piece.id for prompt in prompts.values() for piece in _lasting(prompt)}
    for path in sorted(folder.glob("*.*")):
        if path.name.startswith(".") or path.suffix in (".csv", ".txt"):
            continue
        name = _NAME.fullmatch(path.name)
        wrong = (_misnamed(path, prompts) if not name or not name["id"] else None) or _broken(path)
        if wrong:
            problems.append(Problem(str(path), 0, 0, *wrong))
        elif name and not name["id"]:
            found.whole[name["prompt"]] = path.resolve()
        elif name and name["id"] in known:
            found.pieces.setdefault(name["id"], path.resolve())
        else:
            found.stale.append(path.resolve())
    return found, problems


def _lasting(prompt: Prompt) -> Iterator[Piece]:
    try:
        yield from prompt.lasting()
    except SpeechError:  # a filter that its constant does not fit: it cannot be spoken either
        return


def _misnamed(path: Path, prompts: Mapping[str, Prompt]) -> tuple[str, str] | None:
    """What is wrong with the name of a recording of a whole prompt, and how to mend it."""
    if path.suffix != ".wav":
        mend = "a recording is a WAV file, .wav in small letters; `ivr prompts record-sheet` tells its name"
        return ("has no name of ours" if path.suffix.lower() == ".wav" else "is not a WAV file"), mend
    if path.stem not in prompts:
        mend = did_you_mean(path.stem, prompts) or "`ivr prompts record-sheet` tells the names; rename or remove it"
        return f"there is no prompt {path.stem!r}", mend
    if not prompts[path.stem].is_static:
        needs = ", ".join(sorted(prompts[path.stem].variables))
        mend = "its constant pieces can be recorded: `ivr prompts record-sheet` tells their names"
        return f"the prompt {path.stem!r} has variables ({needs})", mend
    return None


def _broken(path: Path) -> tuple[str, str] | None:
    wrong = fault(path)
    return (f"the recording {wrong}", "deliver it again, as WAV of 16 or 24 bit, 8 to 48 kHz") if wrong else None


def fault(path: Path) -> str | None:
    """Why a recording cannot be used, or None when it can: "ends too early"."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # whoever opens a pipe waits for ever
            return "is not a file"
        with path.open("rb") as file:
            form, size = wav.form_of(file), found.st_size
    except wav.NotWav as error:
        return str(error)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if form.size < form.frame:
        return "is empty"
    if form.start + form.size > size:
        return "ends too early"
    return f"is larger than {LARGEST // 1_000_000} MB" if size > LARGEST else None


def content(path: Path) -> bytes:
    """The bytes of a recording. Raises SpeechError for one that cannot be used."""
    if wrong := fault(path):
        raise SpeechError(f"the recording {path} {wrong}")
    try:
        return path.read_bytes()
    except OSError as error:
        raise SpeechError(f"the recording {path} cannot be read ({error.strerror})") from None
