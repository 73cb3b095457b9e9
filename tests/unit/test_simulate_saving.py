"""A call that was played becomes a flow test that passes, and holds no secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from ivr.errors import SettingsError
from ivr.flow.commands import AskService
from ivr.flow.model import Flow
from ivr.flow.reading.yaml_source import read_yaml
from ivr.flowtest.playing import play_scenario
from ivr.flowtest.reading import read_tests
from ivr.flowtest.replies import Company
from ivr.flowtest.scenario import Scene
from ivr.flowtest.stage import Stage
from ivr.simulate.call import PlayedCall
from ivr.simulate.happenings import Asked, Replied
from ivr.simulate.line import UNTOLD
from ivr.simulate.screen import Screen
from ivr.simulate.script import scenario_of
from tests.unit.flows_in_python import flow
from tests.unit.flowtest_house import COMPANY, STAGE, AnyService
from tests.unit.random_flows import random_flows
from tests.unit.simulate_house import FromReplies, Silent, Simulated, quiet

WITHHELD = Scene(at="2026-11-23 12:00")
LINE, PIN, CARD = "02125554141", "4711", "9876"


def saved(*lines: str, tmp_path: Path, **how: Any) -> str:
    """Play a call, save it with `/save` before its end or after it; the text of the file, which must pass."""
    file = tmp_path / "it.yaml"
    done = Simulated(*lines, f"/save {file}", "/quit", **how)
    assert "it passes as a test" in done.told, done.shown
    [test] = read_tests([file], STAGE.catalogue)
    assert play_scenario(STAGE, test.scenario).passed
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["1", "arıza", "9", "fault", "0"],
        ["", ""],
        ["+4s", "+3s"],
        ["+1h"],
        ["/hangup"],
        ["91", "19", "1*1", "#"],
        ["/fail timeout", "1"],
        ["/fail unavailable", "/fail", "11"],
        ["2", CARD],
        ["2", "98", "76"],
        ["2", "98", "", "98767"],
        ["2", "lütfen", "/hangup"],
        ["2", CARD, "/undo", CARD],
        ["**", "2", "**", "0"],
        ["1234567890*#" * 20],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("scene", [WITHHELD, Scene(caller="0532 111 22 33", at="2026-11-23 20:00", language="en")])
def test_what_was_played_passes(lines: list[str], scene: Scene, tmp_path: Path) -> None:
    known = [LINE, PIN] if scene is WITHHELD else []
    text = saved(*known, *lines, tmp_path=tmp_path, scene=scene)
    assert PIN not in text
    assert CARD not in text


def test_the_saved_test_reads_as_one_would_write_it(tmp_path: Path) -> None:
    text = saved(LINE, PIN, "2", CARD, tmp_path=tmp_path, scene=WITHHELD)
    assert read_yaml(text, "it.yaml").data == {
        "test": "A withheld number comes to the end completed",
        "at": "2026-11-23 12:00",
        "services": {
            "directory.prove": {
                "proved": True,
                "customer": {"id": "C1", "name": "Ayşe"},
                "lines": [{"number": "+902125554141", "ending": "41", "product": "x"}],
            },
            "payment.pay": {"result": "paid"},
        },
        "call": [
            {"hears": ["welcome", "news", "ask_line"]},
            {"presses": LINE},
            {"hears": "ask_pin"},
            {"presses": "0000"},
            {"hears": "main"},
            {"presses": "2"},
            {"hears": "card"},
            {"presses": "0000"},
            {"asks": {"payment.pay": {"line": "+902125554141"}}},
            {"hears": "bye"},
        ],
        "expect": {
            "outcome": "completed",
            "level": "verified",
            "answers": {"fault_line": "+902125554141", "pin": "****", "main": "pay", "card": "****"},
        },
    }


def test_words_at_a_question_for_a_secret_are_not_saved(tmp_path: Path) -> None:
    text = saved("2", "dört yedi bir bir", tmp_path=tmp_path)
    assert f"says: {UNTOLD}" in text
    assert "yedi" not in text


def test_a_caller_who_wants_another_line_is_still_one(tmp_path: Path) -> None:
    text = saved(LINE, "*", "", LINE, PIN, tmp_path=tmp_path, scene=WITHHELD)
    assert text.count(f'presses: "{LINE}"') == 2
    assert "level: verified" in text


def test_keys_of_a_secret_that_were_pressed_ahead_are_not_saved_and_that_is_told(tmp_path: Path) -> None:
    """Through a prompt that is heard to its end: only the question that takes them shows that they were secret."""
    nodes: dict[str, Any] = {
        "first": {"menu": "first", "choices": {"go": {"key": 1, "next": "told"}}},
        "told": {"say": "told", "bargein": False, "next": "one"},
        "one": {"collect": "one", "length": 2, "range": "50..99", "sensitivity": "secret", "next": "two"},
        "two": {"collect": "two", "length": 2, "next": "bye"},
    }
    stage = Stage(flow(nodes), Silent(), {})
    file = tmp_path / "it.yaml"
    done = Simulated("1" + "77" + "88", f"/save {file}", scene=WITHHELD, stage=stage)
    assert done.call.standing.progress.answers["two"].value == "88"
    assert "77" not in file.read_text(encoding="utf-8")
    assert "press them at their question" in done.told
    apart = Simulated("1", "77", "88", f"/save {tmp_path}/apart.yaml", scene=WITHHELD, stage=stage)
    assert "it passes as a test" in apart.told, "another number of the same range stands for the secret"


def test_nothing_that_is_there_is_written_over(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("test: my own\n", encoding="utf-8")
    assert "is there already" in Simulated(f"/save {file}").told
    assert file.read_text(encoding="utf-8") == "test: my own\n"


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    assert "File name too long" in Simulated(f"/save {tmp_path}/{'x' * 300}.yaml").told


def test_what_it_shows_can_be_said(tmp_path: Path) -> None:
    Simulated(f"/save {tmp_path}/it.yaml Somebody: hears [the] menu", "/quit")
    [test] = read_tests([tmp_path / "it.yaml"], STAGE.catalogue)
    assert test.scenario.test == "Somebody: hears [the] menu"


def test_a_call_that_is_too_long_for_a_test_is_refused() -> None:
    done = Simulated(*["1"] * 160, "/quit")
    with pytest.raises(SettingsError, match="too long"):
        scenario_of(done.call.scene, done.call.standing, STAGE.catalogue)


def test_a_company_file_beside_it_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "company.yaml").write_text(
        "services:\n  directory.prove:\n    - given: {value: '4711'}\n      fails: timeout\n", encoding="utf-8"
    )
    saved(LINE, PIN, "0", tmp_path=tmp_path, scene=WITHHELD)


class AnyCompany:
    """Answers whatever is asked, as drawn."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def reply(self, ask: AskService, asked: Asked, key: str) -> Replied:
        reply = self._data.draw(st.sampled_from([None, "timeout", "unavailable", *range(4)]))
        if isinstance(reply, str):
            return Replied(ask.service, None, reply)
        customer = {"customer": {"id": "C1", "name": "Ayşe"}}
        lines = [{"number": f"+9021255541{ending}", "ending": ending, "product": "x"} for ending in ("41", "07")]
        matches = [{"way": "caller_number", **customer, "line": line} for line in lines[:reply]]
        answer = {
            "directory.find": {"matches": matches},
            "directory.prove": {"proved": True, **customer, "lines": lines[:reply]} if reply else {"proved": False},
            "code.send": {"sent": True},
        }.get(ask.service, {"number": f"48000{reply}"})
        return Replied(ask.service, answer, changed=ask.service in ("ticket.open", "code.send"))


