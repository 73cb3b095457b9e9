"""One call against the engine, in virtual time: what is said takes no time, but is heard only by who listens to it.

Services reply at once unless their reply `takes` longer. Nothing happens by itself: a step of a test lets it. Pure.
"""

from __future__ import annotations

from context_store.records import Progress, Unfinished
from ivr.errors import SpeechError
from ivr.flow.commands import (
    AskService,
    Command,
    HangUp,
    Listen,
    LookUp,
    Play,
    Recall,
    StartTimer,
    StopPlaying,
    StopTimer,
    Transfer,
    Write,
)
from ivr.flow.engine import Trace, begin, traced
from ivr.flow.events import (
    Deaf,
    Event,
    HungUp,
    KeyPressed,
    PlayEnded,
    Recalled,
    SpeechBegan,
    Spoke,
    TakenOver,
    TimerFired,
)
from ivr.flow.reading.hints import listed
from ivr.flow.ways import Way
from ivr.flowtest.differs import Differs
from ivr.flowtest.heard_as import heard_as
from ivr.flowtest.leaving import stored
from ivr.flowtest.replies import Company
from ivr.flowtest.replying import Due, Replying, together
from ivr.flowtest.scenario import STARS, Scene
from ivr.flowtest.stage import Stage
from ivr.flowtest.transcript import Transcript, Who, wants_secret
from ivr.flowtest.under_way import Answer, Speaking

DNIS = "test"  # the number that was called
_EVENTS = 5000  # of one call; the engine ends a call long before


