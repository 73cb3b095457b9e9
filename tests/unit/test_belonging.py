"""Which calls belong together: the rules, each as a line of a table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from context_store.going_on import Matter
from context_store.records import Conversation, Json, Level, Progress
from ivr.call.belonging import belonging, span_of, still_open
from ivr.call.room import HOUR, Spans

AYSE: Json = {"id": "C1", "name": "Ayşe"}
VELI: Json = {"id": "C2", "name": "Veli"}
HOME: Json = {"number": "+902125554141", "ending": "41"}
SHOP: Json = {"number": "+902125554242", "ending": "42"}
MOBILE = "+905321112233"
NOW = 1_800_000_000.0
SPANS = Spans(open=72 * HOUR, unknown=12 * HOUR)


def call(customer: Json = None, line: Json = None, level: Level = Level.VERIFIED) -> Progress:
    facts = {"caller": {"number": MOBILE}, "customer": customer, "line": line}
    return Progress("f", "v", "tr", node="n", level=level, facts={k: v for k, v in facts.items() if v is not None})


UNKNOWN = call(level=Level.UNKNOWN)


@pytest.mark.parametrize(
    ("progress", "ani", "asked", "at_end", "matter"),
    [
        (call(AYSE, HOME), MOBILE, False, False, Matter("C1", HOME["number"])),
        (call(AYSE, HOME, Level.RECOGNISED), MOBILE, False, False, Matter("C1", HOME["number"])),
        (call(AYSE, HOME), None, True, True, Matter("C1", HOME["number"])),
        # nobody has asked for the line yet
        (call(AYSE), MOBILE, False, False, None),
        (call(AYSE), MOBILE, True, False, None),
        (call(AYSE), MOBILE, False, True, Matter("C1")),
        # who has only said that they are somebody is nobody
        (call(AYSE, HOME, Level.CLAIMED), MOBILE, False, False, None),
        (call(AYSE, HOME, Level.CLAIMED), MOBILE, False, True, Matter(number=MOBILE)),
        # unknown
        (UNKNOWN, MOBILE, False, False, None),
        (UNKNOWN, MOBILE, True, False, Matter(number=MOBILE)),
        (UNKNOWN, MOBILE, False, True, Matter(number=MOBILE)),
        (UNKNOWN, None, True, True, None),
        # what an older version has written, or a broken service has said
        (replace(UNKNOWN, level=Level.VERIFIED, facts={"customer": "C1", "line": 4}), None, True, True, None),
        (replace(UNKNOWN, level=Level.VERIFIED, facts={"customer": {"id": 7}}), None, True, True, None),
    ],
)
def test_by_what_a_call_is_found(
    progress: Progress, ani: str | None, asked: bool, at_end: bool, matter: Matter | None
) -> None:
    assert belonging(progress, ani, asked=asked, at_end=at_end) == matter


def of(progress: Progress, ani: str | None = MOBILE) -> Matter:
    matter = belonging(progress, ani, asked=True, at_end=True)
    assert matter
    return matter


def test_a_household_that_calls_about_one_line_shares_a_conversation() -> None:
    assert of(call(AYSE, HOME), MOBILE) == of(call(AYSE, HOME), "+905559998877")


def test_a_customer_with_two_lines_has_two_conversations() -> None:
    assert of(call(AYSE, HOME)) != of(call(AYSE, SHOP))


def test_a_shared_number_joins_nobody_before_a_line_is_chosen() -> None:
    assert belonging(UNKNOWN, MOBILE, asked=False, at_end=False) is None
    assert of(call(AYSE, HOME)) != of(call(VELI, SHOP))


def test_a_number_that_changed_hands_leads_to_its_new_customer() -> None:
    assert of(call(VELI, HOME)) != of(call(AYSE, HOME))
    theirs = Conversation("c", NOW, NOW, "tr", customer_id="C1")
    assert not still_open(theirs, of(UNKNOWN), SPANS, NOW), "customers' conversations are not found by a number"


@pytest.mark.parametrize(
    ("changed", "matter", "hours", "still"),
    [
        ({}, Matter("C1", "l"), 71, True),
        ({}, Matter("C1", "l"), 73, False),
        ({}, Matter("C1"), 71, True),
        ({}, Matter(number=MOBILE), 11, True),
        ({}, Matter(number=MOBILE), 13, False),
        ({"closed_at": NOW}, Matter("C1", "l"), 0, False),
        ({"customer_id": "C1"}, Matter("C1", "l"), 1, True),
        ({"customer_id": "C1"}, Matter(number=MOBILE), 1, False),
        ({"customer_id": "C2"}, Matter("C1", "l"), 1, False),
    ],
)
def test_how_long_a_conversation_is_gone_on_with(
    changed: dict[str, Json], matter: Matter, hours: float, still: bool
) -> None:
    conversation = replace(Conversation("c", NOW - 1e6, NOW, "tr"), **changed)
    assert still_open(conversation, matter, SPANS, NOW + hours * HOUR) is still


def test_spans_are_those_of_the_settings() -> None:
    assert span_of(Matter(number=MOBILE), SPANS) == SPANS.unknown
    assert span_of(Matter("C1", "l"), SPANS) == span_of(Matter("C1"), SPANS) == SPANS.open
