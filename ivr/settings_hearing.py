"""The section `[hearing]` of the settings: callers' words, who recognises them, and when."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from ivr.settings_section import Section

Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Server = Annotated[str, Field(pattern=r"^wss?://\S+$")]


class HearingSettings(Section):
    """Callers' words. Without a model or a server there are keys only, and the hotline says nothing of speaking."""

    models: Path = Field(
        default=Path("models"), description="holds one Vosk model a language; `ivr models get` fills it"
    )
    servers: dict[Language, Server] = Field(
        default={}, description="vosk-servers that recognise instead, by language: ws://10.0.0.9:2700"
    )
    places: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=10, description="so many callers are heard at a time; the others are offered keys; 0: nobody is"
    )
    threads: Annotated[int, Field(ge=1, le=64)] = Field(
        default=2, description="recognise at a time, in our own process"
    )
    voice_ms: Annotated[int, Field(ge=60, le=2000)] = Field(
        default=240, description="so much voice, with a word in it, stops a prompt; a cough has less"
    )
    silence_ms: Annotated[int, Field(ge=100, le=3000)] = Field(
        default=600, description="so much silence after words ends what was said"
    )
    certain_ms: Annotated[int, Field(ge=60, le=3000)] = Field(
        default=300, description="the same where all of a phrase was heard that no other one goes on from"
    )
    longest_seconds: Annotated[float, Field(ge=1, le=15)] = Field(
        default=12, description="what is said longer is taken as it is"
    )
