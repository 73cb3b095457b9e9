"""Who hears callers: the recogniser, and where Asterisk brings it their sound; and what to tell of who is not heard.

Knows the speech and telephony sides of it. Used by the wiring alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from context_store.records import Json
from ivr.settings import Settings
from ivr.settings_hearing import HearingSettings
from ivr.speech.hearing.recogniser import VoskRecogniser
from ivr.speech.models.folder import bring, installed
from ivr.telephony.audio import AudioServer

READY_SECONDS = 60.0  # a large model takes a while to load


@dataclass(frozen=True, slots=True)
class Listeners:
    """Both of them, at work. `places`: so many callers are heard at a time."""

    recogniser: VoskRecogniser
    audio: AudioServer
    places: int

    def state(self) -> Mapping[str, Json]:
        """For the API: the languages in which callers are heard just now, places, and how many of these are taken.

        Since the start: frames of 20 ms that came and that were missing, and callers who became deaf to us.
        """
        recogniser, tally = self.recogniser, self.audio.tally
        return {
            "languages": list(recogniser.languages),
            "places": self.places,
            "taken": recogniser.taken,
            "frames": tally.came,
            "missing": tally.missing,
            "deafened": recogniser.deafened,
        }

    async def tell_ready(self, report: Callable[[str], None]) -> None:
        """Report when callers are heard, or that they are not as yet."""
        if await self.recogniser.ready(READY_SECONDS):
            languages = ", ".join(self.recogniser.languages)
            report(f"callers are heard in {languages}, {self.places} at a time")
        else:
            report("callers have keys only: the recogniser is not there as yet, see the log")


@asynccontextmanager
async def listeners(
    settings: Settings, languages: Sequence[str], report: Callable[[str], None]
) -> AsyncIterator[Listeners | None]:
    """For a hotline in these languages; None: nobody is heard. `report` is told of each language why not."""
    hearing, asterisk = settings.hearing, settings.asterisk
    missing = list(_missing(hearing, languages))
    for why in missing:
        report(why)
    if hearing.places == 0 or len(missing) == len(languages):
        yield None
        return
    async with AsyncExitStack() as stack:
        audio = AudioServer(asterisk.audio_host, asterisk.audio_port, asterisk.audio_address)
        recogniser = VoskRecogniser(hearing)
        await stack.enter_async_context(audio)
        await stack.enter_async_context(recogniser)
        yield Listeners(recogniser, audio, hearing.places)


def _missing(hearing: HearingSettings, languages: Sequence[str]) -> Iterator[str]:
    """Why callers are not heard, by language."""
    if hearing.places == 0:
        yield "callers have keys only: hearing.places is 0"
        return
    there = {model.language for model in installed(hearing.models)} | hearing.servers.keys()
    for language in languages:
        if language not in there:
            yield f"no speech model for {language}: keys only; {bring(language, hearing.models)}"
