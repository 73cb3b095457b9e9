"""A program that reads a text and writes it as a WAV: started for each text, and stopped when it is too slow."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

from ivr.errors import SpeechError
from ivr.speech import sound
from ivr.speech.pieces import After

TIMEOUT = 5.0  # seconds, waiting for a place included; a long prompt takes a tenth of one
AT_ONCE = 2  # programs at a time: calls that run now need the processor too


class TooSlow(SpeechError):
    """The program did not answer in time."""


class SpeechProgram:
    """How one synthesiser's program is run. `name` is how messages call it, `mend` is what to do when it is missing.

    `timeout` is in seconds, `at_once` is how many of it may run at a time.
    """

    def __init__(self, name: str, mend: str, *, timeout: float = TIMEOUT, at_once: int = AT_ONCE) -> None:
        self._name = name
        self._mend = mend
        self._timeout = timeout
        self._places = asyncio.Semaphore(at_once)

    async def speak(self, command: Sequence[str], text: str, what: str, target: Path, after: After) -> None:
        """Write what `command` makes of the text to `target`, for the telephone; whole or not at all.

        `what` is whose text it is, for messages: a language, a voice. Raises SpeechError, which repeats no text.
        """
        try:
            async with asyncio.timeout(self._timeout), self._places:
                wav = await self._run(command, text.encode(), what)
                await asyncio.to_thread(_make, wav, target, after)
        except TimeoutError:
            raise TooSlow(f"{self._name} took more than {self._timeout:g} s for a prompt") from None

    async def _run(self, command: Sequence[str], text: bytes, what: str) -> bytes:
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except (OSError, ValueError) as error:
            raise SpeechError(f"{command[0]!r} cannot be started ({error}); {self._mend}") from None
        try:
            wav, complaint = await process.communicate(text)
        finally:
            await _stop(process)
        if process.returncode or not wav:
            raise SpeechError(f"{self._name} failed for {what!r}: {_last_line(complaint)}; {self._mend}")
        return wav


def harmless(text: str) -> str:
    """espeak-ng, and what speaks with its help, takes `[[…]]` for phonemes and control characters for commands."""
    return "".join(letter for letter in text if letter.isprintable()).replace("[", "(").replace("]", ")")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):  # it ended in this moment
            process.kill()
        await process.wait()


def _make(wav: bytes, target: Path, after: After) -> None:
    samples = sound.for_telephone(*sound.read(wav), after)
    try:
        sound.write(target, samples)
    except OSError as error:
        raise SpeechError(f"{target.parent}: cannot be written ({error.strerror}); set speech.cache") from None


def _last_line(complaint: bytes) -> str:
    lines = complaint.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "it wrote no sound"
