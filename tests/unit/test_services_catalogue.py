"""The shapes of answers: what is right passes, what is more is left out, what is wrong is nonsense and not repeated."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import ServiceError
from ivr.services import catalogue, shapes

CUSTOMER = {"id": "C1", "name": "Ayşe Yılmaz"}
LINE = {"number": "+902125554141", "ending": "41", "product": "Fiber 100"}
MATCH = {"way": "caller_number", "customer": CUSTOMER, "line": LINE, "remembered": None}
PROVED: dict[str, Any] = {"proved": True, "customer": CUSTOMER, "lines": [LINE]}
OUTAGE = {"id": "K1", "area": "Moda", "cause": {"tr": "kablo hasarı", "en": "a damaged cable"}, "until": "18:30"}
BILL: dict[str, Any] = {
    "number": "90010002",
    "state": "overdue",
    "amount": "529.40",
    "due": "2026-10-02",
    "previous": "349.90",
    "reasons": [{"text": {"tr": "yurt dışı kullanımı", "en": "use abroad"}, "amount": "149.50"}],
}
QUOTA = {
    "kind": "limited",
    "remaining": 3,
    "total": 100,
    "renews": "2026-11-01",
    "packages": [{"name": "small", "gigabytes": 10, "price": "59.90"}],
}
ORDER = {"number": "350117", "item": {"tr": "yeni modem", "en": "a new modem"}, "state": "shipped", "day": None}
GOOD: dict[str, dict[str, Any]] = {
    "directory.find": {"matches": [MATCH, {**MATCH, "way": "alternate_number", "remembered": "2026-09-01"}]},
    "directory.redeem": {"known": True, "level": "recognised", "customer": CUSTOMER, "lines": [LINE]},
    "directory.prove": PROVED,
    "code.send": {"sent": True},
    "number.register": {"registered": True, "reason": "", "until": "2027-10-02"},
    "number.forget": {"forgotten": False},
    "line.status": {"state": "down", "outage": OUTAGE, "product": "Fiber 100"},
    "ticket.open": {"number": "480001", "appointment": "2026-10-05"},
    "ticket.find": {
        "ticket": {"number": "480001", "state": "waiting", "opened": "2026-10-01", "appointment": "2026-10-05"}
    },
    "appointment.slots": {"days": ["2026-10-06", "2026-10-07"]},
    "appointment.move": {"moved": True, "appointment": "2026-10-06"},
    "bill.current": BILL,
    "payment.pay": {"result": "paid", "reference": "55000001"},
    "quota.current": QUOTA,
    "quota.top_up": {"remaining": 13, "price": "59.90"},
    "order.find": {"order": ORDER},
    "message.not_mine": {"number": "610001", "by": "2026-10-05"},
    "callback.request": {"number": "720001", "by": "2026-10-05T12:00"},
}

WRONG: tuple[Any, ...] = (None, [], {}, "secret", 1, [{}], {"secret": "secret"})


def check(service: str, answer: Any) -> Any:
    return catalogue.named(service).check_answer(answer)


def test_arguments_for_the_checker() -> None:
    assert catalogue.arguments() == {
        "directory.find": {"number"},
        "directory.redeem": {"token"},
        "directory.prove": {"way", "claim", "proof", "value"},
        "code.send": {"way", "claim"},
        "number.register": {"customer", "line", "number", "language", "wording"},
        "number.forget": {"customer", "number"},
        "line.status": {"line"},
        "ticket.open": {"line", "symptom", "contact"},
        "ticket.find": {"line"},
        "appointment.slots": {"ticket"},
        "appointment.move": {"ticket", "day"},
        "bill.current": {"line"},
        "payment.pay": {"bill", "amount", "card", "expiry", "code"},
        "quota.current": {"line"},
        "quota.top_up": {"line", "package"},
        "order.find": {"customer"},
        "message.not_mine": {"kind", "number"},
        "callback.request": {"number", "queue", "reason"},
    }


def test_every_service_is_tried_here() -> None:
    assert GOOD.keys() == catalogue.SERVICES.keys()


@pytest.mark.parametrize("service", GOOD)
def test_right_answers_pass_as_they_are(service: str) -> None:
    assert check(service, GOOD[service]) == GOOD[service]


@pytest.mark.parametrize("service", GOOD)
def test_more_than_was_asked_for_is_left_out(service: str) -> None:
    assert check(service, {**GOOD[service], "pin": "4711", "internal": [1]}) == GOOD[service]


def test_who_has_not_proved_it_learns_nothing() -> None:
    assert check("directory.prove", {**PROVED, "proved": False, "known": True}) == {"proved": False}
    assert check("directory.redeem", {**PROVED, "known": False, "level": "verified"}) == {"known": False}


def _broken(service: str, **changes: Any) -> tuple[str, Any]:
    return service, {**GOOD[service], **changes}


def _line(**changes: Any) -> dict[str, Any]:
    return {**PROVED, "lines": [{**LINE, **changes}]}


@pytest.mark.parametrize(
    ("service", "answer"),
    [
        *((service, wrong) for service in GOOD for wrong in WRONG),
        _broken("directory.find", matches=None),
        _broken("directory.find", matches=[{**MATCH, "way": "guess"}]),
        _broken("directory.find", matches=[MATCH] * 101),
        _broken("directory.find", matches=[{**MATCH, "remembered": "soon"}]),
        _broken("directory.find", matches=[{**MATCH, "remembered": True}]),
        _broken("directory.prove", proved="true"),
        _broken("directory.prove", proved=2),
        _broken("directory.prove", lines=None),
        _broken("directory.prove", lines=[]),
        _broken("directory.prove", lines=[None]),
        _broken("directory.redeem", level="claimed"),
        _broken("directory.redeem", lines=[]),
        _broken("code.send", sent=False),
        _broken("number.register", reason="secret"),
        _broken("number.register", until="never"),
        _broken("number.forget", forgotten=1),
        _broken("directory.prove", customer={"id": 17, "name": "secret"}),
        _broken("directory.prove", customer={"id": "C1", "name": "x" * 201}),
        _broken("directory.prove", customer={"id": "C1", "name": "secret\nline two"}),
        _broken("directory.prove", customer={"id": "C1", "name": "secret\x00"}),
        ("directory.prove", {"proved": True}),
        ("directory.prove", _line(number="02125554141")),
        ("directory.prove", _line(number="+902125554141\n")),
        ("directory.prove", _line(number="+٩٠٢١٢٥٥٥٤١٤١")),
        ("directory.prove", _line(ending="secret")),
        ("directory.prove", _line(ending=41)),
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
        _broken("ticket.open", appointment="2026-02-30"),
        _broken("line.status", outage={**OUTAGE, "cause": "kablo hasarı"}),
        _broken("line.status", outage={**OUTAGE, "cause": {"tr": "kablo hasarı"}}),
        _broken("ticket.find", ticket={**GOOD["ticket.find"]["ticket"], "state": "closed"}),
        _broken("appointment.slots", days=["2026-10-06"] * 11),
        _broken("appointment.slots", days=["tomorrow"]),
        _broken("appointment.move", moved="yes"),
        _broken("appointment.move", appointment=None),
        _broken("bill.current", amount=529.4),
        _broken("bill.current", amount="529,40"),
        _broken("bill.current", amount="-1.00"),
        _broken("bill.current", amount="529.4"),
        _broken("bill.current", state="secret"),
        _broken("bill.current", due=None),
        _broken("bill.current", reasons=BILL["reasons"] * 4),
        _broken("bill.current", reasons=[{"text": "secret", "amount": "1.00"}]),
        _broken("payment.pay", result="maybe"),
        _broken("payment.pay", reference="4111111111111111"),
        _broken("quota.current", remaining=2.5),
        _broken("quota.current", remaining=-1),
        _broken("quota.current", renews="soon"),
        _broken("quota.current", packages=[{"name": "Secret!", "gigabytes": 10, "price": "59.90"}]),
        _broken("quota.top_up", remaining="13"),
        _broken("order.find", order={**ORDER, "state": "lost"}),
        _broken("order.find", order={**ORDER, "item": {"tr": "yeni modem", "en": ""}}),
        _broken("message.not_mine", by=3),
        _broken("callback.request", by="2026-10-05"),
        _broken("callback.request", by="2026-10-05T25:00"),
        _broken("callback.request", by="2026-10-05T12:00+03:00"),
    ],
)
def test_wrong_answers_are_nonsense(service: str, answer: Any) -> None:
    with pytest.raises(ServiceError) as caught:
        check(service, answer)
    assert (caught.value.service, caught.value.reason) == (service, "nonsense")
    assert "secret" not in str(caught.value)
    assert "2125554141" not in str(caught.value)


def deep(levels: int) -> Any:
    nested: Any = []
    for _ in range(levels):
        nested = [nested]
    return nested


@pytest.mark.parametrize(
    "answer",
    [
        {"matches": [float("nan")]},
        {"matches": [{**MATCH, "customer": {"id": "C1", "name": "secret \ud800"}}]},
        {"matches": deep(100_000)},
        {"matches": b"secret"},
        {"matches": {"secret"}},
        {"matches": Ellipsis},
        float("inf"),
    ],
    ids=lambda answer: str(type(answer)),
)
def test_what_could_not_have_been_json_is_nonsense(answer: Any) -> None:
    with pytest.raises(ServiceError) as caught:
        catalogue.FIND.check_answer(answer)
    assert caught.value.reason == "nonsense"
    assert "secret" not in str(caught.value)


def test_a_shape_of_ours_does_not_pass_for_an_answer() -> None:
    with pytest.raises(ServiceError, match="nonsense"):
        catalogue.FORGET.check_answer(shapes.Forgotten(forgotten=True))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values, st.sampled_from(sorted(set(catalogue.SERVICES) - {"directory.find"})))
def test_any_json_is_nonsense(answer: Any, service: str) -> None:
    with pytest.raises(ServiceError, match="nonsense"):
        catalogue.named(service).check_answer(answer)


def test_secrets_are_arguments() -> None:
    told = {service.name: service.secrets for service in catalogue.SERVICES.values() if service.secrets}
    assert told == {
        "directory.redeem": {"token"},
        "directory.prove": {"value"},
        "payment.pay": {"card", "expiry", "code"},
    }
    assert all(service.secrets <= service.arguments for service in catalogue.SERVICES.values())
