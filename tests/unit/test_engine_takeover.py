"""Another controller goes on with a call, at every kind of node and every inner step."""

from __future__ import annotations

from typing import Any

import pytest

from context_store.records import NoteKind
from ivr.flow.commands import AskService, HangUp, LookUp, Recall, Transfer, Write
from ivr.flow.engine import advance, begin
from ivr.flow.events import LookedUp, PlayEnded, ServiceAnswered, Started, TakenOver
from tests.unit.flows_in_python import flow
from tests.unit.identity_house import LINE, identify, match, verify
from tests.unit.player import Player
from tests.unit.test_engine_takeover_properties import SECRETS


def asks(call: Player) -> list[AskService | LookUp | Recall]:
    return [command for command in call.last if isinstance(command, AskService | LookUp | Recall)]


def test_what_was_being_said_is_said_again() -> None:
    call = Player(flow({"hello": {"say": "words", "next": "bye"}})).take_over()
    assert call.said == ("words",)
    assert call.told(NoteKind.TAKEN_OVER) == [{"controller": "two"}]
    assert call.progress.visits == {"hello": 1}
    assert call.hear().node == "bye"


def test_a_menu_is_read_again_and_no_attempt_is_counted() -> None:
    menu = {"menu": "menu", "choices": {"one": {"key": 1, "next": "bye"}}, "attempts": 2}
    call = Player(flow({"main": menu})).hear().silence().hear()
    assert call.progress.attempts == 1
    assert call.take_over().said == ("menu",)
    assert (call.progress.attempts, call.progress.visits) == (1, {"main": 1})
    assert call.press("1").node == "bye"


def test_keys_typed_so_far_are_gone_and_typed_again() -> None:
    call = Player(flow({"number": {"collect": "value", "length": 3, "next": "bye"}})).hear().press("12").take_over()
    assert call.said == ("value",)
    call.press("987")
    assert call.progress.answers["number"].value == "987"


def test_a_value_that_was_being_read_back_is_asked_for() -> None:
    node = {"collect": "value", "length": 2, "confirm": "is_it", "next": "bye"}
    call = Player(flow({"number": node})).press("12").take_over()
    assert call.said == ("value",)
    assert call.press("34").said == ("is_it",)
    assert call.press("1").progress.answers["number"].value == "34"


def test_what_came_of_an_earlier_play_or_timer_is_stale() -> None:
    menu = {"menu": "menu", "choices": {"one": {"key": 1, "next": "bye"}}}
    call = Player(flow({"main": menu}))
    before = call.progress.playing
    call.take_over()
    new = call.progress.playing
    assert before != new
    call.send(PlayEnded(0.0, before))
    assert (call.progress.playing, call.last) == (new, ())
    assert call.take_over().progress.playing not in (before, new)


def test_a_prompt_said_meanwhile_is_not_waited_for() -> None:
    nodes: dict[str, dict[str, Any]] = {
        "hello": {"say": "words", "meanwhile": True, "next": "main"},
        "main": {"menu": "menu", "choices": {"one": {"key": 1, "next": "bye"}}},
    }
    waiting = Player(flow(nodes))
    assert waiting.take_over().said == ("menu",)
    looking = {**nodes["hello"], "next": "look"}
    look = {"look_up": {"status": {"call": "line.status"}}, "next": "main"}
    call = Player(flow({"hello": looking, "look": look, "main": nodes["main"]})).take_over()
    assert call.progress.request
    call.send(LookedUp(call.now, call.progress.request, {}))
    assert call.said == ("menu",)


CALL = {"call": "ticket.open", "with": {"line": "{{ caller.number }}"}, "into": "ticket", "next": "bye"}


def test_a_service_is_asked_again_as_the_same_visit() -> None:
    call = Player(flow({"open": {**CALL, "retries": 1}})).fail("timeout")
    (asked,) = asks(call)
    (again,) = asks(call.take_over())
    assert again == asked
    assert call.progress.tries == 1
    assert call.answer(changed=True, number="1").node == "bye"


def test_what_was_looked_up_at_once_is_looked_up_again() -> None:
    node = {"look_up": {"status": {"call": "line.status"}, "bill": {"call": "bill.current"}}, "next": "bye"}
    call = Player(flow({"look": node}))
    before = asks(call)
    assert asks(call.take_over()) == before


