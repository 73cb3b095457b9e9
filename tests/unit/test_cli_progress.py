"""How long work goes, where there is no terminal to show it on."""

from __future__ import annotations

import io

from rich.console import Console

from ivr.cli_progress import progress_bar


def test_work_without_a_terminal_is_a_line_at_its_beginning_and_one_at_its_end() -> None:
    heard = io.StringIO()
    with progress_bar(Console(file=heard), "prompts") as step:
        for done in range(416):
            step(done, 415)
    assert heard.getvalue().splitlines() == ["prompts 0 of 415", "prompts 415 of 415"]


def test_work_on_a_terminal_is_a_bar() -> None:
    heard = io.StringIO()
    with progress_bar(Console(file=heard, force_terminal=True, width=100), "prompts") as step:
        step(200, 415)
    assert "200/415" in heard.getvalue()
