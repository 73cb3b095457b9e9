"""What `write_scenario` writes reads back as the same scenario, whatever stands in it."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.reading.yaml_source import read_yaml
from ivr.flowtest.scenario import Scenario
from ivr.flowtest.writing import write_scenario


def read_back(scenario: Scenario) -> Scenario:
    return Scenario.model_validate(read_yaml(write_scenario(scenario), "written.yaml").data)


def test_it_is_laid_out_as_people_write_it() -> None:
    scenario = Scenario.model_validate(
        {
            "test": "A ticket is opened",
            "caller": "0555 999 88 77",
            "at": "2026-11-23",
            "services": {
                "line.status": {"state": "down", "outage": None},
                "ticket.open": [{"fails": "timeout"}, {"given": {"symptom": "slow"}, "answer": {"number": "1"}}],
            },
            "call": [{"hears": "ask_line"}, {"presses": 2}, "silence", {"waits": "1500ms"}, {"asks": "ticket.open"}],
            "expect": {"queue": "faults", "answers": {"pin": "****"}, "never": {"hears": "to_agent"}},
        }
    )
    assert write_scenario(scenario) == (
        "test: A ticket is opened\n"
        'caller: "0555 999 88 77"\n'
        "at: 2026-11-23 12:00\n"
        "services:\n"
        "  line.status: {state: down, outage: null}\n"
        "  ticket.open:\n"
        "    - {fails: timeout}\n"
        '    - {given: {symptom: slow}, answer: {number: "1"}}\n'
        "call:\n"
        "  - hears: ask_line\n"
        '  - presses: "2"\n'
        "  - silence\n"
        "  - waits: 1.5s\n"
        "  - asks: {ticket.open: {}}\n"
        "expect:\n"
        "  queue: faults\n"
        '  answers: {pin: "****"}\n'
        "  never: {hears: to_agent}\n"
    )


# Texts that YAML could take for something else come up more often than by chance.
WORDS = st.sampled_from(
    ["yes", "null", "~", "012", "1_000", "0x1f", "1.50", "true", "12:30", "- a", "# a", "a: b", "*"]
)
TEXTS = WORDS | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=200)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
SERVICES = st.from_regex(r"[a-z_]{1,5}\.[a-z_]{1,5}", fullmatch=True)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(NAMES | st.sampled_from(["given", "answer", "fails"]), JSON, max_size=3)
GIVEN = st.dictionaries(NAMES, TEXTS, max_size=2)
SECONDS = st.integers(1, 300_000).map(lambda ms: f"{ms}ms")
REPLIES = st.one_of(
    st.fixed_dictionaries({"answer": OBJECTS}, optional={"given": GIVEN, "takes": SECONDS}),
    st.fixed_dictionaries({"fails": st.sampled_from(["timeout", "nonsense"])}, optional={"given": GIVEN}),
)
EXPECTATIONS = st.fixed_dictionaries(
    {},
    optional={
        "node": NAMES,
        "agent": TEXTS,
        "level": st.sampled_from(["claimed", "verified"]),
        "language": TEXTS,
        "answers": st.dictionaries(NAMES, st.none() | TEXTS, max_size=3),
        "facts": st.dictionaries(NAMES, JSON, max_size=3),
        "passes": st.lists(NAMES, max_size=3),
        "never": st.fixed_dictionaries({}, optional={"hears": st.lists(NAMES, max_size=3), "asks": SERVICES}),
    },
)
STEPS = st.one_of(
    st.sampled_from(["silence", "hangs_up", "taken_over", "deaf"]),
    st.fixed_dictionaries({"hears": st.lists(NAMES, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"presses": st.text("0123456789*#", min_size=1, max_size=64)}),
    st.fixed_dictionaries({"says": TEXTS}),
    st.fixed_dictionaries({"says": st.fixed_dictionaries({"words": TEXTS, "confidence": st.floats(0, 1)})}),
    st.fixed_dictionaries({"waits": SECONDS}),
    st.fixed_dictionaries({"asks": st.dictionaries(SERVICES, GIVEN, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"expect": EXPECTATIONS}),
)
EARLIER: st.SearchStrategy[Any] = st.recursive(
    st.none(),
    lambda earlier: st.fixed_dictionaries(
        {"call": st.lists(STEPS, min_size=1, max_size=4)},
        optional={
            "ago": st.builds("{}{}".format, st.integers(1, 366), st.sampled_from("mhd")),
            "caller": st.sampled_from(["", "0532 111 22 33"]),
            "services": st.dictionaries(SERVICES, st.lists(REPLIES, min_size=1, max_size=3), max_size=2),
            "cut_off_from": st.sampled_from(["", "2001"]),
            "earlier": earlier,
        },
    ),
    max_leaves=3,
)
SCENARIOS = st.fixed_dictionaries(
    {"test": TEXTS.filter(lambda text: len(text) <= 120)},
    optional={
        "caller": TEXTS.filter(lambda text: len(text) <= 40),
        "language": TEXTS,
        "at": st.builds("{} {:%H:%M}".format, st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.times()),
        "announcement": st.dictionaries(NAMES, TEXTS, max_size=2),
        "speech": st.booleans(),
        "token": st.from_regex(r"[A-Za-z0-9_-]{16,128}", fullmatch=True),
        "returned": st.fixed_dictionaries(
            {"level": st.just("verified"), "customer": st.just({"id": "C1", "name": "Ayşe"})},
            optional={"line": st.just({"number": "+902125554141", "ending": "41", "product": "x"})},
        ),
        "services": st.dictionaries(SERVICES, st.lists(REPLIES, min_size=1, max_size=3), max_size=3),
        "earlier": EARLIER,
        "call": st.lists(STEPS, max_size=6),
        "expect": EXPECTATIONS,
    },
)


@settings(max_examples=80, deadline=None)
@given(SCENARIOS)
def test_whatever_it_holds_it_reads_back_equal(data: dict[str, Any]) -> None:
    scenario = Scenario.model_validate(data)
    assert read_back(scenario) == scenario
