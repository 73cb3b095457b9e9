"""`say … meanwhile`: the call goes on while the prompts are played, and nobody is talked over."""

from __future__ import annotations

from typing import Any

import pytest

from context_store import codec
from context_store.records import NoteKind
from ivr.flow.commands import HangUp, Play, Transfer
from ivr.flow.events import PlayEnded, Spoke
from ivr.flow.model import Flow
from tests.unit.flows_in_python import flow
from tests.unit.player import Player

MENU = {"menu": "menu", "choices": {"one": {"key": 1, "phrases": {"any": ["bir"]}, "next": "bye"}}}
CONSENT = {**MENU, "ahead": False}
CALL = {"call": "line.status", "into": "status", "next": "main"}


def hotline(greeting: dict[str, Any] | None = None, main: dict[str, Any] = MENU, **nodes: dict[str, Any]) -> Flow:
    welcome = {"say": "welcome", "meanwhile": True, **(greeting or {}), "next": "look"}
    return flow({"hi": welcome, "look": CALL, "main": main, **nodes})


class TestWhoOnlyListens:
    def test_the_service_is_asked_as_the_greeting_begins(self) -> None:
        call = Player(hotline())
        assert (call.said, call.asked.service) == (("welcome",), "line.status")

    def test_the_answer_comes_first(self) -> None:
        call = Player(hotline()).answer(state="up")
        assert (call.said, call.progress.node, call.progress.queued) == ((), "main", ("menu",))
        assert call.hear().said == ("menu",)
        assert (call.progress.aside, call.progress.queued) == ("", ())
        assert call.hear().waits == 5.0

    def test_the_greeting_ends_first(self) -> None:
        call = Player(hotline()).hear()
        assert (call.last, call.progress.aside) == ((), "")
        assert call.answer(state="up").said == ("menu",)
        assert call.hear().waits == 5.0

    def test_a_caller_is_looked_for_meanwhile(self) -> None:
        who = {"identify": ["caller_number", "fault_line"], "next": "main", "otherwise": "agent"}
        call = Player(flow({"hi": {"say": "welcome", "meanwhile": True, "next": "who"}, "who": who, "main": MENU}))
        assert call.asked.service == "directory.find"
        assert call.hear().last == ()
        assert call.answer(matches=[]).said == ("ask_line",)
        assert call.hear().waits == 5.0

    def test_without_anything_to_ask_the_question_follows(self) -> None:
        call = Player(flow({"hi": {"say": "welcome", "meanwhile": True, "next": "main"}, "main": MENU}))
        assert call.said == ("welcome",)
        assert call.hear().said == ("menu",)

    def test_what_fails_goes_its_own_way_behind_the_greeting(self) -> None:
        look = {**CALL, "on_error": "sorry"}
        call = Player(hotline(look=look, sorry={"say": "sorry", "next": "main"})).fail()
        assert call.said == ()
        assert call.hear().said == ("sorry",)
        assert call.hear().said == ("menu",)

    def test_a_retry_is_made_meanwhile(self) -> None:
        call = Player(hotline(look={**CALL, "retries": 1})).fail()
        assert call.asked.service == "line.status"
        assert call.answer(state="up").hear().said == ("menu",)

    def test_each_note_is_of_the_node_that_has_it_said(self) -> None:
        call = Player(hotline()).answer(state="up").hear()
        assert [note.node for note in call.notes if note.kind is NoteKind.SAID] == ["hi", "main"]

    def test_a_prompt_knows_what_is_known_when_it_begins(self) -> None:
        call = Player(hotline()).answer(state="up").hear()
        (play,) = (command for command in call.last if isinstance(command, Play))
        assert play.variables["status"] == {"state": "up"}

    def test_a_second_one_waits_for_the_end_of_the_first_and_goes_on_then(self) -> None:
        first = {"say": "welcome", "meanwhile": True, "next": "news"}
        second = {"say": "news", "meanwhile": True, "next": "look"}
        call = Player(flow({"hi": first, "news": second, "look": CALL, "main": MENU}))
        assert (call.said, call.service) == (("welcome",), "")
        call.hear()
        assert (call.said, call.asked.service) == (("news",), "line.status")
        assert call.answer(state="up").hear().said == ("menu",)

    def test_through_choices_and_another_flow(self) -> None:
        inner = flow({"ask": {**CALL, "next": "back"}, "back": {"return": {"x": "1"}}}, flow="inner", return_only=True)
        visit = {"flow": "inner", "into": "got", "next": "which"}
        which = {"choose": [{"when": "got.x", "next": "main"}], "otherwise": "bye"}
        hi = {"say": "welcome", "meanwhile": True, "next": "visit"}
        call = Player(flow({"hi": hi, "visit": visit, "which": which, "main": MENU}, inner)).answer(state="up")
        assert (call.node, call.said) == ("main", ())
        assert call.hear().said == ("menu",)


