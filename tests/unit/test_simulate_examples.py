"""Examples of answers: whoever mocks a service picks one and changes it."""

from __future__ import annotations

import json
from datetime import date

import pytest

from ivr.services.catalogue import FIND, MOVE, PROVE, SERVICES, STATUS
from ivr.simulate.examples import MOST, examples

DAY = date(2026, 11, 24)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_examples_that_it_could_answer(name: str) -> None:
    service = SERVICES[name]
    found = examples(service, dict.fromkeys(service.arguments, "+902165550202"), DAY)
    assert 1 <= len(found) <= MOST
    for one in found:
        assert service.check_answer(one) == one
    assert len({json.dumps(one) for one in found}) == len(found)


def test_examples_differ_from_the_plainest_in_one_thing() -> None:
    plain, *others = examples(STATUS, {}, DAY)
    assert (plain["state"], plain["outage"]) == ("up", None)
    assert [one["state"] for one in others] == ["down", "suspended", "up"]
    assert others[-1]["outage"]["until"]


def test_what_was_asked_for_comes_back() -> None:
    proved, unproven = examples(PROVE, {"claim": "+902165550202"}, DAY)
    assert proved["lines"][0]["number"] == "+902165550202"
    assert proved["lines"][0]["ending"] == "02"
    assert unproven == {"proved": False}
    assert examples(MOVE, {"ticket": "480099", "day": "2026-12-01"}, DAY)[0]["appointment"] == "2026-12-01"


def test_nobody_found_is_an_example_too() -> None:
    assert {"matches": []} in examples(FIND, {"number": "+905321112233"}, DAY)
