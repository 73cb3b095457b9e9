"""Plays the steps of a real call, up to the first that goes otherwise.

What a step means is the same as in virtual time (`ivr.flowtest.playing`), with one difference: a caller who presses
keys does not wait for the end of what is being said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping

from ivr.flow.commands import AskService
from ivr.flow.model import Flow
from ivr.flow.reading.hints import listed
from ivr.flowtest.acts import Act
from ivr.flowtest.differs import Differs
from ivr.flowtest.expecting import differences
from ivr.flowtest.outcome import Failure
from ivr.flowtest.playing import mistyped
from ivr.flowtest.scenario import Asks, Expectation, Expects, Hears, Presses, Step, Waits, step_words
from ivr.flowtest.transcript import pairs
from ivr.sandbox.rehearsal.hurry import HURRY, shorter
from ivr.sandbox.rehearsal.live_call import LiveCall

SOON = 0.6  # seconds within which what a caller has just done must have led to what is expected
LATE = 5.0  # seconds that a timer may come late

Tell = Callable[[str], None]


async def play_call(flow: Flow, act: Act, call: LiveCall, shown: Iterator[str], tell: Tell) -> Failure | None:
    """Play one call of a test, which has just begun. Returns why it failed, if it did, at which of its steps.

    `shown` are the keys of each `presses` that is to come; `tell` hears of each step. Raises `SandboxError`.
    """
    return await _Playing(flow, call, shown).play(act, tell)


class _Playing:
    """One call under way."""

    def __init__(self, flow: Flow, call: LiveCall, shown: Iterator[str]) -> None:
        self._flow = flow
        self._call = call
        self._company = call.company
        self._shown = shown
        self._since = 0  # of the prompts that began, those that no `hears` has had yet
        self._claimed: list[AskService] = []  # questions to services that an `asks` has had

    async def play(self, act: Act, tell: Tell) -> Failure | None:
        """Why it failed, if it did."""
        step = 0  # where it stopped, if it did
        try:
            for what in act.steps:
                tell("presses keys" if isinstance(what, Presses) else step_words(what))
                await self._do(what)
                self._must_be_answered()
                step += 1
            tell("the end")
            await self._call.settle()
            self._must_be_answered()
            await self._compare(act.expect)
        except Differs as error:
            return Failure(step, error.what, error.mend)
        return None

    async def _do(self, step: Step) -> None:
        match step:
            case Hears(hears=prompts):
                await self._hear(prompts)
            case Presses(presses=keys):
                await self._press(keys)
            case Waits(waits=seconds):
                await self._wait(seconds)
            case Asks(asks=questions):
                await self._be_asked(questions)
            case Expects(expect=expectation):
                await self._hear_out()
                await self._compare(expectation)
            case "silence":
                await self._be_silent()
            case "hangs_up":
                await self._hear_out()
                await self._must_be_there()
                await self._call.hang_up()

    # The caller

    async def _hear(self, prompts: tuple[str, ...]) -> None:
        call = self._call
        call.catch_up()
        noinputs = call.noinputs
        for prompt in prompts:
            while prompt not in call.begun[self._since :]:
                if not await self._goes_on(noinputs):
                    since = f"heard since then: {listed(call.begun[self._since :]) or 'nothing'}"
                    where = await self._standing(noinputs)
                    raise Differs(f"{prompt} is not heard: {where}", mend=mistyped(prompt, self._flow) or since)
            self._since = call.begun.index(prompt, self._since) + 1

    async def _goes_on(self, noinputs: int) -> bool:
        """Whether something more happens before the hotline has waited for the caller in vain."""
        return not self._call.over and self._call.noinputs == noinputs and await self._call.happens()

    async def _standing(self, noinputs: int) -> str:
        """Where the call stands, or has stood when the hotline waited in vain."""
        await self._call.look()
        in_vain = self._call.noinputs > noinputs and not self._call.over
        return f"the call waits for the caller at {self._call.progress.node}" if in_vain else self._call.standing

    async def _press(self, keys: str) -> None:
        await self._must_be_there()
        await self._call.press(keys, next(self._shown))

    async def _be_silent(self) -> None:
        await self._call.settle()
        if self._call.over:
            raise Differs("nobody waits for the caller here: " + self._call.standing)
        await self._time_out()

    async def _wait(self, seconds: float) -> None:
        """Let time pass, as the flow counts it. As in virtual time, what is said takes none of it."""
        call, loop = self._call, asyncio.get_running_loop()
        call.minutes.caller("waits", f"{seconds:g}s")
        await call.landed()
        while not call.over:
            if self._company.busy:
                began = loop.time()
                if not await call.happens(seconds):
                    return
                seconds -= min(seconds, loop.time() - began)
            elif not call.listening:
                await self._must_happen()
            elif call.fires_in > shorter(seconds):
                await asyncio.sleep(shorter(seconds))
                return
            else:
                seconds -= min(seconds, call.fires_in * HURRY)
                await self._time_out()

    async def _time_out(self) -> None:
        while self._call.listening:
            if not await self._call.happens(self._call.fires_in + LATE):
                raise Differs(f"the time for an answer does not end: {self._call.standing}")

    async def _hear_out(self) -> None:
        """Hear what `hears` was about to its end, where it is the last of what is said there."""
        call = self._call
        await call.landed()
        while call.saying and self._since == len(call.begun):
            await self._must_happen()

    async def _must_happen(self) -> None:
        if not await self._call.happens():
            raise Differs(f"nothing happens any more: {self._call.standing}")

    async def _must_be_there(self) -> None:
        self._call.catch_up()
        if self._call.over:
            await self._call.look()
            raise Differs("the caller can do nothing more: " + self._call.standing)

    # What is expected

    async def _be_asked(self, questions: Mapping[str, Mapping[str, str]]) -> None:
        self._call.catch_up()
        noinputs = self._call.noinputs
        for service, arguments in questions.items():
            self._claimed.append(await self._question_for(service, arguments, noinputs))

    async def _question_for(self, service: str, arguments: Mapping[str, str], noinputs: int) -> AskService:
        while True:
            goes_on = bool(self._question(service, arguments)) or await self._goes_on(noinputs)
            # A flow may still ask when its caller has gone: where it stands is told when it has done all its work.
            standing = "" if goes_on else await self._standing(noinputs)
            if asked := self._question(service, arguments):
                return asked
            if not goes_on:
                what = f"{service} is not asked" + (f" for {pairs(arguments)}" if arguments else "")
                raise Differs(f"{what}: {standing}", mend=self._asked(service))

    def _question(self, service: str, arguments: Mapping[str, str]) -> AskService | None:
        """A question that fits and that no earlier step was about."""
        fitting = (
            ask
            for ask in self._company.asked
            if ask not in self._claimed and ask.service == service and arguments.items() <= ask.arguments.items()
        )
        return next(fitting, None)

    def _asked(self, service: str) -> str:
        """What the service was asked instead."""
        masked = self._call.minutes.masked
        asked = [pairs(masked(ask.arguments)) for ask in self._company.asked if ask.service == service]
        return f"it was asked for: {'; '.join(asked)}" if asked else "it was never asked"

    def _must_be_answered(self) -> None:
        if self._company.unanswered:
            raise self._company.unanswered

    async def _compare(self, expected: Expectation) -> None:
        deadline = asyncio.get_running_loop().time() + SOON
        while True:
            await self._call.look()
            found = differences(expected, self._call)
            if not found:
                return
            if (left := deadline - asyncio.get_running_loop().time()) <= 0:
                raise Differs(*found)
            await self._call.happens(left)
