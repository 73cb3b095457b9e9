"""The shapes of answers: what is right passes, what is more is left out, what is wrong is nonsense and not repeated."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import ServiceError
from ivr.services import catalogue

BELONGS = {
    "customer": {"id": "C1", "name": "Ayşe Yılmaz"},
    "line": {"number": "+902125554141", "ending": "41", "product": "Fiber 100"},
}
OUTAGE = {"id": "K1", "area": "Moda", "cause": "kablo hasarı", "until": "18:30"}
GOOD: dict[str, dict[str, Any]] = {
    "directory.find": {"matches": [{"way": "caller_number", **BELONGS}]},
    "directory.prove": {"proved": True, **BELONGS},
    "line.status": {"state": "down", "outage": OUTAGE, "product": "Fiber 100"},
    "ticket.open": {"number": "480001", "appointment": "2026-10-05"},
}

WRONG: tuple[Any, ...] = (None, [], {}, "secret", 1, [{}], {"secret": "secret"})


def check(service: str, answer: Any) -> Any:
    return catalogue.named(service).check_answer(json.dumps(answer).encode())


def test_arguments_for_the_checker() -> None:
    assert catalogue.arguments() == {
        "directory.find": {"number"},
        "directory.prove": {"line", "pin"},
        "line.status": {"line"},
        "ticket.open": {"line", "symptom", "contact"},
    }


@pytest.mark.parametrize("service", GOOD)
def test_right_answers_pass_as_they_are(service: str) -> None:
    assert check(service, GOOD[service]) == GOOD[service]


@pytest.mark.parametrize("service", GOOD)
def test_more_than_was_asked_for_is_left_out(service: str) -> None:
    assert check(service, {**GOOD[service], "pin": "4711", "internal": [1]}) == GOOD[service]


def test_who_has_not_proved_it_learns_nothing() -> None:
    assert check("directory.prove", {"proved": False, **BELONGS, "known": True}) == {"proved": False}


def _broken(service: str, **changes: Any) -> tuple[str, Any]:
    return service, {**GOOD[service], **changes}


def _line(**changes: Any) -> dict[str, Any]:
    return {**BELONGS, "line": {**BELONGS["line"], **changes}}


@pytest.mark.parametrize(
    ("service", "answer"),
    [
        *((service, wrong) for service in GOOD for wrong in WRONG),
        _broken("directory.find", matches=None),
        _broken("directory.find", matches=[{"way": "guess", **BELONGS}]),
        _broken("directory.find", matches=[{"way": "caller_number", **BELONGS}] * 101),
        _broken("directory.prove", proved="true"),
        _broken("directory.prove", proved=2),
        _broken("directory.prove", line=None),
        _broken("directory.prove", customer={"id": 17, "name": "secret"}),
        _broken("directory.prove", customer={"id": "C1", "name": "x" * 201}),
        _broken("directory.prove", customer={"id": "C1", "name": "secret\nline two"}),
        _broken("directory.prove", customer={"id": "C1", "name": "secret\x00"}),
        ("directory.prove", {"proved": True}),
        ("directory.prove", {"proved": True, **_line(number="02125554141")}),
        ("directory.prove", {"proved": True, **_line(number="+902125554141\n")}),
        ("directory.prove", {"proved": True, **_line(number="+٩٠٢١٢٥٥٥٤١٤١")}),
        ("directory.prove", {"proved": True, **_line(ending="secret")}),
        ("directory.prove", {"proved": True, **_line(ending=41)}),
        _broken("line.status", state="secret"),
        _broken("line.status", outage={}),
        _broken("line.status", outage={**OUTAGE, "until": "24:00"}),
        _broken("line.status", outage={**OUTAGE, "until": "tomorrow"}),
        ("line.status", {"state": "up", "product": "Fiber 100"}),
        _broken("ticket.open", number=480001),
        _broken("ticket.open", number="48000"),
        _broken("ticket.open", number="secret"),
        _broken("ticket.open", appointment="Monday"),
        _broken("ticket.open", appointment=20261005),
    ],
)
def test_wrong_answers_are_nonsense(service: str, answer: Any) -> None:
    with pytest.raises(ServiceError) as caught:
        check(service, answer)
    assert (caught.value.service, caught.value.reason) == (service, "nonsense")
    assert "secret" not in str(caught.value)
    assert "2125554141" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>secret</html>",
        b'{"matches": []',
        b'{"matches": [NaN]}',
        b'{"matches": []} secret',
        b'{"matches": [{"way": "caller_number", "customer": {"id": "C1", "name": "\xff\xfe"}}]}',
        b'{"matches": [{"way": "\\ud800"}]}',
        b"[" * 50_000,
        b'{"matches":' * 10_000,
    ],
)
def test_what_is_not_json_is_nonsense(body: bytes) -> None:
    with pytest.raises(ServiceError) as caught:
        catalogue.FIND.check_answer(body)
    assert caught.value.reason == "nonsense"
    assert "secret" not in str(caught.value)


@given(st.one_of(st.binary(), st.text().map(str.encode)), st.sampled_from(sorted(catalogue.SERVICES)))
def test_any_body_is_an_answer_or_nonsense(body: bytes, service: str) -> None:
    with pytest.raises(ServiceError, match="nonsense"):
        catalogue.named(service).check_answer(body)
