"""Known without a word: by a token, by the call that dropped, by the calling number."""

from __future__ import annotations

import json

import pytest

from context_store import codec
from context_store.records import Json, Level, NoteKind, Standing
from ivr.flow.commands import Play
from ivr.flow.events import Started
from tests.unit.flows_in_python import flow
from tests.unit.identity_house import AYSE, LINE, MEHMET, MOBILE, TOKEN, identify, line, match
from tests.unit.player import Player

ALL = ("token", "returned", "caller_number", "alternate_number")
STANDING = Standing(Level.VERIFIED, AYSE, LINE)


def kept(call: Player) -> str:
    return json.dumps(codec.progresses.encode(call.progress), default=str)


@pytest.mark.parametrize("way", ["caller_number", "alternate_number"])
def test_a_known_number_is_recognised_never_verified(way: str) -> None:
    call = Player(identify("caller_number", "alternate_number"))
    assert (call.asked.service, dict(call.asked.arguments)) == ("directory.find", {"number": MOBILE})
    call.answer(matches=[match(way)])
    assert call.node == "known"
    assert call.progress.level is Level.RECOGNISED
    assert (call.progress.facts["customer"], call.progress.facts["line"]) == (AYSE, LINE)
    assert call.told(NoteKind.IDENTIFIED) == [{"way": way, "proof": "", "level": "recognised"}]


def test_number_ways_are_tried_in_the_order_of_the_flow_with_one_answer() -> None:
    matches = [match("alternate_number", MEHMET), match("caller_number")]
    for ways, found in ((("caller_number", "alternate_number"), AYSE), (("alternate_number", "caller_number"), MEHMET)):
        assert Player(identify(*ways)).answer(matches=matches).progress.facts["customer"] == found
    call = Player(identify("caller_number", "token", "alternate_number"), token=TOKEN)
    call.answer(matches=[match("alternate_number", MEHMET)])
    assert call.asked.service == "directory.redeem"
    call.answer(known=False)
    assert call.node == "known", "the directory is not asked twice"
    assert call.progress.facts["customer"] == MEHMET


def test_a_match_in_a_way_that_the_flow_does_not_name_is_none() -> None:
    assert Player(identify("caller_number")).answer(matches=[match("alternate_number")]).node == "unproven"


@pytest.mark.parametrize("ways", [("caller_number",), ("alternate_number", "caller_number")])
def test_a_withheld_number_is_not_looked_up(ways: tuple[str, ...]) -> None:
    assert Player(identify(*ways, "fault_line"), ani=None).said == ("ask_line",)
    assert Player(identify(*ways), ani=None).node == "unproven"


def test_a_directory_that_is_away_is_not_asked_again_and_not_the_callers_fault() -> None:
    call = Player(identify("caller_number", "alternate_number", "fault_line")).fail()
    assert call.said == ("ask_line",)
    assert call.told(NoteKind.FAILED) == [{"service": "directory.find", "reason": "timeout"}]


def test_another_visit_asks_again() -> None:
    nodes = {"who": {"identify": ["caller_number"], "next": "main", "otherwise": "main"}}
    menu = {"menu": "main", "choices": {"again": {"key": 1, "next": "who"}}}
    call = Player(flow({**nodes, "main": menu})).answer(matches=[]).press("1")
    assert call.asked.service == "directory.find"
    assert call.answer(matches=[match("caller_number")]).progress.facts["line"] == LINE


def test_a_remembered_number_is_told_and_stays_told_when_its_line_is_proved() -> None:
    nodes = {
        "who": {"identify": ["alternate_number"], "next": "check"},
        "check": {"verify": ["pin"], "next": "bye", "otherwise": "bye"},
    }
    call = Player(flow(nodes)).answer(matches=[match("alternate_number", remembered="2026-11-01")])
    assert call.progress.facts["line"] == {**LINE, "remembered": "2026-11-01"}
    call.press("4711").answer(proved=True, customer=AYSE, lines=[LINE])
    assert call.progress.facts["line"]["remembered"] == "2026-11-01"
    call = Player(flow(nodes)).answer(matches=[match("alternate_number", remembered="2026-11-01")]).press("*")
    call.press("02125554107").press("4711").answer(proved=True, customer=AYSE, lines=[line("07")])
    assert call.progress.facts["line"] == line("07")


