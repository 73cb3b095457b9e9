"""Plays a flow without Asterisk: the test says what the caller and the services do, and sees what the engine wants."""

from __future__ import annotations

from collections.abc import Mapping

from context_store import codec
from context_store.records import Json, Note, NoteKind, Progress, Standing, Unfinished
from ivr.flow.commands import (
    AskService,
    Command,
    HangUp,
    Listen,
    LookUp,
    Play,
    StartTimer,
    StopListening,
    StopPlaying,
    Transfer,
    Write,
)
from ivr.flow.engine import advance, begin
from ivr.flow.events import (
    Deaf,
    Event,
    HungUp,
    KeyPressed,
    PlayEnded,
    Recalled,
    ServiceAnswered,
    ServiceFailed,
    SpeechBegan,
    Spoke,
    Started,
    TakenOver,
    TimerFired,
)
from ivr.flow.model import Flow


class Player:
    """One call. Time passes by one second an event."""

    def __init__(
        self,
        flow: Flow,
        ani: str | None = "+905321112233",
        language: str = "tr",
        at: float = 0.0,
        token: str = "",
        returned: Standing | None = None,
        run: str = "run1",
        hears: tuple[str, ...] = (),
    ) -> None:
        self.flow = flow
        self.progress: Progress = begin(flow, language)
        self.notes: list[Note] = []
        self.last: tuple[Command, ...] = ()
        self.now = at
        self.service = ""  # the last one that was asked
        self.look_up: LookUp | None = None  # what was asked last at once
        self.send(Started(self.now, ani, "4440000", token=token, returned=returned, run=run, hears=hears))

    def send(self, event: Event) -> None:
        self.now += 1.0
        self.progress, self.last = advance(self.flow, self.progress, event)
        self.service = next((ask.service for ask in self.last if isinstance(ask, AskService)), self.service)
        self.look_up = next((asked for asked in self.last if isinstance(asked, LookUp)), self.look_up)
        self.notes += [command.note for command in self.last if isinstance(command, Write)]

    def press(self, keys: str) -> Player:
        for key in keys:
            self.send(KeyPressed(self.now, key))
        return self

    def hear(self) -> Player:
        """The caller listens to the end of what is being said."""
        assert self.progress.playing, "nothing is being said"
        self.send(PlayEnded(self.now, self.progress.playing))
        return self

    def hear_all(self) -> Player:
        """Listen until the engine waits for something else."""
        while self.progress.playing:
            self.hear()
        return self

    def silence(self) -> Player:
        assert self.progress.timer, "no timer is running"
        self.send(TimerFired(self.now, self.progress.timer))
        return self

    def answer(self, *, changed: bool = False, **result: Json) -> Player:
        assert self.progress.request, "no service was asked"
        self.send(ServiceAnswered(self.now, self.progress.request, result, changed))
        return self

    def fail(self, reason: str = "timeout") -> Player:
        assert self.progress.request, "no service was asked"
        self.send(ServiceFailed(self.now, self.progress.request, reason))
        return self

    def hang_up(self, *, vanished: bool = False) -> Player:
        self.send(HungUp(self.now, vanished))
        return self

    def recall(self, unfinished: Unfinished | None = None) -> Player:
        """It is known what the caller left unfinished."""
        assert self.progress.request, "nothing was asked"
        self.send(Recalled(self.now, self.progress.request, unfinished))
        return self

    def begin_to_speak(self) -> Player:
        """It is certain that the caller says something."""
        assert self.progress.listening, "nobody listens"
        self.send(SpeechBegan(self.now, self.progress.listening))
        return self

    def say(self, words: str, confidence: float = 0.9) -> Player:
        """The caller, who is listened to, has said something."""
        assert self.progress.listening, "nobody listens"
        self.send(Spoke(self.now, words, confidence, self.progress.listening))
        return self

    def type(self, words: str) -> Player:
        """Words that are what they are, as in a chat."""
        self.send(Spoke(self.now, words))
        return self

    def become_deaf(self) -> Player:
        """The caller cannot be heard any more."""
        self.send(Deaf(self.now))
        return self

    def take_over(self, controller: str = "two", hears: tuple[str, ...] = ()) -> Player:
        """Another controller goes on, with what was saved."""
        self.progress = codec.progresses.decode(codec.progresses.encode(self.progress))
        self.send(TakenOver(self.now, controller, hears))
        return self

    @property
    def node(self) -> str:
        return self.progress.node

    @property
    def said(self) -> tuple[str, ...]:
        """The prompts of the last step."""
        return tuple(prompt for command in self.last if isinstance(command, Play) for prompt in command.prompts)

    @property
    def variables(self) -> Mapping[str, Json]:
        """What the prompts of the last step may name."""
        return next(command.variables for command in self.last if isinstance(command, Play))

    @property
    def asked(self) -> AskService:
        """The service that the last step asked."""
        (ask,) = (command for command in self.last if isinstance(command, AskService))
        return ask

    @property
    def stopped(self) -> bool:
        return any(isinstance(command, StopPlaying) for command in self.last)

    @property
    def listens(self) -> Listen | None:
        """What the last step has begun to listen for."""
        return next((command for command in self.last if isinstance(command, Listen)), None)

    @property
    def stopped_listening(self) -> bool:
        return any(isinstance(command, StopListening) for command in self.last)

    @property
    def waits(self) -> float | None:
        """Seconds of the timer that the last step started."""
        return next((command.seconds for command in self.last if isinstance(command, StartTimer)), None)

    @property
    def ending(self) -> Transfer | HangUp | None:
        return next((command for command in self.last if isinstance(command, Transfer | HangUp)), None)

    def told(self, kind: NoteKind) -> list[Mapping[str, Json]]:
        """The data of all notes of that kind."""
        return [note.data for note in self.notes if note.kind is kind]
