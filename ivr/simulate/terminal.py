"""Reads what is typed: on a terminal with editing, history and completion; from a pipe line by line.

Touches standard input and output. A line for a secret is neither echoed nor remembered.
"""

from __future__ import annotations

import getpass
import re
import readline
import sys
from collections.abc import Sequence
from typing import Protocol, TextIO

from rich.console import Console
from rich.text import Text

from ivr.flowtest.scenario import STARS
from ivr.simulate.typed import MOST, clean

_COLOUR = re.compile(r"(\x1b\[[0-9;]*m)")


class Terminal(Protocol):
    """Where lines come from. `alive`: somebody sits there."""

    alive: bool

    def read(self, prompt: Text, *, secret: bool = False, offers: Sequence[str] = (), begun: str = "") -> str:
        """The next line. Raises `EOFError` at the end, `KeyboardInterrupt` when somebody wants out.

        `offers` complete what is typed; `begun` is typed already, to be edited.
        """
        ...


def terminal_of(console: Console) -> Terminal:
    """The terminal that this program runs in, or the pipe."""
    if sys.stdin.isatty() and console.is_terminal:
        return Keyboard(console)
    reconfigure = getattr(sys.stdin, "reconfigure", None)
    if reconfigure:  # what is no text is shown as such rather than ending the program
        reconfigure(encoding="utf-8", errors="replace")
    return Pipe(sys.stdin, console)


class Keyboard:
    """Somebody who types, with GNU readline or libedit."""

    alive = True

    def __init__(self, console: Console) -> None:
        self._console = console
        self._offers: Sequence[str] = ()
        readline.set_auto_history(False)
        readline.set_completer_delims(" \t\n")
        readline.set_completer(self._complete)
        libedit = "libedit" in (readline.__doc__ or "")
        readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")

    def read(self, prompt: Text, *, secret: bool = False, offers: Sequence[str] = (), begun: str = "") -> str:
        """The next line."""
        self._offers = offers
        try:
            return self._line(self._rendered(prompt), begun, secret=secret)
        except EOFError:
            self._console.print()  # Ctrl-D leaves the line as it is
            raise

    def _line(self, prompt: str, begun: str, *, secret: bool) -> str:
        if secret:
            return getpass.getpass(prompt)
        readline.set_startup_hook(lambda: readline.insert_text(begun))
        # What lies between these two does not count for the width of the line.
        line = input(_COLOUR.sub("\x01\\1\x02", prompt))
        if line.strip():
            readline.add_history(line)
        return line

    def _rendered(self, prompt: Text) -> str:
        with self._console.capture() as capture:
            self._console.print(prompt, end="")
        return capture.get()

    def _complete(self, text: str, state: int) -> str | None:
        fitting = [offer for offer in self._offers if offer.startswith(text)]
        return f"{fitting[state]} " if state < len(fitting) else None


class Pipe:
    """Lines of a file. They are shown as if somebody had typed them."""

    alive = False

    def __init__(self, lines: TextIO, console: Console) -> None:
        self._lines = lines
        self._console = console

    def read(self, prompt: Text, *, secret: bool = False, offers: Sequence[str] = (), begun: str = "") -> str:
        """The next line."""
        line = self._lines.readline()
        if not line:
            raise EOFError
        typed = clean(line).strip()
        shown = typed if len(typed) <= MOST else f"{typed[:MOST]}…"
        if secret and typed and not typed.startswith("/"):
            shown = STARS
        self._console.print(Text.assemble(prompt, shown))
        return line
