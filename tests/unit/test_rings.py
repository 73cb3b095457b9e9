from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.call.ports import QueueEvent
from ivr.telephony import rings
from ivr.telephony.rings import Rings
from tests.unit.fake_ami import Headers, parsed, recorded

NOW = 1000.0

# The caller's side of an event, as in the recordings.
CALLER = {"Uniqueid": "7.1", "Linkedid": "7.1", "Queue": "agents", "ChanVariable": "DEVAM_CONVERSATION=c0ffee"}


def event(kind: str, agent: str = "1001", **headers: Any) -> dict[str, Any]:
    return {"Event": kind, "Interface": f"PJSIP/{agent}", "Timestamp": "12.5", **CALLER, **headers}


def said(told: list[QueueEvent]) -> list[tuple[str, str]]:
    return [(one.kind, one.agent) for one in told]


@pytest.mark.parametrize(
    ("recording", "expected"),
    [
        ("answered", [("ringing", "1001"), ("connected", "1001"), ("ended", "1001")]),
        ("agent_busy_then_abandoned", [("ringing", "1001"), ("retracted", "1001"), ("abandoned", "")]),
        (
            "ringall_answered_by_other",
            [("ringing", "1002"), ("ringing", "1001"), ("retracted", "1001"), ("connected", "1002"), ("ended", "1002")],
        ),
        (
            "abandoned_while_two_ring",
            [
                ("ringing", "1002"),
                ("ringing", "1001"),
                ("retracted", "1002"),
                ("retracted", "1001"),
                ("abandoned", ""),
            ],
        ),
        ("left_by_key", [("ringing", "1001")]),
    ],
)
def test_what_a_real_asterisk_said(recording: str, expected: list[tuple[str, str]]) -> None:
    events = parsed(recorded(recording))
    here = Rings()
    told = [one for headers in events for one in here.take(headers, NOW)]
    assert said(told) == expected
    conversation = events[0]["ChanVariable"].removeprefix("DEVAM_CONVERSATION=")
    call, queue = events[0]["Linkedid"], events[0]["Queue"]
    assert {(one.conversation, one.call, one.queue) for one in told} == {(conversation, call, queue)}
    assert told[0].at == float(events[0]["Timestamp"])
    assert bool(here) is (recording == "left_by_key")


def test_who_left_for_no_known_reason_is_retracted_after_the_grace() -> None:
    here = Rings()
    for headers in parsed(recorded("left_by_key")):
        here.take(headers, NOW)
    assert here.overdue(NOW + 0.9, 1.0) == []
    assert said(here.overdue(NOW + 1.0, 1.0)) == [("retracted", "1001")]
    assert here.overdue(NOW + 9.0, 1.0) == []
    assert not here


def test_who_left_and_was_answered_is_not_retracted() -> None:
    here = Rings()
    for kind in ("AgentCalled", "QueueCallerLeave", "AgentConnect"):
        here.take(event(kind), NOW)
    assert here.overdue(NOW + 9, 1.0) == []


def test_who_left_and_came_back_is_not_retracted() -> None:
    here = Rings()
    for kind in ("AgentCalled", "QueueCallerLeave", "AgentCalled"):
        here.take(event(kind), NOW)
    assert here.overdue(NOW + 9, 1.0) == []


def test_events_may_come_twice() -> None:
    here = Rings()
    assert said(here.take(event("AgentCalled"), NOW)) == [("ringing", "1001")]
    assert said(here.take(event("AgentCalled"), NOW)) == [("ringing", "1001")]
    assert said(here.take(event("AgentRingNoAnswer"), NOW)) == [("retracted", "1001")]
    assert said(here.take(event("AgentRingNoAnswer"), NOW)) == [("retracted", "1001")]
    assert said(here.take(event("QueueCallerAbandon"), NOW)) == [("abandoned", "")]


def test_two_callers_are_kept_apart() -> None:
    here = Rings()
    other = {"Uniqueid": "8.1", "Linkedid": "8.1", "ChanVariable": "DEVAM_CONVERSATION=bea0"}
    here.take(event("AgentCalled", "1001"), NOW)
    here.take(event("AgentCalled", "1002", **other), NOW)
    told = here.take(event("QueueCallerAbandon", **other), NOW)
    assert [(one.kind, one.agent, one.conversation) for one in told] == [
        ("retracted", "1002", "bea0"),
        ("abandoned", "", "bea0"),
    ]
    assert here


