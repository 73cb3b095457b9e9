from __future__ import annotations

import base64
import json

import pytest

from context_store.records import Json
from ivr.errors import AlreadyClaimed, ChannelGone, TelephonyError, TelephonyRefused
from ivr.telephony import ari_wire
from ivr.telephony.backoff import Backoff


@pytest.mark.parametrize(
    ("version", "can"),
    [
        ("22.10.1+dfsg+~cs6.17.60671434-1", True),
        ("22.4.0", True),
        ("22.3.9", False),
        ("21.9.0", True),
        ("21.8.0", False),
        ("20.14.1", True),
        ("20.13.0", False),
        ("certified-20.7-cert2", False),
        ("certified-22.8-cert1", True),
        ("18.20.0", False),
        ("16.99.0", False),
        ("23.0.0", True),
        ("GIT-master-1234abc", False),
        ("", False),
    ],
)
def test_who_takes_requests_on_the_websocket(version: str, can: bool) -> None:
    assert ari_wire.speaks_rest_on_websocket(version) is can


def test_a_request_as_a_message() -> None:
    text = ari_wire.encode("7", "POST", "channels/1.2/variable", {"variable": "A", "value": "ş&="}, {"x": "ğ"})
    message = json.loads(text)
    assert message == {
        "type": "RESTRequest",
        "transaction_id": message["transaction_id"],
        "request_id": "7",
        "method": "POST",
        "uri": "channels/1.2/variable",
        "query_strings": [{"name": "variable", "value": "A"}, {"name": "value", "value": "ş&="}],
        "content_type": "application/json",
        "message_body": '{"x": "\\u011f"}',
    }


def test_a_request_without_query_and_body_carries_neither() -> None:
    assert set(json.loads(ari_wire.encode("1", "GET", "channels", None, None))) == {
        "type",
        "transaction_id",
        "request_id",
        "method",
        "uri",
    }


@pytest.mark.parametrize(
    "text", ["", "not json", "null", "[]", '"text"', "{}", '{"type": 3}', "[" * 100_000, '{"type": NaN', "\x00"]
)
def test_what_is_no_message_is_none(text: str) -> None:
    assert ari_wire.decode(text) is None


def test_answers() -> None:
    assert ari_wire.answer("GET", "channels", 200, '[{"id": "1"}]') == [{"id": "1"}]
    assert ari_wire.answer("DELETE", "channels/1", 204, "") is None


@pytest.mark.parametrize(
    ("path", "status", "body", "error"),
    [
        ("channels/1", 404, {"message": "Channel not found"}, ChannelGone),
        ("events/claim", 409, {"message": "Channel has already been claimed"}, AlreadyClaimed),
        ("events/claim", 404, {"message": "Channel not found"}, ChannelGone),
        ("channels/1/play", 409, {"message": "Channel not in Stasis application"}, ChannelGone),
        ("channels", 409, {"message": "Channel with given unique ID already exists"}, TelephonyRefused),
        ("channels/1/answer", 412, {"message": "Channel in invalid state"}, TelephonyRefused),
        ("channels/1/play", 500, "not an object", TelephonyRefused),
        ("channels/1/play", 302, None, TelephonyRefused),
    ],
)
def test_statuses_are_our_errors(path: str, status: int, body: Json, error: type[TelephonyError]) -> None:
    with pytest.raises(error) as caught:
        ari_wire.answer("POST", path, status, json.dumps(body))
    assert type(caught.value) is error
    assert str(status) in str(caught.value)


def test_an_explanation_is_cut_and_one_that_is_no_text_left_out() -> None:
    with pytest.raises(TelephonyRefused) as caught:
        ari_wire.answer("GET", "channels", 500, json.dumps({"message": "x" * 10_000}))
    assert len(str(caught.value)) < 300
    with pytest.raises(TelephonyRefused, match=r"^Asterisk answered 500 to GET channels$"):
        ari_wire.answer("GET", "channels", 500, json.dumps({"message": ["x"]}))


def test_wrong_credentials_say_how_to_mend_it() -> None:
    with pytest.raises(TelephonyRefused, match=r"asterisk\.ari_user and ari_password"):
        ari_wire.answer("GET", "asterisk/info", 401, "{}")


def test_authorization_takes_any_letters() -> None:
    scheme, value = ari_wire.authorization("devam", "gizli-ş:ü").split()
    assert (scheme, base64.b64decode(value).decode()) == ("Basic", "devam:gizli-ş:ü")


def test_backoff_doubles_up_to_its_most_and_starts_again() -> None:
    backoff = Backoff(first=1.0, most=5.0, pick=lambda: 1.0)
    assert [backoff.delay() for _ in range(5)] == [1.0, 2.0, 4.0, 5.0, 5.0]
    backoff.reset()
    assert backoff.delay() == 1.0
    backoff.exhaust()
    assert backoff.delay() == 5.0


def test_backoff_is_shortened_by_chance_to_no_less_than_half() -> None:
    patient = Backoff(first=1.0, most=2.0, exhausted=9.0, pick=lambda: 1.0)
    patient.exhaust()
    assert [patient.delay() for _ in range(2)] == [9.0, 2.0]
    assert Backoff(first=4.0, pick=lambda: 0.0).delay() == 2.0
    assert Backoff(first=4.0, pick=lambda: 0.5).delay() == 3.0
    assert all(0.5 <= Backoff(first=1.0).delay() <= 1.0 for _ in range(100))
