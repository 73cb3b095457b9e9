"""The arithmetic of the benchmark: what it counts as an answer, and that nothing slow can hide."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from context_store.records import Json
from ivr.errors import SandboxError
from ivr.hotline.reading import flow_file, read_hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.watching import Seen
from tests.bench import report
from tests.bench.figures import Spread, answers, cost, goal_met, others, quantile, share, stolen
from tests.bench.meter import Meter, answered, astray
from tests.bench.processes import Usage, memory, peak_memory, usage
from tests.bench.script import OPENING, PRESSES, Heard, Sounds
from tests.bench.share import WANTED, controller_share
from tests.bench.stand import Round, Which
from tests.bench.standing import MENU, Told, patient_flows
from tests.bench.traffic import Traffic, arrivals, drive

FILES = {
    (prompt, heard.language): Path(f"/prompts/{heard.language}-{prompt}.wav")
    for heard in (*OPENING, *(heard for _, heard in PRESSES))
    for prompt in heard.prompts
}
SOUNDS = Sounds(FILES)


def stamp(ms: int) -> str:
    return f"2026-01-31T12:00:{ms // 1000:02d}.{ms % 1000:03d}+0300"


def key(at: int, digit: str, channel: str = "1.1") -> Mapping[str, Json]:
    return {"type": "ChannelDtmfReceived", "timestamp": stamp(at), "digit": digit, "channel": {"id": channel}}


def playback(at: int, media: str, channel: str = "1.1") -> Mapping[str, Json]:
    target = {"media_uri": f"sound:/prompts/{media}", "target_uri": f"channel:{channel}"}
    return {"type": "PlaybackStarted", "timestamp": stamp(at), "playback": target}


def background(at: int, files: str, channel: str = "1.1") -> Mapping[str, Json]:
    return {
        "type": "ChannelDialplan",
        "timestamp": stamp(at),
        "dialplan_app": "BackGround",
        "dialplan_app_data": files,
        "channel": {"id": channel},
    }


def metered(events: list[Mapping[str, Json]]) -> Meter:
    meter = Meter(SOUNDS)
    for event in events:
        meter.take(event)
    return meter


def called(events: list[Mapping[str, Json]]) -> tuple[int, list[float]]:
    good, keys = answered(metered(events).channels.values())
    return good, [one.ms for one in keys]


def a_call(slow: int, dialplan: bool = False) -> list[Mapping[str, Json]]:
    """A call that goes as it should; every prompt starts `slow` ms after its key."""
    events: list[Mapping[str, Json]] = []

    def starts(at: int, heard: Heard) -> None:
        events.append(
            background(at, SOUNDS.media(heard)) if dialplan else playback(at, f"{heard.language}-{heard.prompts[0]}")
        )

    for number, heard in enumerate(OPENING):
        starts(number * 1000, heard)
    for number, (digit, heard) in enumerate(PRESSES, len(OPENING)):
        events.append(key(number * 1000, digit))
        if dialplan:  # Asterisk tells once more what is being left
            events.append(next(event for event in reversed(events) if event["type"] == "ChannelDialplan"))
        starts(number * 1000 + slow, heard)
    return events


@pytest.mark.parametrize("dialplan", [False, True])
def test_both_menus_are_measured_alike(dialplan: bool) -> None:
    assert called(a_call(7, dialplan)) == (1, [7.0] * len(PRESSES))


def test_a_key_that_overtakes_a_prompt_makes_the_call_a_failed_one() -> None:
    events = a_call(7)
    first, start, second = (len(OPENING) + place for place in range(3))
    events[start], events[second] = events[second], events[start]
    assert events[first]["type"] == events[start]["type"] == "ChannelDtmfReceived"
    assert called(events) == (0, [])


def test_another_prompt_or_a_missing_end_makes_the_call_a_failed_one() -> None:
    assert called(a_call(7)[:-1]) == (0, [])
    assert called([*a_call(7)[:-1], playback(9000, "tr-welcome")]) == (0, [])


def test_it_is_told_where_calls_went_astray() -> None:
    short, wrong = a_call(7)[:-1], [*a_call(7)[:-1], playback(9000, "tr-welcome")]
    last = PRESSES[-1][0]
    assert astray(metered(a_call(7)).channels.values()) == {}
    assert astray(metered(short).channels.values()) == {f"after “key {last}” came “nothing more”": 1}
    assert astray(metered(wrong).channels.values()) == {f"after “key {last}” came “tr welcome”": 1}
    assert astray(metered([*a_call(7), key(9500, "0")]).channels.values()) == {"after “en symptom” came “key 0”": 1}


def test_foreign_events_and_other_channels_do_not_matter() -> None:
    other = [key(100, "5", "2.2"), {"type": "ChannelDialplan", "dialplan_app": "Goto", "dialplan_app_data": "s,1"}]
    assert called([*a_call(3), *other]) == (1, [3.0] * len(PRESSES))


def spoken(prompts: tuple[str, ...], ms: float, call: str = "c1") -> Seen:
    data = {"prompts": list(prompts), "ms": ms}
    return Seen(1.0, {"kind": "spoken", "call": call, "at": 5.0, "data": data})


def test_the_share_is_that_of_keys_in_calls_that_were_told_completely() -> None:
    told = [spoken(prompts, number) for number, prompts in enumerate(WANTED)]
    gap = [spoken(prompts, 99.0, "c2") for prompts in WANTED[:2] + WANTED[3:]]
    noise = Seen(1.0, {"kind": "pressed", "call": "c1", "at": 5.0, "data": {}})
    keys = controller_share([*gap, noise, *told])
    assert [one.ms for one in keys] == list(range(len(OPENING), len(WANTED)))


def test_quantiles_are_values_that_were_measured() -> None:
    hundred = [float(number) for number in range(1, 101)]
    assert [quantile(hundred, part) for part in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert quantile([4.0], 0.5) == quantile([4.0], 0.99) == 4
    assert quantile([], 0.5) == math.inf


def test_keys_without_an_answer_are_slower_than_any() -> None:
    spread = Spread.of([1.0] * 98, missing=2)
    assert (spread.count, spread.median, spread.p95, spread.p99, spread.worst) == (100, 1, 1, math.inf, math.inf)


def a_round(which: Which = "devam", *, placed: int = 2, good: int = 2, ms: float = 3.0) -> Round:
    used = Usage({"controller": 0.02, "Asterisk": 0.04, "Redis": 0.002, "back office": 0.0}, machine=1.062, stolen=0.5)
    keys = [ms] * good * len(PRESSES)
    return Round(which, True, Traffic(placed), used, 10.0, good, keys, keys)


def test_failed_calls_cost_the_goal() -> None:
    rounds = [a_round(placed=100, good=100), a_round(placed=100, good=97)]
    assert goal_met(share(rounds[:1]))
    assert not goal_met(share(rounds))
    assert answers(rounds).p99 == math.inf
    assert not goal_met(share([]))


def test_processor_time_is_a_call_s_and_the_rest_is_others() -> None:
    rounds = [a_round(), a_round()]
    assert cost(rounds) == pytest.approx({"controller": 10.0, "Asterisk": 20.0, "Redis": 1.0, "back office": 0.0})
    assert cost([]) == {}
    assert others(rounds) == pytest.approx(0.1)
    assert stolen(rounds) == pytest.approx(0.05)


def test_json_has_no_infinity() -> None:
    document = report.document([a_round(), a_round("dialplan", placed=9, good=0)], 1, "22")
    assert document["key_to_prompt"]["dialplan"]["median"] is None
    assert document["rounds"][0]["key_to_prompt"]["median"] == 3.0


def test_arrivals_are_the_same_for_the_same_seed_and_as_many_as_wanted() -> None:
    times = arrivals(20, 100, seed=1)
    assert times == arrivals(20, 100, seed=1) != arrivals(20, 100, seed=2)
    assert times == sorted(times)
    assert 0 < times[0] < times[-1] < 100
    assert len(times) == pytest.approx(2000, rel=0.1)


async def test_nobody_calls_where_somebody_would_have_to_call_twice() -> None:
    with pytest.raises(SandboxError, match="fewer calls"):
        await drive(Network("127.0.0.1", 1, "", "", ""), [0.0, 0.0], iter(["+905011234567"]))


def test_the_sample_hotline_can_be_made_patient() -> None:
    with patient_flows() as flows:
        patient, _ = read_hotline(flow_file(flows, "hotline"), None)
    usual, _ = read_hotline(flow_file(None, "hotline"), None)
    assert (patient.defaults.attempts, usual.defaults.attempts) == (9, 3)
    assert patient.nodes.keys() == usual.nodes.keys()


def told(kind: str, at: float, call: str = "c1", **data: Json) -> Mapping[str, Json]:
    return {"kind": kind, "call": call, "at": at, "data": data}


def test_a_caller_is_spoken_to_again_with_the_first_words_after_the_takeover() -> None:
    heard = Told()
    for message in (
        told("spoken", 1.0, prompts=["welcome"]),
        told("spoken", 2.0, prompts=[MENU]),
        told("spoken", 2.0, "c2", prompts=[MENU]),
        told("taken_over", 3.0, controller="two"),
        told("spoken", 4.0, prompts=[MENU]),
        told("spoken", 5.0, prompts=[MENU]),
        told("hung_up", 6.0, "c2"),
    ):
        heard.told(message)
    assert (heard.in_menu, heard.taken_over, heard.spoken) == ({"c1"}, {"c1": 3.0}, {"c1": 4.0})
    heard.forget()
    assert (heard.in_menu, heard.taken_over, heard.spoken) == (set(), {}, {})


def test_a_process_is_measured() -> None:
    assert peak_memory(os.getpid()) >= memory(os.getpid()) > 2**20
    before = usage({"us": os.getpid()})
    spent = usage({"us": os.getpid()}) - before
    assert 0 <= spent.processes["us"] < 60
    assert spent.machine >= 0 <= spent.stolen
