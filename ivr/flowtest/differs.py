"""The one way in which playing a test ends early. Pure."""

from __future__ import annotations


class Differs(Exception):
    """The call does not go as the test says. `mend` may help to find out why."""

    def __init__(self, *what: str, mend: str = "") -> None:
        super().__init__("; ".join(what))
        self.what = what
        self.mend = mend
