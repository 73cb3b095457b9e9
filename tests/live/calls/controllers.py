"""Controllers that a test kills, stops, pauses and starts again, and what happens in the calls of all of them."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from ivr.flow.numbers import to_e164
from ivr.sandbox.daemon import Daemon
from ivr.sandbox.hotline import another_controller
from ivr.sandbox.phones import Network
from ivr.sandbox.probes import Ari
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import Feed, live_feed
from ivr.settings import WebSettings
from tests.live.calls.visit import Visit
from tests.virtual_time import until

LEAVING = 30.0  # seconds that a controller may take to end after SIGTERM


@dataclass(slots=True)
class Controller:
    """One of them. `web` is where its pages are; `feed` tells what happens in its calls while it runs."""

    name: str
    daemon: Daemon
    web: WebSettings
    log: Callable[[], str]
    feed: Feed = field(default_factory=Feed)


class Controllers:
    """Those of one sandbox, by name. `live` is the feed of all; each message tells `by` which of them it came from."""

    def __init__(self, box: Sandbox, overrides: Mapping[str, Mapping[str, str]]) -> None:
        self._box = box
        self._all = {name: _controller(box, name, own) for name, own in overrides.items()}
        self._followers: dict[str, asyncio.Task[None]] = {}
        self.live = Feed()

    def __getitem__(self, name: str) -> Controller:
        return self._all[name]

    async def start(self, *names: str) -> None:
        """Start these; each takes calls, and its feed is followed."""
        await asyncio.gather(*(self[name].daemon.start() for name in names))
        for name in names:
            await self._unfollow(name)
            subscribed = asyncio.Event()
            self._followers[name] = asyncio.create_task(self._follow(self[name], subscribed), name=f"feed of {name}")
            await subscribed.wait()

    def kill(self, name: str) -> float:
        """kill -9. Returns when that was, in epoch seconds."""
        at = time.time()
        self[name].daemon.kill()
        return at

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send it a signal."""
        send(self[name].daemon, number)

    async def leave(self, name: str) -> None:
        """SIGTERM; returns when it has ended."""
        self.signal(name, signal.SIGTERM)
        await until(lambda: not self[name].daemon.running, within=LEAVING)

    async def stop(self) -> None:
        """Stop all that run."""
        await asyncio.gather(*(one.daemon.stop() for one in self._all.values()))
        for name in tuple(self._followers):
            await self._unfollow(name)

    def check(self) -> None:
        """A traceback in a log is a failure."""
        for one in self._all.values():
            assert "Traceback" not in one.log(), one.log()

    async def dial(self, network: Network, number: str, to: str = "") -> Visit:
        """Call the hotline, until that controller takes the call, or ("") once; returns when it is taken."""
        ani = to_e164(number)
        while True:
            position = len(self.live.seen)
            caller = await network.call(number)
            started = await self.live.wait(
                lambda message: message["kind"] == "started" and message["data"]["ani"] == ani, after=position
            )
            told = started.message
            if to in ("", told["by"]):
                return Visit(caller, self.live, str(told["call"]), str(told["conversation"]), self[told["by"]].web)
            await caller.hang_up()
            await caller.ended.wait()

    async def in_asterisk(self, name: str) -> Sequence[str]:
        """The channels that Asterisk has in the application of this controller."""
        asterisk = self._box.settings.asterisk
        ari = Ari(asterisk.host, asterisk.ari_port, asterisk.ari_user, asterisk.ari_password.get_secret_value())
        application: Any = await ari.get(f"applications/ivr-{name}")
        return tuple(application["channel_ids"]) if application else ()

    async def _unfollow(self, name: str) -> None:
        if follower := self._followers.pop(name, None):
            follower.cancel()
            await asyncio.gather(follower, return_exceptions=True)

    async def _follow(self, one: Controller, subscribed: asyncio.Event) -> None:
        async with live_feed(one.web) as feed:
            subscribed.set()
            position = 0
            while True:
                await feed.wait(lambda _: True, after=position, within=3600)
                for seen in feed.seen[position:]:
                    await one.feed.add(seen.message)
                    await self.live.add({**seen.message, "by": one.name})
                position = len(feed.seen)


@asynccontextmanager
async def controllers(box: Sandbox, overrides: Mapping[str, Mapping[str, str]]) -> AsyncIterator[Controllers]:
    """Controllers of these names with these settings from the environment, none of which runs as yet."""
    made = Controllers(box, overrides)
    try:
        yield made
    finally:
        await made.stop()
    made.check()


def send(daemon: Daemon, number: signal.Signals) -> None:
    """Send a process a signal."""
    assert daemon.pid, f"{daemon.name} does not run"
    os.kill(daemon.pid, number)


def _controller(box: Sandbox, name: str, overrides: Mapping[str, str]) -> Controller:
    daemon, web = another_controller(box, name, overrides)
    file = box.folder / f"controller-{name}.log"

    def log() -> str:
        return file.read_text(encoding="utf-8") if file.exists() else ""

    return Controller(name, daemon, web, log)