def test_secrets_that_a_service_was_asked_with_are_asked_for_again_and_nothing_else() -> None:
    call = Player(flow(SECRETS)).press("123").press("1").press("45")
    visit = call.asked.visit
    assert call.take_over().said == ("card",)
    assert call.press("123").said == ("code",)
    call.press("45")
    assert (call.asked.arguments, call.asked.visit) == ({"card": "123", "code": "45"}, visit)
    assert call.answer(changed=True).node == "again"
    assert not call.told(NoteKind.FAILED)


def test_a_secret_that_is_lost_before_it_is_needed_is_asked_for_where_it_is_needed() -> None:
    call = Player(flow(SECRETS)).press("123").hear().take_over()
    assert call.said == ("sure",)
    call.press("1").press("45")
    assert call.said == ("card",)
    call.take_over().take_over().press("321")
    assert call.said == ("code",)  # lost, too
    assert call.press("45").asked.visit == 1


def test_a_secret_that_no_question_here_can_give_fails() -> None:
    inner = flow({"pay": {**SECRETS["pay"], "next": "back"}, "back": {"return": {}}}, flow="sub", return_only=True)
    nodes = {
        "card": {**SECRETS["card"], "next": "code"},
        "code": {**SECRETS["code"], "next": "visit"},
        "visit": {"flow": "sub", "next": "bye"},
    }
    call = Player(flow(nodes, inner)).press("123").press("45").take_over()
    assert isinstance(call.ending, Transfer)


def test_a_call_back_is_asked_for_again_or_the_number() -> None:
    node = {"callback": "agents", "reason": "busy", "next": "bye"}
    call = Player(flow({"back": node})).take_over()
    assert call.said == ("callback_offer",)
    assert call.press("2").said == ("callback_number",)
    assert call.take_over().said == ("callback_number",)
    call.press("02125554141")
    asked = call.asked
    assert call.take_over().asked == asked
    assert call.answer(number="1").node == "bye"


def test_a_return_from_a_subflow_still_works() -> None:
    inner = flow(
        {"ask": {"collect": "value", "length": 1, "next": "out"}, "out": {"return": {"got": "{{ answers.ask }}"}}},
        flow="sub",
        return_only=True,
    )
    call = Player(flow({"visit": {"flow": "sub", "into": "result", "next": "bye"}}, inner)).take_over()
    assert call.said == ("value",)
    assert call.press("7").progress.facts["result"] == {"got": "7"}


# Who is calling


def test_a_silent_way_is_asked_again_and_no_answer_twice() -> None:
    call = Player(identify("caller_number", "alternate_number"))
    before = asks(call)
    assert asks(call.take_over()) == before
    assert call.answer(matches=[match("alternate_number")]).node == "known"


def test_a_token_is_gone_with_who_had_it() -> None:
    call = Player(identify("token", "caller_number"), token="t0ken").take_over()
    assert [ask.service for ask in asks(call) if isinstance(ask, AskService)] == ["directory.find"]


def test_the_claim_is_kept_and_a_proof_that_was_being_checked_is_asked_for() -> None:
    call = Player(verify("pin", tries=2)).hear().press("02125554141").take_over()
    assert call.said == ("ask_pin",)
    call.press("1111")
    assert call.asked.service == "directory.prove"
    assert call.take_over().said == ("ask_pin",)
    assert (call.progress.tries, call.progress.unproven) == (0, 0)
    call.press("4711")
    assert call.asked.arguments["claim"] == LINE["number"]
    assert call.asked.arguments["value"] == "4711"


def test_each_part_of_a_claim_is_kept() -> None:
    call = Player(verify("pin", claims=["last_order"])).press("945").take_over()
    assert call.said == ("ask_order",)
    call.press("0021").press("4711")
    assert call.asked.arguments["claim"] == "945:0021"


def test_a_code_is_not_sent_a_second_time() -> None:
    call = Player(verify("sms_code")).hear().press("02125554141")
    sent = call.asked
    assert sent.service == "code.send"
    assert call.take_over().asked == sent
    assert call.answer(sent=True).said == ("ask_sms_code",)
    assert call.take_over().said == ("ask_sms_code_again",)
    assert not asks(call)


