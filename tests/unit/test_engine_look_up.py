"""`look_up`: several services are asked at once, and what does not come in time is not known."""

from __future__ import annotations

from typing import Any

from context_store.records import NoteKind
from ivr.flow.commands import LookUp, Lookup
from ivr.flow.events import LookedUp, ServiceAnswered, ServiceFailed
from ivr.flow.model import Flow
from tests.unit.flows_in_python import flow
from tests.unit.player import Player

MENU = {"menu": "menu", "choices": {"again": {"key": 1, "next": "look"}}}
LOOK: dict[str, Any] = {
    "look_up": {
        "status": {"call": "line.status", "with": {"line": "{{ caller.number }}"}},
        "bill": {"call": "bill.current", "with": {"line": "{{ status.line }}"}},
    },
    "timeout": "1500ms",
    "next": "which",
}
WHICH = {
    "choose": [{"when": "status.outage", "next": "outage"}, {"when": "not (bill and status)", "next": "none"}],
    "otherwise": "main",
}
TOLD = {"outage": {"say": "outage", "next": "main"}, "none": {"say": "none", "next": "main"}}


def hotline(**nodes: Any) -> Flow:
    return flow({"look": LOOK, "which": WHICH, "main": MENU, **TOLD, **nodes})


def came(call: Player, failures: dict[str, str] | None = None, **answers: dict[str, Any]) -> Player:
    call.send(LookedUp(call.now, call.progress.request, answers, failures or {}))
    return call


def test_all_are_asked_at_once() -> None:
    (command,) = (one for one in Player(hotline()).last if isinstance(one, LookUp))
    assert (command.timeout, command.node, command.visit) == (1.5, "look", 1)
    assert command.lookups == {
        "status": Lookup("line.status", {"line": "+905321112233"}),
        "bill": Lookup("bill.current", {"line": ""}),
    }
    alone = command.questions()["status"]
    assert (alone.id, alone.service, alone.timeout, alone.visit) == (command.id, "line.status", 1.5, 1)


def test_each_answer_is_known_by_its_name_and_noted() -> None:
    call = came(Player(hotline()), status={"outage": {"area": "Moda"}}, bill={"number": "1"})
    assert call.node == "outage"
    assert call.progress.facts["bill"] == {"number": "1"}
    assert call.told(NoteKind.LOOKED_UP) == [
        {"service": "line.status", "into": "status", "result": {"outage": {"area": "Moda"}}},
        {"service": "bill.current", "into": "bill", "result": {"number": "1"}},
    ]


def test_what_has_failed_is_not_known_and_false_in_conditions() -> None:
    call = came(Player(hotline()), {"status": "timeout", "bill": "unavailable"})
    assert call.node == "none"
    assert call.told(NoteKind.FAILED) == [
        {"service": "line.status", "reason": "timeout"},
        {"service": "bill.current", "reason": "unavailable"},
    ]


def test_what_is_neither_there_nor_failed_took_too_long() -> None:
    call = came(Player(hotline()), bill={"number": "1"})
    assert call.told(NoteKind.FAILED) == [{"service": "line.status", "reason": "timeout"}]


def test_an_older_answer_does_not_stay() -> None:
    call = came(Player(hotline()), status={"outage": None}, bill={"number": "1"})
    call.hear().press("1")
    came(call, {"bill": "timeout"}, status={"outage": None})
    assert "bill" not in call.progress.facts
    assert "status" in call.progress.facts


def test_names_that_nobody_asked_for_are_not_kept() -> None:
    call = came(Player(hotline()), {"customer": "timeout"}, customer={"id": "C2"}, status={}, bill={})
    assert "customer" not in call.progress.facts


def test_stale_answers_are_nothing() -> None:
    call = Player(hotline())
    for event in (LookedUp(1.0, "r99", {"status": {}}), LookedUp(1.0, "", {}), ServiceFailed(1.0, "r99", "timeout")):
        call.send(event)
        assert (call.last, call.node) == ((), "look")
    request = call.progress.request
    came(call, status={}, bill={"number": "1"})
    call.send(LookedUp(2.0, request, {"bill": {"number": "2"}}))
    assert (call.last, call.progress.facts["bill"]) == ((), {"number": "1"})


def test_who_hangs_up_is_looked_up_no_more() -> None:
    done = {"call": "call.ended", "into": "told_off", "next": "bye"}
    for head, node in (({}, "look"), ({"on_hangup": "done"}, "done")):
        call = Player(flow({"look": LOOK, "which": WHICH, "main": MENU, **TOLD, "done": done}, **head)).hang_up()
        assert call.node == node
        assert call.progress.request == ("" if node == "look" else call.asked.id)


def test_it_may_be_done_after_the_caller_has_gone() -> None:
    look = {"look_up": {"status": {"call": "line.status"}}, "next": "bye"}
    call = Player(flow({"main": MENU, "look": look}, on_hangup="look")).hang_up()
    assert any(isinstance(command, LookUp) for command in call.last)
    came(call, status={"state": "up"})
    assert call.progress.over
    assert call.told(NoteKind.LOOKED_UP)


def test_it_does_not_spoil_the_way_back() -> None:
    ask = {"collect": "number", "length": 1, "next": "look"}
    call = Player(flow({"number": ask, "look": LOOK, "which": WHICH, "main": MENU, **TOLD}, keys={"back": "*"}))
    came(call.hear().press("5"), status={}, bill={"number": "1"})
    call.hear().press("*")
    assert call.node == "number"


def test_keys_are_kept_meanwhile() -> None:
    call = Player(hotline()).press("1")
    assert call.progress.held.ahead == "1"
    came(call, status={"outage": None}, bill={"number": "1"})
    assert call.node == "look", "the key was for the menu"


def test_an_answer_of_another_kind_changes_nothing_that_is_told() -> None:
    call = Player(hotline())
    call.send(ServiceAnswered(1.0, "r99", {"state": "up"}))
    assert call.last == ()


def test_level_language_and_wordings_can_be_named() -> None:
    look = {
        "look_up": {
            "status": {"call": "line.status", "with": {"a": "{{ level }}|{{ wording.consent }}|{{ language }}"}}
        },
        "next": "bye",
    }
    worded = flow({"look": look}).model_copy(update={"wordings": {"en": {"consent": "I agree."}}})
    for language, filled in (("en", "unknown|I agree.|en"), ("tr", "unknown||tr")):
        (command,) = (one for one in Player(worded, language=language).last if isinstance(one, LookUp))
        assert command.lookups["status"].arguments == {"a": filled}
