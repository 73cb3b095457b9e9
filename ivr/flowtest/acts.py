"""The calls of a test, one after the other: the earlier ones, and the one that it is about. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.flowtest.replies import Company, layered
from ivr.flowtest.scenario import Earlier, Expectation, Scenario, Scene, Step

NOTHING = Expectation()


@dataclass(frozen=True, slots=True)
class Act:
    """One call. `company` replies in it; `cut_off_from` is the phone of who was talking to the caller, or empty."""

    scene: Scene
    company: Company
    steps: tuple[Step, ...]
    expect: Expectation = NOTHING
    cut_off_from: str = ""


def acts_of(scenario: Scenario, company: Company) -> tuple[Act, ...]:
    """All calls of a test, the oldest first. `company` replies where the test does not."""
    own = _over(scenario, company)
    last = Act(scenario, own, scenario.call, scenario.expect)
    return (*reversed(list(_earlier(scenario.earlier, scenario, own))), last)


def _earlier(call: Earlier | None, later: Scene, company: Company) -> Iterator[Act]:
    """The calls before one, the newest first. What they do not say is as in the one after them."""
    if call:
        scene, own = _before(call, later), _over(call, company)
        yield Act(scene, own, call.call, cut_off_from=call.cut_off_from)
        yield from _earlier(call.earlier, scene, own)


def _before(call: Earlier, later: Scene) -> Scene:
    """What surrounded an earlier call. What the one after it brought along, it did not."""
    began = datetime.fromisoformat(later.at) - timedelta(seconds=call.ago)
    caller = later.caller if call.caller is None else call.caller
    return later.model_copy(update={"at": f"{began:%Y-%m-%d %H:%M}", "caller": caller, "token": "", "returned": None})


def _over(call: Scenario | Earlier, company: Company) -> Company:
    return Company(services=layered(call.services, company.services))
