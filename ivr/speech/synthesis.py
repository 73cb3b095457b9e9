"""Text becomes speech by espeak-ng, another program: started per text, fed over stdin, stopped when it is too slow."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ivr.errors import SpeechError
from ivr.speech import sound

TIMEOUT = 5.0  # seconds, waiting for a place included; a long prompt takes a tenth of one
AT_ONCE = 2  # programs at a time: calls that run now need the processor too

_MEND = "install espeak-ng, or set speech.espeak to the command that starts it"


class Synthesiser(Protocol):
    """Makes speech."""

    @property
    def voice(self) -> str:
        """What its sound depends on beside the text and the language; part of the cache's key."""
        ...

    async def synthesise(self, text: str, language: str, target: Path) -> None:
        """Write `text` as an 8 kHz, 16-bit, mono WAV to `target`, whole or not at all. Raises SpeechError."""
        ...


class EspeakSynthesiser:
    """espeak-ng. `command` is how it is started, options that tell where its data is included.

    `timeout` is in seconds, `at_once` is how many programs may run at a time. Raises SpeechError without a command.
    """

    def __init__(
        self, command: Sequence[str], words_per_minute: int, *, timeout: float = TIMEOUT, at_once: int = AT_ONCE
    ) -> None:
        if not command:
            raise SpeechError(f"there is no command for speech; {_MEND}")
        self._command = tuple(command)
        self._words_per_minute = words_per_minute
        self._timeout = timeout
        self._places = asyncio.Semaphore(at_once)

    @property
    def voice(self) -> str:
        """The engine and its pace."""
        return f"espeak-ng {self._words_per_minute}"

    async def synthesise(self, text: str, language: str, target: Path) -> None:
        """See `Synthesiser`."""
        try:
            async with asyncio.timeout(self._timeout), self._places:
                wav = await self._run(language, _harmless(text).encode())
                await asyncio.to_thread(_make, wav, target)
        except TimeoutError:
            raise SpeechError(f"espeak-ng took more than {self._timeout:g} s for a prompt") from None

    async def _run(self, language: str, text: bytes) -> bytes:
        """The WAV that espeak-ng writes for the text."""
        arguments = ("-v", language, "-s", str(self._words_per_minute), "-b", "1", "--stdin", "--stdout")
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                *arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except (OSError, ValueError) as error:
            raise SpeechError(f"{self._command[0]!r} cannot be started ({error}); {_MEND}") from None
        try:
            wav, complaint = await process.communicate(text)
        finally:
            await _stop(process)
        if process.returncode or not wav:
            raise SpeechError(f"espeak-ng failed for {language!r}: {_last_line(complaint)}; {_MEND}")
        return wav


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):  # it ended in this moment
            process.kill()
        await process.wait()


def _harmless(text: str) -> str:
    """espeak-ng takes `[[…]]` for phonemes and control characters for commands; names may contain anything."""
    return "".join(letter for letter in text if letter.isprintable()).replace("[", "(").replace("]", ")")


def _make(wav: bytes, target: Path) -> None:
    samples = sound.for_telephone(*sound.read(wav))
    try:
        sound.write(target, samples)
    except OSError as error:
        raise SpeechError(f"{target.parent}: cannot be written ({error.strerror}); set speech.cache") from None


def _last_line(complaint: bytes) -> str:
    lines = complaint.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "it wrote no sound"
