from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context_store.records import interaction_of
from ivr.call.ports import QueueEvent
from ivr.telephony import rings
from ivr.telephony.queue_messages import Caller, Leg, legs
from ivr.telephony.rings import Rings
from tests.unit.fake_ami import parsed, recorded

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
        (
            "passed_on",
            [
                ("ringing", "1001"),
                ("connected", "1001"),
                ("ended", "1001"),
                ("ringing", "1002"),
                ("connected", "1002"),
                ("ended", "1002"),
            ],
        ),
    ],
)
def test_what_a_real_asterisk_said(recording: str, expected: list[tuple[str, str]]) -> None:
    events = parsed(recorded(recording))
    here = Rings()
    told = [one for headers in events for one in here.take(headers, NOW)]
    assert said(told) == expected
    variables = events[0]["ChanVariable"]
    conversation = (variables if isinstance(variables, str) else variables[0]).removeprefix("DEVAM_CONVERSATION=")
    whose = (conversation, events[0]["Linkedid"], events[0]["Uniqueid"])
    assert {(one.conversation, one.call, one.channel) for one in told} == {whose}
    assert (told[0].queue, told[0].at) == (events[0]["Queue"], float(events[0]["Timestamp"]))
    assert here.seen([], NOW) == ([QueueEvent("retracted", NOW, *rest(told[0]))] if recording == "left_by_key" else [])


def rest(one: QueueEvent) -> tuple[str, str, str, str, str]:
    return one.conversation, one.queue, one.agent, one.call, one.channel


def test_who_hung_up_is_told_and_who_passed_the_caller_on() -> None:
    told = [one for headers in parsed(recorded("passed_on")) for one in Rings().take(headers, NOW)]
    assert [one.by for one in told if one.kind == "ended"] == ["caller"]  # nothing is known of what went before
    here = Rings()
    told = [one for headers in parsed(recorded("passed_on")) for one in here.take(headers, NOW)]
    assert [(one.agent, one.queue, one.by) for one in told if one.kind == "ended"] == [
        ("1001", "agents", "transfer"),
        ("1002", "faults", "caller"),
    ]


def test_a_caller_who_was_meant_for_one_agent_has_not_given_up_when_they_fall_into_the_queue() -> None:
    here = Rings()
    told = [one for headers in parsed(recorded("private_not_answered")) for one in here.take(headers, NOW)]
    assert [(one.kind, one.agent, one.queue) for one in told] == [
        ("ringing", "1002", "faults"),
        ("retracted", "1002", "faults"),
        ("ringing", "1001", "agents"),
        ("retracted", "1001", "agents"),
        ("abandoned", "", "agents"),
    ]


# AgentComplete of a caller who was passed on: the agent's channel is not there any more. So it may be, on a busy
# machine, when the caller has just hung up on the agent.
LATE = {"Timestamp": "4000.5", "Reason": "caller"}


def test_a_talk_that_nobody_said_has_ended_may_have_ended_before() -> None:
    """The caller went back to the menus: no queue says so before they hang up."""
    here = Rings()
    here.take(event("AgentConnect"), NOW)
    [ended] = here.take(event("AgentComplete", TalkTime="3988", **LATE), NOW)
    assert (ended.kind, ended.agent, ended.by, ended.heard) == ("ended", "1001", "caller", False)
    assert here.take(event("AgentComplete", TalkTime="3988", **LATE), NOW) == []


@pytest.mark.parametrize("told", [{}, {"TalkTime": "soon"}, {"TalkTime": "3987"}])
def test_how_long_a_talk_lasted_need_not_be_told_exactly(told: dict[str, str]) -> None:
    here = Rings()
    here.take(event("AgentConnect"), NOW)
    assert said(here.take(event("AgentComplete", **told, **LATE), NOW)) == [("ended", "1001")]


def test_a_talk_that_was_found_ends_however_long_it_lasted() -> None:
    here = Rings()
    here.seen([leg(talking=True)], NOW)
    assert said(here.take(event("AgentComplete", TalkTime="7", **LATE), NOW)) == [("ended", "1001")]


def test_of_two_talks_with_one_agent_the_second_is_the_one_that_the_caller_ended() -> None:
    here = Rings()
    for headers in (event("AgentConnect"), event("AgentCalled", "1002"), event("AgentConnect", "1002")):
        here.take(headers, NOW)
    here.take(event("AgentCalled"), NOW)
    here.take(event("AgentConnect", Timestamp="100.5"), NOW)
    assert here.take(event("AgentComplete", TalkTime="3988", **LATE), NOW) == []
    assert here.take(event("AgentComplete", "1002", TalkTime="3950", **LATE), NOW) == []
    [ended] = here.take(event("AgentComplete", TalkTime="3900", **LATE), NOW)
    assert (ended.kind, ended.agent, ended.by) == ("ended", "1001", "caller")