def test_an_announcement_that_the_agent_hung_up_on_is_retracted() -> None:
    here = Rings()
    here.take(event("AgentCalled"), NOW)
    assert said(here.take(event("AgentDump"), NOW)) == [("retracted", "1001")]


def test_after_lost_events_only_phones_that_ring_keep_their_pop() -> None:
    here = Rings()
    for agent in ("1001", "1002", "1003"):
        here.take(event("AgentCalled", agent), NOW)
    members: list[Headers] = [
        {"Event": "QueueParams"},
        {"Event": "QueueMember", "Location": "PJSIP/1001", "Status": "6"},
        {"Event": "QueueMember", "Location": "PJSIP/1002", "Status": "1"},
    ]
    told = here.reconcile(members, NOW)
    assert sorted(said(told)) == [("retracted", "1002"), ("retracted", "1003")]
    assert {one.at for one in told} == {NOW}
    assert said(here.take(event("QueueCallerAbandon"), NOW)) == [("retracted", "1001"), ("abandoned", "")]


@pytest.mark.parametrize(
    "change",
    [
        {"ChanVariable": "DEVAM_CONVERSATION="},
        {"ChanVariable": "OTHER=c0ffee"},
        {"ChanVariable": []},
        {"ChanVariable": "DEVAM_CONVERSATION=<script>"},
        {"ChanVariable": "DEVAM_CONVERSATION=" + "a" * 65},
        {"Uniqueid": ""},
        {"Linkedid": ["7.1", "7.2"]},
        {"Queue": "x" * 201},
        {"Interface": ""},
        {"Interface": "PJSIP/<b>"},
        {"Event": ["AgentCalled", "AgentConnect"]},
        {"Event": "QueueMemberStatus"},
    ],
)
def test_events_that_are_not_ours_or_malformed_say_nothing(change: dict[str, Any]) -> None:
    here = Rings()
    assert here.take(event("AgentCalled", **change), NOW) == []
    assert not here


def test_the_conversation_is_found_among_other_variables() -> None:
    variables = ["A=1", "DEVAM_CONVERSATION=c0ffee", "B=DEVAM_CONVERSATION=x", "broken"]
    assert Rings().take(event("AgentCalled", ChanVariable=variables), NOW)[0].conversation == "c0ffee"


@pytest.mark.parametrize(
    ("interface", "agent"),
    [("PJSIP/1001", "1001"), ("Local/1002@agents/n", "1002"), ("SIP/ayse.k-2", "ayse.k-2")],
)
def test_agents_are_sip_users(interface: str, agent: str) -> None:
    assert said(Rings().take(event("AgentCalled", Interface=interface), NOW)) == [("ringing", agent)]


@pytest.mark.parametrize("timestamp", ["", "soon", "nan", "inf", "-5", "1e300"])
def test_a_time_that_is_none_is_now(timestamp: str) -> None:
    assert Rings().take(event("AgentCalled", Timestamp=timestamp), NOW)[0].at == NOW


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rings, "_MOST_CALLS", 3)
    here = Rings()
    for number in range(5):
        here.take(event("AgentCalled", Uniqueid=f"{number}.1"), NOW)
    assert said(here.take(event("QueueCallerAbandon", Uniqueid="0.1"), NOW)) == [("abandoned", "")]
    assert said(here.take(event("QueueCallerAbandon", Uniqueid="4.1"), NOW)) == [
        ("retracted", "1001"),
        ("abandoned", ""),
    ]


steps = st.tuples(st.sampled_from(rings.EVENTS), st.sampled_from(["1001", "1002"]), st.sampled_from(["1.1", "2.1"]))


@given(st.lists(steps, max_size=30))
def test_every_pop_ends_once_everybody_has_left(story: list[tuple[str, str, str]]) -> None:
    here = Rings()
    ringing: set[tuple[str, str]] = set()
    farewells = [("QueueCallerAbandon", "1001", caller) for caller in ("1.1", "2.1")]
    for kind, agent, caller in [*story, *farewells]:
        for one in here.take(event(kind, agent, Uniqueid=caller, Linkedid=caller), NOW):
            if one.kind == "ringing":
                ringing.add((one.call, one.agent))
            elif one.kind in ("retracted", "connected"):
                ringing.discard((one.call, one.agent))
    assert not ringing
    assert not here
