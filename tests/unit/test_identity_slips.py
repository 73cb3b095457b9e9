"""A slip in a claim is mended with the key `back`, or with * while it is being typed; nobody waits long after a *."""

from __future__ import annotations

from typing import Any

import pytest

from context_store.records import NoteKind
from ivr.flow.commands import Transfer
from ivr.flow.identity.dialogue import AFTER_STAR
from ivr.flow.turn import VISITS
from tests.unit.flows_in_python import flow
from tests.unit.identity_house import LINE, MEHMET, identify, line, match, proved, unproved, verify, with_keys
from tests.unit.player import Player

NUMBER = "02125554141"
OTHER = "02125550607"


def caller(*ways: str, **keys: Any) -> Player:
    return Player(with_keys(identify(*ways, **keys)))


def heard(call: Player, keys: str) -> Player:
    """The question is heard to its end before a key is pressed."""
    return call.hear().press(keys)


# The key back


def test_back_from_a_proof_asks_for_the_claim_and_costs_nothing() -> None:
    call = heard(caller("fault_line").press(NUMBER), "#")
    assert call.said == ("ask_line",)
    assert call.told(NoteKind.WANTED) == [{"key": "#", "what": "back"}]
    assert (call.progress.tries, call.progress.attempts, call.progress.unproven) == (0, 0, 0)
    call.press(OTHER).press("4711")
    assert call.asked.arguments["claim"] == "+902125550607"
    assert call.progress.answers["fault_line"].value == "+902125550607"


def test_back_after_a_wrong_proof_mends_the_line() -> None:
    call = unproved(caller("fault_line", "customer_number").press(OTHER).press("4711"))
    assert call.press("#").said == ("ask_line",)
    assert proved(call.press(NUMBER).press("4711")).progress.facts["line"] == LINE


def test_a_wrong_proof_stays_counted() -> None:
    call = caller("fault_line", tries=3)
    for _ in range(2):
        unproved(call.press(NUMBER).press("0000"))
        call.press("#")
    unproved(call.press(NUMBER).press("0000"))
    assert call.node == "unproven"


def test_back_stays_with_the_way() -> None:
    call = caller("fault_line", "customer_number").press("*").silence().press("100421#")
    assert call.said == ("ask_pin",)
    assert call.press("#").said == ("ask_customer_number",)


def test_back_from_a_later_proof_sends_no_code() -> None:
    call = caller("fault_line", proofs=["pin", "invoice", "sms_code"]).press(NUMBER).press("*").silence()
    assert call.said == ("ask_invoice",)
    assert call.press("#").said == ("ask_line",)
    assert call.service != "code.send"


def test_back_from_the_order_asks_for_the_surname() -> None:
    call = caller("fault_line", "last_order").press("*").silence().press("945")
    assert heard(call, "#").said == ("ask_surname",)
    call.press("235").press("0021").press("4711")
    assert call.asked.arguments["claim"] == "235:0021", "nothing of the first surname is left"


def test_back_from_the_proof_of_an_order_asks_for_the_surname() -> None:
    call = caller("last_order").press("945").press("0021")
    assert heard(call, "#").said == ("ask_surname",)


def test_back_from_the_proof_of_a_known_line_asks_who_it_is() -> None:
    nodes = {
        "who": {"identify": ["caller_number"], "next": "check"},
        "check": {"verify": ["pin"], "claims": ["customer_number"], "next": "bye", "otherwise": "agent"},
    }
    call = Player(flow(nodes, keys={"back": "#"})).answer(matches=[match("caller_number")])
    assert call.said == ("ask_pin",)
    assert call.press("#").said == ("ask_customer_number",)
    proved(call.press("100421#").press("4711"), line("07"), customer=MEHMET)
    assert call.progress.facts["customer"] == MEHMET


def test_a_hash_after_digits_ends_them() -> None:
    call = caller("fault_line").press(NUMBER)
    assert heard(call, "47#").said == ("nomatch", "ask_pin")


def test_a_hash_over_the_question_that_follows_a_number_ends_that_number() -> None:
    call = caller("fault_line").press(NUMBER).press("#")
    assert call.progress.step == "pin"
    assert call.press("#").said == ("ask_line",)


