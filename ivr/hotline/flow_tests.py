"""Flow tests of a whole hotline: where they lie, what they are played on, and what `ivr test` tells of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from ivr.errors import SettingsError
from ivr.flow.model import Flow
from ivr.flowtest.reading import Written, find_files, read_tests
from ivr.flowtest.report import Report
from ivr.flowtest.running import Run, run_tests
from ivr.flowtest.stage import Stage, Texts
from ivr.services.catalogue import SERVICES

CHECKOUT = Path("tests/scenarios")
BESIDE_SETTINGS = "tests"  # the folder beside a settings file


def stage(flow: Flow, texts: Texts, region: str) -> Stage:
    """What tests of this hotline are played on: with the services that a flow can ask."""
    return Stage(flow, texts, SERVICES, region)


def usual_folder(settings: Path | None) -> Path | None:
    """Where the tests lie when nobody says: beside the settings' file, or else in a checkout. None: nowhere."""
    folders = [*([settings.parent / BESIDE_SETTINGS] if settings else []), CHECKOUT]
    return next((folder for folder in folders if folder.is_dir()), None)


def find_tests(paths: Sequence[Path], settings: Path | None, region: str) -> tuple[Written, ...]:
    """The tests of `paths`, or of the usual folder. Raises `FlowError`, and `SettingsError` where there are none."""
    usual = usual_folder(settings)
    if not paths and usual is None:
        raise SettingsError(f"there are no flow tests in {CHECKOUT}; name a file or folder: `ivr test FOLDER`")
    named = list(paths) or [usual or CHECKOUT]
    tests = read_tests(find_files(named), SERVICES, region)
    if not tests:
        raise SettingsError(f"there are no flow tests in {', '.join(map(str, named))}; they are files *.yaml")
    return tests


def only(tests: Sequence[Written], text: str) -> list[Written]:
    """The tests with `text` in their name or their file's. Raises `SettingsError` when there is none."""
    found = [test for test in tests if _folded(text) in _folded(f"{test.file} {test.scenario.test}")]
    if not found:
        raise SettingsError(f"-k {text!r}: no test has that in its name, nor in its file's")
    return found


def _folded(text: str) -> str:
    """Without case. Names are in any language, so the Turkish İ, I, ı and i are one letter."""
    return text.casefold().replace("i\u0307", "i").replace("ı", "i")


def run(stage: Stage, tests: Sequence[Written], console: Console, *, whole: bool) -> tuple[Run, float]:
    """Play the tests and tell how they went; with `whole`, all that they do not reach. Gives the seconds, too."""
    report, began = Report(console), time.perf_counter()
    done = run_tests(stage, tests, report.line)
    seconds = time.perf_counter() - began
    report.failures(done.failed)
    report.coverage(done.coverage, whole=whole)
    report.summary(done, seconds)
    return done, seconds
