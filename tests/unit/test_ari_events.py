from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.call.ports import Arrival
from ivr.flow.events import HungUp, KeyPressed, PlayEnded
from ivr.telephony.ari_events import Happened, Offered, meaning, playback_id

AT = "2026-11-22T04:01:02.029+0000"
SECONDS = 1795320062.029

# As Asterisk 22.10 sent it, without what we do not read.
CHANNEL: dict[str, Any] = {
    "id": "1795320060.24",
    "name": "PJSIP/trunk-00000018",
    "state": "Ring",
    "caller": {"name": "Anonymous", "number": "05321112233"},
    "connected": {"name": "", "number": ""},
    "dialplan": {"context": "inbound", "exten": "4440000", "priority": 2, "app_name": "StasisBroadcast"},
}
PLAYBACK: dict[str, Any] = {
    "id": "1795320060.24~7",
    "media_uri": "sound:/prompts/x",
    "target_uri": "channel:1795320060.24",
    "state": "failed",
}


def event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "timestamp": AT, "application": "ivr-x", **fields}


def test_a_call_is_offered() -> None:
    offered = event("CallBroadcast", channel=CHANNEL, caller="05321112233", called="4440000")
    assert meaning(offered) == Offered("1795320060.24")


def test_a_call_arrives() -> None:
    assert meaning(event("StasisStart", channel=CHANNEL, args=[])) == Arrival("1795320060.24", "05321112233", "4440000")


def test_a_call_arrives_without_numbers() -> None:
    bare = {"id": "1.2", "caller": None, "dialplan": {"exten": 5}}
    assert meaning(event("StasisStart", channel=bare)) == Arrival("1.2", "", "")


def arrived_with(**variables: object) -> Arrival:
    arrival = meaning(event("StasisStart", channel={**CHANNEL, "channelvars": variables}))
    assert isinstance(arrival, Arrival)
    return arrival


def test_a_call_that_comes_back_brings_its_conversation_its_visit_and_what_was_dialled() -> None:
    arrival = arrived_with(DEVAM_CONVERSATION="c0ffee", DEVAM_VISIT="2", DEVAM_CALLED="4445000")
    assert (arrival.conversation, arrival.visit, arrival.called) == ("c0ffee", "2", "4445000")


@pytest.mark.parametrize("hostile", ["", "a b", "../x", "ş", "x" * 65, "a;b", 7, None, ["a"]])
def test_what_is_no_id_is_left_out(hostile: object) -> None:
    arrival = arrived_with(DEVAM_CONVERSATION=hostile, DEVAM_VISIT=hostile)
    assert (arrival.conversation, arrival.visit) == ("", "")


@pytest.mark.parametrize("token", ["a1_-" * 4, "x" * 128])
def test_a_call_may_bring_a_token(token: str) -> None:
    arrival = meaning(event("StasisStart", channel={**CHANNEL, "channelvars": {"DEVAM_TOKEN": token}}))
    assert isinstance(arrival, Arrival)
    assert arrival.token == token
    assert token not in repr(arrival)


@pytest.mark.parametrize("token", ["", "short", "x" * 129, "a b" * 8, "ş" * 20, "x" * 20 + "=", 7, None, {"a": "b"}])
def test_what_is_no_token_is_left_out(token: object) -> None:
    channel = {**CHANNEL, "channelvars": {"DEVAM_TOKEN": token}}
    assert meaning(event("StasisStart", channel=channel)) == Arrival("1795320060.24", "05321112233", "4440000")


def test_hostile_numbers_are_cut_and_cleaned() -> None:
    hostile = CHANNEL | {"caller": {"number": "\x00\x1b[31m+90\u202e\n" + "9" * 100_000}}
    arrival = meaning(event("StasisStart", channel=hostile))
    assert isinstance(arrival, Arrival)
    assert arrival.caller.startswith("[31m+9099")
    assert arrival.caller.isprintable()
    assert len(arrival.caller) <= 64


@pytest.mark.parametrize("key", list("0123456789*#"))
def test_keys(key: str) -> None:
    pressed = event("ChannelDtmfReceived", digit=key, duration_ms=100, channel=CHANNEL)
    assert meaning(pressed) == Happened("1795320060.24", KeyPressed(SECONDS, key))


@pytest.mark.parametrize("digit", ["A", "D", "", "12", None, 1, ["1"], "١"])
def test_what_is_no_key(digit: Any) -> None:
    assert meaning(event("ChannelDtmfReceived", digit=digit, channel=CHANNEL)) is None


def test_a_key_without_a_usable_time_is_pressed_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 12.5)
    for timestamp in (None, 5, "", "yesterday", "9999-99-99T00:00:00.000+0000"):
        pressed = event("ChannelDtmfReceived", digit="1", channel=CHANNEL) | {"timestamp": timestamp}
        assert meaning(pressed) == Happened("1795320060.24", KeyPressed(12.5, "1"))


@pytest.mark.parametrize("state", ["done", "failed", None])
def test_a_play_ends_however_it_ends(state: str | None, caplog: pytest.LogCaptureFixture) -> None:
    ended = event("PlaybackFinished", playback=PLAYBACK | {"state": state})
    assert meaning(ended) == Happened("1795320060.24", PlayEnded(SECONDS, "7"), failed=state == "failed")
    assert not caplog.records  # whether it is worth telling is not known here


def test_a_play_whose_id_holds_the_separator() -> None:
    ended = PLAYBACK | {"id": playback_id("1795320060.24", "a~b"), "state": "done"}
    assert meaning(event("PlaybackFinished", playback=ended)) == Happened("1795320060.24", PlayEnded(SECONDS, "a~b"))


@pytest.mark.parametrize(
    "playback",
    [
        None,
        {},
        PLAYBACK | {"target_uri": "bridge:1795320060.24"},
        PLAYBACK | {"target_uri": "channel:"},
        PLAYBACK | {"id": "4c1c2f"},
        PLAYBACK | {"id": "1795320060.24~"},
        PLAYBACK | {"id": "1795320060.2~47"},
    ],
)
def test_playbacks_that_are_not_ours(playback: Any) -> None:
    assert meaning(event("PlaybackFinished", playback=playback)) is None


@pytest.mark.parametrize(
    ("kind", "left"), [("StasisEnd", True), ("ChannelDestroyed", True), ("ChannelHangupRequest", False)]
)
def test_callers_leave(kind: str, left: bool) -> None:
    assert meaning(event(kind, channel=CHANNEL)) == Happened("1795320060.24", HungUp(SECONDS), left)


@pytest.mark.parametrize("kind", ["ChannelVarset", "", "__init__", None, 5, [], {}])
def test_unknown_kinds_mean_nothing(kind: Any) -> None:
    assert meaning({"type": kind, "channel": CHANNEL}) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
kinds = st.sampled_from(["CallBroadcast", "StasisStart", "ChannelDtmfReceived", "PlaybackFinished", "StasisEnd"])
parts = st.fixed_dictionaries({}, optional={"id": json_values, "caller": json_values, "target_uri": json_values})


@given(kinds, json_values | parts, json_values | parts, json_values, json_values)
def test_nothing_that_comes_raises(kind: str, channel: Any, playback: Any, digit: Any, timestamp: Any) -> None:
    meaning({"type": kind, "channel": channel, "playback": playback, "digit": digit, "timestamp": timestamp})


def test_a_key_is_not_printed() -> None:
    pressed = meaning(event("ChannelDtmfReceived", digit="7", channel=CHANNEL | {"id": "1.2"}) | {"timestamp": None})
    assert "'7'" not in repr(pressed)
