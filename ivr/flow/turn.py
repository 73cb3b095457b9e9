"""The working copy of one step: progress under change and the commands so far. Lives only inside `advance`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, Literal

from context_store.records import Answer, Frame, Held, Json, Level, Note, NoteKind, Progress, Sensitivity
from ivr.flow.commands import (
    AskService,
    Command,
    HangUp,
    LookUp,
    Lookup,
    Play,
    StartTimer,
    StopPlaying,
    StopTimer,
    Transfer,
    Write,
)
from ivr.flow.context import context_of
from ivr.flow.model import Flow
from ivr.flow.ways import THE_FLOW, Way

AHEAD_LIMIT = 40  # keys kept for later questions; more is a phone in a pocket
VISITS = 500  # nodes entered and questions repeated in one call: more is a caller, or a stuck key, that goes in circles
TRAIL_LIMIT = 20  # questions that a caller can go back

Aside = Literal["", "bargein", "whole"]  # as in `Progress`

# `dataclasses.replace` would be a quarter of a step's cost.
_ALL_OF_PROGRESS = attrgetter(*(field.name for field in fields(Progress)))
_ALL_OF_HELD = attrgetter(*(field.name for field in fields(Held)))


class Turn:
    """What handlers of nodes work on. `at` is the time of the event that is being handled."""

    def __init__(self, hotline: Flow, progress: Progress, at: float) -> None:
        self.hotline = hotline
        self.progress = Progress(*_ALL_OF_PROGRESS(progress))  # nobody else has this copy until `advance` returns it
        self.flow = hotline.named(progress.flow)
        self.at = at
        self.commands: list[Command] = []
        self.next_node: str | None = None
        self.next_needs: Level | None = None  # the level that the way to it needs
        self.ways: list[Way] = []
        self.entered: list[str] = []

    def change(self, **fields: Any) -> None:
        """Change fields of our copy of the progress. Copying it for every change would be most of a step's cost."""
        for name, value in fields.items():
            object.__setattr__(self.progress, name, value)

    # Where to

    def go(self, node: str, way: str = "next", needs: Level | None = None) -> None:
        """Enter `node` when the present handler is done. `way` is what the present node calls it (see `ways`)."""
        self.ways.append(Way(self.progress.flow, self.progress.node, way, node))
        self.next_node, self.next_needs = node, needs

    def go_by_flow(self, node: str, way: str) -> None:
        """Like `go`, by a way that belongs to the flow as a whole: a default, a global key."""
        self.ways.append(Way(self.progress.flow, THE_FLOW, way, node))
        self.next_node = node

    def once_more(self) -> bool:
        """Count one more visit of the present node. False: there were too many, and the call goes to people."""
        progress = self.progress
        self.change(visits={**progress.visits, progress.node: progress.visits.get(progress.node, 0) + 1})
        if sum(self.progress.visits.values()) < VISITS:
            return True
        self.change(failed=True)  # no handler can help
        self.fail("runaway")
        return False

    def go_on(self, node: str, needs: Level | None = None) -> None:
        """Enter `node` by no way of the file: where the caller was bound for, or the question before."""
        self.next_node, self.next_needs = node, needs

    def give_up(self, own: str | None) -> None:
        """The caller cannot answer: the node's own way out, the flow's, or people."""
        if own:
            self.go(own, "otherwise")
        elif default := self.flow.defaults.otherwise:
            self.go_by_flow(default, "defaults.otherwise")
        else:
            self.fail("no_answer")

    def service_failed(self, own: str | None) -> None:
        """A service gave nothing usable: the node's own way out, the flow's, or people."""
        defaults = self.flow.defaults
        if own:
            self.go(own, "on_error")
        elif defaults.on_error:
            self.go_by_flow(defaults.on_error, "defaults.on_error")
        elif defaults.otherwise:
            self.go_by_flow(defaults.otherwise, "defaults.otherwise")
        else:
            self.fail("service_failed")

    def call_subflow(self, name: str, arguments: Mapping[str, Json]) -> None:
        """Go into a subflow; `come_back` returns to the present node."""
        progress = self.progress
        frame = Frame(progress.flow, progress.node, progress.facts.get("args", {}))
        self.flow = self.hotline.named(name)
        self.change(stack=(*progress.stack, frame), flow=name, node=self.flow.start, trail=())
        self.know("args", dict(arguments))
        self.next_node = self.flow.start
        self.ways.append(Way(name, THE_FLOW, "start", self.flow.start))

    def come_back(self) -> None:
        """The subflow is over: stand at the node that called it, with that flow's own arguments again."""
        *rest, frame = self.progress.stack
        self.change(stack=tuple(rest), flow=frame.flow, node=frame.node, trail=())
        self.flow = self.hotline.named(frame.flow)
        self.know("args", frame.arguments)

    def leave_subflows(self) -> None:
        """Stand in the hotline's own flow, wherever the caller was."""
        while self.progress.stack:
            self.come_back()

    # What is said and asked

    def note(self, kind: NoteKind, **data: Json) -> None:
        """Add to the conversation's log."""
        self.commands.append(Write(Note(kind, self.at, self.progress.node, data)))

    def play(self, prompts: tuple[str, ...], answers: Mapping[str, str] | None = None, aside: Aside = "") -> None:
        """Say prompts; `playing` is set until they end. `answers` are said without being kept.

        `aside`: the call goes on meanwhile, and whether a key stops the prompts.
        """
        play = self._new_id("p")
        self.change(playing=play, aside=aside)
        self.note(NoteKind.SAID, prompts=list(prompts))
        self.commands.append(Play(play, prompts, self.progress.language, self.context(answers)))

    def stop_playing(self) -> None:
        """The caller barged in. What waited for the end of what is being said is not said either."""
        if self.progress.playing:
            self.commands.append(StopPlaying(self.progress.playing))
            self.change(playing="", aside="", queued=())

    def start_timer(self, seconds: float) -> None:
        """Wait that long for the caller."""
        timer = self._new_id("t")
        self.change(timer=timer)
        self.commands.append(StartTimer(timer, seconds))

    def stop_timer(self) -> None:
        """The caller did something in time."""
        if self.progress.timer:
            self.commands.append(StopTimer(self.progress.timer))
            self.change(timer="")

    def ask_service(self, service: str, arguments: Mapping[str, str], timeout: float) -> None:
        """Ask the company and wait for the answer."""
        request, node = self._wait(), self.progress.node
        self.commands.append(AskService(request, service, arguments, timeout, node, self.progress.visits[node]))

    def look_up(self, lookups: Mapping[str, Lookup], timeout: float) -> None:
        """Ask the company several things at once and wait for all that comes in time."""
        request, node = self._wait(), self.progress.node
        self.commands.append(LookUp(request, lookups, timeout, node, self.progress.visits[node]))

    # What is known

    def answer(self, name: str, value: str, sensitivity: Sensitivity) -> None:
        """Keep what the caller gave. Of a secret only that it was given, and its value in memory for one service."""
        secret = sensitivity is Sensitivity.SECRET
        given = Answer(name, "" if secret else value, sensitivity, self.progress.node)
        self.change(answers={**self.progress.answers, name: given})
        if secret and value:
            held = self.progress.held
            self.hold(secrets={**held.secrets, name: value}, closing=held.closing)
        self.note(NoteKind.ANSWERED, name=name, value=None if secret else value, sensitivity=sensitivity.value)

    def choose(self, choice: str, kind: NoteKind, **how: str) -> None:
        """Keep what was chosen at a menu as the answer named like the node. `how`: the key, or the words."""
        node = self.progress.node
        self.change(answers={**self.progress.answers, node: Answer(node, choice, Sensitivity.PLAIN, node)})
        self.note(kind, **how, choice=choice)

    def know(self, name: str, fact: Json) -> None:
        """Keep a fact for templates and conditions."""
        self.change(facts={**self.progress.facts, name: fact})

    def forget(self, name: str) -> None:
        """This fact is not known any more."""
        if name in self.progress.facts:
            self.change(facts={known: fact for known, fact in self.progress.facts.items() if known != name})

    def raise_level(self, level: Level) -> None:
        """We are at least this sure of who is calling."""
        if not self.progress.level.reaches(level):
            self.change(level=level)

    def hold(self, **changed: Any) -> None:
        """Change what is held in memory only. The key that closes an answer is forgotten unless it is named."""
        if "ahead" in changed:
            changed["ahead"] = changed["ahead"][:AHEAD_LIMIT]
        changed.setdefault("closing", "")
        held = self.progress.held
        if any(getattr(held, name) != value for name, value in changed.items()):
            held = Held(*_ALL_OF_HELD(held))
            for name, value in changed.items():
                object.__setattr__(held, name, value)
            self.change(held=held)

    def swallow(self, closing: str) -> None:
        """The answer was complete by its length: the # that many press after it belongs to no other question."""
        ahead = self.progress.held.ahead
        if closing and ahead:
            self.hold(ahead=ahead.removeprefix(closing))
        else:
            self.hold(closing=closing)

    def keep_ahead(self, key: str) -> None:
        """No question wants this key now: keep it for the next one."""
        self.hold(ahead=self.progress.held.ahead + key)

    def context(self, answers: Mapping[str, str] | None = None) -> dict[str, Json]:
        """What templates, conditions and prompts may name now. `answers` are said without being kept."""
        return context_of(self.hotline, self.flow, self.progress, self.at, answers)

    # The end

    def transfer(self, queue: str, reason: str) -> None:
        """Hand the caller to people; the flow is over."""
        self.note(NoteKind.TRANSFERRED, queue=queue, reason=reason)
        self.commands.append(Transfer(queue, reason))
        self._finish("transferred", "transferred", queue=queue, reason=reason)

    def hang_up(self, outcome: str) -> None:
        """End the call; the flow is over."""
        if self.progress.gone:
            self.stop()
            return
        self.note(NoteKind.ENDED, outcome=outcome)
        self.commands.append(HangUp(outcome))
        self._finish("ended", outcome)

    def hung_up(self) -> None:
        """The caller has gone. What the company is being asked is heard to its end; then the flow finishes its work."""
        request = self.progress.request
        self.note(NoteKind.HUNG_UP)
        self._finish("leaving" if request and self.hotline.on_hangup else "ended", "hung_up")
        self.change(request=request, gone=True)

    def finish_work(self) -> None:
        """Enter what the flow does after the caller has gone, if there is such a thing."""
        if self.hotline.on_hangup:
            self.leave_subflows()
            self.change(phase="leaving")
            self.go_by_flow(self.hotline.on_hangup, "on_hangup")
        else:
            self.change(phase="ended")

    def stop(self) -> None:
        """Nothing more can be done for a caller who has gone."""
        self.next_node = None
        self._finish("ended", "hung_up")

    def fail(self, reason: str) -> None:
        """The flow itself cannot go on: its handler for errors, once; then people take over."""
        self.note(NoteKind.FAILED, reason=reason)
        handler = self.flow.defaults.on_error
        self.next_node = None
        if self.progress.gone:
            self.stop()
        elif handler and not self.progress.failed:
            self.change(failed=True)
            self.go_by_flow(handler, "defaults.on_error")
        else:
            self.transfer(self.flow.defaults.queue, "flow_failed")

    def _finish(self, phase: str, outcome: str, **fields: str) -> None:
        self.change(phase=phase, outcome=outcome, playing="", aside="", queued=(), timer="", request="", held=Held())
        self.change(**fields)

    def _wait(self) -> str:
        request = self._new_id("r")
        self.change(request=request, phase="waiting")
        return request

    def _new_id(self, kind: str) -> str:
        serial = self.progress.serial + 1
        self.change(serial=serial)
        return f"{kind}{serial}"
