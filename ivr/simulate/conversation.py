"""A simulated call as a conversation with whoever sits at the terminal: one turn after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rich.text import Text

from ivr.simulate.call import PlayedCall
from ivr.simulate.screen import CALLER, Screen
from ivr.simulate.tables import summary
from ivr.simulate.terminal import Terminal
from ivr.simulate.typed import Jump, Keys, Order, Silence, Unusable, Words, understood

ENDED = "Enter leaves; /save FILE keeps it as a test, /undo takes the last step back, /restart calls again."


class Elsewhere(Exception):
    """The call stands somewhere else now; whatever was being done is off."""


class Left(Exception):
    """Whoever was there has left."""


class Orders(Protocol):
    """Carries out commands."""

    @property
    def offers(self) -> Sequence[str]:
        """The commands, as they are typed."""
        ...

    def obey(self, order: Order) -> None:
        """Do it. May raise `Elsewhere`, `Left` or `Unusable`."""
        ...


class Conversation:
    """Reads what is typed and has it done. Set `orders` before it runs."""

    orders: Orders

    def __init__(self, call: PlayedCall, screen: Screen, terminal: Terminal) -> None:
        self._call = call
        self._screen = screen
        self._terminal = terminal
        self._summarised: object = None  # the end that has been told

    def run(self) -> None:
        """Until whoever is there leaves."""
        while True:
            try:
                self._call.go_on()
                self._turn()
            except Elsewhere:
                continue
            except Unusable as error:
                self._screen.wrong(str(error))
            except Left:
                return

    def read(self, prompt: Text, *, offers: Sequence[str] = (), begun: str = "") -> str:
        """A line that is no command; commands in between are obeyed. Raises `EOFError`."""
        while True:
            line = self._terminal.read(prompt, offers=(*offers, *self.orders.offers), begun=begun)
            try:
                typed = understood(line) if line.strip()[:1] in ("/", "?") else None
                if not isinstance(typed, Order):
                    return line
                self.orders.obey(typed)
            except Unusable as error:
                self._screen.wrong(str(error))

    def _turn(self) -> None:
        """Whoever is there does one thing."""
        if self._call.standing.over:
            self._after()
            return
        self._screen.standing(self._call.standing)
        asked = self._call.question
        secret = asked is not None and asked.secret
        try:
            line = self._terminal.read(CALLER, secret=secret, offers=self.orders.offers)
        except EOFError:
            self._screen.aside("the input ends: the caller hangs up")
            self._call.hang_up()
            return
        match understood(line):
            case Keys(keys=keys):
                self._call.press(keys)
            case Words(words=words):
                self._call.say(words)
            case Silence():
                self._call.be_silent()
            case Jump(seconds=seconds):
                self._call.wait(seconds)
            case Order() as order:
                self.orders.obey(order)

    def _after(self) -> None:
        """The call is over; commands still work."""
        if self._summarised is not self._call.standing:
            self._summarised = self._call.standing
            for part in summary(self._call.standing, self._call.began):
                self._screen.put(part)
            if self._terminal.alive:
                self._screen.aside(ENDED)
        try:
            line = self.read(Text("> ", "bold"))
        except EOFError:
            raise Left from None
        if not line.strip():
            raise Left
        raise Unusable("the call is over. " + ENDED)
