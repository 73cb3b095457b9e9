"""Calls played in virtual time and in the terminal: services asked at once, greetings meanwhile, tokens, returns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ivr.flow.model import Flow
from ivr.flowtest.outcome import Outcome
from ivr.flowtest.playing import play_scenario
from ivr.flowtest.replies import Company
from ivr.flowtest.scenario import Scenario, Scene
from ivr.flowtest.stage import Stage
from ivr.simulate.script import save, scenario_of
from tests.unit.flows_in_python import flow
from tests.unit.flowtest_house import CUSTOMER, LINE, MATCH, AnyService, Book, words
from tests.unit.simulate_house import FromReplies, Simulated

NODES: dict[str, dict[str, Any]] = {
    "hi": {"say": ["welcome", "news"], "meanwhile": True, "next": "who"},
    "who": {
        "identify": ["token", "returned", "caller_number", "fault_line"],
        "next": "look",
        "otherwise": "agent",
        "exceeded": "refused",
    },
    "look": {
        "look_up": {
            "status": {"call": "line.status", "with": {"line": "{{ line.number }}"}},
            "bill": {"call": "bill.current", "with": {"line": "{{ line.number }}"}},
        },
        "timeout": "1s",
        "next": "which",
    },
    "which": {
        "choose": [{"when": "status.outage", "next": "outage"}, {"when": "bill.due", "next": "due"}],
        "otherwise": "main",
    },
    "outage": {"say": "outage", "next": "main"},
    "due": {"say": "due", "next": "main"},
    "main": {"menu": "main", "choices": {"again": {"key": 1, "next": "look"}, "bye": {"key": 2, "next": "bye"}}},
    "refused": {"transfer": "agents", "reason": "limited"},
}
HOTLINE: Flow = flow(NODES, defaults={"otherwise": "agent"})
SERVICES = ("directory.find", "directory.prove", "directory.redeem", "line.status", "bill.current")
STAGE = Stage(HOTLINE, Book(), {name: AnyService(changes=name == "directory.redeem") for name in SERVICES})
REPLIES: dict[str, Any] = {
    "directory.find": {"matches": [MATCH]},
    "directory.redeem": {"known": True, "level": "verified", "customer": CUSTOMER, "lines": [LINE]},
    "directory.prove": {"fails": "limited"},
    "line.status": {"outage": None},
    "bill.current": {"due": "2026-11-30"},
}


def played(*call: Any, expect: Any = None, services: Any = None, **scene: Any) -> Outcome:
    scene.setdefault("caller", "05321112233")
    data = {"test": "a call", "call": call, "expect": expect or {}, "services": services or {}, **scene}
    return play_scenario(STAGE, Scenario.model_validate(data), Company.model_validate({"services": REPLIES}))


def passed(*call: Any, **rest: Any) -> list[str]:
    outcome = played(*call, **rest)
    assert outcome.failure is None, outcome.failure
    return words(outcome)


def test_everything_is_asked_while_the_caller_is_greeted() -> None:
    told = passed({"hears": ["welcome", "news", "due", "main"]}, expect={"node": "main", "level": "recognised"})
    assert [line for line in told if line.startswith(("hotline", "company: is"))] == [
        "hotline: welcome tr welcome",
        "company: is asked directory.find number=+905321112233",
        "company: is asked line.status line=+902125554141",
        "company: is asked bill.current line=+902125554141",
        "hotline: news tr news",
        "hotline: due tr due",
        "hotline: main tr main",
    ]
    assert "company: answers due=2026-11-30" in told


def test_what_takes_too_long_or_fails_is_not_known() -> None:
    slow = {"bill.current": {"answer": {"due": "x"}, "takes": "1200ms"}}
    told = passed({"hears": "main"}, services=slow, expect={"facts": {"bill": None}, "never": {"hears": "due"}})
    assert "company: fails timeout" in told
    passed({"hears": "main"}, services={"bill.current": {"fails": "nonsense"}}, expect={"never": {"hears": "due"}})


def test_all_wait_for_the_slowest_and_no_longer() -> None:
    slow = {"bill.current": {"answer": {"due": "x"}, "takes": "600ms"}}
    passed({"hears": "news"}, {"waits": "500ms"}, {"expect": {"node": "look"}}, {"waits": "200ms"}, services=slow)
    passed({"hears": "due"}, services=slow)


def test_each_question_can_be_looked_for() -> None:
    passed({"asks": {"line.status": {"line": LINE["number"]}, "bill.current": {}}})
    outcome = played(expect={"never": {"asks": ["line.status"]}})
    assert outcome.failure is not None
    assert outcome.failure.what == ("line.status was asked",)


def test_a_question_without_a_reply_fails_the_test() -> None:
    scenario = Scenario.model_validate({"test": "a call", "caller": "05321112233"})
    only = Company.model_validate({"services": {name: REPLIES[name] for name in ("directory.find", "line.status")}})
    failure = play_scenario(STAGE, scenario, only).failure
    assert failure is not None
    assert failure.what == ("the test has no reply of bill.current to this",)


def test_keys_stop_the_greeting_and_are_the_answer() -> None:
    told = passed({"presses": "2"}, expect={"outcome": "completed", "never": {"hears": "main"}})
    assert "hotline: welcome tr welcome —" in told


def test_a_call_brings_a_token() -> None:
    passed({"hears": "main"}, token="a-token-of-sixteen", expect={"level": "verified"}, caller="")
    told = passed({"asks": {"directory.redeem": {"token": "a-token-of-sixteen"}}}, token="a-token-of-sixteen")
    assert told


@pytest.mark.parametrize("token", ["short", "x" * 129, "a token with spaces", "sixteen-and-more-\n"])
def test_what_no_call_can_bring_is_no_token(token: str) -> None:
    with pytest.raises(ValidationError):
        Scene.model_validate({"token": token})


def test_a_call_comes_back() -> None:
    returned = {"level": "verified", "customer": CUSTOMER, "line": {**LINE, "ending": 41}}
    passed({"hears": "main"}, returned=returned, expect={"level": "verified", "facts": {"line": LINE}})


def test_too_many_attempts() -> None:
    unknown: dict[str, Any] = {"directory.find": {"matches": []}}
    passed({"presses": "02125554141"}, {"presses": "4711"}, services=unknown, expect={"reason": "limited"})


def simulated(*lines: str, services: Any = None, **scene: Any) -> Simulated:
    replies = Company.model_validate({"services": {**REPLIES, **(services or {})}})
    known = Scene.model_validate({"caller": "05321112233", "at": "2026-11-23 12:00", **scene})
    return Simulated(*lines, scene=known, stage=STAGE, company=FromReplies(replies, STAGE))


def test_in_the_terminal_each_question_is_answered_in_turn() -> None:
    done = simulated("2")
    assert [service for service, *_ in done.company.asked] == ["directory.find", "line.status", "bill.current"]
    assert len({key for service, _, key in done.company.asked if service != "directory.find"}) == 1
    assert "Devam   tr welcome  hi/welcome" in done.shown
    assert "Devam   tr due  due" in done.shown
    assert done.call.standing.progress.outcome == "completed"


def test_in_the_terminal_a_time_out_takes_its_time() -> None:
    done = simulated("2", services={"bill.current": {"fails": "timeout"}})
    assert done.call.standing.at == done.call.began + 1
    assert "bill" not in done.call.standing.progress.facts


def test_who_hangs_up_meanwhile_waits_for_nothing() -> None:
    assert simulated("1", "/hangup").call.standing.over


@pytest.mark.parametrize(
    ("lines", "services"),
    [
        (["1", "2"], {}),
        (["2"], {"bill.current": {"fails": "timeout"}}),
        (["", "1", "", "2"], {"line.status": [{"outage": {}}, {"fails": "unavailable"}, {"outage": {"id": "1"}}]}),
    ],
)
def test_what_was_played_passes_as_a_test(lines: list[str], services: Any, tmp_path: Path) -> None:
    done = simulated(*lines, services=services)
    assert save(tmp_path / "it.yaml", done.scenario, STAGE) == ""


def test_a_token_is_not_saved(tmp_path: Path) -> None:
    done = simulated("2", token="a-real-token-of-a-caller")
    text = scenario_of(done.call.scene, done.call.standing, STAGE.catalogue).model_dump_json()
    assert "a-real-token" not in text
    assert save(tmp_path / "it.yaml", done.scenario, STAGE) == ""
