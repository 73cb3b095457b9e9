"""Which flow tests can be real calls, and what keeps the others from it. Pure.

A telephone call begins now and takes its time. So a test is first played in virtual time, as if it began now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ivr.flowtest.acts import acts_of
from ivr.flowtest.outcome import Outcome
from ivr.flowtest.playing import play_scenario
from ivr.flowtest.reading import Written
from ivr.flowtest.replies import Services
from ivr.flowtest.scenario import Earlier, Presses, Says, Scenario, Waits
from ivr.flowtest.stage import Stage
from ivr.flowtest.transcript import Who
from ivr.sandbox.rehearsal.hurry import always_open, shorter

APART = 60.0  # seconds from the beginning of a call to that of the next one, about
LONGEST = 30.0  # seconds that the waiting of one test may take


@dataclass(frozen=True, slots=True)
class Part:
    """A test that can be played as a call. `shown` are the keys of each of its `presses`, secrets as stars."""

    written: Written
    language: str  # that the call begins in
    shown: tuple[str, ...]


def part_of(written: Written, stage: Stage, now: datetime) -> Part | str:
    """The test as a call that begins `now`, or why it cannot be one."""
    scenario = written.scenario
    acts = acts_of(scenario, written.company)
    if scenario.speech or any(isinstance(step, Says) for step in scenario.steps):
        return "it says words, and the callers of these calls have keys only"
    if "taken_over" in scenario.steps:
        return "another controller goes on with the call, and there is only one"
    if any(act.cut_off_from for act in acts):
        return "an agent talks to the caller in it, and no agents are there"
    if sum(shorter(step.waits) for step in scenario.steps if isinstance(step, Waits)) > LONGEST:
        return f"it waits too long: a call may take {LONGEST:g} s more than what is said in it"
    if scenario.returned:
        return "it goes on where a call has dropped: as real calls, tests know nothing of one another"
    if any(map(_limited, (scenario.services, *(call.services for call in scenario.before)))):
        return "attempts are limited in it, which no service answers: the hotline counts them itself"
    language = scenario.language or stage.flow.languages[0]
    if language not in stage.flow.languages:
        return f"the hotline does not speak {language}"
    played = play_scenario(stage, scenario, written.company)
    if played.passed and (why := _of_its_time(written, stage, now)):
        return why
    return Part(written, language, _shown(scenario, played))


def _of_its_time(written: Written, stage: Stage, now: datetime) -> str:
    """What would differ if the call began now, in a hotline that never closes; empty when nothing would."""
    changed = {"at": f"{now:%Y-%m-%d %H:%M}", "earlier": _at_once(written.scenario.earlier)}
    begun_now = written.scenario.model_copy(update=changed)
    played = play_scenario(replace(stage, flow=always_open(stage.flow)), begun_now, written.company)
    if played.failure is None:
        return ""
    soon = ", and one call right after the other" if written.scenario.before else ""
    return f"it is of {written.scenario.at}; now, with people there{soon}, it goes otherwise: {played.failure.what[0]}"


def _at_once(earlier: Earlier | None) -> Earlier | None:
    """The earlier calls as close to the next ones as they are here."""
    return earlier and earlier.model_copy(update={"ago": APART, "earlier": _at_once(earlier.earlier)})


def _limited(services: Services) -> bool:
    return any(reply.fails == "limited" for replies in services.values() for reply in replies)


def _shown(scenario: Scenario, played: Outcome) -> tuple[str, ...]:
    """The keys as the transcript of the virtual call has them; only stars for those it did not come to."""
    pressed = [step.presses for step in scenario.steps if isinstance(step, Presses)]
    told = [entry.words for entry in played.transcript if entry.who is Who.CALLER and entry.what == "presses"]
    return tuple(
        told[index] if index < len(told) and len(told[index]) == len(keys) else "*" * len(keys)
        for index, keys in enumerate(pressed)
    )