class TestWhoLeaves:
    @pytest.mark.parametrize(
        ("end", "leaving"),
        [({"transfer": "agents", "reason": "asked"}, Transfer("agents", "asked")), ({"end": []}, HangUp("completed"))],
    )
    def test_whoever_leaves_without_a_word_waits_for_the_end(self, end: dict[str, Any], leaving: object) -> None:
        call = Player(hotline(main=end)).answer(state="up")
        assert call.ending is None
        assert call.hear().ending == leaving

    @pytest.mark.parametrize("end", [{"transfer": "agents", "reason": "asked", "say": "last"}, {"end": "last"}])
    def test_last_words_come_behind(self, end: dict[str, Any]) -> None:
        call = Player(hotline(main=end)).answer(state="up")
        assert call.hear().said == ("last",)
        assert call.ending is None
        assert call.hear().ending

    def test_a_key_brings_the_end_of_what_may_be_stopped(self) -> None:
        call = Player(hotline(main={"transfer": "agents", "reason": "asked"})).answer(state="up").press("5")
        assert call.stopped
        assert isinstance(call.ending, Transfer)

    def test_a_caller_who_hangs_up_hears_no_more(self) -> None:
        call = Player(hotline()).answer(state="up").hang_up()
        progress = call.progress
        assert (progress.over, progress.playing, progress.aside, progress.queued) == (True, "", "", ())

    def test_a_flow_that_cannot_go_on_waits_for_nobody(self) -> None:
        call = Player(hotline()).fail()
        assert isinstance(call.ending, Transfer)
        assert (call.progress.playing, call.progress.aside) == ("", "")


class TestKeys:
    def test_a_key_while_the_service_is_asked_stops_the_greeting_and_is_kept(self) -> None:
        call = Player(hotline()).press("1")
        assert call.stopped
        assert call.progress.held.ahead == "1"
        call.answer(state="up")
        assert call.node == "bye"

    def test_a_key_while_a_caller_is_looked_for_is_kept_for_the_question(self) -> None:
        who = {"identify": ["caller_number", "fault_line"], "next": "main", "otherwise": "agent"}
        call = Player(flow({"hi": {"say": "welcome", "meanwhile": True, "next": "who"}, "who": who, "main": MENU}))
        assert call.press("0").stopped
        assert call.answer(matches=[]).said == ()
        assert call.progress.held.keys == "0"

    def test_a_key_once_the_question_has_begun_to_be_asked_is_its_answer(self) -> None:
        call = Player(hotline()).answer(state="up").press("1")
        assert call.stopped
        assert (call.node, call.said) == ("bye", ("goodbye",))
        assert call.progress.queued == ()

    def test_the_rest_of_a_number_is_waited_for(self) -> None:
        call = Player(hotline(main={"collect": "number", "length": 3, "next": "bye"})).answer(state="up").press("4")
        assert (call.stopped, call.said, call.waits) == (True, (), 3.0)
        assert call.press("56").node == "bye"
        assert call.progress.answers["main"].value == "456"

    def test_a_question_that_is_heard_to_its_end_is_heard(self) -> None:
        call = Player(hotline(main={**MENU, "bargein": False})).answer(state="up").press("1")
        assert (call.stopped, call.said) == (True, ("menu",))
        assert call.hear().node == "bye"

    def test_what_everybody_hears_is_not_stopped(self) -> None:
        call = Player(hotline({"bargein": False})).press("1")
        assert (call.last, call.progress.held.ahead) == ((), "1")
        call.answer(state="up")
        assert (call.said, call.node) == ((), "main")
        assert call.hear().said == ("goodbye",), "the question was answered before it was asked"
        assert call.progress.answers["main"].value == "one"

    def test_a_key_between_both(self) -> None:
        call = Player(hotline({"bargein": False})).answer(state="up").press("1")
        assert call.last == ()
        assert call.hear().said == ("goodbye",)

    def test_a_wrong_key_is_one_mistake(self) -> None:
        call = Player(hotline()).answer(state="up").press("7")
        assert call.said == ("nomatch", "menu")
        assert call.progress.aside == ""

    def test_a_say_that_follows_is_skipped_where_keys_may(self) -> None:
        news = {"say": "news", "next": "main"}
        call = Player(hotline(look={**CALL, "next": "news"}, news=news)).answer(state="up")
        assert call.press("1").node == "bye"
        assert "news" not in [prompt for note in call.told(NoteKind.SAID) for prompt in note["prompts"]]

    def test_keys_pressed_before_skip_it_and_the_service_is_asked(self) -> None:
        first = {"collect": "number", "length": 1, "next": "hi"}
        hi = {"say": "welcome", "meanwhile": True, "next": "look"}
        slow = {"say": "wait", "bargein": False, "next": "number"}
        call = Player(flow({"slow": slow, "number": first, "hi": hi, "look": CALL, "main": MENU})).press("71").hear()
        assert (call.said, call.asked.service) == ((), "line.status")
        assert call.answer(state="up").node == "bye"

    def test_the_key_that_closes_the_last_answer_stops_nothing(self) -> None:
        number = {"collect": "number", "length": "1-4", "next": "hi"}
        hi = {"say": "welcome", "meanwhile": True, "next": "look"}
        call = Player(flow({"number": number, "hi": hi, "look": CALL, "main": MENU})).hear().press("1234#")
        assert (call.stopped, call.progress.playing != "") == (False, True)


