"""A call that is being played: what the caller does, what services answer meanwhile, and the way back.

What was played stays as a list of standings, so a step can be taken back. Asks whoever answers for the company, and
has the screen show what happens.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import NamedTuple

from context_store.records import Unfinished, new_id
from ivr.errors import ServiceError
from ivr.flow.commands import AskService
from ivr.flow.hours import local_time
from ivr.flowtest.leaving import left_by
from ivr.flowtest.scenario import Scene
from ivr.flowtest.stage import Stage
from ivr.simulate.company import Arranged, Company
from ivr.simulate.happenings import Heard, Replied, Waited
from ivr.simulate.line import Line, Standing, asked
from ivr.simulate.question import Question, question
from ivr.simulate.screen import Screen
from ivr.simulate.typed import Unusable

DOUBTFUL = 0.3  # how sure whoever listens is of words that may be others
LATER = 10  # minutes from the beginning of a call to the next one, at the least


class Ended(NamedTuple):
    """A call that is over, and how many seconds before the next one it began."""

    standing: Standing
    ago: float


class PlayedCall:
    """One call, or several after one another. Set the `company` before anything happens."""

    company: Company

    def __init__(self, stage: Stage, scene: Scene, screen: Screen) -> None:
        self.stage, self.scene = stage, scene
        self.screen = screen
        self.arranged = Arranged()
        self.before: tuple[Ended, ...] = ()  # the calls that have left something unfinished
        self._left: Unfinished | None = None
        self._line = Line(stage)
        self._begin()

    def _begin(self) -> None:
        self._id = new_id()
        self._history: list[Standing] = []
        self._shown = 0
        self.began = self.scene.starts_at(self.stage.flow.zone)
        self.standing = self._line.call(self.scene, self._left)

    def restart(self) -> None:
        """Call again. After a call that is over some time has passed, and what it left unfinished may be gone on with;
        one under way is begun anew, as if it had not been."""
        if self.standing.over:
            self._leave()
        self._begin()

    def _leave(self) -> None:
        """The call is over: another one comes later."""
        progress, at = self.standing.progress, self.standing.at
        number = progress.facts["caller"]["number"]
        self._left = left_by(self.stage.flow, progress, at, number, "", self._left)
        ago = 60.0 * max(LATER, math.ceil((at - self.began) / 60) + 1)
        self.before = (*self.before, Ended(self.standing, ago)) if self._left else ()
        again = datetime.fromisoformat(self.scene.at) + timedelta(seconds=ago)
        self.scene = self.scene.model_copy(update={"at": f"{again:%Y-%m-%d %H:%M}"})

    def now(self) -> datetime:
        """The local time of the call."""
        return local_time(self.standing.at, self.stage.flow.zone)

    @property
    def question(self) -> Question | None:
        """What the caller is asked now."""
        return question(self.stage.flow, self.standing.progress, self.standing.at)

    # What the caller does

    def press(self, keys: str) -> None:
        """The caller presses keys; what is asked of services between them is answered at once."""
        self._remember()
        self.standing = self._line.begin_to_press(self.standing)
        for key in keys:
            if self.standing.progress.over or self.standing.progress.gone:
                break
            self.standing = self._line.press(self.standing, key)
            self._answer()

    def say(self, words: str) -> None:
        """The caller says something. Where words are heard, and not typed, a ? at their end makes them doubtful."""
        confidence = 1.0
        if self.scene.speech:
            if not self.standing.progress.listening:
                raise Unusable("nobody listens to words here; press keys")
            if words.endswith("?"):
                words, confidence = words.removesuffix("?").rstrip() or words, DOUBTFUL
        self._remember()
        self.standing = self._line.say(self.standing, words, confidence)

    def be_silent(self) -> None:
        """The caller does nothing."""
        if self.standing.timer is None:
            raise Unusable("nobody waits for the caller here")
        self._remember()
        self.standing = self._line.be_silent(self.standing)

    def wait(self, seconds: float) -> None:
        """Time passes; the caller listens."""
        self._remember()
        until = self.standing.at + seconds
        self.standing = self.standing.adding(Waited(seconds))
        while True:
            self.go_on(until)
            if self.standing.timer is None or self.standing.timer[0] > until:
                break
            self.standing = self._line.fire(self.standing)
        self.standing = self._line.until(self.standing, until)

    def hang_up(self) -> None:
        """The caller goes."""
        if self.standing.progress.over or self.standing.progress.gone:
            raise Unusable("the caller has gone already")
        self._remember()
        self.standing = self._line.hang_up(self.standing)

    def undo(self) -> None:
        """Back to before the last thing that the caller did."""
        if not self._history:
            raise Unusable("there is nothing to take back: the caller has done nothing yet")
        undone, self.standing = self.standing, self._history.pop()
        self._id = new_id()  # services must not take what comes now for what was asked before
        heard = [at for at, one in enumerate(self.standing.happened) if isinstance(one, Heard)]
        self._shown = heard[-1] if heard else 0
        self.screen.aside("one step back", "bold")
        after = undone.happened[len(self.standing.happened) :]
        if changed := [one.service for one in after if isinstance(one, Replied) and one.changed]:
            self.screen.aside(f"but what services have done stays done: {', '.join(changed)}")

    # What happens meanwhile

    def go_on(self, until: float | None = None) -> None:
        """Let happen what needs neither the caller nor time (beyond `until`), and show it."""
        while True:
            standing = self.standing
            if standing.ask:
                self._answer()
            elif standing.speaking:
                self.standing = self._line.hear(standing)
            elif standing.reply and (until is None or standing.reply[0].at <= until):
                self.standing = self._line.deliver(standing)
            else:
                break
        self._show()

    def _remember(self) -> None:
        self._history.append(self.standing)

    def _show(self) -> None:
        self.screen.show(self.standing.happened[self._shown :])
        self._shown = len(self.standing.happened)

    def _answer(self) -> None:
        """Whoever answers for the company does."""
        while ask := self.standing.ask:
            self._show()
            told = asked(self.stage.flow, self.standing.progress, ask)
            try:
                reply = self._arranged(ask) or self.company.reply(ask, told, f"{self._id}:{ask.node}:{ask.visit}")
            except EOFError:
                reply = Replied(ask.service, None, "unavailable", "the input ends")
                if not self.standing.progress.gone:
                    self.hang_up()
            self.standing = self._line.replied(self.standing, reply.answer, reply)

    def _arranged(self, ask: AskService) -> Replied | None:
        try:
            return self.arranged.reply(ask)
        except ServiceError as error:
            self.screen.wrong(f"{error}; what was arranged is not used")
            return None