def test_the_lines_to_choose_from_are_read_again() -> None:
    other = {"number": "+902125550707", "ending": "07", "product": "fiber"}
    found = [match("caller_number"), match("caller_number", of=other)]
    call = Player(identify("caller_number")).answer(matches=found)
    assert call.said == ("choose_line",)
    assert call.take_over().said == ("choose_line",)
    assert call.press("2").progress.facts["line"] == other


def test_who_was_sent_to_prove_something_still_goes_where_they_were_bound_for() -> None:
    nodes: dict[str, dict[str, Any]] = {
        "main": {"menu": "menu", "choices": {"one": {"key": 1, "next": "hello", "needs": "verified"}}},
        "hello": {"say": "words", "next": "bye"},
        "check": {"verify": ["pin"], "next": "bye"},
    }
    call = Player(flow(nodes, defaults={"verify": "check"})).press("1").take_over()
    call.press("02125554141").take_over().press("4711").take_over().press("4711")
    assert call.answer(proved=True, customer={"id": "c1"}, lines=[LINE]).node == "hello"


# The end


def test_the_last_words_are_said_again_and_the_last_command_given_again() -> None:
    call = Player(flow({"leave": {"transfer": "agents", "say": "words", "reason": "asked"}})).take_over()
    assert call.said == ("words",)
    call.hear()
    assert call.ending == Transfer("agents", "asked")
    assert call.take_over().ending == Transfer("agents", "asked")
    assert call.progress.over
    done = Player(flow({"leave": {"end": [], "outcome": "done"}}))
    assert done.ending == HangUp("done")
    assert done.take_over().ending == HangUp("done")


LEAVING: dict[str, dict[str, Any]] = {
    "open": CALL,
    "tell": {"call": "message.send", "into": "sent", "next": "gone", "on_error": "gone"},
    "gone": {"end": []},
}


def test_a_change_that_was_asked_for_when_the_caller_hung_up_is_asked_for_again() -> None:
    for head in ({"on_hangup": "tell"}, {}):
        call = Player(flow(LEAVING, **head))
        asked = call.asked
        call.hang_up().take_over()
        assert call.asked == asked
        call.answer(changed=True, number="7")
        assert call.told(NoteKind.DID)
        assert call.progress.facts["ticket"] == {"number": "7"}
        assert bool(asks(call)) is bool(head)
        if head:
            assert [call.asked] == asks(call.take_over())
            call.answer()
        assert call.progress.over
        assert call.progress.outcome == "hung_up"
        assert call.take_over().last[1:] == ()


def test_who_has_gone_is_asked_nothing_again() -> None:
    call = Player(verify("pin")).hear().press("02125554141").hear().press("4711")
    call.hang_up().take_over()
    assert not asks(call)
    assert call.progress.over
    secret = Player(flow({**SECRETS, "gone": {"end": []}}, on_hangup="gone")).press("123").press("1").press("45")
    assert secret.hang_up().take_over().progress.over
    assert not asks(secret)


def test_a_call_of_which_nothing_was_saved_begins_as_any() -> None:
    hotline = flow({"hello": {"say": "words", "next": "bye"}})
    progress, commands = advance(hotline, begin(hotline, "tr"), TakenOver(0.0, "two"))
    assert all(isinstance(command, Write) for command in commands)
    progress, _ = advance(hotline, progress, Started(0.0, None, "444", run="r"))
    assert (progress.node, progress.run) == ("hello", "r")


@pytest.mark.parametrize("times", [1, 3])
def test_it_may_happen_again_and_again(times: int) -> None:
    call = Player(flow({"open": CALL}))
    asked = call.asked
    for _ in range(times):
        call.take_over()
    assert call.asked == asked
    assert len(call.told(NoteKind.TAKEN_OVER)) == times


def test_an_answer_to_who_had_the_call_before_changes_nothing_twice() -> None:
    """The first controller was only paused: what it saves is refused, and its answer comes to nobody else."""
    call = Player(flow({"open": CALL}))
    call.take_over().answer(changed=True, number="1").hear()
    over = call.progress
    call.send(ServiceAnswered(call.now, "r1", {"number": "1"}, True))
    assert call.progress == over