def gone(**headers: str) -> dict[str, Any]:
    """AgentComplete without the caller's channel, which was gone when Asterisk wrote it."""
    told = event("AgentComplete", Timestamp="100.5", Reason="caller", **headers)
    return {name: value for name, value in told.items() if name not in ("Uniqueid", "Linkedid", "ChanVariable")}


def test_the_end_of_a_talk_is_known_by_the_agent_when_the_caller_is_gone() -> None:
    here = Rings()
    here.take(event("AgentConnect", Timestamp="90.5"), NOW)
    here.take(event("AgentConnect", "1002", Timestamp="90.5", Uniqueid="8.1", Linkedid="8.1"), NOW)
    [ended] = here.take(gone(TalkTime="10"), NOW)
    assert (ended.kind, ended.agent, ended.conversation, ended.channel) == ("ended", "1001", "c0ffee", "7.1")
    assert here.take(gone(TalkTime="10"), NOW) == []


def test_a_caller_who_is_gone_is_not_taken_for_the_one_who_talks_to_the_agent_now() -> None:
    here = Rings()
    here.take(event("AgentConnect", Timestamp="90.5"), NOW)
    assert here.take(gone(TalkTime="60"), NOW) == []
    assert said(here.take(gone(TalkTime="9"), NOW)) == [("ended", "1001")]


def test_callers_without_a_conversation_end_nobody_elses_talk() -> None:
    here = Rings()
    here.take(event("AgentConnect", Timestamp="90.5"), NOW)
    stranger = event("AgentComplete", Timestamp="100.5", TalkTime="10", Uniqueid="9.1", ChanVariable=[])
    assert here.take(stranger, NOW) == []


def test_a_caller_who_was_passed_on_and_gives_up_waiting_has_been_passed_on() -> None:
    here = Rings()
    here.take(event("AgentConnect"), NOW)
    assert said(here.take(event("QueueCallerAbandon", Queue="faults"), NOW)) == [("ended", "1001"), ("abandoned", "")]


@pytest.mark.parametrize(("reason", "by"), [("caller", "caller"), ("agent", "agent"), ("transfer", ""), ("", "")])
def test_who_hung_up(reason: str, by: str) -> None:
    [ended] = Rings().take(event("AgentComplete", DestUniqueid="7.2", Reason=reason), NOW)
    assert (ended.kind, ended.by) == ("ended", by)


def test_who_left_for_no_known_reason_is_retracted_after_the_grace() -> None:
    here = Rings()
    for headers in parsed(recorded("left_by_key")):
        here.take(headers, NOW)
    assert here.overdue(NOW + 0.9, 1.0) == []
    assert said(here.overdue(NOW + 1.0, 1.0)) == [("retracted", "1001")]
    assert here.overdue(NOW + 9.0, 1.0) == []


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
    assert said(here.seen([], NOW)) == [("retracted", "1001")]


def visit(number: str) -> dict[str, Any]:
    return {"ChanVariable": ["DEVAM_CONVERSATION=c0ffee", f"DEVAM_VISIT={number}", "DEVAM_QUEUE="]}


@pytest.mark.parametrize(
    ("number", "visits"),
    [
        ("", [""]),
        ("1", ["1", ""]),
        ("12", ["12", "11"]),
        ("x", []),
        ("9" * 100, []),
    ],
)
def test_the_callers_interactions_are_told(number: str, visits: list[str]) -> None:
    [rung] = Rings().take(event("AgentCalled", **visit(number)), NOW)
    assert rung.visits == tuple(interaction_of("7.1", one) for one in visits)
    assert (rung.interaction, rung.caller) == ((rung.visits[0],) * 2 if visits else ("", "7.1"))


def test_they_are_not_known_where_the_exchange_does_not_tell_the_visit() -> None:
    [rung] = Rings().take(event("AgentCalled"), NOW)
    assert (rung.visits, rung.interaction, rung.caller) == ((), "", "7.1")


def test_two_callers_of_one_conversation_are_two() -> None:
    here = Rings()
    for headers in (event("AgentCalled", **visit("")), event("AgentCalled", "1002", Uniqueid="8.1", **visit(""))):
        here.take(headers, NOW)
    told = here.take(event("QueueCallerAbandon", Uniqueid="8.1", **visit("")), NOW)
    assert [(one.kind, one.agent, one.interaction) for one in told] == [
        ("retracted", "1002", interaction_of("8.1")),
        ("abandoned", "", interaction_of("8.1")),
    ]


def test_a_talk_that_is_told_late_to_have_ended_was_in_the_visit_in_which_it_began() -> None:
    here = Rings()
    here.take(event("AgentConnect", **visit("")), NOW)
    [ended] = here.take(event("AgentComplete", TalkTime="3988", **LATE, **visit("1")), NOW)
    assert (ended.kind, ended.interaction) == ("ended", interaction_of("7.1"))


