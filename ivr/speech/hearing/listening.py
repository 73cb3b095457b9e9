"""One `Listen` in force: the caller's sound in, what they say out, an utterance after the other until it is stopped."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import Final

from ivr.flow.commands import Listen
from ivr.flow.events import Event, SpeechBegan, Spoke
from ivr.flow.heard import Kind, likely, vocabulary
from ivr.settings_hearing import HearingSettings
from ivr.speech.hearing.client import Server, ServerGoneError
from ivr.speech.hearing.endpoint import Endpoint, Turn
from ivr.speech.hearing.grammar import complete, grammar
from ivr.speech.hearing.sound import Sound
from ivr.speech.hearing.transcript import Transcript
from ivr.speech.hearing.voice import FRAME_BYTES

log = logging.getLogger(__name__)

# Frames before the voice that are recognised, too: a model that hears no silence first misses a word in ten.
_BEFORE: Final = 20
_VALUES: Final[tuple[Kind, ...]] = ("digits", "phone", "letters", "amount", "date", "time")


class Listening:
    """What `listen` asks for, by `server`; its phrases are in the recogniser's words.

    `put` takes the events; `lost` is called when it can go on no more.
    """

    def __init__(
        self,
        listen: Listen,
        server: Server,
        settings: HearingSettings,
        put: Callable[[Event], None],
        lost: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self.id = listen.id
        self.language = listen.language
        self._server = server
        self._put = put
        self._lost = lost
        self._clock = clock
        kinds = _asked_for(listen.phrases, listen.language)
        in_a_row = (words for kind in kinds for words in likely(kind, listen.language))
        self._phrases = tuple(dict.fromkeys((*listen.phrases, *in_a_row)))
        self._endpoint = Endpoint(settings, complete(listen.phrases, _go_on(kinds, listen.language)))
        self._before: deque[bytes] = deque(maxlen=_BEFORE)
        self._sound: Sound | None = None  # of what is being said
        self._certain = False  # whether that is speech
        self._ending: Sound | None = None  # of what is over, and whose last words are awaited
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def undecided(self) -> bool:
        """Whether somebody is saying something, or has just now, that is neither words nor nothing as yet."""
        return self._sound is not None or self._ending is not None

    def hear(self, frame: bytes, voiced: bool) -> None:
        """The next 20 ms, and whether there is voice in them. Raises `LagError`."""
        if self._sound:
            self._sound.add(frame)
        else:
            self._before.append(frame)
        if not self._ending:
            self._turn(self._endpoint.frame(voiced))

    def close(self) -> set[asyncio.Task[None]]:
        """Hear nothing more. What still ends is in these tasks."""
        for task in self._tasks:
            task.cancel()
        return set(self._tasks)

    def _turn(self, turn: Turn | None) -> None:
        match turn:
            case Turn.BEGUN:
                self._begin()
            case Turn.CERTAIN:
                self._say_certain()
            case Turn.OVER:
                self._ending = self._sound
                self._end()
            case Turn.NOTHING_SAID:
                self._end()

    def _begin(self) -> None:
        self._certain = False
        self._sound = Sound()
        self._sound.add(b"".join(self._before).rjust(_BEFORE * FRAME_BYTES, b"\0"))
        self._before.clear()
        task = asyncio.create_task(self._recognise(self._sound), name=f"recognising for {self.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _end(self) -> None:
        if self._sound:
            self._sound.end()
            self._sound = None

    def _say_certain(self) -> None:
        self._certain = True
        self._put(SpeechBegan(self._clock(), self.id))

    async def _recognise(self, sound: Sound) -> None:
        """One utterance, from its beginning to its end."""
        transcript = Transcript()
        try:
            async with self._server.utterance(self._phrases) as utterance:
                while message := await sound.message():
                    transcript.add(await utterance.say(message))
                    if sound is self._sound:
                        self._turn(self._endpoint.partial(transcript.so_far))
                if sound is self._ending:
                    transcript.add(await utterance.end())
                    self._spoken(transcript)
        except ServerGoneError as error:
            log.warning("words are not heard any more: %s", error)
            self._lost()
        except Exception as error:  # noqa: BLE001 - it is not logged as it is: words of the caller may be in it
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("words are not heard any more: an unforeseen %s\n%s", type(error).__name__, where)
            self._lost()

    def _spoken(self, transcript: Transcript) -> None:
        if transcript.words and not self._certain:
            self._say_certain()
        if self._certain:
            self._put(Spoke(self._clock(), transcript.words, transcript.confidence, self.id))
        self._ending = None


def _asked_for(phrases: Collection[str], language: str) -> tuple[Kind, ...]:
    """The kinds of value that may be said: those all of whose words are among the phrases."""
    return tuple(kind for kind in _VALUES if (words := _words(kind, language)) and words <= set(phrases))


def _go_on(kinds: Iterable[Kind], language: str) -> frozenset[str]:
    """Words that others are likely to follow: those of these kinds of value."""
    return frozenset(word for kind in kinds for phrase in _words(kind, language) for word in phrase.split())


@lru_cache(maxsize=32)
def _words(kind: Kind, language: str) -> frozenset[str]:
    return frozenset(grammar(vocabulary(kind, language), language))
