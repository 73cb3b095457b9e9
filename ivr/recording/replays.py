"""Plays the tape in a file again, with the edition of the hotline that lies beside it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ivr.errors import FlowError, TapeError
from ivr.flow.model import Flow
from ivr.hotline.reading import read_to_replay
from ivr.recording.folder import edition_beside, tape_of
from ivr.tape.replaying import Difference, replay


def replay_file(file: Path) -> tuple[Difference | None, int]:
    """The first difference, if any, and how many events the call has. Raises `TapeError`."""
    tape = tape_of(file)
    return replay(_hotline(file.parent, tape.version), tape), len(tape.steps)


@lru_cache(maxsize=16)
def _hotline(folder: Path, version: str) -> Flow:
    """Tapes of one folder share their editions, and reading one takes a second."""
    edition = edition_beside(folder / "any", version)
    try:
        return read_to_replay(edition)
    except FlowError as error:
        raise TapeError(f"edition {version} cannot be used by this version of Devam: {error}") from None
