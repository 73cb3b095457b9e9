"""A simulated call as somebody at the terminal has it: what is typed, what is shown, and the way back."""

from __future__ import annotations

import pytest

from ivr.flowtest.replies import Company
from ivr.flowtest.scenario import Scene
from tests.unit.flowtest_house import COMPANY
from tests.unit.simulate_house import SCENE, FromReplies, Simulated

WITHHELD = Scene(at="2026-11-23 12:00")
LINE, PIN = "02125554141", "4711"


def test_prompts_answers_and_what_is_waited_for_are_shown() -> None:
    shown = Simulated("1").shown
    assert "Devam   tr welcome  welcome" in shown
    assert "Company directory.find number=+905321112233" in shown
    assert "Devam   tr main  main" in shown
    assert "main · menu · recognised · attempt 1 of 2 · tr · 12:00:00" in shown
    assert "waits 5s for 1 state · 2 pay · 0 person · 9 english · or words: arıza" in shown
    assert "· main: state" in shown
    assert "Company → state=up" in shown
    assert "the input ends: the caller hangs up" in shown


def test_words_choose() -> None:
    done = Simulated("ARIZA var")
    assert "main: state, in words" in done.shown
    assert done.call.standing.progress.answers["main"].value == "state"


def test_enter_is_silence_until_the_time_is_over() -> None:
    done = Simulated("", "")
    assert done.shown.count("nothing came in time") == 2
    assert "attempt 2 of 2" in done.shown
    assert "12:00:05" in done.shown
    assert done.call.standing.progress.queue == "agents"
    assert done.call.standing.at == SCENE.starts_at(done.call.stage.flow.zone) + 10


def test_time_that_passes_fires_what_is_due_and_no_more() -> None:
    done = Simulated("+4s", "+3s", "/quit")
    assert done.shown.count("nothing came in time") == 1
    assert "waits 1s for 1 state" in done.shown
    assert "waits 3s for 1 state" in done.shown
    assert "12:00:07" in done.shown


@pytest.mark.parametrize(("at", "node"), [("2026-11-23 16:59", "bye"), ("2026-11-23 10:00", "person")])
def test_opening_hours_move_on_with_time(at: str, node: str) -> None:
    assert (
        Simulated("+4s", *["9", "+4s"] * 20, "0", scene=Scene(at=at, caller="05321112233")).call.standing.progress.node
        == node
    )


def test_keys_in_a_row_interrupt_and_are_kept() -> None:
    done = Simulated("91")
    assert "en main —  interrupted" in done.shown
    assert "main: english" in done.shown
    assert "main: state" in done.shown


def test_keys_after_a_prompt_without_bargein_are_kept_for_the_next_question() -> None:
    done = Simulated("19")
    assert "tr told  told" in done.shown, "heard to its end"
    assert done.call.standing.progress.language == "en"


def test_a_pin_is_read_unseen_and_shown_nowhere() -> None:
    done = Simulated(LINE, PIN, "/answers", "/services", "/progress", scene=WITHHELD)
    assert done.terminal.secrets[:3] == [False, True, False]
    assert done.call.standing.progress.level.value == "verified"
    assert PIN not in done.shown
    assert "value=****" in done.shown
    assert PIN not in repr(done.scenario)


def test_the_caller_who_has_gone_leaves_work_to_the_flow() -> None:
    done = Simulated("/hangup", "/services")
    assert [service for service, *_ in done.company.asked] == ["directory.find", "call.ended"]
    assert "The call: hung_up" in done.shown or "The call: left" in done.shown
    assert done.call.standing.over


def test_undo_takes_the_last_step_back_and_services_do_not_take_it_for_the_same() -> None:
    done = Simulated("2", "4242", "/undo", "/undo", "2", "4343", "/quit")
    assert done.shown.count("one step back") == 2
    keys = [key for service, _, key in done.company.asked if service == "payment.pay"]
    assert len(set(keys)) == len(keys) == 2
    assert "what services have done stays done: payment.pay" in done.shown
    assert done.steps.count({"presses": "2"}) == 1


def test_undo_goes_back_from_the_end_and_not_before_the_beginning() -> None:
    done = Simulated("0", "/undo", "/undo", "9")
    assert "nothing to take back" in done.shown
    assert done.shown.count("passed to the queue agents") == 1
    assert done.call.standing.progress.language == "en"


def test_restart_begins_anew() -> None:
    done = Simulated("9", "/restart", "/quit")
    assert done.call.standing.progress.language == "tr"
    assert done.shown.count("tr welcome") == 2


def test_the_end_is_told() -> None:
    shown = Simulated(LINE, PIN, "0", scene=WITHHELD).shown
    assert "→ the caller is passed to the queue agents, because of asked" in shown
    assert "The call: transferred to agents, because of asked · level verified" in shown
    assert "pin         given" in shown
    assert "services asked: directory.prove" in shown


def test_after_the_end_only_commands_count() -> None:
    shown = Simulated("0", "1", "arıza", "/answers", "").shown
    assert shown.count("the call is over") == 2
    assert "Devam" not in shown.split("the call is over")[-1]


def test_a_failing_service_costs_its_time() -> None:
    slow = Company.model_validate({"services": {**COMPANY.services, "line.status": {"fails": "timeout"}}})
    done = Simulated("1", company=FromReplies(slow))
    assert "Company fails: timeout" in done.shown
    assert "tr broken" in done.shown
    assert done.call.standing.at == SCENE.starts_at(done.call.stage.flow.zone) + 2


def test_a_prompt_that_cannot_be_said_is_silence() -> None:
    odd = Company.model_validate({"services": {**COMPANY.services, "line.status": {"other": 1}}})
    assert "(silence: prompt 'told'" in Simulated("1", company=FromReplies(odd)).shown


def test_what_services_answer_is_never_obeyed() -> None:
    evil = {"answer": {"state": "\x1b]0;evil\x07[red]up[/red]\x9b2J"}}
    shown = Simulated(
        "1",
        "/services",
        "/progress",
        company=FromReplies(Company.model_validate({"services": {**COMPANY.services, "line.status": evil}})),
    ).shown
    assert "\x1b" not in shown
    assert "\x9b" not in shown
    assert "[red]up[/red]" in shown


@pytest.mark.parametrize(
    "line", ["\x00", "\x1b[A", "x" * 10_000, "1" * 10_000, "/" * 500, "/\x1b[2J", "+9999999h", "’", "/undo x"]
)
def test_nothing_that_is_typed_ends_the_conversation(line: str) -> None:
    done = Simulated(line, "9", "/quit")
    assert done.call.standing.progress.language == "en"
    assert "\x1b" not in done.shown
