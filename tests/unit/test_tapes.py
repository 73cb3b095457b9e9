"""Calls recorded on a real Asterisk (`ivr record`, customers of the sample) go as they went on today's engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.flow.events import KeyPressed
from ivr.recording.folder import found, tape_of
from ivr.recording.replays import replay_file
from ivr.services.backoffice.sample import SAMPLE

TAPES = found([Path(__file__).parents[1] / "tapes"])


@pytest.mark.parametrize("file", TAPES, ids=lambda file: file.name.partition(".")[0])
def test_a_recorded_call_goes_as_it_went(file: Path) -> None:
    difference, events = replay_file(file)
    assert difference is None
    assert events > 2


@pytest.mark.parametrize("file", TAPES, ids=lambda file: file.name.partition(".")[0])
def test_no_pin_is_on_a_tape(file: Path) -> None:
    pressed = "".join(step.event.key for step in tape_of(file).steps if isinstance(step.event, KeyPressed))
    assert not any(customer.pin in pressed for customer in SAMPLE)
