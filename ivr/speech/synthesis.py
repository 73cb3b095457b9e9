"""Text becomes speech: what a synthesiser is to us, and those that there are. Each is another program.

espeak-ng is always there; it speaks with its own voice, or with one of MBROLA's where those are installed. Piper speaks
with a voice that is a file of its own. Programs are started for each text: one that is kept would be faster by the time
that it takes to load a voice, but could be in a state that the next caller hears.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ivr.errors import SpeechError
from ivr.speech.pieces import After
from ivr.speech.program import AT_ONCE, TIMEOUT, SpeechProgram, harmless


class Synthesiser(Protocol):
    """Makes speech."""

    @property
    def voice(self) -> str:
        """What its sound depends on beside the text and the language; part of the cache's key."""
        ...

    async def synthesise(self, text: str, language: str, target: Path, after: After = After.END) -> None:
        """Write `text` as an 8 kHz, 16-bit, mono WAV to `target`, whole or not at all. Raises SpeechError.

        `after` is what follows in the prompt.
        """
        ...


class EspeakSynthesiser:
    """espeak-ng. `command` is how it is started, options that tell where its data is included.

    With `mbrola`, such as "tr1", it only says how, and that voice of MBROLA speaks. Raises SpeechError for no command.
    """

    def __init__(
        self,
        command: Sequence[str],
        words_per_minute: int,
        *,
        mbrola: str = "",
        timeout: float = TIMEOUT,
        at_once: int = AT_ONCE,
    ) -> None:
        mend = "install espeak-ng, or set speech.espeak to the command that starts it"
        if not command:
            raise SpeechError(f"there is no command for speech; {mend}")
        if mbrola:
            mend = f"install the program mbrola and its voice {mbrola}, or take the voice out of speech.voices"
        self._command = tuple(command)
        self._words_per_minute = words_per_minute
        self._mbrola = mbrola
        name = f"the MBROLA voice {mbrola}" if mbrola else "espeak-ng"
        self._program = SpeechProgram(name, mend, timeout=timeout, at_once=at_once)

    @property
    def voice(self) -> str:
        """The engine, the voice and the pace."""
        return f"{f'mbrola {self._mbrola}' if self._mbrola else 'espeak-ng'} {self._words_per_minute}"

    async def synthesise(self, text: str, language: str, target: Path, after: After = After.END) -> None:
        """See `Synthesiser`."""
        voice = f"mb-{self._mbrola}" if self._mbrola else language
        options = ("-v", voice, "-s", str(self._words_per_minute), "-b", "1", "--stdin", "--stdout")
        await self._program.speak((*self._command, *options), harmless(text), voice, target, after)


class PiperSynthesiser:
    """Piper with the voice `model`, an .onnx file that has its .onnx.json beside it. Its pace is the voice's own."""

    def __init__(
        self, command: Sequence[str], model: Path, *, timeout: float = TIMEOUT, at_once: int = AT_ONCE
    ) -> None:
        mend = "install Piper and set speech.piper to its command, or take the voice out of speech.voices"
        if not command:
            raise SpeechError(f"there is no command for the voice {model.name}; {mend}")
        self._command = tuple(command)
        self._model = model
        self._program = SpeechProgram("Piper", mend, timeout=timeout, at_once=at_once)

    @property
    def voice(self) -> str:
        """The voice's file, which of that name it is, and how it is spoken with."""
        try:
            found = self._model.stat()
        except OSError:  # told when it is to speak
            return " ".join(("piper", self._model.name, *self._command[1:]))
        which = f"{found.st_size} {found.st_mtime_ns}"
        return " ".join(("piper", self._model.name, which, *self._command[1:]))

    async def synthesise(self, text: str, language: str, target: Path, after: After = After.END) -> None:
        """See `Synthesiser`. The language is the voice's."""
        if not self._model.is_file():
            raise SpeechError(f"there is no voice {self._model}; put it there, or take it out of speech.voices")
        command = (*self._command, "--model", str(self._model), "--output_file", "-")
        # Piper takes each line for a text.
        await self._program.speak(command, f"{harmless(text)}\n", self._model.name, target, after)