ACTS = st.lists(
    st.one_of(
        st.sampled_from(["1", "0", "12", "*0", "5551112233", "02125554141", "24112026", "1430", "77", "777", "10*5#"]),
        st.sampled_from(["", "one", "evet", "hayır", "seven seven", "+3s", "+1m"]),
    ),
    max_size=12,
)


@settings(max_examples=50, deadline=None)
@given(random_flows(), ACTS, st.sampled_from(["", "05321112233"]), st.booleans(), st.data())
def test_whatever_was_played_passes(
    hotline: Flow, acts: list[str], caller: str, gone: bool, data: st.DataObject
) -> None:
    names = ("directory.find", "directory.prove", "code.send", "line.status", "ticket.open", "callback.request")
    catalogue = {name: AnyService(changes=name in ("ticket.open", "code.send")) for name in names}
    stage = Stage(hotline, Silent(), catalogue)
    call = PlayedCall(stage, Scene(caller=caller, at="2026-11-23 12:00"), Screen(quiet(), stage, Silent()))
    call.company = AnyCompany(data)
    for act in acts:
        call.go_on()
        if call.standing.progress.over or call.standing.timer is None:
            break
        if not act:
            call.be_silent()
        elif act.startswith("+"):
            call.wait(60 if act == "+1m" else 3)
        elif act[0].isdecimal() or act[0] == "*":
            call.press(act)
        else:
            call.say(act)
    call.go_on()
    if gone and not call.standing.progress.over:
        call.hang_up()
        call.go_on()
    try:
        scenario = scenario_of(call.scene, call.standing, catalogue)
    except SettingsError:  # a flow that asked a hundred times
        reject()
    outcome = play_scenario(stage, scenario, Company())
    assert outcome.passed or call.standing.keypad.guessed, outcome.failure
    if outcome.passed:
        assert outcome.progress.visits == call.standing.progress.visits
        assert outcome.progress.level == call.standing.progress.level


def test_replies_are_the_companys_own() -> None:
    done = Simulated("1", "1", "0", company=FromReplies(COMPANY))
    assert done.scenario.services.keys() == {"directory.find", "line.status"}
    assert len(done.scenario.services["line.status"]) == 1, "the same answer twice is written once"
