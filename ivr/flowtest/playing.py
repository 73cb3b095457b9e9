"""Plays the steps of a test in a virtual call, up to the first that goes otherwise. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.flow.commands import AskService
from ivr.flow.model import Flow
from ivr.flow.reading.hints import listed, one_of
from ivr.flow.reading.said import prompts_of
from ivr.flowtest.differs import Differs
from ivr.flowtest.expecting import differences
from ivr.flowtest.outcome import Failure, Outcome
from ivr.flowtest.replies import Company
from ivr.flowtest.scenario import Asks, Expectation, Expects, Hears, Presses, Says, Scenario, Step, Waits
from ivr.flowtest.stage import Stage
from ivr.flowtest.transcript import pairs
from ivr.flowtest.virtual_call import VirtualCall

NO_COMPANY = Company()


def play_scenario(stage: Stage, scenario: Scenario, company: Company = NO_COMPANY) -> Outcome:
    """Play one test. Raises nothing for whatever the flow does; `company` replies where the test does not."""
    call = VirtualCall(stage, scenario, company)
    failure = _Playing(stage.flow, call).play(scenario)
    nodes, ways = frozenset(call.passed), frozenset(call.ways)
    return Outcome(scenario, failure, tuple(call.transcript.entries), call.progress, nodes, ways)


class _Playing:
    """One test under way."""

    def __init__(self, flow: Flow, call: VirtualCall) -> None:
        self._flow = flow
        self._call = call
        self._since = 0  # of the prompts heard, those that no `hears` has had yet
        self._claimed: list[AskService] = []  # questions to services that an `asks` has had

    def play(self, scenario: Scenario) -> Failure | None:
        """Why it failed, if it did."""
        step = 0  # where it stopped, if it did
        try:
            self._call.start()
            for what in scenario.call:
                self._do(what)
                step += 1
            self._finish(scenario.expect)
        except Differs as error:
            return Failure(step, error.what, error.mend)
        return None

    def _do(self, step: Step) -> None:
        match step:
            case Hears(hears=prompts):
                self._hear(prompts)
            case Presses(presses=keys):
                self._call.press(keys)
            case Says(says=words):
                self._call.say(words)
            case Waits(waits=seconds):
                self._call.wait(seconds)
            case Asks(asks=questions):
                self._be_asked(questions)
            case Expects(expect=expectation):
                self._compare(expectation)
            case "silence":
                self._be_silent()
            case "hangs_up":
                self._call.hang_up()

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

    def _finish(self, expected: Expectation) -> None:
        while self._call.go_on():
            pass
        self._compare(expected)


def mistyped(prompt: str, flow: Flow) -> str:
    """What was meant by a prompt that no flow of the hotline says; empty for one that it says."""
    known = sorted({name for each in (flow, *flow.subflows.values()) for name in prompts_of(each)})
    return "" if prompt in known else one_of(prompt, known, "the prompts of the flow")