def test_back_at_the_first_question_asks_it_again() -> None:
    call = caller("fault_line", "last_order")
    assert call.press("#").said == ("ask_line",)
    assert call.press("*").silence().press("#").said == ("ask_surname",)
    assert call.progress.tries == 0


def test_back_is_nothing_where_the_flow_has_no_such_key() -> None:
    call = Player(identify("fault_line")).press(NUMBER)
    assert heard(call, "#").told(NoteKind.NOMATCH) == [{"attempt": 1}]


def test_going_back_has_an_end() -> None:
    call = caller("fault_line")
    for _ in range(VISITS - 1):
        assert call.ending is None
        heard(call.press(NUMBER), "#")
    assert call.ending == Transfer("agents", "flow_failed")


def test_lines_that_were_found_are_not_to_be_guessed_by_going_back() -> None:
    """They are enough without a proof: each wrong one costs a try."""
    alike = [match("caller_number"), match("caller_number", of={**LINE, "number": "+902125550041"})]
    call = caller("caller_number", "fault_line").answer(matches=alike)
    assert call.said == ("ask_line",)
    for tries in (1, 2):
        assert heard(call.press(OTHER), "#").said == ("ask_line",)
        assert call.progress.tries == tries
    assert heard(call.press(OTHER), "#").node == "unproven"


# The key *


def test_a_star_that_may_become_a_longer_key_is_waited_for_but_not_long() -> None:
    call = caller("fault_line", "customer_number").press("*")
    assert call.waits == AFTER_STAR
    assert call.silence().said == ("ask_customer_number",)
    assert call.press("1").waits == call.flow.defaults.interdigit


def test_the_wait_is_never_longer_than_between_other_keys() -> None:
    call = caller("fault_line", "customer_number", interdigit="500ms").press("*")
    assert call.waits == 0.5


def test_a_star_and_zero_is_a_person() -> None:
    call = caller("fault_line", "customer_number").press("*0")
    assert call.told(NoteKind.WANTED) == [{"key": "*0", "what": "agent"}]


@pytest.mark.parametrize("keys", ["*", "**", "***"])
def test_each_star_is_one(keys: str) -> None:
    questions = ["ask_line", "ask_customer_number", "ask_surname", "ask_line"]
    call = caller("fault_line", "customer_number", "last_order").press(keys)
    assert call.progress.timer, "the last one may become *0"
    assert call.silence().said == (questions[len(keys)],)
    assert not call.told(NoteKind.NOMATCH)


def test_stars_pressed_ahead_are_each_one() -> None:
    call = caller("caller_number", "fault_line", "customer_number", "last_order").press("**945").answer(matches=[])
    assert call.said == ("ask_order",)


def test_digits_after_a_star_belong_to_the_next_question() -> None:
    call = caller("fault_line", "customer_number").press("*100421#")
    assert call.progress.answers["customer_number"].value == "100421"


@pytest.mark.parametrize("typed", ["51840273*", "5*", "01*", "51840273**"])
def test_a_star_drops_the_digits_before_it(typed: str) -> None:
    call = caller("customer_number", "fault_line", "last_order").press(typed).silence()
    assert call.said == (("ask_line",) if typed.count("*") == 1 else ("ask_surname",))
    assert not call.told(NoteKind.NOMATCH)
    assert "customer_number" not in call.progress.answers


def test_digits_before_a_star_and_zero_are_dropped_too() -> None:
    call = caller("fault_line", "customer_number").press("0212*0")
    assert call.told(NoteKind.WANTED) == [{"key": "*0", "what": "agent"}]


def test_a_star_drops_the_digits_of_a_proof() -> None:
    call = caller("fault_line", proofs=["pin", "invoice"]).press(NUMBER).press("47*").silence()
    assert call.said == ("ask_invoice",)


def test_without_a_longer_key_a_star_is_not_waited_for() -> None:
    call = Player(verify("pin", claims=["fault_line", "customer_number"])).press("0212*")
    assert call.said == ("ask_customer_number",)