class TestWords:
    def test_an_answer_in_words_once_the_question_is_there(self) -> None:
        call = Player(hotline()).answer(state="up")
        call.send(Spoke(1.0, "bir"))
        assert call.stopped
        assert (call.node, call.progress.queued) == ("bye", ())

    @pytest.mark.parametrize("greeting", [{}, {"bargein": False}])
    def test_words_before_that_are_nothing(self, greeting: dict[str, Any]) -> None:
        call = Player(hotline(greeting))
        call.send(Spoke(1.0, "bir"))
        assert call.last == ()

    def test_words_do_not_stop_what_everybody_hears(self) -> None:
        call = Player(hotline({"bargein": False})).answer(state="up")
        call.send(Spoke(1.0, "bir"))
        assert (call.last, call.progress.queued) == ((), ("menu",))


def test_a_greeting_that_ends_after_a_takeover_answers_nothing() -> None:
    """What is played aside is not kept: the caller must not be waited for while the company is asked."""
    who = {"identify": ["caller_number", "fault_line"], "next": "main", "otherwise": "agent"}
    call = Player(flow({"hi": {"say": "welcome", "meanwhile": True, "next": "who"}, "who": who, "main": MENU}))
    call.progress = codec.progresses.decode(codec.progresses.encode(call.progress))
    assert call.hear().waits is None
    assert call.answer(matches=[]).said == ("ask_line",)


def test_the_end_of_something_else_is_nothing() -> None:
    call = Player(hotline()).answer(state="up")
    before = call.progress
    call.send(PlayEnded(1.0, "p99"))
    assert (call.last, call.progress) == ((), before)


class TestAConsent:
    """A question that wants to be heard takes no key that was pressed before it began."""

    @pytest.mark.parametrize("bargein", [True, False])
    def test_a_key_over_the_prompt_before_is_none(self, bargein: bool) -> None:
        told = {"say": "told", "bargein": bargein, "next": "main"}
        call = Player(flow({"told": told, "main": CONSENT})).press("1").hear_all()
        assert (call.progress.node, call.progress.answers) == ("main", {})
        assert call.silence().press("1").progress.answers["main"].value == "one"

    def test_nor_is_one_over_a_greeting_that_is_still_heard(self) -> None:
        call = Player(hotline(main=CONSENT)).press("1").answer(state="up")
        assert (call.progress.node, call.said) == ("main", ("menu",))
        call = Player(hotline({"bargein": False}, main=CONSENT)).answer(state="up").press("1").hear()
        assert (call.progress.node, call.said) == ("main", ("menu",))

    def test_one_over_the_question_itself_is(self) -> None:
        call = Player(flow({"told": {"say": "told", "next": "main"}, "main": CONSENT})).hear().press("1")
        assert call.progress.answers["main"].value == "one"
