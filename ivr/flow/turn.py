"""One step under way: where it leads, what is said and asked, how it ends. Lives only inside `advance`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from context_store.records import Answer, Frame, Held, Json, Level, Note, NoteKind, Progress, Sensitivity
from ivr.flow.commands import (
    AskService,
    Command,
    HangUp,
    Listen,
    LookUp,
    Lookup,
    Play,
    Recall,
    StartTimer,
    StopListening,
    StopPlaying,
    StopTimer,
    Transfer,
    Write,
)
from ivr.flow.model import Flow
from ivr.flow.places import in_business, place_of
from ivr.flow.ways import THE_FLOW, Way
from ivr.flow.working_copy import WorkingCopy

VISITS = 500  # nodes entered and questions repeated in one call: more is a caller, or a stuck key, that goes in circles
TRAIL_LIMIT = 20  # questions that a caller can go back

SPEECH = "s"  # so the ids of timers begin that run while the caller speaks

Aside = Literal["", "bargein", "whole"]  # as in `Progress`


class Turn(WorkingCopy):
    """What handlers of nodes work on: the progress under change, where to go next, and the commands so far."""

    def __init__(self, hotline: Flow, progress: Progress, at: float) -> None:
        super().__init__(hotline, progress, at)
        self.commands: list[Command] = []
        self.listened = progress.listening  # what is listened for outside, as far as it was told
        self._unheard_from = 0  # the place among the commands from which on it is to be listened for no more
        self.next_node: str | None = None
        self.next_needs: Level | None = None  # the level that the way to it needs
        self.next_step = ""  # the step in which it begins
        self.ways: list[Way] = []
        self.entered: list[str] = []
        self.asked_before = ""  # the request that the controller before this one made and whose answer nobody gets

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

    def go_on(self, node: str, needs: Level | None = None, step: str = "") -> None:
        """Enter `node` by no way of the file: where the caller was bound for, or the question before."""
        self.next_node, self.next_needs, self.next_step = node, needs, step

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
        frame = Frame(progress.flow, progress.node, progress.facts.get("args", {}), progress.demanded)
        self.flow = self.hotline.named(name)
        stack = (*progress.stack, frame)
        self.change(stack=stack, flow=name, node=self.flow.start, trail=(), demanded=Level.UNKNOWN)
        self.know("args", dict(arguments))
        self.next_node = self.flow.start
        self.ways.append(Way(name, THE_FLOW, "start", self.flow.start))

    def come_back(self) -> None:
        """The subflow is over: stand at the node that called it, with that flow's own arguments again."""
        *rest, frame = self.progress.stack
        self.change(stack=tuple(rest), flow=frame.flow, node=frame.node, trail=(), demanded=frame.demanded)
        self.flow = self.hotline.named(frame.flow)
        self.know("args", frame.arguments)
        if self.progress.done and not in_business(self.hotline, self.progress):
            self.change(done=())

    def leave_subflows(self) -> None:
        """Stand in the hotline's own flow, wherever the caller was."""
        while self.progress.stack:
            self.come_back()

    # What is said and asked

    def note(self, kind: NoteKind, **data: Json) -> None:
        """Add to the conversation's log."""
        self.commands.append(Write(Note(kind, self.at, self.progress.node, data)))

    def play(self, prompts: tuple[str, ...], variables: Mapping[str, Json] | None = None, aside: Aside = "") -> None:
        """Say prompts; `playing` is set until they end. `variables` are what they may name: else what is known.

        `aside`: the call goes on meanwhile, and whether a key stops the prompts.
        """
        play = self._new_id("p")
        self.change(playing=play, aside=aside)
        self.note(NoteKind.SAID, prompts=list(prompts))
        self.commands.append(Play(play, prompts, self.progress.language, variables or self.context()))

    def stop_playing(self) -> None:
        """The caller barged in. What waited for the end of what is being said is not said either."""
        if self.progress.playing:
            self.commands.append(StopPlaying(self.progress.playing))
            self.change(playing="", aside="", queued=())

    def start_timer(self, seconds: float, *, speech: bool = False) -> None:
        """Wait that long for the caller; for the end of what they are saying, where that is `speech`."""
        timer = self._new_id(SPEECH if speech else "t")
        self.change(timer=timer)
        self.commands.append(StartTimer(timer, seconds))

    def stop_timer(self) -> None:
        """The caller did something in time."""
        if self.progress.timer:
            self.commands.append(StopTimer(self.progress.timer))
            self.change(timer="")

    @property
    def times_speech(self) -> bool:
        """Whether the caller has begun to speak, and is waited for."""
        return self.progress.timer.startswith(SPEECH)

    def hear_in(self, languages: tuple[str, ...]) -> None:
        """In these languages the caller's words can be heard from now on. What was listened for is lost."""
        self.change(hears=languages, listening="")
        self.listened = ""

    def listen(self, phrases: tuple[str, ...]) -> None:
        """Hear words from now on: these."""
        listening = self._new_id("l")
        self.change(listening=listening)
        self.listened = listening
        self.commands.append(Listen(listening, self.progress.language, phrases))

    def stop_listening(self) -> None:
        """What is said from now on answers nothing. It is told to nobody before it is clear what follows."""
        if self.progress.listening:
            self.change(listening="")
            self._unheard_from = len(self.commands)

    def tell_of_listening(self) -> None:
        """Have it stopped, if nothing took its place: before what follows is said, or the caller goes elsewhere."""
        if self.listened and not self.progress.listening:
            self.commands.insert(self._unheard_from, StopListening(self.listened))
            self.listened = ""

    def ask_service(self, service: str, arguments: Mapping[str, str], timeout: float) -> None:
        """Ask the company and wait for the answer."""
        request, node = self._wait(), self.progress.node
        self.commands.append(AskService(request, service, arguments, timeout, node, self.progress.visits[node]))

    def look_up(self, lookups: Mapping[str, Lookup], timeout: float) -> None:
        """Ask the company several things at once and wait for all that comes in time."""
        request, node = self._wait(), self.progress.node
        self.commands.append(LookUp(request, lookups, timeout, node, self.progress.visits[node]))

    def recall(self, within: float) -> None:
        """Ask what the caller left unfinished, not longer than `within` seconds ago."""
        self.commands.append(Recall(self._wait(), within))

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

    def choose(self, choice: str, kind: NoteKind, **how: Json) -> None:
        """Keep what was chosen at a menu as the answer named like the node. `how`: the key, or the words."""
        node = self.progress.node
        self.change(answers={**self.progress.answers, node: Answer(node, choice, Sensitivity.PLAIN, node)})
        self.note(kind, **how, choice=choice)

    def did(self, service: str, into: str, result: Mapping[str, Json]) -> None:
        """A service has changed something. It is `done` until the caller leaves the business in which it was."""
        self.know(into, dict(result))
        self.note(NoteKind.DID, service=service, into=into, result=dict(result))
        done = self.progress.done
        if service not in done and in_business(self.hotline, self.progress):
            self.change(done=(*done, service))

    # The end

    def transfer(self, queue: str, reason: str, agent: str = "") -> None:
        """Hand the caller to people, `agent` first if one is named; the flow is over."""
        self.note(NoteKind.TRANSFERRED, queue=queue, reason=reason)
        self._finish("transferred", "transferred", queue=queue, reason=reason)
        self.commands.append(Transfer(queue, reason, agent))

    def hang_up(self, outcome: str) -> None:
        """End the call; the flow is over."""
        if self.progress.gone:
            self.stop()
            return
        self.note(NoteKind.ENDED, outcome=outcome)
        self._finish("ended", outcome)
        self.commands.append(HangUp(outcome))

    def hung_up(self, *, vanished: bool) -> None:
        """The caller has gone. What the company is being asked is heard to its end; then the flow finishes its work."""
        request, left = self.progress.request, place_of(self.progress)
        self.note(NoteKind.INTERRUPTED if vanished else NoteKind.HUNG_UP)
        phase = "leaving" if request and self.hotline.on_hangup else "ended"
        self._finish(phase, "interrupted" if vanished else "hung_up")
        self.change(request=request, gone=True, left=left)

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
        self._finish("ended", self.progress.outcome)

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
        self.stop_listening()

    def _wait(self) -> str:
        request, self.asked_before = self.asked_before or self._new_id("r"), ""
        self.change(request=request, phase="waiting")
        return request

    def _new_id(self, kind: str) -> str:
        serial = self.progress.serial + 1
        self.change(serial=serial)
        return f"{kind}{serial}"
