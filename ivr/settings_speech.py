"""Settings of what callers hear: the synthesisers, their voices, and the folder of sound."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from ivr.settings_section import Section

Voice = Annotated[str, StringConstraints(pattern=r"^(espeak-ng|mbrola:[a-z]{2}[0-9]{1,2}|piper:[^\x00-\x1f]+)$")]
# Asterisk keeps what it has fetched by address, in a table whose keys have up to 240 characters.
Address = Annotated[
    str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._/-]*)?$", max_length=100)
]
VoiceLanguage = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


class SpeechSettings(Section):
    """Prompts: where the made sound is cached, the synthesisers' commands, and who speaks which language."""

    cache: Path = Path("cache/prompts")
    cache_mb: Annotated[int, Field(ge=16, le=1_000_000)] = Field(
        default=512, description="how large the cache may get; what was used longest ago goes first"
    )
    espeak: Annotated[tuple[str, ...], Field(min_length=1)] = ("espeak-ng",)
    piper: Annotated[tuple[str, ...], Field(min_length=1)] = ("piper",)
    voices: dict[VoiceLanguage, Voice] = Field(default={}, description="by language; espeak-ng speaks the others")
    words_per_minute: Annotated[int, Field(ge=80, le=300)] = 160
    url: Address | None = Field(default=None, description="where an Asterisk on another machine fetches the sound")

    def from_folder(self, folder: Path) -> SpeechSettings:
        """The same with absolute paths; relative ones are meant from `folder`."""

        def absolute(path: Path) -> Path:
            return folder.resolve() / path.expanduser()

        voices = {
            language: f"piper:{absolute(Path(voice.removeprefix('piper:')))}" if voice.startswith("piper:") else voice
            for language, voice in self.voices.items()
        }
        return self.model_copy(update={"cache": absolute(self.cache), "voices": voices})
