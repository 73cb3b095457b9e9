"""When somebody speaks, when that is certain, and when they have spoken. Pure: frames and words in, decisions out.

Time is counted in frames, so it is the caller's time, however late the frames come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto

from ivr.flow.listening import UNKNOWN
from ivr.settings_hearing import HearingSettings
from ivr.speech.hearing.voice import FRAME_MS

_RECENT = 5  # frames
_ENOUGH = 3  # of these with voice are a beginning; a click has less
_WITHOUT_WORDS = 3  # times as much voice on end is speech, whatever the words


class Turn(Enum):
    """What has just changed. Nothing is said between `OVER` or `NOTHING_SAID` and the next `BEGUN`."""

    BEGUN = auto()  # there is voice: recognise from a little before it
    CERTAIN = auto()  # it is speech
    OVER = auto()  # it has ended; where it was not certain, it is speech if words come of it
    NOTHING_SAID = auto()  # it has ended, and was a cough


@dataclass(slots=True)
class _Said:
    """What is being said. Times in milliseconds."""

    voice: int  # in all
    on_end: int  # since the last frame without
    silence: int = 0  # since the last frame with voice
    length: int = 0
    words: str = ""
    certain: bool = False


class Endpoint:
    """Listens to one caller for one question. `complete`: phrases after which nobody is expected to say more."""

    def __init__(self, settings: HearingSettings, complete: Collection[str]) -> None:
        self._settings = settings
        self._complete = complete
        self._recent: deque[bool] = deque(maxlen=_RECENT)
        self._said: _Said | None = None

    def frame(self, voiced: bool) -> Turn | None:
        """The next 20 ms."""
        said = self._said
        if said is None:
            return self._waiting(voiced)
        said.length += FRAME_MS
        if voiced:
            said.voice += FRAME_MS
            said.on_end += FRAME_MS
            said.silence = 0
        else:
            said.on_end = 0
            said.silence += FRAME_MS
        return self._ended(said) or self._became_certain(said)

    def partial(self, words: str) -> Turn | None:
        """What has been recognised of it so far. Nothing comes of what was recognised late, when it is over."""
        if self._said is None:
            return None
        self._said.words = words
        return self._became_certain(self._said)

    def _waiting(self, voiced: bool) -> Turn | None:
        self._recent.append(voiced)
        if sum(self._recent) < _ENOUGH:
            return None
        voice = sum(self._recent) * FRAME_MS
        self._recent.clear()
        self._said = _Said(voice, on_end=voice)
        return Turn.BEGUN

    def _became_certain(self, said: _Said) -> Turn | None:
        enough = self._settings.voice_ms
        known = any(word != UNKNOWN for word in said.words.split())
        if said.certain or not ((known and said.voice >= enough) or said.on_end >= _WITHOUT_WORDS * enough):
            return None
        said.certain = True
        return Turn.CERTAIN

    def _ended(self, said: _Said) -> Turn | None:
        settings = self._settings
        complete = said.certain and said.words in self._complete
        enough = settings.certain_ms if complete else settings.silence_ms
        if said.silence < enough and said.length < settings.longest_seconds * 1000:
            return None
        self._said = None
        # Who says a short word has less voice than it takes to stop a prompt, but more than who clears the throat.
        return Turn.OVER if said.certain or said.voice >= settings.voice_ms / 2 else Turn.NOTHING_SAID