class VirtualCall:
    """A call under way, and everything that has happened in it so far. `company` is what replies to it.

    `left` is what an earlier call left unfinished.
    """

    def __init__(self, stage: Stage, scene: Scene, company: Company, left: Unfinished | None = None) -> None:
        self._stage = stage
        self._scene = scene
        self._left = left
        self._replying = Replying(company.services, stage.catalogue)
        self._began = self._now = scene.starts_at(stage.flow.zone)
        self._events = 0
        self._speaking: Speaking | None = None
        self._timer: tuple[float, str] | None = None  # when it fires, and its id
        self._reply: Answer | None = None
        self._hears: tuple[str, ...] = ()  # languages in which words are heard
        self._listened: Listen | None = None  # what was listened for last
        self.progress: Progress = begin(stage.flow, scene.language or stage.flow.languages[0], stage.region)
        self.transcript = Transcript()
        self.ways: set[Way] = set()
        self.passed: list[str] = []  # nodes, in the order in which the call came to them
        self.begun: list[str] = []  # prompts that began
        self.heard: list[str] = []  # prompts that were heard to their end
        self.asked: list[AskService] = []
        self.agent = ""  # the phone that is to be rung first

    # What the caller does

    def start(self) -> None:
        """The caller calls."""
        language, spoken = self._scene.language, self._stage.flow.languages
        if language and language not in spoken:
            raise Differs(f"the hotline does not speak {language!r}", mend=f"its languages are: {listed(spoken)}")
        started = self._scene.started(self._now, DNIS, self._stage.region, spoken)
        self._hears = started.hears
        self.transcript.add(0.0, Who.CALLER, "calls", started.ani or "number withheld")
        self._send(started)

    def press(self, keys: str) -> None:
        """The caller presses keys, faster than anything else happens."""
        self._must_be_there()
        self.transcript.presses(self._at)
        for key in keys:
            self.transcript.key(key, secret=wants_secret(self._stage.flow, self.progress))
            self._send(KeyPressed(self._now, key))

    def say(self, words: str, confidence: float = 1.0) -> None:
        """The caller says something. Where words are heard, somebody has to be listening."""
        self._must_be_there()
        listening = self.progress.listening
        if self._scene.speech and not listening:
            raise Differs("nobody listens to words: " + self.standing)
        secret = wants_secret(self._stage.flow, self.progress)
        sure = f" ({confidence:g})" if confidence < 1 else ""
        self.transcript.add(self._at, Who.CALLER, f"says{sure}", STARS if secret else words)
        if listening and self._listened:
            words = self._heard(words, self._listened)
            self._send(SpeechBegan(self._now, listening))
        self._send(Spoke(self._now, words, confidence, listening))

    def _heard(self, words: str, listen: Listen) -> str:
        heard = heard_as(words, listen)
        if heard != words:
            self.transcript.add(self._at, Who.FLOW, "hears it as", heard)
        return heard

    def become_deaf(self) -> None:
        """Whoever listens to the caller is gone."""
        self.transcript.add(self._at, Who.FLOW, "hears no words any more")
        self._send(Deaf(self._now))

    def hang_up(self) -> None:
        """The caller goes."""
        self._must_be_there()
        if self._speaking:
            self.transcript.cut()
        self.transcript.add(self._at, Who.CALLER, "hangs up")
        self._speaking = self._timer = None
        self._send(HungUp(self._now))

    def be_taken_over(self) -> None:
        """The controller dies: another one reads the progress back and goes on. What was under way is lost."""
        if self._speaking:
            self.transcript.cut()
        self.transcript.add(self._at, Who.FLOW, "is taken over by another controller")
        self._speaking = self._timer = self._reply = None
        self.progress = stored(self.progress)
        self._send(TakenOver(self._now, "another", self._hears))

    # What happens meanwhile

    def go_on(self) -> bool:
        """Let the next thing happen that needs neither the caller nor a timer. False when there is none."""
        if self._speaking:
            self._listen(self._speaking)
        elif self._reply:
            self._now = max(self._now, self._reply.at)
            self._settle()
        else:
            return False
        return True

    def time_out(self) -> None:
        """Let the time for an answer be over."""
        if not self._timer:
            raise Differs("nobody waits for the caller here: " + self.standing)
        self._fire(self._timer)

    def wait(self, seconds: float) -> None:
        """Let time pass; the caller listens meanwhile."""
        until = self._now + seconds
        self.transcript.add(self._at, Who.CALLER, "waits", f"{seconds:g}s")
        while True:
            if self._speaking:
                self._listen(self._speaking)
            elif self._reply and self._reply.at <= until:
                self.go_on()
            elif self._timer and self._timer[0] <= until:
                self._fire(self._timer)
            else:
                break
        self._now = until

    @property
    def standing(self) -> str:
        """Where the call stands, in words."""
        progress = self.progress
        if progress.phase == "transferred":
            return f"the caller was passed to {progress.queue}, at {progress.node}"
        if progress.phase == "ended":
            return f"the call is over ({progress.outcome}), at {progress.node}"
        return f"the call waits for the caller at {progress.node}" if self._timer else f"the call is at {progress.node}"

    @property
    def now(self) -> float:
        """What time it is, in seconds since the epoch."""
        return self._now

    @property
    def _at(self) -> float:
        return self._now - self._began

    def _must_be_there(self) -> None:
        if self.progress.over or self.progress.gone:
            raise Differs("the caller can do nothing more: " + self.standing)

    def _fire(self, timer: tuple[float, str]) -> None:
        self._timer = None
        self._now = timer[0]
        self._send(TimerFired(self._now, timer[1]))

    def _listen(self, speaking: Speaking) -> None:
        """Hear the present prompt to its end."""
        self.heard.append(speaking.play.prompts[speaking.position])
        speaking.position += 1
        if speaking.position < len(speaking.play.prompts):
            self._begin_prompt(speaking)
        else:
            self._speaking = None
            self._send(PlayEnded(self._now, speaking.play.id))

    def _begin_prompt(self, speaking: Speaking) -> None:
        name = speaking.play.prompts[speaking.position]
        self.begun.append(name)
        self.transcript.add(self._at, Who.HOTLINE, name, speaking.words[speaking.position])

    # The engine

    def _send(self, event: Event) -> None:
        self._take(event)
        self._settle()

    def _settle(self) -> None:
        """Replies that are due come before anything else."""
        while self._reply and self._reply.at <= self._now:
            reply, self._reply = self._reply, None
            for one in reply.replies:
                self.transcript.replied(self._at, one)
            self._take(reply.event)

    def _take(self, event: Event) -> None:
        self._events += 1
        if self._events > _EVENTS:
            raise Differs("the call does not come to an end")
        self.progress, commands, trace = traced(self._stage.flow, self.progress, event)
        notes = [command.note for command in commands if isinstance(command, Write)]
        self.transcript.noted(self._at, notes, self.progress)
        self._follow(trace)
        for command in commands:
            self._carry_out(command)
        if self.progress.over:
            self._speaking = self._timer = None

    def _follow(self, trace: Trace) -> None:
        """Tell the nodes that the call came to."""
        self.ways.update(trace.ways)
        if trace.nodes:
            self.passed += trace.nodes
            self.transcript.add(self._at, Who.FLOW, f"→ {' → '.join(trace.nodes)}")

    def _carry_out(self, command: Command) -> None:
        match command:
            case Play():
                self._speaking = Speaking(command, [self._words(command, name) for name in command.prompts])
                self._begin_prompt(self._speaking)
            case StopPlaying() if self._speaking:
                self.transcript.cut()
                self._speaking = None
            case Listen():
                self._listened = command
            case StartTimer(id=timer, seconds=seconds):
                self._timer = (self._now + seconds, timer)
            case StopTimer():
                self._timer = None
            case AskService():
                due = self._ask(command)
                self._reply = Answer([due], due.event)
            case LookUp():
                replies = {name: self._ask(question) for name, question in command.questions().items()}
                self._reply = Answer(list(replies.values()), together(command, replies))
            case Recall(id=recall):
                self._reply = Answer([], Recalled(self._now, recall, self._left))
            case Transfer() | HangUp():
                self._leave(command)

    def _leave(self, command: Transfer | HangUp) -> None:
        if isinstance(command, HangUp):
            self.transcript.add(self._at, Who.FLOW, "hangs up", command.outcome)
            return
        self.agent = command.agent
        told = f"to {command.queue}: {command.reason}" + (f", first to {command.agent}" if command.agent else "")
        self.transcript.add(self._at, Who.FLOW, "passes the caller on", told)

    def _words(self, play: Play, name: str) -> str:
        """The prompt's text. One that cannot be made would be silence in a call."""
        if self._stage.texts is None:
            return ""
        try:
            return self._stage.texts.text(name, play.language, play.variables)
        except SpeechError as error:
            raise Differs(f"the caller would hear nothing: {error}") from None

    def _ask(self, ask: AskService) -> Due:
        self.asked.append(ask)
        self.transcript.asks(self._at, ask, self.progress)
        return self._replying.to(ask, self._now)
