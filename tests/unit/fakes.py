"""Fakes behind the call's ports, for speed. What they promise is what the contract suites hold the real ones to."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from context_store.attempts import Attempts, Limits
from context_store.memory_attempts import MemoryAttempts
from context_store.memory_returns import MemoryReturns
from context_store.memory_tenures import MemoryTenures
from context_store.records import Json
from context_store.returns import Returns
from context_store.store import Store
from ivr.call.outage import Outage
from ivr.call.ports import Hotlines, Phones, Place, Recogniser, Served, Services, Speaker, Spoken
from ivr.call.room import Room, Spans
from ivr.call.taping import Tapes
from ivr.call.tenure import Tenure
from ivr.call.unwritten import Unwritten
from ivr.call.watch import Watch
from ivr.errors import ChannelGone, ServiceError, SpeechError
from ivr.flow.commands import Listen
from ivr.flow.events import Deaf, Event, PlayEnded
from ivr.flow.model import Flow


class FakeLine:
    """A channel that plays everything at once, unless `patient` (then the test ends plays itself)."""

    def __init__(self, channel: str = "chan-1", *, patient: bool = False) -> None:
        self.id = channel
        self.patient = patient
        self.done: list[tuple[str, str]] = []
        self.gone = False
        self.ours = True
        self.put: Callable[[Event], None] = lambda _: None
        self.sink: Callable[[bytes], None] = lambda _: None

    def _do(self, what: str, value: str) -> None:
        if self.gone:
            raise ChannelGone("the channel has gone")
        self.done.append((what, value))

    async def answer(self, conversation: str) -> None:
        self._do("answer", conversation)

    async def mark(self, conversation: str) -> None:
        self._do("mark", conversation)

    async def take_over(self, play: str) -> None:
        self._do("take_over", play)

    async def is_ours(self) -> bool:
        return self.ours

    async def play(self, play: str, files: Sequence[Path]) -> None:
        self._do("play", ",".join(file.name for file in files))
        if not self.patient:
            self.put(PlayEnded(time.time(), play))

    async def stop_playing(self, play: str) -> None:
        self._do("stop", play)

    async def hear(self, sink: Callable[[bytes], None]) -> None:
        self._do("hear", "")
        self.sink = sink

    async def stop_hearing(self) -> None:
        self._do("stop hearing", "")

    async def transfer(self, queue: str, agent: str = "") -> None:
        self._do("transfer", f"{queue} {agent}".strip())

    async def hang_up(self) -> None:
        self._do("hang_up", "")


class FakeSpeaker:
    """Says the names of the prompts; those in `broken` cannot be made."""

    def __init__(self, broken: frozenset[str] = frozenset()) -> None:
        self.broken = broken

    async def speak(self, prompts: Sequence[str], language: str, variables: Mapping[str, Json]) -> Spoken:
        if self.broken & set(prompts):
            raise SpeechError("no synthesiser")
        return Spoken(" ".join(prompts), tuple(Path(f"/{language}/{prompt}.wav") for prompt in prompts))


class OneHotline:
    """The same flow for every call, until the test puts another into its place."""

    def __init__(self, flow: Flow, speaker: Speaker, announcement: Mapping[str, str] | None = None) -> None:
        self.served = Served(flow, speaker, announcement or {})

    async def current(self) -> Served:
        return self.served

    async def edition(self, version: str) -> Served:
        return self.served


class FakeAnswers:
    """Services that answer from a table; an exception in the table is raised."""

    def __init__(self, answers: Mapping[str, Mapping[str, Json] | Exception]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Mapping[str, str], str]] = []

    async def ask(
        self, service: str, arguments: Mapping[str, str], *, timeout: float, idempotency_key: str
    ) -> Mapping[str, Json]:
        self.asked.append((service, arguments, idempotency_key))
        answer = self.answers.get(service, ServiceError(service, "unavailable"))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def changes_something(self, service: str) -> bool:
        return service in ("ticket.open", "code.send")


class FakePlace:
    """Hears what the test says: it puts the events itself. An empty frame makes it deaf, as the sound broke off."""

    def __init__(self, put: Callable[[Event], None], languages: tuple[str, ...] = ("tr",)) -> None:
        self.put = put
        self.languages = languages
        self.frames: list[bytes] = []
        self.asked: list[Listen | str] = []  # what to listen for, and the ids of what not to any more
        self.closed = 0
        self.undecided = False

    def hear(self, frame: bytes) -> None:
        self.frames.append(frame)
        if not frame:
            self.put(Deaf(time.time()))

    def listen(self, listen: Listen) -> None:
        self.asked.append(listen)

    def stop(self, listening: str) -> None:
        self.asked.append(listening)

    async def aclose(self) -> None:
        self.closed += 1


class FakeRecogniser:
    """Has so many places; `made` are those that were taken, in order."""

    def __init__(self, places: int = 1, languages: tuple[str, ...] = ("tr",)) -> None:
        self.places = places
        self.languages = languages
        self.made: list[FakePlace] = []

    def place(self, put: Callable[[Event], None]) -> Place | None:
        if self.taken >= self.places:
            return None
        self.made.append(FakePlace(put, self.languages))
        return self.made[-1]

    @property
    def taken(self) -> int:
        return sum(not place.closed for place in self.made)


class FakeTenure(Tenure):
    """Knows who is dead as the test says; `sleep` is what it does not notice by itself."""

    def __init__(self, name: str = "one", dead: Collection[str] = ()) -> None:
        self.now = 0.0
        super().__init__(MemoryTenures(), name, 1.2, clock=lambda: self.now)
        self._dead = frozenset(dead)

    def sleep(self, seconds: float = 30.0) -> None:
        self.now += seconds


def make_room(
    store: Store,
    hotlines: Hotlines,
    services: Services,
    *,
    watch: Watch | None = None,
    unwritten: Unwritten | None = None,
    attempts: Attempts | None = None,
    returns: Returns | None = None,
    tenure: Tenure | None = None,
    outage: Outage | None = None,
    tapes: Tapes | None = None,
    phones: Phones | None = None,
    spans: Spans | None = None,
    name: str = "one",
    dead: Collection[str] = (),
    language: str = "tr",
    recogniser: Recogniser | None = None,
) -> Room:
    """What calls share; what is not given lies in memory and begins empty. The controller never sleeps.

    `name` is its own; it knows that those in `dead` serve no calls.
    """
    tenure = tenure or FakeTenure(name, dead)
    return Room(
        store,
        hotlines,
        services,
        attempts or MemoryAttempts(Limits()),
        returns or MemoryReturns(),
        watch or Watch(),
        unwritten or Unwritten(store),
        tenure,
        outage or Outage(store),
        tapes or Tapes(),
        name,
        phones,
        spans or Spans(),
        language=language,
        recogniser=recogniser,
    )
