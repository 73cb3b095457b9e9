"""Flow tests of the repository as real calls, and one that goes otherwise."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio

from ivr.flowtest.reading import Written
from ivr.flowtest.transcript import Who
from ivr.hotline import flow_tests
from ivr.hotline.reading import flow_file, read_hotline
from ivr.hotline.texts import gather_hotline
from ivr.sandbox.components import Components
from ivr.sandbox.rehearsal.playable import Part, part_of
from ivr.sandbox.rehearsal.rehearsal import Piece, Rehearsal, rehearsal
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCENARIOS = Path(__file__).parents[2] / "scenarios"
PLAYED = (
    "A withheld number is asked where to be reached",
    "Wrong proofs, in different ways, for a line that is there",
    "The bill cannot be looked up at first",
    "The caller hangs up while the ticket is being opened",
    "Everybody hears it, whatever is pressed",
    "Who says nothing is helped as always, and offered it again the next time",
    "The caller hung up while the ticket was being opened",
    "Paying takes a proof again, and all of the card",
)
WRONG = """\
caller: 0532 555 11 11
tests:
  - test: A person for bills
    call: [{hears: main_menu}, {presses: 0}]
    expect: {queue: faults}
  - test: With words
    call: [{hears: main_menu}, {says: arıza}, {hears: symptom}]
"""


@pytest.fixture(scope="module")
def piece() -> Piece:
    file = flow_file(None, "hotline")
    flow, book = read_hotline(file, None)
    return Piece(flow_tests.stage(flow, book, "TR"), book, gather_hotline(file, None).flows)


@pytest.fixture(scope="module")
def tests() -> dict[str, Written]:
    return {test.scenario.test: test for test in flow_tests.find_tests([SCENARIOS], None, "TR")}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playing(components: Components, piece: Piece) -> AsyncIterator[Rehearsal]:
    async with (
        Sandbox(components, default_folder()) as box,
        rehearsal(box, piece) as playing,
        playing.speaking("tr"),
    ):
        yield playing


@pytest.mark.parametrize("name", PLAYED)
async def test_a_flow_test_passes_as_a_real_call(
    name: str, playing: Rehearsal, piece: Piece, tests: dict[str, Written]
) -> None:
    part = part_of(tests[name], piece.stage, datetime.now(piece.stage.flow.zone))
    assert isinstance(part, Part), part
    outcome = await playing.play(part, print)
    told = "\n".join(f"{entry.at} {entry.who} {entry.what} {entry.words}" for entry in outcome.transcript)
    assert outcome.passed, f"{outcome.failure}\n{told}"
    assert {entry.who for entry in outcome.transcript} == set(Who)
    assert not any(pin in told for pin in ("4711", "2580"))


@pytest.mark.usefixtures("components")
async def test_a_wrong_expectation_fails_with_its_reason_and_words_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text(WRONG, encoding="utf-8")
    (tmp_path / "company.yaml").write_bytes((SCENARIOS / "company.yaml").read_bytes())
    command = (sys.executable, "-m", "ivr", "test", "--live", str(tmp_path / "wrong.yaml"))
    program = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(90):
        said = (await program.communicate())[0].decode()
    assert program.returncode == 1, said
    assert "failed  A person for bills" in said
    assert "✗ queue: agents, not faults" in said
    assert "wrong.yaml:5: expect" in said
    assert "skipped With words  it says words" in said
    assert "1 failed, 0 passed, 1 skipped" in said
