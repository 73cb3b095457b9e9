"""How a caller came to this agent, how it stands with them, and where they went on to, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.call.board import Pop, PopState
from ivr.call.screen import CutOff, Goal, Passed
from ivr.desk.texts import clean
from ivr.desk.wording import Wording

Names = Mapping[str, str]  # phone → the agent's name


def state_text(pop: Pop, say: Wording, agents: Names) -> str:
    """Where the pop stands: "Ringing", "Caller hung up", "Passed on to Elif"."""
    if pop.solved is not None:
        return say("state.solved" if pop.solved else "state.kept_open")
    if pop.state is PopState.ENDED and pop.by == "caller":
        return say("state.ended.caller")
    if pop.state is PopState.PASSED and (goal := _passed_to(pop)):
        return say("state.passed_to", goal=goal_text(goal, say, agents))
    return say(f"state.{pop.state}")


def came(pop: Pop, say: Wording, agents: Names) -> tuple[str, ...]:
    """What the agent should know of how the caller came: passed on by whom, back from the menus, cut off before."""
    passed, cut_off = pop.screen.passed, pop.screen.cut_off
    told = _passed_on(pop, passed, say, agents) if passed and pop.state is not PopState.PASSED else ""
    return tuple(text for text in (told, _cut_off(pop, cut_off, say, agents) if cut_off else "") if text)


def words(pop: Pop) -> str:
    """What the agent before wrote for this one."""
    passed = pop.screen.passed
    mine = passed is None or (passed.agent == pop.agent and not passed.back)
    return "" if passed is None or mine else clean(passed.words or "", 300)


def goal_text(goal: Goal, say: Wording, agents: Names) -> str:
    """Where a caller is passed on to."""
    match goal.to:
        case "queue":
            return say("goal.queue", queue=say.label(goal.name))
        case "agent":
            return clean(agents.get(goal.name, goal.name))
        case "menu":
            return say("goal.menu")


def _passed_to(pop: Pop) -> Goal | None:
    passed = pop.screen.passed
    return pop.passed or (passed.goal if passed and passed.agent == pop.agent else None)


def _passed_on(pop: Pop, passed: Passed, say: Wording, agents: Names) -> str:
    who = agents.get(passed.agent, passed.agent)
    if passed.back:
        return say("came.back.you" if passed.agent == pop.agent else "came.back", agent=who)
    if passed.agent == pop.agent:
        return ""  # the agent talks to them still, or they came round again
    queue = say.label(passed.queue) if passed.queue else ""
    return say("came.passed_from" if queue else "came.passed", agent=who, queue=queue)


def _cut_off(pop: Pop, cut_off: CutOff, say: Wording, agents: Names) -> str:
    minutes = max(0, round((pop.rang_at - cut_off.at) / 60))
    when = say("came.minutes_ago", count=minutes) if minutes else say("came.just_now")
    if cut_off.agent == pop.agent:
        return say("came.cut_off.you", when=when)
    return say("came.cut_off", agent=agents.get(cut_off.agent, cut_off.agent), when=when)
