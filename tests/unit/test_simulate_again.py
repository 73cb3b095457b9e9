"""A simulated caller who calls again: what the call before left unfinished is offered, in keys and in words."""

from __future__ import annotations

from ivr.flowtest.playing import play_scenario
from ivr.flowtest.replies import Company
from tests.unit.flowtest_house import COMPANY, RESUMING_STAGE
from tests.unit.simulate_house import FromReplies, Simulated


def simulated(*lines: str, company: FromReplies | None = None) -> Simulated:
    return Simulated(*lines, stage=RESUMING_STAGE, company=company)


def test_the_offer_is_told_with_its_keys_and_words() -> None:
    shown = simulated("1", "2", "/hangup", "/restart").told
    assert "tr was_buying left_off/was_buying" in shown
    assert "waits 5s for 1 go on · 2 start over · 3 done · or words: devam, baştan" in shown


def test_going_on_by_key_and_by_word() -> None:
    for said in ("1", "devam edelim"):
        done = simulated("1", "2", "/hangup", "/restart", said, "1")
        assert "· goes on with what was left unfinished" in done.told
        assert done.call.standing.progress.outcome == "completed"
        assert ("payment.pay", {"line": "+902125554141", "value": "large red"}) in [
            (service, asked) for service, asked, _ in done.company.asked
        ]


def test_starting_over_and_being_done() -> None:
    assert "· starts over" in simulated("1", "2", "/hangup", "/restart", "2").told
    done = simulated("1", "2", "/hangup", "/restart", "3")
    assert "· what was left unfinished is settled" in done.told
    assert done.call.standing.progress.node == "bye"


def test_a_call_that_was_not_over_has_left_nothing() -> None:
    done = simulated("1", "2", "/restart")
    assert "left_off/was_buying" not in done.told
    assert done.call.standing.progress.node == "main"


def test_a_call_begun_anew_is_offered_the_same_again() -> None:
    done = simulated("1", "2", "/hangup", "/restart", "2", "/restart")
    assert done.told.count("left_off/was_buying") == 2


def test_who_goes_on_and_comes_to_the_end_has_left_nothing() -> None:
    done = simulated("1", "2", "/hangup", "/restart", "1", "1", "/restart")
    assert done.told.count("left_off/was_buying") == 1
    assert done.call.before == ()


def test_the_next_call_is_ten_minutes_later() -> None:
    done = simulated("1", "2", "/hangup", "/restart")
    assert done.call.scene.at == "2026-11-23 12:10"
    assert done.call.began - done.call.before[0].standing.at == done.call.before[0].ago == 600.0


def test_what_was_played_is_saved_with_the_calls_before() -> None:
    slow = Company.model_validate({"services": {**COMPANY.services, "payment.pay": {"answer": {}, "takes": "2s"}}})
    for lines in (
        ("1", "2", "/hangup", "/restart", "1", "1"),
        ("1", "/hangup", "/restart", "/hangup", "/restart", "2", "/hangup"),
        ("1", "2", "/hangup", "/restart", "devam", "/hangup", "/restart", "1"),
    ):
        done = simulated(*lines, company=FromReplies(slow, RESUMING_STAGE))
        assert done.scenario.before
        assert play_scenario(RESUMING_STAGE, done.scenario).failure is None, lines
