"""The commands of a simulated call, and services that are answered by whoever sits there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ivr.flowtest.replies import Company
from ivr.flowtest.scenario import Scene
from ivr.flowtest.stage import Stage
from ivr.services.catalogue import SERVICES
from tests.unit.flowtest_house import COMPANY, STAGE, Book
from tests.unit.simulate_house import FromReplies, Simulated

UP = '{"state": "up", "outage": null, "product": "x"}'
DOWN = UP.replace("up", "down")
REAL = Stage(STAGE.flow.model_copy(update={"on_hangup": None}), Book(), SERVICES)
KNOWING = FromReplies(Company.model_validate({"services": {**COMPANY.services, "line.status": json.loads(UP)}}), REAL)


def test_help_tells_every_command() -> None:
    done = Simulated("?", "/help")
    for command in done.commands.offers:
        assert done.shown.count(f"{command} ") + done.shown.count(f"{command}\n") >= 2, command


def test_an_unknown_command_gets_a_hint() -> None:
    assert "there is no command /hangpu; did you mean '/hangup'?" in Simulated("/hangpu").shown


def test_progress_tells_the_stack_and_the_facts() -> None:
    shown = Simulated("2", "/progress", "/answers").shown
    assert "small at paying › pay" in shown
    assert "id=C1, name=Ayşe" in shown
    assert "welcome 1, who 1, main 1" in shown


def test_services_tell_what_was_asked_and_answered() -> None:
    shown = Simulated("2", "4242", "/services").shown
    assert "card=****" in shown
    assert "4242" not in shown
    assert "result=paid" in shown
    assert "none yet" in Simulated("/services", scene=Scene()).shown


@pytest.mark.parametrize("order", ["/fail", "/fail timeout", "/fail line.status", "/fail line.status nonsense"])
def test_the_next_service_fails(order: str) -> None:
    done = Simulated(order, "1", "/quit")
    reason = order.split()[-1] if order.endswith(("timeout", "nonsense")) else "unavailable"
    assert f"Company fails: {reason}" in done.shown
    assert "line.status" not in [service for service, *_ in done.company.asked]


def test_a_failure_for_one_service_waits_for_it() -> None:
    done = Simulated("/fail payment.pay rejected", "1", "2", "4242", "/quit")
    assert "Company → state=up" in done.shown
    assert "Company fails: rejected" in done.shown


@pytest.mark.parametrize(
    "order", [f"/answer {UP.replace('up', 'down')}", f"/answer line.status {UP.replace('up', 'down')}"]
)
def test_the_next_service_answers(order: str) -> None:
    assert "Company → state=down" in Simulated(order, "1", stage=REAL, company=KNOWING).shown


def test_an_answer_that_does_not_fit_the_service_is_not_used() -> None:
    shown = Simulated('/answer {"matches": []}', "1", stage=REAL, company=KNOWING).shown
    assert "what was arranged is not used" in shown
    assert "Company → state=up" in shown


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ("/answer", "write what it answers"),
        ("/answer line.status", "write what it answers"),
        ("/answer {", "that is no JSON"),
        ("/answer " + '{"a":' * 10_000, "that is no JSON"),
        ("/answer line.status [1]", "an object"),
        ("/answer line.status {}", "state.missing"),
        ("/answer line.staus {}", "did you mean 'line.status'?"),
        ("/fail soon", "write /fail"),
        ("/fail line.staus", "did you mean 'line.status'?"),
        ("/fail line.status because", "write /fail"),
        ("/save", "write the file"),
        ("/save x.txt", "ends in .yaml"),
        ("/save company.yaml", "name of its own"),
        ("/save /nowhere/at/all.yaml", "no such folder"),
        ("/save \x00.yaml", "."),
    ],
)
def test_a_command_that_cannot_be_says_why(order: str, why: str) -> None:
    shown = Simulated(order, "9", "/quit").shown
    assert why in shown
    assert "en main" in shown, "and the call goes on"


# Services that are mocked


def test_the_first_example_is_taken_with_enter_and_others_by_number() -> None:
    done = Simulated("", "1", "2", "/quit", stage=REAL, mock=True)
    assert "Enter takes 1" in done.shown
    assert 'the same, but {"state": "down"}' in done.shown
    assert done.call.standing.progress.facts["status"]["state"] == "down"


@pytest.mark.parametrize("reason", ["timeout", "unavailable", "rejected", "nonsense"])
def test_a_mocked_service_fails_by_a_word(reason: str) -> None:
    assert f"fails: {reason}" in Simulated(reason, stage=REAL, mock=True).shown


def test_json_is_checked_against_the_shape() -> None:
    wrong, right = '{"matches": 1}', '{"matches": []}'
    done = Simulated(wrong, "{", "[]", "yes", "99", right, "/quit", stage=REAL, mock=True)
    assert "matches.list_type" in done.shown
    assert done.terminal.prompts[:7] == ["Company"] * 6 + ["Caller"]
    assert "claimed" not in done.shown


def test_an_example_can_be_edited() -> None:
    done = Simulated("edit 2", '{"matches": []}', "/quit", stage=REAL, mock=True)
    assert json.loads(done.terminal.begun[1]) == {"matches": []}


def test_commands_work_while_a_service_is_asked_but_for_those_that_need_an_answer() -> None:
    done = Simulated("/services", "/hangup", "/save x.yaml", "/nope", "/restart", "", "/quit", stage=REAL, mock=True)
    assert "not yet" in done.shown
    assert done.shown.count("answer for it first") == 2
    assert "there is no command /nope" in done.shown
    assert not Path("x.yaml").exists()


def test_undo_while_a_service_is_asked() -> None:
    done = Simulated("", "1", "/undo", "9", "/quit", stage=REAL, mock=True)
    assert done.call.standing.progress.language == "en"


def test_an_input_that_ends_while_a_service_is_asked() -> None:
    done = Simulated("", "1", stage=REAL, mock=True)
    assert done.call.standing.over
    assert "the input ends" in done.shown


def test_real_customers_data_are_to_be_kept_carefully(tmp_path: Path) -> None:
    assert "keep it as carefully" in Simulated(f"/save {tmp_path}/it.yaml", private=True).shown
    assert "keep it as carefully" not in Simulated(f"/save {tmp_path}/that.yaml").shown
