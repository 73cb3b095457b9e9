"""The caller's line: one call against the engine, in virtual time. Pure: every step makes a new `Standing` of one.

So a step is taken back by going on from an earlier one. Prompts take no time; a reply comes when it is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from context_store.records import Json, Note, NoteKind, Progress, Unfinished
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
from ivr.flow.engine import advance, begin
from ivr.flow.events import (
    Event,
    KeyPressed,
    LookedUp,
    PlayEnded,
    Recalled,
    ServiceAnswered,
    ServiceFailed,
    SpeechBegan,
    Spoke,
    TimerFired,
)
from ivr.flow.events import HungUp as CallerHungUp
from ivr.flow.expressions import names_in_template
from ivr.flow.model import Call, Flow
from ivr.flowtest.heard_as import heard_as
from ivr.flowtest.replying import Due, together
from ivr.flowtest.scenario import Scene
from ivr.flowtest.stage import Stage
from ivr.flowtest.transcript import wants_secret
from ivr.simulate.happenings import (
    Asked,
    Gone,
    Happening,
    Heard,
    Late,
    Noted,
    Over,
    Pressed,
    Replied,
    Said,
    Silent,
)
from ivr.simulate.keypad import Keypad
from ivr.simulate.question import meaning_of, meant

DNIS = "simulated"
UNTOLD = "…"  # stands for words at a question for a secret; means nothing to any question
PROOF_ARGUMENTS = frozenset({"value", "token"})  # of the questions that identify and verify ask


_Reply = ServiceAnswered | ServiceFailed | LookedUp | Recalled


@dataclass(frozen=True, slots=True)
class Looking:
    """A look_up under way: its questions are answered one after the other."""

    look_up: LookUp
    left: tuple[str, ...]  # the names of those that nobody has answered yet, the present one first
    replies: Mapping[str, Due] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """A call at one moment. While `ask` is there somebody has to answer it; `reply` comes at its time."""

    progress: Progress = field(repr=False)
    at: float
    speaking: Heard | None = None
    timer: tuple[float, str] | None = None  # when it fires, and its id
    listen: Listen | None = field(default=None, repr=False)  # what was listened for last
    ask: AskService | None = None
    looking: Looking | None = None  # the look_up that `ask` belongs to
    reply: tuple[_Reply, tuple[Replied, ...]] | None = None  # and what is new in it
    left: Unfinished | None = field(default=None, repr=False)  # by an earlier call
    keypad: Keypad = field(default_factory=Keypad)
    happened: tuple[Happening, ...] = ()

    @property
    def over(self) -> bool:
        """Whether nothing can happen any more."""
        return self.progress.over and not (self.ask or self.reply or self.speaking)

    def adding(self, *happened: Happening) -> Standing:
        """The same, with that having happened."""
        return replace(self, happened=(*self.happened, *happened))


class Line:
    """What a caller can do, and what happens meanwhile."""

    def __init__(self, stage: Stage) -> None:
        self._flow, self._region = stage.flow, stage.region

    def call(self, scene: Scene, left: Unfinished | None = None) -> Standing:
        """The caller calls, who has `left` something unfinished in an earlier call."""
        at = scene.starts_at(self._flow.zone)
        progress = begin(self._flow, scene.language or self._flow.languages[0], self._region)
        return self._take(
            Standing(progress, at, left=left), scene.started(at, DNIS, self._region, self._flow.languages)
        )

    # What the caller does

    def begin_to_press(self, standing: Standing) -> Standing:
        """Press keys, one right after the other: the keys that follow are told together."""
        return standing.adding(Pressed(len(standing.keypad.pressed)))

    def press(self, standing: Standing, key: str) -> Standing:
        """Press one key; what is being said is not waited for."""
        return self._take(standing, KeyPressed(standing.at, key), key)

    def say(self, standing: Standing, words: str, confidence: float = 1.0) -> Standing:
        """Say something: as text or, where it is listened to, as a recogniser hears it, so sure."""
        listening = standing.progress.listening
        if not (listening and standing.listen):
            told = UNTOLD if wants_secret(self._flow, standing.progress) else words
            return self._take(standing.adding(Said(told, confidence)), Spoke(standing.at, words, confidence))
        heard = heard_as(words, standing.listen)
        said = standing.adding(Said(words, confidence, "" if heard == words else heard))
        said = self._take(said, SpeechBegan(standing.at, listening))
        return self._take(said, Spoke(standing.at, heard, confidence, listening))

    def hang_up(self, standing: Standing) -> Standing:
        """Go."""
        gone = replace(standing, speaking=None, timer=None).adding(Gone())
        return self._take(gone, CallerHungUp(standing.at))

    def be_silent(self, standing: Standing) -> Standing:
        """Do nothing until the time for an answer is over. It must be running."""
        return self.fire(standing.adding(Silent()))

    # What happens meanwhile

    def fire(self, standing: Standing) -> Standing:
        """The time for an answer is over."""
        if standing.timer is None:
            raise ValueError("no timer is running")
        at, timer = standing.timer
        return self._take(replace(standing, timer=None, at=at), TimerFired(at, timer))

    def until(self, standing: Standing, at: float) -> Standing:
        """It is that time now, and everything that was due before has happened."""
        return replace(standing, at=at)

    def hear(self, standing: Standing) -> Standing:
        """What is being said is heard to its end."""
        if standing.speaking is None:
            raise ValueError("nothing is being said")
        heard = standing.speaking
        return self._take(replace(standing, speaking=None).adding(heard), PlayEnded(standing.at, heard.play.id))

    def replied(self, standing: Standing, answer: Mapping[str, Json] | None, told: Replied) -> Standing:
        """The service that was asked gives this answer, or fails: at once, after a time-out only when it is over."""
        if (ask := standing.ask) is None:
            raise ValueError("no service was asked")
        due = standing.at + (ask.timeout if answer is None and told.reason == "timeout" else 0.0)
        event = (
            ServiceFailed(due, ask.id, told.reason)
            if answer is None
            else ServiceAnswered(due, ask.id, answer, told.changed)
        )
        if looking := standing.looking:
            return self._looked_up(standing.adding(told), looking, Due(due, event))
        return self._expect(replace(standing, ask=None), event, (told,))

    def _looked_up(self, standing: Standing, looking: Looking, due: Due) -> Standing:
        """One of the questions of a look_up has its reply; the next one is asked, or all are there."""
        name, *left = looking.left
        replies = {**looking.replies, name: due}
        if left:
            return self._ask_next(standing, Looking(looking.look_up, tuple(left), replies))
        return self._expect(replace(standing, ask=None, looking=None), together(looking.look_up, replies), ())

    def _ask_next(self, standing: Standing, looking: Looking) -> Standing:
        ask = looking.look_up.questions()[looking.left[0]]
        return replace(standing, ask=ask, looking=looking).adding(asked(self._flow, standing.progress, ask))

    def _expect(
        self, standing: Standing, event: ServiceAnswered | ServiceFailed | LookedUp, told: tuple[Replied, ...]
    ) -> Standing:
        waiting = replace(standing, reply=(event, told))
        return self.deliver(waiting) if event.at <= standing.at else waiting

    def deliver(self, standing: Standing) -> Standing:
        """The reply arrives."""
        if standing.reply is None:
            raise ValueError("no reply is on its way")
        event, told = standing.reply
        late = (Late(event.at - standing.at),) if event.at > standing.at else ()
        return self._take(replace(standing, reply=None, at=max(event.at, standing.at)).adding(*late, *told), event)

    # The engine

    def _take(self, standing: Standing, event: Event, key: str = "") -> Standing:
        before = standing.progress
        judge = meaning_of(self._flow, before, standing.at) if key and wants_secret(self._flow, before) else None
        progress, commands = advance(self._flow, before, event)
        notes = [command.note for command in commands if isinstance(command, Write)]
        keypad = standing.keypad.after(self._flow, before, progress, notes, key, judge)
        after = replace(standing, progress=progress, keypad=keypad)
        for command in commands:
            after = self._carry_out(after, command, before)
        if after.reply and isinstance(after.reply[0], Recalled):  # nobody waits for what we know ourselves
            return self.deliver(after)
        return replace(after, speaking=None, timer=None) if progress.over else after

    def _meant(self, before: Progress, at: float, note: Note) -> str:
        """The answer that was given in words."""
        if note.kind is not NoteKind.SPOKE:
            return ""
        return str(note.data.get("choice", "")) or meant(self._flow, before, at, str(note.data["words"]))

    def _carry_out(self, standing: Standing, command: Command, before: Progress) -> Standing:
        match command:
            case Play():
                return replace(standing, speaking=Heard(_said_by(standing), command, cut=False))
            case StopPlaying() if standing.speaking:
                return replace(standing, speaking=None).adding(replace(standing.speaking, cut=True))
            case Listen():
                return replace(standing, listen=command)
            case StartTimer() | StopTimer():
                return replace(standing, timer=_timer(command, standing.at))
            case AskService():
                return replace(standing, ask=command).adding(asked(self._flow, standing.progress, command))
            case LookUp():
                return self._ask_next(standing, Looking(command, tuple(command.lookups)))
            case Recall(id=recall):
                return replace(standing, reply=(Recalled(standing.at, recall, standing.left), ()))
            case Write(note=note):
                return standing.adding(Noted(note, self._meant(before, standing.at, note)))
            case Transfer() | HangUp():
                return standing.adding(Over(command))
            case _:
                return standing


def _timer(command: StartTimer | StopTimer, now: float) -> tuple[float, str] | None:
    return (now + command.seconds, command.id) if isinstance(command, StartTimer) else None


def _said_by(standing: Standing) -> str:
    """The node whose prompts begin now: the call may have gone on to another one meanwhile."""
    notes = (one.note for one in reversed(standing.happened) if isinstance(one, Noted))
    return next(note.node for note in notes if note.kind is NoteKind.SAID)


def asked(flow: Flow, progress: Progress, ask: AskService) -> Asked:
    """What may be told of a question to a service."""
    node = flow.named(progress.flow).nodes.get(ask.node)
    secret = PROOF_ARGUMENTS
    if isinstance(node, Call):
        secret = frozenset(name for name, text in node.arguments.items() if _uses_secret(text))
    shown = {name: value for name, value in ask.arguments.items() if name not in secret}
    return Asked(ask.service, shown, tuple(sorted(secret & ask.arguments.keys())), ask.node)


def _uses_secret(template: str) -> bool:
    return any(name.split(".")[0] == "secrets" for name in names_in_template(template))
