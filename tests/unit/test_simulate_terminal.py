"""Where lines come from: a pipe, or a terminal as a person has it."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from ivr.simulate.terminal import Pipe

PATIENCE = 30.0  # seconds, for a machine that is busy
PROMPT = Text("Caller  ", "bold yellow")


def piped(text: str) -> tuple[Pipe, io.StringIO]:
    out = io.StringIO()
    return Pipe(io.StringIO(text), Console(file=out, width=80, highlight=False)), out


def test_a_pipe_is_shown_as_if_typed() -> None:
    pipe, out = piped("0212 555\n")
    assert pipe.read(PROMPT) == "0212 555\n"
    assert out.getvalue() == "Caller  0212 555\n"


def test_secrets_from_a_pipe_are_stars_but_commands_are_none() -> None:
    pipe, out = piped("4711\n/hangup\n\n")
    assert [pipe.read(PROMPT, secret=True).strip() for _ in range(3)] == ["4711", "/hangup", ""]
    assert out.getvalue().splitlines() == ["Caller  ****", "Caller  /hangup", "Caller  "]


def test_what_a_pipe_brings_is_shown_plainly_and_in_part() -> None:
    pipe, out = piped("\x1b[2J[red]" + "x" * 10_000 + "\n")
    pipe.read(PROMPT)
    assert "\x1b" not in out.getvalue()
    assert "[red]x" in out.getvalue()
    assert len(out.getvalue()) < 400


def test_the_end_of_a_pipe() -> None:
    pipe, out = piped("")
    with pytest.raises(EOFError):
        pipe.read(PROMPT)
    assert out.getvalue() == ""


def _heed_interrupts() -> None:
    """Where a shell runs the tests in the background, they ignore Ctrl-C, and so would all that they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Person:
    """Somebody at a terminal with `ivr simulate`."""

    def __init__(self, folder: Path) -> None:
        self._fd, inner = pty.openpty()
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DEVAM_")}
        environment |= {"TERM": "xterm", "COLUMNS": "100"}
        command = [sys.executable, "-m", "ivr", "simulate", "--caller", ""]
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
            preexec_fn=_heed_interrupts,
        )
        os.close(inner)
        self.seen = ""

    def sees(self, words: str) -> None:
        """Read on until these words are there."""
        while words not in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|[\x01\x02]", "", self.seen):
            ready, _, _ = select.select([self._fd], [], [], PATIENCE)
            assert ready, f"{words!r} did not come; there was: {self.seen}"
            try:
                self.seen += os.read(self._fd, 4096).decode(errors="replace")
            except OSError:
                pytest.fail(f"{words!r} did not come before the end; there was: {self.seen}")

    def types(self, text: str) -> None:
        self.seen = ""
        os.write(self._fd, text.encode())

    def interrupts(self) -> int:
        """Press Ctrl-C, again where it fell between two of readline's own steps; the exit status."""
        for _ in range(10):
            self.process.send_signal(signal.SIGINT)
            while select.select([self._fd], [], [], 3.0)[0]:  # nothing can be put back while nobody reads
                try:
                    os.read(self._fd, 4096)
                except OSError:
                    return self.process.wait(PATIENCE)
        pytest.fail("it does not end")

    def leave(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        os.close(self._fd)


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    somebody = Person(tmp_path)
    yield somebody
    somebody.leave()


def test_a_terminal_hides_pins_completes_commands_and_can_be_interrupted(person: Person) -> None:
    person.sees("the number of a line")
    person.sees("Caller")
    person.types("02125554141\n")
    person.sees("not shown")
    person.sees("Caller")
    person.types("4711\n")
    person.sees("verified, by fault_line")
    assert "4711" not in person.seen
    person.sees("Caller")
    person.types("/pro\t\n")
    person.sees("phase")
    person.sees("Caller")
    person.types("\x1b[A")
    person.sees("/progress")
    assert person.interrupts() == 130
