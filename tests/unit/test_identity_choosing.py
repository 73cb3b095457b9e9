"""Which of several lines: by the endings, by the number, or none of them. Nothing else is told of them."""

from __future__ import annotations

from typing import Any

import pytest

from context_store.records import Json, Level, NoteKind
from ivr.flow.commands import Play
from ivr.flow.events import Spoke
from tests.unit.flows_in_python import flow
from tests.unit.identity_house import AYSE, LINE, MEHMET, TOKEN, identify, line, match, proved, verify
from tests.unit.player import Player

NUMBERS = ("caller_number", "alternate_number", "fault_line")


def found(*matches: Json, ways: tuple[str, ...] = NUMBERS, calling: str = "+905321112233", **keys: Any) -> Player:
    return Player(identify(*ways, **keys), calling).answer(matches=list(matches))


def of_ayse(*endings: str) -> list[dict[str, Json]]:
    return [match("caller_number", of=line(ending)) for ending in endings]


def test_two_lines_of_a_customer_are_told_by_their_endings() -> None:
    call = found(*of_ayse("41", "07"))
    assert call.said == ("choose_line",)
    assert call.progress.facts["endings"] == ["41", "07"]
    (play,) = [command for command in call.last if isinstance(command, Play)]
    assert play.variables["endings"] == ["41", "07"]
    assert call.progress.facts["customer"] == AYSE, "all matches are theirs"
    assert call.told(NoteKind.IDENTIFIED) == [{"way": "caller_number", "proof": "", "level": "recognised"}]
    assert "line" not in call.progress.facts
    assert call.press("2").node == "known"
    assert call.progress.facts["line"] == line("07")
    assert call.progress.level is Level.RECOGNISED
    assert len(call.told(NoteKind.IDENTIFIED)) == 1
    assert "inquiry" not in call.progress.facts


def test_of_several_customers_nobody_is_met_before_the_choice() -> None:
    call = found(match("alternate_number"), match("alternate_number", MEHMET, line("07")))
    assert call.said == ("choose_line",)
    assert call.progress.level.value == "unknown"
    assert "customer" not in call.progress.facts
    assert not call.told(NoteKind.IDENTIFIED)
    assert call.press("2").progress.facts["customer"] == MEHMET
    assert call.progress.level is Level.RECOGNISED
    assert call.told(NoteKind.IDENTIFIED) == [{"way": "alternate_number", "proof": "", "level": "recognised"}]


def test_who_calls_from_one_of_the_lines_means_that_one() -> None:
    call = found(*of_ayse("41", "07"), calling=line("07")["number"])
    assert call.node == "known"
    assert call.progress.facts["line"] == line("07")
    both = [match("caller_number"), match("caller_number", MEHMET, line("07"))]
    call = found(*both, calling=line("07")["number"])
    assert call.progress.facts["customer"] == MEHMET


@pytest.mark.parametrize(("lines", "last"), [(2, "2"), (3, "3"), (4, "4")])
def test_there_is_a_key_for_each_line_and_star(lines: int, last: str) -> None:
    endings = ("41", "07", "08", "09")[:lines]
    assert found(*of_ayse(*endings)).press(last).progress.facts["line"] == line(endings[-1])
    call = found(*of_ayse(*endings)).press(str(int(last) + 1))
    assert call.told(NoteKind.NOMATCH) == [{"attempt": 1}]
    assert call.press("0").told(NoteKind.NOMATCH) == [{"attempt": 1}, {"attempt": 2}]


@pytest.mark.parametrize(("words", "ending"), [("kırk bir", "41"), ("sıfır yedi", "07"), ("iki", "07"), ("1", "41")])
def test_a_line_is_chosen_by_saying_its_ending_or_its_key(words: str, ending: str) -> None:
    call = found(*of_ayse("41", "07"))
    call.send(Spoke(call.now, "kırk iki"))
    assert call.told(NoteKind.NOMATCH) == [{"attempt": 1}]
    call.send(Spoke(call.now, words))
    assert call.progress.facts["line"] == line(ending)


def test_none_of_these_goes_on_with_what_can_be_asked() -> None:
    call = found(*of_ayse("41", "07")).press("*")
    assert call.said == ("ask_line",)
    assert call.progress.tries == 0
    call.press("02125554107")
    assert call.said == ("ask_pin",), "whoever says that it is none of these has to prove what they say"
    assert found(*of_ayse("41", "07"), ways=("caller_number",)).press("*").node == "unproven"