@pytest.mark.parametrize("level", [Level.RECOGNISED, Level.VERIFIED])
def test_a_token_is_as_good_as_the_other_channel_was(level: Level) -> None:
    call = Player(identify(*ALL), token=TOKEN)
    assert (call.asked.service, dict(call.asked.arguments)) == ("directory.redeem", {"token": TOKEN})
    call.answer(known=True, level=level.value, customer=AYSE, lines=[LINE], changed=True)
    assert call.node == "known"
    assert call.progress.level is level
    assert call.told(NoteKind.IDENTIFIED) == [{"way": "token", "proof": "", "level": level.value}]


def test_a_token_is_used_once_whatever_comes() -> None:
    call = Player(identify("token", "fault_line"), token=TOKEN)
    assert TOKEN in call.progress.held.secrets.values()
    assert call.fail("unavailable").said == ("ask_line",)
    assert not call.progress.held.secrets
    call = Player(identify("token", "fault_line"), token=TOKEN).answer(known=False)
    assert not call.progress.held.secrets
    assert call.said == ("ask_line",)


def test_a_token_is_in_memory_only() -> None:
    call = Player(identify("token", "fault_line"), token=TOKEN)
    assert TOKEN not in kept(call) + repr((call.progress, call.notes, call.last))
    assert TOKEN not in repr(Started(0.0, MOBILE, "444", token=TOKEN))
    menu = {"menu": "main", "choices": {"go": {"key": 1, "next": "who"}}}
    call = Player(flow({"main": menu, "who": {"identify": ["token"], "next": "bye"}}), token=TOKEN)
    plays = [command for command in call.last if isinstance(command, Play)]
    assert plays
    assert TOKEN not in json.dumps(plays[0].variables, default=str) + kept(call)
    assert call.press("1").asked.arguments == {"token": TOKEN}, "a menu before it does not lose it"


def test_no_token_no_question() -> None:
    assert Player(identify("token", "caller_number")).asked.service == "directory.find"


def test_who_comes_back_is_who_they_were() -> None:
    call = Player(identify(*ALL), returned=STANDING)
    assert call.node == "known"
    assert call.progress.level is Level.VERIFIED
    assert (call.progress.facts["customer"], call.progress.facts["line"]) == (AYSE, LINE)
    assert call.told(NoteKind.IDENTIFIED) == [{"way": "returned", "proof": "", "level": "verified"}]
    assert call.progress.held.returned is None


def test_what_a_returned_caller_had_proved_is_worth_nothing_where_the_flow_does_not_ask_for_it() -> None:
    call = Player(identify("fault_line"), returned=STANDING)
    assert call.said == ("ask_line",)
    assert call.progress.level is Level.UNKNOWN
    assert AYSE["name"] not in kept(call) + repr(call.progress)


def test_a_returned_caller_without_a_line_is_known_and_still_has_to_say_which() -> None:
    call = Player(identify("returned", "caller_number", "fault_line"), returned=Standing(Level.VERIFIED, AYSE, None))
    assert call.progress.level is Level.VERIFIED
    assert call.asked.service == "directory.find"
    call.answer(matches=[match("caller_number"), match("caller_number", of=line("07"))])
    assert call.said == ("choose_line",)
    assert call.press("2").progress.facts["line"] == line("07")
    assert call.progress.level is Level.VERIFIED


def test_what_is_looked_up_is_heard_by_nobody() -> None:
    call = Player(identify(*ALL, "fault_line"), token=TOKEN)
    answers: tuple[dict[str, Json], ...] = ({"known": False}, {"matches": []})
    for answer in answers:
        assert not any(isinstance(command, Play) for command in call.last)
        call.answer(**answer)
    assert call.said == ("ask_line",)
