"""The flow tests that a version must pass before it goes live."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console

from ivr.errors import SettingsError
from ivr.flowtest.report import Report
from ivr.flowtest.running import run_tests
from ivr.hotline.flow_tests import find_tests, stage, usual_folder
from ivr.publishing.publisher import Candidate

WITHOUT = 'or publish with --no-tests and say why: --note "…"'


def run_flow_tests(new: Candidate, paths: list[Path], settings: Path | None, region: str, console: Console) -> None:
    """Play those of `paths`, or of the usual folder. Raises `SettingsError` when one fails, after showing how.

    Also when there are none at all. `settings` is the settings' file.
    """
    if not paths and usual_folder(settings) is None:
        raise SettingsError(f"there are no flow tests: give --tests FOLDER, {WITHOUT}")
    tests = find_tests(paths, settings, region)
    began = time.perf_counter()
    run = run_tests(stage(new.flow, new.book, region), tests)
    if run.failed:
        Report(console).failures(run.failed)
        names = "".join(f"\n    {failed.written.scenario.test}" for failed in run.failed)
        raise SettingsError(f"{len(run.failed)} of {len(tests)} flow tests failed; nothing was published:{names}")
    played = "1 flow test" if len(tests) == 1 else f"{len(tests)} flow tests"
    console.print(f"[green]tested[/]     {played} passed in {time.perf_counter() - began:.1f} s")
