"""What was left unfinished: whether it is this caller's to go on with, and what prompts may say of it."""

from __future__ import annotations

from dataclasses import replace

from context_store.records import Json, Place, Progress, Unfinished
from ivr.flow.context import context_of
from ivr.flow.hours import local_time
from ivr.flow.model import Flow, Menu
from ivr.flow.places import place_of, unfinished_business
from ivr.flow.resuming.taking_up import answers_of, facts_of
from ivr.flow.turn import VISITS, Turn


def is_theirs(turn: Turn, unfinished: Unfinished) -> bool:
    """Whether this caller may hear of it: the same matter, and the same number or a level as high as it had then."""
    progress = turn.progress
    number = progress.facts["caller"]["number"]
    known = (number is not None and number == unfinished.number) or progress.level.reaches(unfinished.level)
    return known and same_matter(progress, unfinished.progress)


def same_matter(progress: Progress, old: Progress) -> bool:
    """Whether both calls are the same customer's, or both nobody's that is known, and not about two lines."""
    if _id(progress, "customer", "id") != _id(old, "customer", "id"):
        return False
    line, before = _id(progress, "line", "number"), _id(old, "line", "number")
    return not line or not before or line == before


def business_of(hotline: Flow, unfinished: Unfinished) -> Flow | None:
    """The flow whose words tell what it was; None where there is nothing to go on with.

    Nor is there for who went in circles: a flow that was gone on with for so long has to begin anew some day.
    """
    old = unfinished.progress
    return unfinished_business(hotline, old) if sum(old.visits.values()) <= VISITS // 2 else None


def language_for(turn: Turn, unfinished: Unfinished) -> str:
    """The language of the offer: what the caller has chosen in this call, or else spoke in that one."""
    progress, old = turn.progress, unfinished.progress.language
    flows = (turn.hotline, *turn.hotline.subflows.values())
    menus = {name: node for flow in flows for name, node in flow.nodes.items() if isinstance(node, Menu)}
    answers = ((menus.get(name), answer.value) for name, answer in progress.answers.items())
    chosen = any(menu and value in menu.choices and menu.choices[value].language for menu, value in answers)
    return progress.language if chosen or old not in turn.hotline.languages else old


def variables(turn: Turn, unfinished: Unfinished, business: Flow | None) -> dict[str, Json]:
    """What prompts may name: all that would be known if the caller went on, and when it was left."""
    progress, old = turn.progress, unfinished.progress
    facts = {**facts_of(progress, old), "args": _arguments(place_of(old), business)}
    there = replace(progress, answers=answers_of(progress, old), facts=facts)
    left = local_time(unfinished.at, turn.hotline.zone)
    when = {"date": f"{left:%Y-%m-%d}", "time": f"{left:%H:%M}"}
    return {**context_of(turn.hotline, turn.flow, there, turn.at), "unfinished": when}


def _id(progress: Progress, fact: str, key: str) -> Json:
    return (progress.facts.get(fact) or {}).get(key)


def _arguments(place: Place | None, business: Flow | None) -> Json:
    """Those of the business itself, wherever in it the caller was."""
    if place is None or business is None:
        return {}
    if place.flow == business.flow:
        return dict(place.arguments)
    return next((dict(frame.arguments) for frame in reversed(place.stack) if frame.flow == business.flow), {})
