"""Plays the steps of a test in virtual calls, up to the first that goes otherwise. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from context_store.records import Unfinished
from ivr.flow.commands import AskService
from ivr.flow.model import Flow
from ivr.flow.reading.hints import listed, one_of
from ivr.flow.reading.said import prompts_of
from ivr.flowtest.acts import Act, acts_of
from ivr.flowtest.differs import Differs
from ivr.flowtest.expecting import differences
from ivr.flowtest.leaving import left_by
from ivr.flowtest.outcome import Failure, Outcome
from ivr.flowtest.replies import Company
from ivr.flowtest.scenario import (
    Asks,
    Expectation,
    Expects,
    Hears,
    Presses,
    Says,
    Scenario,
    Silent,
    Step,
    Waits,
)
from ivr.flowtest.stage import Stage
from ivr.flowtest.transcript import in_turn, pairs
from ivr.flowtest.virtual_call import VirtualCall

NO_COMPANY = Company()
_ALONE: Mapping[Silent, Callable[[VirtualCall], None]] = {
    "hangs_up": VirtualCall.hang_up,
    "taken_over": VirtualCall.be_taken_over,
    "deaf": VirtualCall.become_deaf,
}
NOT_OVER, HANGS_UP = "the earlier call is not over: {}", "let it end with `- hangs_up`"


def play_scenario(stage: Stage, scenario: Scenario, company: Company = NO_COMPANY) -> Outcome:
    """Play one test. Raises nothing for whatever the flow does; `company` replies where the test does not."""
    story = _Story(stage)
    failure = None
    try:
        story.play(acts_of(scenario, company))
    except Differs as error:
        failure = Failure(story.step, error.what, error.mend)
    nodes = frozenset(node for call in story.calls for node in call.passed)
    ways = frozenset(way for call in story.calls for way in call.ways)
    transcript = in_turn([call.transcript.entries for call in story.calls])
    return Outcome(scenario, failure, transcript, story.calls[-1].progress, nodes, ways)


class _Story:
    """The calls of a test, one after the other. `step` is where it stands, over all of them."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.calls: list[VirtualCall] = []
        self.step = 0

    def play(self, acts: Sequence[Act]) -> None:
        """Raises `Differs` where it goes otherwise."""
        left: Unfinished | None = None
        for act in acts:
            call = VirtualCall(self._stage, act.scene, act.company, left)
            self.calls.append(call)
            self._call(call, act)
            if act is not acts[-1]:
                self._must_be_over(call, act)
                number = call.progress.facts["caller"]["number"]
                left = left_by(self._stage.flow, call.progress, call.now, number, act.cut_off_from, left)

    def _call(self, call: VirtualCall, act: Act) -> None:
        playing = _Playing(self._stage.flow, call)
        call.start()
        for step in act.steps:
            playing.do(step)
            self.step += 1
        playing.finish(act.expect)

    def _must_be_over(self, call: VirtualCall, act: Act) -> None:
        if call.progress.over and (call.progress.phase == "transferred" or not act.cut_off_from):
            return
        self.step -= 1  # it is about the last step of that call
        if not call.progress.over:
            raise Differs(NOT_OVER.format(call.standing), mend=HANGS_UP)
        raise Differs(f"nobody was talking to {act.cut_off_from}: {call.standing}", mend="let it come to people")


class _Playing:
    """One call under way."""

    def __init__(self, flow: Flow, call: VirtualCall) -> None:
        self._flow = flow
        self._call = call
        self._since = 0  # of the prompts heard, those that no `hears` has had yet
        self._claimed: list[AskService] = []  # questions to services that an `asks` has had

    def do(self, step: Step) -> None:
        """One step. Raises `Differs`."""
        match step:
            case Hears(hears=prompts):
                self._hear(prompts)
            case Presses(presses=keys):
                self._call.press(keys)
            case Says(says=said):
                self._call.say(said.words, said.confidence)
            case Waits(waits=seconds):
                self._call.wait(seconds)
            case Asks(asks=questions):
                self._be_asked(questions)
            case Expects(expect=expectation):
                self._compare(expectation)
            case "silence":
                self._be_silent()
            case str():
                _ALONE[step](self._call)

    def _hear(self, prompts: tuple[str, ...]) -> None:
        heard = self._call.heard
        for prompt in prompts:
            while prompt not in heard[self._since :]:
                if not self._call.go_on():
                    since = f"heard since then: {listed(heard[self._since :]) or 'nothing'}"
                    mend = mistyped(prompt, self._flow) or since
                    raise Differs(f"{prompt} is not heard: {self._call.standing}", mend=mend)
            self._since = heard.index(prompt, self._since) + 1

    def _be_asked(self, questions: Mapping[str, Mapping[str, str]]) -> None:
        for service, arguments in questions.items():
            while not (asked := self._question(service, arguments)):
                if not self._call.go_on():
                    what = f"{service} is not asked" + (f" for {pairs(arguments)}" if arguments else "")
                    raise Differs(f"{what}: {self._call.standing}", mend=self._asked(service))
            self._claimed.append(asked)

    def _question(self, service: str, arguments: Mapping[str, str]) -> AskService | None:
        """A question that fits and that no earlier step was about."""
        fitting = (
            ask
            for ask in self._call.asked
            if ask not in self._claimed and ask.service == service and arguments.items() <= ask.arguments.items()
        )
        return next(fitting, None)

    def _asked(self, service: str) -> str:
        """What the service was asked instead."""
        masked = self._call.transcript.masked
        asked = [pairs(masked(ask.arguments)) for ask in self._call.asked if ask.service == service]
        return f"it was asked for: {'; '.join(asked)}" if asked else "it was never asked"

    def _be_silent(self) -> None:
        while self._call.go_on():
            pass
        self._call.time_out()

    def _compare(self, expected: Expectation) -> None:
        if found := differences(expected, self._call):
            raise Differs(*found)

    def finish(self, expected: Expectation) -> None:
        """What still happens without the caller; then everything must be so. Raises `Differs`."""
        while self._call.go_on():
            pass
        self._compare(expected)


def mistyped(prompt: str, flow: Flow) -> str:
    """What was meant by a prompt that no flow of the hotline says; empty for one that it says."""
    known = sorted({name for each in (flow, *flow.subflows.values()) for name in prompts_of(each)})
    return "" if prompt in known else one_of(prompt, known, "the prompts of the flow")
