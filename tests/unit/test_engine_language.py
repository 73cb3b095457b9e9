"""The engine on the wider language: subflows, levels, handlers, retries, global keys, confirmation, secrets, words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from context_store.records import Level, NoteKind, Sensitivity
from ivr.flow.commands import AskService, HangUp, Play, Transfer
from ivr.flow.engine import Trace, traced
from ivr.flow.events import HungUp, KeyPressed, PlayEnded, ServiceAnswered, Spoke
from ivr.flow.model import Flow
from tests.unit.flows_in_python import flow
from tests.unit.player import Player

CUSTOMER = {"id": "C1", "name": "Ayşe"}
LINE = {"number": "+902125554141", "ending": "41", "product": "DSL"}
PROVED: dict[str, Any] = {"proved": True, "customer": CUSTOMER, "lines": [LINE]}
FOUND: dict[str, Any] = {"matches": [{"way": "caller_number", "customer": CUSTOMER, "line": LINE}]}


def menu(**ways: str) -> dict[str, Any]:
    """A menu whose keys are 1, 2, 3 … in this order."""
    choices = {name: {"key": str(place), "next": target} for place, (name, target) in enumerate(ways.items(), 1)}
    return {"menu": "main", "choices": choices}


class TestSubflows:
    PAY = flow(
        {
            "ask_amount": {"collect": "amount", "type": "amount", "next": "paid"},
            "paid": {"return": {"outcome": "paid", "sum": "{{ answers.ask_amount }} of {{ args.due }}"}},
        },
        flow="pay",
        arguments=["due"],
    )

    def hotline(self) -> Flow:
        return flow(
            {
                "pay_now": {"flow": "pay", "with": {"due": "{{ 90 + 10 }}"}, "into": "payment", "next": "after"},
                "after": {"choose": [{"when": "payment.outcome == 'paid'", "next": "bye"}], "otherwise": "agent"},
            },
            self.PAY,
        )

    def test_a_subflow_gets_arguments_and_gives_a_result(self) -> None:
        call = Player(self.hotline())
        assert (call.progress.flow, call.node) == ("pay", "ask_amount")
        call.press("50#").hear()
        assert call.progress.facts["payment"] == {"outcome": "paid", "sum": "50 of 100"}
        assert call.progress.flow == "test"
        assert call.progress.stack == ()
        assert isinstance(call.ending, HangUp)

    def test_its_end_is_the_end_of_the_call(self) -> None:
        sub = flow({"over": {"end": "goodbye", "outcome": "abandoned"}}, flow="sub")
        call = Player(flow({"go": {"flow": "sub", "next": "bye"}}, sub)).hear()
        assert call.ending == HangUp("abandoned")

    def test_arguments_of_the_caller_are_there_again(self) -> None:
        inner = flow({"in_out": {"return": {"got": "{{ args.a }}"}}}, flow="inner", arguments=["a"])
        outer = flow(
            {
                "go_in": {"flow": "inner", "with": {"a": "inner"}, "into": "mid", "next": "out_out"},
                "out_out": {"return": {"both": "{{ args.a }} {{ mid.got }}"}},
            },
            flow="outer",
            arguments=["a"],
        )
        call = Player(
            flow({"go": {"flow": "outer", "with": {"a": "outer"}, "into": "end", "next": "bye"}}, inner, outer)
        )
        assert call.progress.facts["end"] == {"both": "outer inner"}

    def test_a_return_without_a_caller_goes_to_people(self) -> None:
        call = Player(flow({"lost": {"return": {}}}))
        assert call.ending == Transfer("agents", "flow_failed")


class TestNeeds:
    def hotline(self, **more: Any) -> Flow:
        return flow(
            {
                "who": {"identify": ["caller_number", "fault_line"], "next": "main"},
                "main": {
                    "menu": "main",
                    "choices": {
                        "bill": {"key": 1, "needs": "verified", "next": "bill"},
                        "agent": {"key": 2, "next": "agent"},
                    },
                },
                "bill": {"say": "bill", "next": "bye"},
                "prove": {"verify": ["pin"], "next": "main", "otherwise": "agent"},
                **more,
            },
            defaults={"verify": "prove"},
        )

    def test_a_recognised_caller_proves_and_goes_on(self) -> None:
        call = Player(self.hotline()).answer(**FOUND)
        assert call.progress.level is Level.RECOGNISED
        call.press("1")
        assert (call.node, call.said) == ("prove", ("ask_pin",)), "the line is known, so only its PIN is asked for"
        claimed = {"way": "fault_line", "claim": LINE["number"]}
        assert call.press("4711").asked.arguments == {**claimed, "proof": "pin", "value": "4711"}
        call.answer(**PROVED)
        assert (call.node, call.said) == ("bill", ("bill",))
        assert call.progress.bound_for == ""

    def test_who_cannot_prove_it_does_not_get_there(self) -> None:
        call = Player(self.hotline()).answer(**FOUND).press("1")
        for _ in range(3):
            call.press("0000").answer(proved=False)
        assert call.node == "agent"
        assert call.progress.level is Level.RECOGNISED
        assert call.progress.bound_for == ""

    def test_who_has_proved_it_is_not_asked_again(self) -> None:
        call = Player(self.hotline(), ani=None).press("02125554141").press("4711").answer(**PROVED).press("1")
        assert call.node == "bill"

    def test_a_node_can_need_a_level_too(self) -> None:
        hotline = flow(
            {
                "bill": {"say": "bill", "needs": "verified", "next": "bye"},
                "prove": {"verify": ["pin"], "next": "bye", "otherwise": "agent"},
            },
            defaults={"verify": "prove"},
        )
        call = Player(hotline)
        assert call.said == ("ask_line",)
        assert call.press("02125554141").press("4711").answer(**PROVED).node == "bill"

    def test_without_a_way_to_verify_people_take_over(self) -> None:
        call = Player(flow({"bill": {"say": "bill", "needs": "verified", "next": "bye"}}))
        assert call.ending == Transfer("agents", "flow_failed")

    def test_a_verify_node_that_cannot_reach_the_level_is_no_circle(self) -> None:
        hotline = flow(
            {
                "bill": {"say": "bill", "needs": "verified", "next": "bye"},
                "weak": {"identify": ["caller_number"], "next": "bye", "otherwise": "agent"},
            },
            defaults={"verify": "weak"},
        )
        assert Player(hotline).answer(**FOUND).ending == Transfer("agents", "flow_failed")


class TestAfterTheCallerHasGone:
    def hotline(self) -> Flow:
        return flow(
            {
                "main": menu(go="ask"),
                "ask": {"call": "ticket.open", "into": "ticket", "next": "bye"},
                "gone": {"choose": [{"when": "ticket.number", "next": "tell"}], "otherwise": "done"},
                "tell": {"call": "sms.send", "with": {"text": "{{ ticket.number }}"}, "into": "sms", "next": "done"},
                "done": {"end": []},
            },
            on_hangup="gone",
        )

    def test_the_flow_finishes_its_work(self) -> None:
        call = Player(self.hotline()).press("1").hang_up()
        assert not call.progress.over, "what was asked is heard to its end"
        call.answer(changed=True, number="7")
        assert call.asked.service == "sms.send"
        assert call.asked.arguments == {"text": "7"}
        assert not call.progress.over
        call.answer()
        assert (call.progress.phase, call.progress.outcome, call.last) == ("ended", "hung_up", call.last)
        assert not any(isinstance(command, HangUp | Transfer) for command in call.last)

    def test_nothing_to_do_ends_at_once(self) -> None:
        call = Player(self.hotline()).hang_up()
        assert (call.progress.phase, call.progress.outcome) == ("ended", "hung_up")
        assert [note.kind for note in call.notes][-1] is NoteKind.HUNG_UP

    def test_a_failing_service_ends_it(self) -> None:
        call = Player(self.hotline()).press("1").hang_up().answer(changed=True, number="7").fail()
        assert call.progress.over
        assert call.progress.outcome == "hung_up"

    def test_it_asks_again_as_often_as_it_is_written(self) -> None:
        hotline = flow(
            {
                "main": menu(go="bye"),
                "gone": {"call": "crm.note", "into": "noted", "retries": 1, "next": "done"},
                "done": {"end": []},
            },
            on_hangup="gone",
        )
        call = Player(hotline).hang_up()
        first = call.asked
        call.fail("timeout")
        assert (call.asked.service, call.asked.visit) == ("crm.note", first.visit)
        assert call.fail("timeout").progress.over

    def test_it_happens_once_and_keys_are_nothing(self) -> None:
        call = Player(self.hotline()).press("1").hang_up().answer(changed=True, number="7")
        before = call.progress
        call.hang_up().press("1")
        assert call.progress == before

    def test_also_from_within_a_subflow(self) -> None:
        sub = flow({"in_sub": {"collect": "x", "next": "out"}, "out": {"return": {}}}, flow="sub")
        hotline = flow(
            {
                "go": {"flow": "sub", "next": "bye"},
                "gone": {"call": "crm.note", "into": "noted", "next": "done"},
                "done": {"end": []},
            },
            sub,
            on_hangup="gone",
        )
        call = Player(hotline).hang_up()
        assert call.asked.service == "crm.note"
        assert call.answer().progress.over


class TestErrors:
    def asking(self, retries: int) -> Flow:
        ask = {"call": "a.b", "into": "x", "retries": retries, "next": "bye"}
        return flow({"ask": ask}, defaults={"on_error": "agent"})

    def test_a_service_is_asked_again_with_the_same_visit(self) -> None:
        hotline = flow(
            {"ask": {"call": "a.b", "into": "x", "retries": 2, "next": "bye"}}, defaults={"on_error": "agent"}
        )
        call = Player(hotline)
        first = call.asked
        call.fail("timeout")
        assert (call.asked.visit, call.asked.node) == (first.visit, first.node)
        assert call.asked.id != first.id
        call.fail("unavailable")
        assert call.fail("timeout").ending == Transfer("agents", "asked")
        assert len(call.told(NoteKind.FAILED)) == 3

    @pytest.mark.parametrize(("reason", "after"), [("timeout", "third"), ("rejected", "second")])
    def test_one_cannot_go_back_behind_what_may_have_been_done(self, reason: str, after: str) -> None:
        hotline = flow(
            {
                "first": menu(go="second"),
                "second": menu(go="ask"),
                "ask": {"call": "ticket.open", "into": "ticket", "next": "bye", "on_error": "third"},
                "third": menu(go="bye"),
            },
            keys={"back": "#"},
        )
        assert Player(hotline).press("11").fail(reason).press("#").node == after

    @pytest.mark.parametrize("reason", ["rejected", "nonsense"])
    def test_what_would_fail_again_is_not_asked_again(self, reason: str) -> None:
        hotline = flow(
            {"ask": {"call": "a.b", "into": "x", "retries": 3, "next": "bye"}}, defaults={"on_error": "agent"}
        )
        assert Player(hotline).fail(reason).ending == Transfer("agents", "asked")

    def test_a_flow_that_runs_in_a_circle_goes_to_its_handler(self) -> None:
        circle: dict[str, Any] = {
            "one": {"choose": [{"when": "true", "next": "two"}], "otherwise": "two"},
            "two": {"choose": [{"when": "true", "next": "one"}], "otherwise": "one"},
            "sorry": {"say": "sorry", "next": "agent"},
        }
        call = Player(flow(circle, defaults={"on_error": "sorry"}))
        assert call.said == ("sorry",)
        assert call.hear().ending == Transfer("agents", "asked")

    def test_a_handler_that_fails_too_ends_at_people(self) -> None:
        circle = {"one": {"choose": [{"when": "true", "next": "one"}], "otherwise": "one"}}
        call = Player(flow(circle, defaults={"on_error": "one"}))
        assert call.ending == Transfer("agents", "flow_failed")


class TestGlobalKeys:
    def hotline(self, **head: Any) -> Flow:
        keys = {"repeat": "*", "back": "#", "agent": {"key": [0, "*0"], "next": "agent"}}
        return flow(
            {
                "main": menu(more="second", number="digits"),
                "second": menu(bye="bye", third="third"),
                "third": menu(bye="bye"),
                "digits": {"collect": "number", "length": 4, "next": "bye"},
            },
            keys=keys,
            **head,
        )

    def test_repeat_asks_again_and_costs_nothing(self) -> None:
        call = Player(self.hotline())
        for _ in range(5):
            call.hear().press("*")
            assert (call.node, call.said, call.progress.attempts) == ("main", ("main",), 0)
        assert call.told(NoteKind.WANTED)[0] == {"key": "*", "what": "repeat"}

    def test_a_stuck_key_ends_at_people(self) -> None:
        call = Player(self.hotline())
        for _ in range(600):
            call.press("*")
        assert call.ending is None
        assert call.progress.phase == "transferred"
        assert call.told(NoteKind.FAILED) == [{"reason": "runaway"}]

    def test_a_key_that_may_be_longer_waits_only_between_digits(self) -> None:
        call = Player(self.hotline()).press("2").press("*")
        assert not call.told(NoteKind.WANTED), "it could become *0"
        assert call.silence().told(NoteKind.WANTED) == [{"key": "*", "what": "repeat"}]

    def test_back_goes_to_the_question_before(self) -> None:
        call = Player(self.hotline()).press("12")
        assert call.node == "third"
        assert call.press("#").node == "second"
        assert call.press("#").node == "main"
        assert call.press("#").node == "main", "there is nothing before the first"

    def test_one_does_not_go_back_behind_what_was_done(self) -> None:
        hotline = flow(
            {
                "main": menu(open="ticket"),
                "ticket": {"call": "ticket.open", "into": "ticket", "next": "after"},
                "after": menu(bye="bye"),
            },
            keys={"back": "#"},
        )
        call = Player(hotline).press("1").answer(changed=True, number="1").press("#")
        assert call.node == "after"
        assert call.told(NoteKind.WANTED)[-1]["what"] == "back"

    def test_the_agent_is_there_in_menus_and_between_digits(self) -> None:
        assert Player(self.hotline()).press("0").node == "agent"
        assert Player(self.hotline()).press("2").press("*0").node == "agent"
        assert Player(self.hotline()).press("2").press("0123").progress.answers["digits"].value == "0123"

    def test_the_nodes_own_keys_win(self) -> None:
        hotline = flow(
            {"main": {"menu": "main", "choices": {"own": {"key": 0, "next": "bye"}}}},
            keys={"agent": {"key": 0, "next": "agent"}},
        )
        assert Player(hotline).press("0").node == "bye"

    def test_another_line_is_still_another_line(self) -> None:
        hotline = flow(
            {"who": {"identify": ["fault_line"], "next": "bye", "otherwise": "agent"}},
            keys={"repeat": "*", "agent": {"key": "*0", "next": "agent"}},
        )
        call = Player(hotline).press("02125554141").press("*")
        assert call.progress.step == "pin", "it could become *0"
        assert call.silence().progress.step == "line"
        assert Player(hotline).press("02125554141").press("*0").node == "agent"


class TestCollect:
    def test_a_value_is_read_back(self) -> None:
        call = Player(flow({"pay": {"collect": "how_much", "type": "amount", "confirm": "is_it", "next": "bye"}}))
        call.press("149*90")
        assert call.said == ("is_it",)
        [play] = [command for command in call.last if isinstance(command, Play)]
        assert play.variables["answers"] == {"pay": "149.90"}
        assert "pay" not in call.progress.answers, "nothing is kept before it is confirmed"
        call.press("2")
        assert call.said == ("how_much",)
        call.press("20#").press("1")
        assert call.progress.answers["pay"].value == "20"
        assert [told["value"] for told in call.told(NoteKind.ANSWERED)] == ["20"]

    def test_who_never_confirms_gives_up(self) -> None:
        call = Player(
            flow({"pay": {"collect": "x", "length": 1, "confirm": "is_it", "otherwise": "agent", "next": "bye"}})
        )
        for _ in range(3):
            call.press("7").press("2")
        assert call.node == "agent"

    def test_a_secret_is_used_once_and_kept_nowhere(self) -> None:
        hotline = flow(
            {
                "card": {"collect": "card", "length": 16, "sensitivity": "secret", "next": "pay"},
                "pay": {"call": "payment.pay", "with": {"card": "{{ secrets.card }}"}, "into": "paid", "next": "bye"},
            }
        )
        number = "4508034508034509"
        call = Player(hotline).press(number)
        assert call.asked.arguments == {"card": number}
        assert number not in repr(call.asked)
        assert number not in repr(call.progress)
        assert call.progress.answers["card"].value == ""
        assert call.progress.answers["card"].sensitivity is Sensitivity.SECRET
        call.answer(changed=True)
        assert call.progress.held.secrets == {}
        assert number not in str(call.notes)

    def test_a_secret_that_was_lost_is_not_asked_with(self) -> None:
        hotline = flow(
            {
                "pay": {
                    "call": "payment.pay",
                    "with": {"card": "{{ secrets.card }}"},
                    "into": "p",
                    "on_error": "agent",
                    "next": "bye",
                }
            }
        )
        call = Player(hotline)
        assert not any(isinstance(command, AskService) for command in call.last)
        assert call.node == "agent"

    def test_a_choice_and_yes_or_no(self) -> None:
        hotline = flow(
            {
                "when": {
                    "collect": "when",
                    "type": "choice",
                    "choices": {"morning": {"key": 1, "phrases": ["sabah"]}, "evening": {"key": 2}},
                    "next": "sure",
                },
                "sure": {"collect": "sure", "type": "yes_no", "next": "bye"},
            }
        )
        call = Player(hotline).press("2").press("1")
        assert {name: given.value for name, given in call.progress.answers.items()} == {
            "when": "evening",
            "sure": "yes",
        }


class TestWords:
    def say(self, call: Player, words: str) -> Player:
        call.send(Spoke(call.now, words))
        return call

    def hotline(self) -> Flow:
        choices = {
            "fault": {"key": 1, "phrases": {"tr": ["arıza", "internetim yok"], "en": ["fault"]}, "next": "number"},
            "bill": {"key": 2, "phrases": ["fatura"], "next": "bye"},
        }
        return flow(
            {"main": {"menu": "main", "choices": choices}, "number": {"collect": "number", "length": 4, "next": "bye"}}
        )

    def test_a_phrase_is_a_choice(self) -> None:
        call = self.say(Player(self.hotline()), "Benim İNTERNETİM YOK ki")
        assert call.node == "number"
        assert call.stopped
        assert call.told(NoteKind.SPOKE) == [{"words": "Benim İNTERNETİM YOK ki", "confidence": 1.0, "choice": "fault"}]
        assert call.progress.answers["main"].value == "fault"

    def test_other_words_are_a_nomatch(self) -> None:
        call = self.say(Player(self.hotline()), "kuş")
        assert call.told(NoteKind.NOMATCH) == [{"attempt": 1}]

    def test_digits_in_words_are_keys(self) -> None:
        call = self.say(self.say(Player(self.hotline()), "1"), "12 34")
        assert call.progress.answers["number"].value == "1234"

    def test_phrases_of_another_language_do_not_count(self) -> None:
        assert self.say(Player(self.hotline()), "fault").node == "main"
        assert self.say(Player(self.hotline(), language="en"), "fault").node == "number"


class TestCallback:
    HOTLINE = flow({"call_me": {"callback": "faults", "reason": "fault", "next": "bye", "otherwise": "agent"}})

    def test_on_the_number_one_calls_from(self) -> None:
        call = Player(self.HOTLINE).press("1")
        assert call.asked.service == "callback.request"
        assert call.asked.arguments == {"number": "+905321112233", "queue": "faults", "reason": "fault"}
        call.answer(changed=True, number="480001", by="18:00")
        assert call.progress.facts["callback"] == {"number": "480001", "by": "18:00"}
        assert call.node == "bye"
        assert call.told(NoteKind.DID)[0]["service"] == "callback.request"

    def test_on_another_and_with_a_withheld_number(self) -> None:
        for call in (Player(self.HOTLINE).press("2"), Player(self.HOTLINE, ani=None)):
            assert call.said == ("callback_number",)
            assert call.press("05321112234").asked.arguments["number"] == "+905321112234"

    def test_what_cannot_be_promised_is_not(self) -> None:
        assert Player(self.HOTLINE).press("1").fail().ending == Transfer("agents", "flow_failed")


def test_hours_and_the_time_are_facts() -> None:
    hotline = flow(
        {"look": {"choose": [{"when": "open.office and now.weekday == 1", "next": "bye"}], "otherwise": "agent"}},
        hours={"office": {"days": {"mon-fri": "08:00-20:00"}, "closed": ["10-29"]}},
    )
    call = Player(hotline)  # the epoch: a Thursday, 02:00 in Istanbul
    assert call.node == "agent"
    monday = datetime(2026, 11, 23, 9, 0, tzinfo=UTC).timestamp()
    assert Player(hotline, at=monday).node == "bye"


def test_the_ways_that_a_call_took_are_told() -> None:
    hotline = flow({"main": menu(one="second"), "second": menu(two="bye")}, keys={"agent": {"key": 0, "next": "agent"}})
    call = Player(hotline)
    progress, _, trace = traced(hotline, call.progress, KeyPressed(0.0, "1"))
    assert trace.nodes == ("second",)
    assert [(way.node, way.name, way.target) for way in trace.ways] == [("main", "choices.one", "second")]
    progress, _, trace = traced(hotline, progress, KeyPressed(0.0, "0"))
    assert [(way.node, way.name, way.target) for way in trace.ways] == [("", "keys.agent", "agent")]
    assert traced(hotline, progress, PlayEnded(0.0, "nothing"))[2] == Trace((), ())
    assert traced(hotline, call.progress, HungUp(0.0))[2] == Trace((), ())


@pytest.mark.parametrize("bargein", [True, False])
def test_a_number_typed_at_a_menu_is_one_mistake(bargein: bool) -> None:
    """What follows a wrong key at once belongs to it; who waits a moment is heard again."""
    menu = {"menu": "main", "bargein": bargein, "choices": {"one": {"key": 1, "next": "bye"}}}
    call = Player(flow({"main": menu})).hear()
    for after, key in enumerate("5512345"):
        call.send(KeyPressed(100.0 + after * 0.2, key))
    assert len(call.told(NoteKind.NOMATCH)) == 1
    assert call.node == "main"
    call.send(KeyPressed(102.0, "1"))
    if not bargein:
        call.hear()
    assert call.node == "bye"
    assert len(call.told(NoteKind.NOMATCH)) == 1


def test_nodes_are_told_in_the_order_of_the_call() -> None:
    """Also where no way of a file leads: to what the caller was bound for, and from there into a subflow."""
    sub = flow({"inner": {"collect": "x", "next": "out"}, "out": {"return": {}}}, flow="sub")
    hotline = flow(
        {
            "visit": {"flow": "sub", "needs": "verified", "next": "bye"},
            "prove": {"verify": ["pin"], "next": "bye", "otherwise": "agent"},
        },
        sub,
        defaults={"verify": "prove"},
    )
    call = Player(hotline).press("02125554141").press("4711")
    _, _, trace = traced(hotline, call.progress, ServiceAnswered(9.0, call.progress.request, PROVED))
    assert trace.nodes == ("visit", "inner")
