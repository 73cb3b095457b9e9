"""The working copy of one step: progress under change and the commands so far. Lives only inside `advance`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from context_store.records import Answer, Held, Json, Level, Note, NoteKind, Progress, Sensitivity
from ivr.flow.commands import AskService, Command, HangUp, Play, StartTimer, StopPlaying, StopTimer, Transfer, Write
from ivr.flow.model import Flow

AHEAD_LIMIT = 40  # keys kept for later questions; more is a phone in a pocket


class Turn:
    """What handlers of nodes work on. `at` is the time of the event that is being handled."""

    def __init__(self, flow: Flow, progress: Progress, at: float) -> None:
        self.flow = flow
        self.progress = replace(progress)  # nobody else has this copy until `advance` returns it
        self.at = at
        self.commands: list[Command] = []
        self.next_node: str | None = None

    def change(self, **fields: Any) -> None:
        """Change fields of our copy of the progress. Copying it for every change would be most of a step's cost."""
        for name, value in fields.items():
            object.__setattr__(self.progress, name, value)

    def go(self, node: str) -> None:
        """Enter `node` when the present handler is done."""
        self.next_node = node

    def note(self, kind: NoteKind, **data: Json) -> None:
        """Add to the conversation's log."""
        self.commands.append(Write(Note(kind, self.at, self.progress.node, data)))

    def play(self, prompts: tuple[str, ...]) -> None:
        """Say prompts; `playing` is set until they end."""
        play = self._new_id("p")
        self.change(playing=play)
        self.note(NoteKind.SAID, prompts=list(prompts))
        self.commands.append(Play(play, prompts, self.progress.language, self.context()))

    def stop_playing(self) -> None:
        """The caller barged in."""
        if self.progress.playing:
            self.commands.append(StopPlaying(self.progress.playing))
            self.change(playing="")

    def start_timer(self, seconds: float) -> None:
        """Wait that long for a key."""
        timer = self._new_id("t")
        self.change(timer=timer)
        self.commands.append(StartTimer(timer, seconds))

    def stop_timer(self) -> None:
        """A key came in time."""
        if self.progress.timer:
            self.commands.append(StopTimer(self.progress.timer))
            self.change(timer="")

    def ask_service(self, service: str, arguments: Mapping[str, str], timeout: float) -> None:
        """Ask the company and wait for the answer."""
        request = self._new_id("r")
        self.change(request=request, phase="waiting")
        node = self.progress.node
        self.commands.append(AskService(request, service, arguments, timeout, node, self.progress.visits[node]))

    def answer(self, name: str, value: str, sensitivity: Sensitivity) -> None:
        """Keep what the caller gave. Of a secret only that it was given."""
        secret = sensitivity is Sensitivity.SECRET
        given = Answer(name, "" if secret else value, sensitivity, self.progress.node)
        self.change(answers={**self.progress.answers, name: given})
        self.note(NoteKind.ANSWERED, name=name, value=None if secret else value, sensitivity=sensitivity.value)

    def choose(self, key: str, choice: str) -> None:
        """Keep what was chosen at a menu as the answer named like the node."""
        node = self.progress.node
        self.change(answers={**self.progress.answers, node: Answer(node, choice, Sensitivity.PLAIN, node)})
        self.note(NoteKind.PRESSED, key=key, choice=choice)

    def know(self, name: str, fact: Json) -> None:
        """Keep a fact for templates and conditions."""
        self.change(facts={**self.progress.facts, name: fact})

    def raise_level(self, level: Level) -> None:
        """We are at least this sure of who is calling."""
        if not self.progress.level.reaches(level):
            self.change(level=level)

    def hold(self, *, keys: str | None = None, ahead: str | None = None, closing: str = "") -> None:
        """Change what is held in memory only."""
        held = self.progress.held
        self.change(
            held=Held(
                keys=held.keys if keys is None else keys,
                ahead=held.ahead if ahead is None else ahead[:AHEAD_LIMIT],
                closing=closing,
            )
        )

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

    def transfer(self, queue: str, reason: str) -> None:
        """Hand the caller to people; the flow is over."""
        self.note(NoteKind.TRANSFERRED, queue=queue, reason=reason)
        self.commands.append(Transfer(queue, reason))
        self._finish("transferred", "transferred", queue=queue, reason=reason)

    def hang_up(self, outcome: str) -> None:
        """End the call; the flow is over."""
        self.note(NoteKind.ENDED, outcome=outcome)
        self.commands.append(HangUp(outcome))
        self._finish("ended", outcome)

    def hung_up(self) -> None:
        """The caller has gone; the flow is over, but what the company was asked to do may still be done."""
        request = self.progress.request
        self.note(NoteKind.HUNG_UP)
        self._finish("ended", "hung_up")
        self.change(request=request)

    def fail(self, reason: str) -> None:
        """The flow itself cannot go on: people take over."""
        self.note(NoteKind.FAILED, reason=reason)
        self.next_node = None
        self.transfer(self.flow.defaults.queue, "flow_failed")

    def context(self) -> dict[str, Json]:
        """What templates, conditions and prompts may use: `answers.<name>` and every fact by its name."""
        progress = self.progress
        return {**progress.facts, "answers": {name: answer.value for name, answer in progress.answers.items()}}

    def _finish(self, phase: str, outcome: str, **fields: str) -> None:
        self.change(phase=phase, outcome=outcome, playing="", timer="", request="", held=Held(), **fields)

    def _new_id(self, kind: str) -> str:
        serial = self.progress.serial + 1
        self.change(serial=serial)
        return f"{kind}{serial}"
