"""Where Asterisk finds the sound that it is to play."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

Media = Callable[[Sequence[Path]], Awaitable[Sequence[str]]]  # files → what Asterisk is told to play, in its own words


async def on_the_same_machine(files: Sequence[Path]) -> Sequence[str]:
    """It reads the files itself, and chooses the format, so their suffix is left out."""
    return [str(file.with_suffix("")) for file in files]
