"""One call through Asterisk, and everything that has happened in it so far: what the controller's live feed tells, what
services were asked, and where the call stands in the store.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Protocol

from context_store.errors import StoreError
from context_store.records import Json, Progress
from context_store.store import Store
from ivr.errors import SandboxError
from ivr.flow.asking import SLIP
from ivr.flow.commands import AskService
from ivr.flowtest.differs import Differs
from ivr.sandbox.phones import KEY_MS
from ivr.sandbox.rehearsal.minutes import Minutes
from ivr.sandbox.rehearsal.stand_in import Company
from ivr.sandbox.watching import Feed

PATIENCE = 45.0  # seconds without anything happening: no prompt is that long
WRITTEN = 15.0  # seconds until the end of a call is in the store: services that do something are heard out
POLL = 0.05  # seconds between two looks into the store
GRACE = 0.3  # seconds from a key's end until what it leads to can be seen

_OVER = ("transferred", "ended", "hung_up")
_MEANWHILE = ("passed", "looked_up", "failed", "identified")  # what may happen while something is said


class Telephone(Protocol):
    """What a caller holds; `phones.Caller` is one."""

    async def press(self, keys: str) -> None:
        """Send keys; they take their time."""
        ...

    async def hang_up(self) -> None:
        """End the call; not an error when it has ended."""
        ...


class LiveCall:
    """A call under way. Nothing here waits for the caller; `happens` takes the next news, if there is any."""

    def __init__(self, caller: Telephone, feed: Feed, position: int, store: Store, company: Company) -> None:
        self._caller = caller
        self._feed = feed
        self._position = position  # in the feed
        self._store = store
        self.company = company
        self._call = ""  # the interaction: a call may join another conversation
        self.conversation = ""
        self.agent = ""  # nobody's phone rings first here
        self._landing = 0.0  # when the last key will have had its effect, in the loop's time
        self._heard_again = 0.0  # from when on keys are heard after a wrong one, in the loop's time
        self._fires = 0.0  # when the hotline loses its patience, in the loop's time
        self.minutes = Minutes(time.time())
        company.on_ask, company.on_reply = self.minutes.asks, self.minutes.replied
        self.listening = self.saying = False  # the hotline waits in silence; it speaks
        self.over = False
        self.noinputs = 0
        self.progress = Progress(flow="", version="", language="")
        self.passed: list[str] = []
        self.begun: list[str] = []  # prompts; those that are said one after the other begin together

    @property
    def asked(self) -> list[AskService]:
        """What services were asked."""
        return self.company.asked

    @property
    def fires_in(self) -> float:
        """Seconds until the hotline loses its patience, if it is `listening`."""
        return max(0.0, self._fires - asyncio.get_running_loop().time())

    @property
    def standing(self) -> str:
        """Where the call stands, in words."""
        progress = self.progress
        if progress.phase == "transferred":
            return f"the caller was passed to {progress.queue}, at {progress.node}"
        if self.over:
            return f"the call is over ({progress.outcome}), at {progress.node}"
        where = progress.node or "its beginning"
        return f"the call waits for the caller at {where}" if self.listening else f"the call is at {where}"

    # What the caller does

    async def begin(self, ani: str | None, within: float) -> None:
        """Wait until a controller has taken the call. Raises `SandboxError`."""
        self.minutes.caller("calls", ani or "number withheld")
        try:
            seen = await self._feed.wait(
                lambda message: message["kind"] == "started" and message["data"]["ani"] == ani,
                after=self._position,
                within=within,
            )
        except TimeoutError:
            raise SandboxError(f"no controller took the call within {within:g} s") from None
        self._call = str(seen.message["call"])
        self.conversation = str(seen.message["conversation"])

    async def press(self, keys: str, shown: str) -> None:
        """Press keys; `shown` is how the transcript has them. What follows a wrong key at once would belong to it."""
        await asyncio.sleep(max(0.0, self._heard_again - asyncio.get_running_loop().time()))
        self.minutes.presses(keys, shown)
        await self._caller.press(keys)
        self._landing = asyncio.get_running_loop().time() + len(keys) * 2 * KEY_MS / 1000 + GRACE

    async def hang_up(self) -> None:
        """The caller goes."""
        self.minutes.caller("hangs up")
        await self._caller.hang_up()
        while not self.over and await self.happens():
            pass

    async def ended(self) -> None:
        """The caller has gone: return when all of the call is written. Raises `SandboxError`."""
        while not self.over and await self.happens(WRITTEN):
            pass
        await self.look()

    # What happens meanwhile

    async def happens(self, within: float = PATIENCE) -> bool:
        """Take the next news. False when there is none for so long."""
        try:
            seen = await self._feed.wait(self._is_ours, after=self._position, within=within)
        except TimeoutError:
            return False
        self._position = self._feed.seen.index(seen, self._position) + 1
        self._take(seen.message)
        return True

    def catch_up(self) -> None:
        """Take all news that are here already."""
        for seen in self._feed.seen[self._position :]:
            if self._is_ours(seen.message):
                self._take(seen.message)
        self._position = len(self._feed.seen)

    async def landed(self) -> None:
        """Return when the keys that were pressed have had their effect."""
        await asyncio.sleep(max(0.0, self._landing - asyncio.get_running_loop().time()))
        self.catch_up()

    async def settle(self) -> None:
        """Let everything happen that needs neither the caller nor the hotline's impatience. Raises `Differs`."""
        await self.landed()
        while not self.over and (self.company.busy or not self.listening):
            if not await self.happens():
                raise Differs(f"nothing happens any more: {self.standing}")
        await self.look()

    async def look(self) -> None:
        """Learn where the call stands now. A call that is over is waited for until all of it is written."""
        deadline = asyncio.get_running_loop().time() + WRITTEN
        while True:
            self.catch_up()
            try:
                story = await self._store.story(self.conversation)
            except StoreError as error:
                raise SandboxError(f"the store: {error}") from None
            if story and story.progress:
                self.progress = story.progress
            written = story is not None and story.interactions[-1].ended_at is not None
            if written or not self.over or asyncio.get_running_loop().time() > deadline:
                return
            await asyncio.sleep(POLL)

    # News

    def _is_ours(self, message: Mapping[str, Json]) -> bool:
        return bool(message["call"] == self._call)

    def _take(self, message: Mapping[str, Json]) -> None:
        kind, data = message["kind"], message["data"]
        self.conversation = str(message["conversation"])
        self.minutes.news(message)
        self.listening = kind == "listening"
        if kind not in _MEANWHILE:
            self.saying = kind == "spoken"
        self.over = self.over or kind in _OVER
        match kind:
            case "listening":
                self._fires = asyncio.get_running_loop().time() + data["seconds"]
            case "noinput":
                self.noinputs += 1
            case "nomatch":
                self._heard_again = asyncio.get_running_loop().time() + SLIP
            case "passed":
                self.passed += data["nodes"]
            case "spoken":
                self.begun += data["prompts"]