def test_who_comes_back_from_the_menus_to_another_agent_was_passed_on_in_the_visit_before() -> None:
    here = Rings()
    here.take(event("AgentConnect", **visit("")), NOW)
    ended, rung = here.take(event("AgentCalled", "1002", **visit("1")), NOW)
    assert (ended.by, ended.interaction) == ("transfer", interaction_of("7.1"))
    assert rung.visits == (interaction_of("7.1", "1"), interaction_of("7.1"))


def test_an_announcement_that_the_agent_hung_up_on_is_retracted() -> None:
    here = Rings()
    here.take(event("AgentCalled"), NOW)
    assert said(here.take(event("AgentDump"), NOW)) == [("retracted", "1001")]


def test_the_exchange_tells_who_rings_and_talks() -> None:
    talks, rung = Rings().seen(legs(parsed(recorded("status")), NOW), NOW)
    assert (talks.kind, talks.agent, talks.queue, talks.channel) == ("connected", "1002", "faults", "1795356648.0")
    assert (rung.kind, rung.agent, rung.queue, rung.call) == ("ringing", "1001", "agents", "1795356650.3")
    assert (talks.at, rung.at) == (1795356648, 1795356652), "when the phones began to ring"
    assert not talks.heard
    assert not rung.heard


def leg(agent: str = "1001", *, talking: bool = False) -> Leg:
    return Leg(Caller("7.1", "c0ffee", "agents", "7.1"), agent, talking, 12.0)


def test_what_was_heard_is_not_found_again() -> None:
    here = Rings()
    for agent in ("1001", "1002"):
        here.take(event("AgentCalled", agent), NOW)
    assert here.seen([leg("1001"), leg("1002")], NOW) == []
    here.take(event("AgentConnect"), NOW)
    assert here.seen([leg(talking=True)], NOW) == []


def test_after_lost_events_only_phones_that_ring_keep_their_pop() -> None:
    here = Rings()
    for agent in ("1001", "1002", "1003"):
        here.take(event("AgentCalled", agent), NOW)
    told = here.seen([leg("1001")], NOW)
    assert sorted(said(told)) == [("retracted", "1002"), ("retracted", "1003")]
    assert {one.at for one in told} == {NOW}
    assert said(here.take(event("QueueCallerAbandon"), NOW)) == [("retracted", "1001"), ("abandoned", "")]


def test_an_answer_that_was_not_heard_of_is_found() -> None:
    here = Rings()
    for agent in ("1001", "1002"):
        here.take(event("AgentCalled", agent), NOW)
    told = here.seen([leg(talking=True)], NOW)
    assert said(told) == [("retracted", "1002"), ("connected", "1001")]
    assert not told[-1].heard
    assert said(here.seen([], NOW)) == [("ended", "1001")]


@pytest.mark.parametrize(
    "change",
    [
        {"Application": "Dial"},
        {"Linkedid": "other"},
        {"Channel": "PJSIP/1001"},
        {"Channel": "PJSIP/<b>-00000001"},
        {"Channel": ["a", "b"]},
    ],
)
def test_channels_that_are_no_agents_legs_are_left_out(change: dict[str, Any]) -> None:
    rows = parsed(recorded("status"))
    found = [{**row, **change} if row.get("Application") == "AppQueue" else row for row in rows]
    assert legs(found, NOW) == []


@pytest.mark.parametrize("unique", ["1795356652.4", "devam-one-1795356652.4"])
def test_a_phone_rings_since_its_channel_was_made(unique: str) -> None:
    rows = [
        {**row, "Uniqueid": unique} if row.get("Application") == "AppQueue" else row
        for row in parsed(recorded("status"))
    ]
    assert {one.since for one in legs(rows, NOW)} == {1795356652}


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
    assert here.seen([], NOW) == []


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
def test_every_ring_and_every_talk_ends_once_everybody_has_left(story: list[tuple[str, str, str]]) -> None:
    here = Rings()
    going_on: set[tuple[str, str, str]] = set()
    farewells = [("QueueCallerAbandon", "1001", caller) for caller in ("1.1", "2.1")]
    for kind, agent, caller in [*story, *farewells]:
        for one in here.take(event(kind, agent, Uniqueid=caller, Linkedid=caller), NOW):
            if one.kind == "ringing":
                going_on.add(("rings", one.call, one.agent))
            elif one.kind in ("retracted", "connected"):
                going_on.discard(("rings", one.call, one.agent))
            if one.kind == "connected":
                going_on.add(("talks", one.call, one.agent))
            elif one.kind == "ended":
                going_on.discard(("talks", one.call, one.agent))
    assert not going_on
    assert here.seen([], NOW) == []
