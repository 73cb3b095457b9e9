"""Going on where an earlier call left off: what is offered to whom, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from context_store.records import Level, NoteKind, Unfinished
from ivr.flow.commands import AskService, Play, Recall, Transfer
from ivr.flow.events import Recalled, Spoke
from tests.unit.flows_in_python import flow
from tests.unit.identity_house import AYSE, MEHMET, MOBILE, match
from tests.unit.player import Player
from tests.unit.resume_house import (
    HOTLINE,
    MAIN,
    OTHER_LINE,
    RESUME,
    at_main,
    hotline,
    known,
    left,
    proved,
    with_ticket,
    without,
)


def half_reported() -> Player:
    """A call that ended while a fault was being reported."""
    return at_main().press("1").press("2").hang_up()


def variables(call: Player) -> Any:
    (play,) = (command for command in call.last if isinstance(command, Play))
    return play.variables


# What is offered


def test_who_has_nothing_unfinished_hears_nothing_of_it() -> None:
    call = known()
    (asked,) = (command for command in call.last if isinstance(command, Recall))
    assert asked.within == 48 * 3600
    call.recall()
    assert (call.said, call.node) == (("menu",), "main")
    assert not call.progress.settled, "what could not be found now may be found in the next call"


def test_what_was_left_is_told_in_the_words_of_that_call() -> None:
    old = half_reported()
    call = known(at=1795424400.0).recall(left(old, at=1795424000.0))
    assert call.said == ("fault_left", "offer")
    assert variables(call)["answers"] == {"main": "fault", "lights": "off"}
    assert variables(call)["args"] == {"line": "+902125554141"}
    assert variables(call)["unfinished"] == {"date": "2026-11-23", "time": "11:53"}
    assert call.progress.answers == {}, "nothing is kept of it yet"
    assert not call.progress.settled


def test_what_was_done_is_told_first_and_once() -> None:
    old = with_ticket().hang_up()
    call = known().recall(left(old))
    assert call.said == ("was_opened", "fault_left", "offer")
    assert variables(call)["ticket"] == {"number": "481516"}
    assert call.hear().silence().said == ("noinput", "fault_left", "offer")


def test_it_is_offered_behind_what_is_being_said() -> None:
    main = without(MAIN, hello={"say": "words", "meanwhile": True, "next": "left_off"})
    call = Player(hotline({"hello": main.pop("hello"), **main}))
    old = at_main().press("1").hang_up()
    call.recall(replace(left(old), progress=replace(left(old).progress, facts={})))
    assert call.said == ()
    assert call.hear().said == ("fault_left", "offer")


@pytest.mark.parametrize(
    "leave",
    [
        lambda: at_main().hang_up(),  # at the menu: no business
        lambda: with_ticket().press("1").hang_up(),  # back from it
        lambda: with_ticket().press("1").press("2").hear(),  # the flow came to its end
    ],
)
def test_who_left_no_business_is_offered_nothing(leave: Any) -> None:
    call = known().recall(left(leave()))
    assert (call.node, call.progress.settled) == ("main", False)
    assert call.progress.held.unfinished is None


def test_who_is_with_people_has_left_nothing() -> None:
    menu: dict[str, Any] = {"menu": "m", "choices": {"p": {"key": 1, "next": "people"}}}
    fault: Any = {"lights": menu, "people": {"transfer": "agents", "reason": "asked"}}
    called = hotline(fault=fault)
    old = at_main(called).press("1").press("1")
    assert isinstance(old.ending, Transfer)
    assert known(called).recall(left(old)).node == "main"


def test_what_was_left_too_long_ago_is_not_offered() -> None:
    unfinished = left(half_reported(), at=0.0)
    assert known(at=48 * 3600 - 60.0).recall(unfinished).said == ("fault_left", "offer")
    late = known(at=48 * 3600 + 1.0).recall(unfinished)
    assert (late.node, late.progress.settled) == ("main", False)


def test_a_call_whose_controller_died_left_off_where_it_stood() -> None:
    old = at_main().press("1").press("2")
    assert known().recall(left(old)).said == ("fault_left", "offer")


def test_a_call_that_vanished_is_told_apart_from_one_that_was_hung_up() -> None:
    gone, hung_up = at_main().press("1").hang_up(vanished=True), half_reported()
    assert (gone.progress.outcome, hung_up.progress.outcome) == ("interrupted", "hung_up")
    assert gone.told(NoteKind.INTERRUPTED) == [{}]
    assert not gone.told(NoteKind.HUNG_UP)
    assert gone.progress.left


# To whom


def test_another_customer_hears_nothing_of_it_and_it_stays() -> None:
    call = known(customer=MEHMET).recall(left(half_reported()))
    assert (call.node, call.progress.settled) == ("main", False)


def test_another_line_is_another_matter() -> None:
    assert known(of=OTHER_LINE).recall(left(half_reported())).node == "main"


@pytest.mark.parametrize(("level", "offered"), [(Level.RECOGNISED, True), (Level.VERIFIED, False)])
def test_from_another_number_it_takes_the_level_that_was_reached(level: Level, offered: bool) -> None:
    call = known(ani="+905550000000").recall(replace(left(half_reported()), level=level))
    assert bool(call.node == "left_off") is offered
    assert known().recall(replace(left(half_reported()), level=level)).node == "left_off"


def test_withheld_numbers_are_not_the_same_number() -> None:
    old = replace(left(half_reported()), number=None, level=Level.VERIFIED)
    call = Player(HOTLINE, None)
    assert call.said == ("ask_line",)
    proved(call.press("02125554141"))
    assert call.recall(old).node == "left_off", "who is verified may hear of it"
    assert known().recall(old).node == "main"


# What becomes of it


def test_going_on_keeps_answers_and_facts_and_asks_nothing_twice() -> None:
    old = with_ticket().hang_up()
    call = known(run="run2").recall(left(old)).hear().press("1")
    assert (call.node, call.said) == ("day", ("day",))
    assert call.told(NoteKind.RESUMED) == [{"how": "went_on"}]
    progress = call.progress
    assert {name: answer.value for name, answer in progress.answers.items()} == {
        "main": "fault",
        "lights": "on",
        "since": "3",
        "left_off": "go_on",
    }
    assert (progress.facts["ticket"], progress.facts["args"]) == ({"number": "481516"}, {"ticket": "481516"})
    assert (progress.run, progress.done, progress.settled) == ("run1", ("ticket.open",), True)
    assert (progress.visits["day"], progress.visits["since"]) == (2, 1)
    assert call.press("1").node == "anything"
    assert call.progress.done == ()


def test_a_service_that_was_being_asked_is_asked_under_the_same_key() -> None:
    old = at_main().press("1").press("1").press("3")
    asked = old.asked
    call = known(run="run2").recall(left(old.hang_up())).press("1")
    assert (call.progress.run, call.asked.node, call.asked.visit) == ("run1", asked.node, asked.visit)
    assert call.asked.arguments == asked.arguments


def test_what_was_done_after_the_caller_had_gone_is_not_done_again() -> None:
    old = at_main().press("1").press("1").press("3").hang_up().answer(changed=True, number="7")
    call = known().recall(left(old))
    assert call.said == ("was_opened", "fault_left", "offer")
    assert call.press("1").said == ("opened",)
    assert not [command for command in call.last if isinstance(command, AskService)]
    failed = at_main().press("1").press("1").press("3").hang_up().fail("timeout")
    again = known().recall(left(failed)).press("1")
    assert (again.asked.service, again.asked.visit) == ("ticket.open", 1)


def test_who_is_calling_is_this_calls() -> None:
    old = half_reported()
    other = {**AYSE, "name": "A. Yılmaz"}
    call = known(customer=other).recall(left(old)).press("1")
    assert (call.node, call.progress.facts["customer"]) == ("since", other)
    assert call.progress.level is Level.RECOGNISED


def test_the_offer_is_in_the_language_of_the_call_that_was_left() -> None:
    old = half_reported()
    old.progress = replace(old.progress, language="en")
    call = known().recall(left(old))
    assert {play.language for play in call.last if isinstance(play, Play)} == {"en"}
    assert call.press("1").progress.language == "en"


def test_a_language_that_was_chosen_in_this_call_stays() -> None:
    main = {**MAIN, "first": {"menu": "first", "choices": {"tr": {"key": 1, "next": "who", "language": "tr"}}}}
    chosen = hotline(main)
    chosen = chosen.model_copy(update={"start": "first"})
    old = half_reported()
    old.progress = replace(old.progress, language="en")
    call = Player(chosen).press("1").answer(matches=[match("caller_number")]).recall(left(old))
    assert call.progress.language == "tr"


def test_a_language_that_the_hotline_has_no_more_is_not_spoken() -> None:
    old = half_reported()
    old.progress = replace(old.progress, language="de")
    assert known().recall(left(old)).progress.language == "tr"


@pytest.mark.parametrize(("key", "node", "how"), [("2", "main", "started_over"), ("3", "thanks", "done")])
def test_who_starts_over_or_is_done_keeps_nothing(key: str, node: str, how: str) -> None:
    call = known().recall(left(half_reported())).hear().press(key)
    assert (call.node, call.progress.settled, call.told(NoteKind.RESUMED)) == (node, True, [{"how": how}])
    assert set(call.progress.answers) == {"left_off"}
    assert call.progress.held.unfinished is None


def test_who_is_done_goes_on_as_who_starts_over_where_nothing_else_is_said() -> None:
    assert known(hotline(done=None)).recall(left(half_reported())).press("3").node == "main"


@pytest.mark.parametrize(("words", "node"), [("go on", "since"), ("done", "thanks"), ("1", "since"), ("x", "left_off")])
def test_it_may_be_said(words: str, node: str) -> None:
    call = known().recall(left(half_reported()))
    call.send(Spoke(call.now, words))
    assert call.node == node


def test_who_does_not_answer_may_be_asked_another_time() -> None:
    call = known().recall(left(half_reported()))
    for _ in range(3):
        call.hear().silence()
    assert (call.node, call.progress.settled, call.told(NoteKind.RESUMED)) == ("main", False, [])
    agent = known(hotline(otherwise="agent", attempts=1)).recall(left(half_reported())).hear().silence()
    assert isinstance(agent.ending, Transfer)


def test_what_is_settled_is_not_asked_again() -> None:
    main = without(MAIN, bye={"say": "words", "next": "left_off"})
    call = at_main(hotline(main))
    call.press("1").press("1").press("3").answer(changed=True, number="1").hear().press("1").press("2").hear()
    assert call.node == "left_off"
    assert call.recall(left(half_reported())).press("2").node == "main"
    call.press("1").press("1").press("3").answer(changed=True, number="1").hear().press("1").press("2").hear()
    assert (call.node, call.said) == ("main", ("menu",))


def test_who_hangs_up_amid_the_offer_has_settled_nothing() -> None:
    call = known().recall(left(half_reported())).hang_up()
    assert not call.progress.settled


def test_who_hangs_up_while_it_is_being_found_out_is_offered_nothing() -> None:
    """The answer comes to nobody; what is done after a caller has gone is done at once."""
    told_off: dict[str, Any] = {"call": "call.ended", "into": "told_off", "next": "bye"}
    for head, node in (({}, "left_off"), ({"on_hangup": "told_off"}, "told_off")):
        call = Player(flow({"left_off": RESUME, "main": MAIN["main"], "told_off": told_off}, **head))
        request = call.progress.request
        call.hang_up()
        assert call.node == node
        before = call.progress
        call.send(Recalled(200.0, request, left(half_reported())))
        assert (call.progress, call.last) == (before, ())
        assert before.over or call.answer().progress.over


def test_a_call_that_was_gone_on_with_can_be_gone_on_with() -> None:
    second = known(run="run2").recall(left(with_ticket().hang_up())).press("1").hang_up()
    third = known(run="run3").recall(left(second))
    assert third.said == ("was_opened", "fault_left", "offer")
    assert third.press("1").node == "day"
    assert third.progress.run == "run1"


def test_who_goes_in_circles_begins_anew_some_day() -> None:
    old = left(half_reported())
    tired = replace(old, progress=replace(old.progress, visits={"since": 300}))
    assert known().recall(tired).node == "main"


# How sure we must be


def paying() -> Player:
    """A verified call that ended while a bill was being paid."""
    call = proved(at_main().press("2"))
    assert call.node == "amount"
    return call.hang_up()


def test_what_took_a_proof_takes_it_again() -> None:
    call = known().recall(left(paying()))
    assert call.said == ("bill_left", "offer")
    assert call.press("1").said == ("ask_pin",)
    assert not call.progress.settled
    proved(call)
    assert call.node == "amount"
    assert "amount" in call.said
    assert call.progress.settled
    assert call.progress.bound_for == ""


def test_nobody_is_asked_twice_who_proves_it_to_another_controller() -> None:
    unfinished = left(paying())
    call = known().recall(unfinished).press("1").take_over()
    assert call.said == ("ask_pin",)
    proved(call)
    assert [type(command) for command in call.last if isinstance(command, Recall)] == [Recall]
    assert call.recall(unfinished).said == ("amount",)


def test_the_offer_is_made_again_by_another_controller() -> None:
    unfinished = left(half_reported())
    call = known().recall(unfinished).hear().take_over()
    assert call.recall(unfinished).said == ("fault_left", "offer")
    assert call.press("1").take_over().said == ("since",)


def test_who_cannot_prove_it_gets_nothing_of_it() -> None:
    call = known().recall(left(paying())).press("1")
    for _ in range(3):
        call.press("1111").answer(proved=False)
    assert call.node == "agent"
    assert not call.progress.settled
    assert "matter" not in call.progress.facts


def test_who_turns_out_to_be_another_customer_gets_nothing_of_it() -> None:
    call = proved(known().recall(left(paying())).press("1"), customer=MEHMET)
    assert (call.node, call.progress.settled) == ("main", False)
    assert set(call.progress.answers) <= {"left_off", "pin"}


def test_a_level_that_a_decision_was_made_by_is_needed() -> None:
    fault: Any = {
        "decide": {"choose": [{"when": "level == 'verified'", "next": "private"}], "otherwise": "fault_over"},
        "private": {"menu": "private", "choices": {"one": {"key": 1, "next": "fault_over"}}},
        "fault_over": {"return": {}},
    }
    called = hotline(fault=fault)
    old = proved(Player(called, None).press("02125554141")).recall().press("1")
    assert old.node == "private"
    unfinished = left(old, number=MOBILE, level=Level.RECOGNISED)
    assert known(called).recall(unfinished).press("1").said == ("ask_pin",)


def test_what_a_verify_node_on_the_way_has_asked_for_is_needed() -> None:
    fault: Any = {
        "check": {"verify": ["pin"], "next": "private"},
        "private": {"menu": "private", "choices": {"one": {"key": 1, "next": "fault_over"}}},
        "fault_over": {"return": {}},
    }
    called = hotline(fault=fault)
    old = proved(at_main(called).press("1"))
    assert old.node == "private"
    assert known(called).recall(left(old)).press("1").said == ("ask_pin",)


def test_a_place_that_needs_more_in_todays_flow_needs_more() -> None:
    old = left(half_reported())
    stricter = without(MAIN, fault={**MAIN["fault"], "needs": "verified"})
    assert known(hotline(stricter)).recall(old).press("1").said == ("ask_pin",)
    menu = {**MAIN["main"], "choices": {"fault": {"key": 1, "next": "fault", "needs": "verified"}}}
    assert known(hotline(without(MAIN, main=menu))).recall(old).press("1").said == ("ask_pin",)


def test_who_was_about_to_prove_something_goes_to_what_they_were_bound_for() -> None:
    fault: Any = {
        "lights": {"say": "words", "needs": "verified", "next": "fault_over"},
        "check": {"verify": ["pin"], "next": "fault_over"},
        "fault_over": {"return": {}},
    }
    called = hotline(fault=fault, fault_head={"defaults": {"verify": "check"}})
    old = at_main(called).press("1")
    assert old.node == "check"
    call = known(called).recall(left(old.hang_up())).press("1")
    assert call.node == "prove"
    assert proved(call).node == "lights"


def test_without_a_way_to_prove_it_people_help() -> None:
    call = known(hotline(verify=None)).recall(left(paying())).press("1")
    assert isinstance(call.ending, Transfer)


# The same agent


def cut_off(**more: Any) -> Unfinished:
    menu: Any = {"menu": "m", "choices": {"p": {"key": 1, "next": "people"}}}
    called = hotline(fault={"lights": menu, "people": {"transfer": "faults", "reason": "asked"}})
    return left(at_main(called).press("1").press("1"), agent="201", queue="faults", **more)


def test_who_was_cut_off_is_offered_the_same_agent() -> None:
    call = known().recall(cut_off())
    assert call.said == ("same_agent",)
    assert call.press("1").said == ("connecting",)
    call.press("5").hear()
    assert call.ending == Transfer("faults", "cut_off", "201")
    assert call.told(NoteKind.RESUMED) == [{"how": "agent"}]
    assert call.progress.settled


def test_who_wants_no_agent_starts_over_or_hears_the_ordinary_offer() -> None:
    call = known().recall(cut_off()).press("2")
    assert (call.node, call.told(NoteKind.RESUMED)) == ("main", [{"how": "started_over"}])
    business = replace(left(half_reported()), agent="201", queue="faults")
    assert known().recall(business).press("2").said == ("fault_left", "offer")


def test_without_its_words_no_agent_is_offered() -> None:
    assert known(hotline(agent=None)).recall(cut_off()).node == "main"


def test_another_controller_still_calls_the_same_agent() -> None:
    unfinished = cut_off()
    call = known().recall(unfinished).press("1").take_over().recall(unfinished)
    assert call.said == ("connecting",)
    call.hear()
    assert call.ending == Transfer("faults", "cut_off", "201")
