"""The sample hotline's own flow tests: every call under tests/scenarios goes as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.flowtest.playing import play_scenario
from ivr.flowtest.reading import Written, find_files, read_tests
from ivr.flowtest.stage import Stage
from ivr.hotline.flow_tests import stage
from ivr.hotline.reading import flow_file, read_hotline
from ivr.services.catalogue import SERVICES

FOLDER = Path(__file__).parents[1] / "scenarios"
SCENARIOS = read_tests(find_files([FOLDER]), SERVICES)


@pytest.fixture(scope="module")
def sample() -> Stage:
    flow, book = read_hotline(flow_file(None, "hotline"), None)
    return stage(flow, book, "TR")


@pytest.mark.parametrize("written", SCENARIOS, ids=[written.scenario.test for written in SCENARIOS])
def test_the_call_goes_as_it_is_written(sample: Stage, written: Written) -> None:
    outcome = play_scenario(sample, written.scenario, written.company)
    assert outcome.failure is None, outcome.transcript