@pytest.mark.parametrize("endings", [("41", "41"), ("01", "02", "03", "04", "05")])
def test_lines_that_endings_do_not_tell_apart_are_asked_for_by_number(endings: tuple[str, ...]) -> None:
    lines = [{**line(ending), "number": f"+90212555{position}0{ending}"} for position, ending in enumerate(endings)]
    call = found(*(match("caller_number", of=one) for one in lines))
    assert call.said == ("ask_line",)
    assert "endings" not in call.progress.facts
    call.press(lines[1]["number"].removeprefix("+9"))
    assert call.node == "known"
    assert call.progress.facts["line"] == lines[1]
    assert call.progress.level is Level.RECOGNISED
    call = found(*(match("caller_number", of=one) for one in lines)).press("02125559999")
    assert call.said == ("ask_pin",), "another line has to be proved"
    assert call.progress.answers["fault_line"].value == "+902125559999"


def test_another_line_is_no_answer_where_the_node_asks_for_no_line() -> None:
    same = [match("caller_number"), match("caller_number", of={**LINE, "number": "+902125550041"})]
    call = found(*same, ways=("caller_number",)).press("02125559999")
    assert call.told(NoteKind.NOMATCH) == [{"attempt": 1}]
    assert "fault_line" not in call.progress.answers
    assert call.press("02125550041").node == "known"
    call = found(*same, ways=("caller_number", "customer_number")).press("*")
    assert call.said == ("ask_customer_number",)


def test_silence_at_the_choice_leads_to_people() -> None:
    call = found(*of_ayse("41", "07"))
    for _ in range(3):
        call.hear().silence()
    assert call.node == "unproven"


def test_a_token_may_have_several_lines() -> None:
    call = Player(identify("token"), token=TOKEN)
    call.answer(known=True, level="verified", customer=AYSE, lines=[LINE, line("07")])
    assert call.said == ("choose_line",)
    assert call.progress.level is Level.VERIFIED
    assert call.press("1").progress.facts["line"] == LINE


# After a proof


def proved_with(*lines: Json, **keys: Any) -> Player:
    call = Player(verify("pin", claims=["customer_number", "fault_line"], **keys)).press("100421#").press("4711")
    return proved(call, *lines)


def test_who_has_proved_to_be_a_customer_chooses_a_line() -> None:
    call = proved_with(LINE, line("07"))
    assert call.said == ("choose_line",)
    assert call.progress.level is Level.VERIFIED
    assert call.progress.facts["customer"] == AYSE
    assert call.press("2").progress.facts["line"] == line("07")
    assert call.told(NoteKind.IDENTIFIED) == [{"way": "customer_number", "proof": "pin", "level": "verified"}]


def test_who_has_proved_to_be_a_customer_says_one_of_many_lines() -> None:
    call = proved_with(*(line(ending) for ending in ("01", "02", "03", "04", "05")))
    assert call.said == ("ask_line",)
    assert call.press("02125554104").node == "known"
    assert call.progress.facts["line"] == line("04")
    assert call.progress.level is Level.VERIFIED


def test_none_of_these_after_a_proof_is_another_try_so_that_it_ends() -> None:
    call = proved_with(LINE, line("07"))
    for _ in range(2):
        assert call.press("*").said == ("ask_customer_number",)
        proved(call.press("100421#").press("4711"), LINE, line("07"))
        assert call.said == ("choose_line",)
    assert call.press("*").node == "unproven"


def test_who_was_sent_to_prove_it_goes_on_to_where_they_were_going() -> None:
    nodes: dict[str, dict[str, Any]] = {
        "main": {"menu": "main", "choices": {"bill": {"key": 1, "needs": "verified", "next": "bill"}}},
        "prove": {"verify": ["pin"], "claims": ["customer_number"], "next": "main", "otherwise": "agent"},
        "bill": {"say": "bill", "next": "main"},
    }
    call = Player(flow(nodes, defaults={"verify": "prove"})).press("1").press("100421#").press("4711")
    proved(call, LINE, line("07"))
    assert call.said == ("choose_line",)
    assert call.press("1").node == "bill"
