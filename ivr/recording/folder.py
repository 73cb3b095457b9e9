"""A folder of tapes, and of the editions that they were recorded with. Files are readable by their owner alone."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

from context_store.edition_codec import editions
from context_store.editions import Edition
from context_store.errors import BadRecord
from ivr.errors import TapeError
from ivr.tape.tape import Tape, read, written

TAPE, EDITION = ".tape.json", ".edition.json"


class Folder:
    """Where tapes are written. Made when missing. Raises `TapeError` when it cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise TapeError(f"{path}: {error.strerror}; give a folder that can be written") from None

    def has_edition(self, version: str) -> bool:
        """Whether the edition of that version lies here."""
        return (self._path / f"{version}{EDITION}").is_file()

    def keep_edition(self, edition: Edition) -> None:
        """Write it, once."""
        self._write(self._path / f"{edition.version}{EDITION}", editions.encode(edition).decode())

    def keep(self, tape: Tape) -> Path:
        """Write the tape; returns its file, named by when it was written."""
        stamp = time.strftime("%Y%m%d-%H%M%S")
        for number in range(1, 10_000):
            file = self._path / f"{stamp}-{number}{TAPE}"
            if not file.exists():
                self._write(file, written(tape))
                return file
        raise TapeError(f"{self._path}: there are too many tapes of one second; give another folder")

    def _write(self, file: Path, text: str) -> None:
        half = file.with_name(f".{file.name}.half")
        try:
            with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as target:
                target.write(text)
            half.replace(file)
        except OSError as error:
            raise TapeError(f"{file}: {error.strerror}; give a folder that can be written") from None


def found(given: Iterable[Path]) -> list[Path]:
    """The tapes among these files and in these folders, in order. Raises `TapeError` when there are none."""
    files = [file for path in given for file in (sorted(path.rglob(f"*{TAPE}")) if path.is_dir() else (path,))]
    if not files:
        raise TapeError(f"there are no tapes (*{TAPE}) here; `ivr record` writes them")
    return files


def tape_of(file: Path) -> Tape:
    """The tape in that file. Raises `TapeError`."""
    return read(_text(file), str(file))


def edition_beside(file: Path, version: str) -> Edition:
    """The edition that a tape was recorded with: it lies beside it. Raises `TapeError`."""
    place = file.with_name(f"{version}{EDITION}")
    try:
        return editions.decode(_text(place))
    except BadRecord as error:
        raise TapeError(f"{place}: {error}") from None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise TapeError(f"{file}: {why}; a tape needs the edition that it was recorded with beside it") from None
