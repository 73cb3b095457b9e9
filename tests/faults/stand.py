"""The stand: a hotline with everything that can be harmed, each part as a process of its own. No agents."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from redis.asyncio import Redis

from ivr.errors import SandboxError
from ivr.sandbox.components import Components
from ivr.sandbox.daemon import Daemon
from ivr.sandbox.hotline import Hotline, another_controller
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder
from ivr.settings import Settings, WebSettings
from tests.faults.wire import Wire

To = Literal["redis", "ari", "ami", "company"]
"""Where a controller reaches over a wire that a fault may cut or slow down."""

_LEAVE: Final = 60.0  # seconds that a controller may take to leave in order
_APPEND_ONLY: Final = "appendonly yes\nappendfsync everysec\n"


@dataclass(slots=True)
class Stand:
    """What faults harm."""

    box: Sandbox
    backoffice: Daemon
    controllers: tuple[Daemon, ...]
    webs: tuple[WebSettings, ...]  # of the controllers
    wires: Mapping[To, Wire]
    redis: Any = field(repr=False)  # a client of its own, past the wire
    struck_at: list[float] = field(default_factory=list)  # epoch seconds

    @property
    def one(self) -> Daemon:
        """The controller that is harmed where one of them is."""
        return self.controllers[0]

    def struck(self) -> None:
        """Harm is being done now."""
        self.struck_at.append(time.time())

    def kill(self, *daemons: Daemon) -> None:
        """kill -9."""
        self.struck()
        for daemon in daemons:
            daemon.kill()

    def signal(self, daemon: Daemon, number: signal.Signals) -> None:
        """Send it a signal."""
        if daemon.pid is None:
            raise SandboxError(f"{daemon.name} is not running")
        os.kill(daemon.pid, number)

    async def leave(self, daemon: Daemon) -> None:
        """SIGTERM; returns when it has gone. Raises `SandboxError` when it does not go."""
        self.signal(daemon, signal.SIGTERM)
        deadline = time.monotonic() + _LEAVE
        while daemon.running:
            if time.monotonic() > deadline:
                raise SandboxError(f"{daemon.name} has not ended {_LEAVE:g} s after SIGTERM")
            await asyncio.sleep(0.05)

    def tracebacks(self) -> int:
        """How many there are in the controllers' logs."""
        logs = self.box.folder.glob("controller*.log")
        return sum(log.read_text(encoding="utf-8", errors="replace").count("Traceback") for log in logs)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a fault needs of the stand."""

    controllers: Literal[1, 2] = 2
    wires: tuple[To, ...] = ()
    durable: bool = False  # Redis writes an append-only file


@asynccontextmanager
async def stand(
    components: Components, needs: Needs, overrides: Mapping[str, str], population: int, *, keep: bool = False
) -> AsyncIterator[Stand]:
    """Start everything, on free ports; stop it at the end, and `keep` its folder or not.

    `overrides` are settings of the controllers, `population` is how many customers the company has.
    """
    box = Sandbox(components, default_folder(), keep=keep)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(box.stop)
        if needs.durable:
            configuration = box.folder / "redis/redis.conf"
            configuration.write_text(configuration.read_text(encoding="utf-8") + _APPEND_ONLY, encoding="utf-8")
        wires = {to: await _wire(stack, box.settings, to) for to in needs.wires}
        backoffice = Hotline(box, backoffice=("--population", str(population))).backoffice
        ways = _ways(box.settings, wires)
        names = ("one", "two")[: needs.controllers]
        controllers = [another_controller(box, name, {**overrides, **ways[name]}) for name in names]
        daemons = [box.redis, box.asterisk, backoffice, *(controller for controller, _ in controllers)]
        for daemon in daemons[2:]:
            stack.push_async_callback(daemon.stop)
        async with asyncio.TaskGroup() as starting:
            for daemon in daemons:
                starting.create_task(daemon.start(), name=f"start {daemon.name}")
        client = Redis.from_url(box.settings.redis.url.get_secret_value(), socket_timeout=5.0)
        stack.push_async_callback(client.aclose)
        webs = tuple(web for _, web in controllers)
        yield Stand(box, backoffice, tuple(daemons[3:]), webs, wires, client)


async def _wire(stack: AsyncExitStack, settings: Settings, to: To) -> Wire:
    asterisk = settings.asterisk
    ports = {
        "redis": urlsplit(settings.redis.url.get_secret_value()).port or 6379,
        "ari": asterisk.ari_port,
        "ami": asterisk.ami_port,
        "company": urlsplit(settings.services.url).port or 80,
    }
    wire = Wire("127.0.0.1", ports[to])
    await wire.mend()
    stack.push_async_callback(wire.cut)
    return wire


def _ways(settings: Settings, wires: Mapping[To, Wire]) -> dict[str, dict[str, str]]:
    """Settings by controller: to Redis and the company all go over the wire, to Asterisk the first one."""
    redis = urlsplit(settings.redis.url.get_secret_value())
    made: dict[To, Callable[[int], tuple[str, str]]] = {
        "redis": lambda port: ("REDIS__URL", redis._replace(netloc=f":{redis.password}@127.0.0.1:{port}").geturl()),
        "company": lambda port: ("SERVICES__URL", f"http://127.0.0.1:{port}"),
        "ari": lambda port: ("ASTERISK__ARI_PORT", str(port)),
        "ami": lambda port: ("ASTERISK__AMI_PORT", str(port)),
    }
    found = {to: made[to](wire.port) for to, wire in wires.items()}
    everybody = {f"DEVAM_{name}": value for to, (name, value) in found.items() if to in ("redis", "company")}
    return {"one": {f"DEVAM_{name}": value for name, value in found.values()}, "two": everybody}
