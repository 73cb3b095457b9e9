"""The ways that need no word of the caller: a token, a call that dropped, the calling number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from context_store.records import Json, Level
from ivr.flow.identity.meeting import identified
from ivr.flow.identity.ways import Found, Request, SilentWay
from ivr.flow.turn import Turn

TOKEN = "token"  # under this name it is held in memory among the secrets


class Token:
    """A token from another channel, good for one use: how sure the app was of its user is how sure we are."""

    name: ClassVar[str] = "token"
    service: ClassVar[str] = "directory.redeem"
    several: ClassVar[bool] = True
    most: ClassVar[Level] = Level.VERIFIED

    def request(self, turn: Turn) -> Request | None:
        """Whom it stands for, where the call brought one."""
        token = turn.progress.held.secrets.get(TOKEN)
        return Request(self.service, {"token": token}) if token else None

    def found(self, turn: Turn, answer: Mapping[str, Json]) -> Found | None:
        """All lines of the customer. Whatever came of it, the token is not used again."""
        held = turn.progress.held
        left = {name: value for name, value in held.secrets.items() if name != TOKEN}
        turn.hold(secrets=left, closing=held.closing)
        if not answer.get("known"):
            return None
        matches = tuple({"customer": answer["customer"], "line": line} for line in answer["lines"])
        return Found(self.name, Level(answer["level"]), matches)


class Returned:
    """The caller's last call dropped a few minutes ago: who they were then, they still are."""

    name: ClassVar[str] = "returned"
    service: ClassVar[str] = ""
    several: ClassVar[bool] = False
    most: ClassVar[Level] = Level.VERIFIED

    def request(self, turn: Turn) -> None:
        """Nothing: the call itself brought it."""

    def found(self, turn: Turn, answer: Mapping[str, Json]) -> Found | None:
        """The line that they were on. Who had not said yet which, is known all the same; another way has to tell."""
        held = turn.progress.held
        if (standing := held.returned) is None:
            return None
        turn.hold(returned=None, closing=held.closing)
        if standing.line is None:
            identified(turn, self.name, "", standing.level, standing.customer)
            return None
        return Found(self.name, standing.level, ({"customer": standing.customer, "line": standing.line},))


class _Number:
    """The calling number leads to lines. Numbers can be forged: they never verify."""

    name: ClassVar[str]
    service: ClassVar[str] = "directory.find"
    several: ClassVar[bool] = True
    most: ClassVar[Level] = Level.RECOGNISED

    def request(self, turn: Turn) -> Request | None:
        """Whose number it is, unless it was withheld."""
        number = turn.progress.facts.get("caller", {}).get("number")
        return Request(self.service, {"number": number}) if number else None

    def found(self, turn: Turn, answer: Mapping[str, Json]) -> Found | None:
        """The matches that are there in this way; one answer serves both."""
        matches = tuple(match for match in answer.get("matches", ()) if match["way"] == self.name)
        return Found(self.name, self.most, matches) if matches else None


class CallerNumber(_Number):
    """A customer's own number."""

    name: ClassVar[str] = "caller_number"


class AlternateNumber(_Number):
    """A number that is registered for somebody's household."""

    name: ClassVar[str] = "alternate_number"


_WAYS: tuple[SilentWay, ...] = (Token(), Returned(), CallerNumber(), AlternateNumber())
SILENT: Mapping[str, SilentWay] = {way.name: way for way in _WAYS}
