"""Going on in another edition: the same node, a question before it, the start of its flow, or out of it. Never back
before what was done, and never a crash."""

from __future__ import annotations

from typing import Any

import pytest

from context_store.records import Place
from ivr.flow.commands import AskService
from ivr.flow.model import Flow
from ivr.flow.resuming.landing import landing_of
from tests.unit.player import Player
from tests.unit.resume_house import (
    FAULT,
    HOTLINE,
    MAIN,
    VISIT,
    Nodes,
    at_main,
    hotline,
    known,
    left,
    with_ticket,
    without,
)


def going_on(old: Player, today: Flow) -> Player:
    """A call that goes on with that one, in today's edition."""
    call = known(today, run="run2").recall(left(old))
    assert call.said[-2:] == ("fault_left", "offer")
    return call.hear().press("1")


def since() -> Player:
    """A call that asks since when; the question before was answered."""
    call = at_main().press("1").press("2")
    assert call.node == "since"
    return call


def edition(main: Nodes = MAIN, fault: Nodes = FAULT, visit: Nodes = VISIT) -> Flow:
    return hotline(main, fault, visit)


def test_the_same_node_says_what_it_says_today() -> None:
    today = edition(fault=without(FAULT, since={**FAULT["since"], "collect": "since_when"}))
    call = going_on(since(), today)
    assert (call.node, call.said) == ("since", ("since_when",))
    assert call.progress.answers["lights"].value == "off"
    assert call.progress.trail == ("lights", "since")


RENAMED = {"lights": {**FAULT["lights"], "choices": {"on": {"key": 1, "next": "how_long"}}}, "how_long": FAULT["since"]}


def test_else_the_question_before_it() -> None:
    call = going_on(since(), edition(fault=without(FAULT, "since", **RENAMED)))
    assert (call.node, call.progress.trail) == ("lights", ("lights",))
    assert call.press("1").node == "how_long"


def test_else_the_start_of_its_flow_with_the_answers() -> None:
    fault = without(FAULT, "lights", "since")
    call = going_on(since(), edition(fault={"greet": {"say": "words", "next": "open"}, **fault}))
    assert call.node == "greet"
    assert call.progress.answers["lights"].value == "off"
    call.hear()
    assert call.asked.arguments["line"] == "+902125554141"


def test_what_was_done_is_not_begun_again() -> None:
    """The ticket is open and the day was being asked for: today nobody asks for it, and nobody opens another ticket."""
    old = with_ticket()
    asking = known(edition(visit=without(VISIT, "day", other=VISIT["visit_over"]))).recall(left(old))
    call = asking.hear().press("1")
    assert call.node == "anything", "out of the visit, and on behind it"
    assert call.progress.facts["visit_made"] == {}
    assert not [command for command in call.last if isinstance(command, AskService)]
    assert call.progress.stack == ()


def test_what_was_perhaps_done_is_not_begun_again() -> None:
    old = at_main().press("1").press("1").press("3")
    assert old.asked.service == "ticket.open"
    renamed = {**FAULT["since"], "next": "report"}
    today = edition(fault=without(FAULT, "open", "lights", since=renamed, report={**FAULT["open"]}))
    assert going_on(old, today).node == "since", "the question before comes after nothing that was done"
    nothing = {"hello": {"say": "words", "next": "opened"}, **without(FAULT, "open", "lights", "since")}
    assert going_on(old, edition(fault=nothing)).node == "anything"


def test_a_flow_that_is_called_no_more_is_left() -> None:
    calls_another = without(FAULT, visit={"flow": "bill", "into": "visit_made", "next": "fault_over"})
    done = going_on_told(with_ticket(), edition(fault=calls_another))
    assert (done.node, done.progress.facts["visit_made"]) == ("anything", {})
    before = at_main(NO_TICKET).press("1")
    assert before.node == "day"
    started = {"visit": {**calls_another["visit"], "next": "fault_over"}, "fault_over": {"return": {}}}
    assert going_on(before, edition(fault=started)).node == "amount", "what stands there today"
    assert going_on(before, edition(fault={"hello": {"menu": "m", "choices": {}} | MENU})).node == "hello"


MENU: dict[str, Any] = {"menu": "m", "choices": {"one": {"key": 1, "next": "hello"}}}
NO_TICKET = hotline(
    fault={"visit": {"flow": "visit", "into": "visit_made", "next": "fault_over"}, "fault_over": {"return": {}}}
)


def going_on_told(old: Player, today: Flow) -> Player:
    """The same, of a call that had a ticket opened."""
    return known(today, run="run2").recall(left(old)).hear().press("1")


def test_where_nothing_is_left_of_it_the_call_begins_anew_with_the_answers() -> None:
    today = edition(main=without(MAIN, fault={"say": "words", "next": "more"}, more2={"flow": "fault", "next": "more"}))
    assert today.nodes["fault"]
    call = going_on(since(), today)
    assert call.node == "fault", "the node that called it is there, and says something now"
    gone = without(MAIN, "fault", main={**MAIN["main"], "choices": {"f": {"key": 1, "next": "report"}}})
    call = going_on(since(), edition(main={**gone, "report": MAIN["fault"]}))
    assert (call.node, call.said, call.progress.settled) == ("main", ("menu",), True)
    assert call.progress.answers["lights"].value == "off"


def test_a_hotline_by_another_name_has_nothing_of_it() -> None:
    place = Place("elsewhere", "main")
    assert landing_of(HOTLINE, place) is None
    assert landing_of(HOTLINE, Place("test", "nowhere")) is None


@pytest.mark.parametrize("flow_gone", ["fault", "visit"])
def test_a_flow_that_is_gone_is_no_crash(flow_gone: str) -> None:
    subflows = {name: flow for name, flow in HOTLINE.subflows.items() if name != flow_gone}
    today = HOTLINE.model_copy(update={"subflows": subflows})
    call = known(today).recall(left(with_ticket()))
    if flow_gone == "fault":
        assert call.node == "main", "no words are left for it"
        return
    assert call.press("1").node == "anything"
