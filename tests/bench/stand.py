"""The stand: sandbox, controller and back office, and rounds of traffic on it, to Devam or to the dialplan's menu."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import repeat
from typing import Final, Literal

from ivr.errors import SandboxError
from ivr.sandbox.components import Components
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.probes import Ari
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder
from ivr.sandbox.watching import Feed, live_feed
from ivr.services.backoffice.sample import SELIN
from tests.bench import menu
from tests.bench.meter import Answered, Meter, answered, astray, metering
from tests.bench.processes import Usage, peak_memory, usage
from tests.bench.script import CALL_SECONDS, Sounds, make_sounds
from tests.bench.share import controller_share
from tests.bench.traffic import Traffic, arrivals, drive
from tests.faults import company

Which = Literal["devam", "dialplan"]

LEAD: Final = CALL_SECONDS + 1  # seconds of arrivals until as many calls are up as ever will be
_SETTLE: Final = 0.5  # seconds for the last events and records of a round


@dataclass(slots=True)
class Round:
    """What was measured in one round. Of the keys, those that were pressed while all calls were up."""

    which: Which
    metered: bool
    traffic: Traffic
    used: Usage
    seconds: float  # that the round took
    good: int = 0  # calls that heard what they should, as the meter saw; without it, that callers had no trouble with
    answers: list[float] = field(default_factory=list)  # ms from key to prompt, on Asterisk's clock
    share: list[float] = field(default_factory=list)  # ms of that in the controller, on its clock


class Stand:
    """Where rounds are run."""

    def __init__(self, box: Sandbox, hotline: Hotline, sounds: Sounds, asterisk: str) -> None:
        self._callers = (customer.number for customer in company.callers(box.folder / "backoffice.db"))
        self._box = box
        self._hotline = hotline
        self._sounds = sounds
        self.asterisk = asterisk  # its version
        daemons = {
            "controller": hotline.controller,
            "Asterisk": box.asterisk,
            "Redis": box.redis,
            "back office": hotline.backoffice,
            "network": box.network,
        }
        pids = {name: daemon.pid for name, daemon in daemons.items()}
        self._pids = {name: pid for name, pid in pids.items() if pid} | {"callers and meter": os.getpid()}

    def peak_memory(self) -> int:
        """Of the controller, in bytes, since it started."""
        return peak_memory(self._pids["controller"])

    def controller_log(self) -> str:
        """The end of what the controller has said."""
        return self._hotline.controller.tail()

    async def run(self, which: Which, rate: float, seconds: float, *, seed: int, metered: bool = True) -> Round:
        """Traffic until `seconds` have been measured with all calls up. The same seed brings the same arrivals."""
        self._box.check()
        times = arrivals(rate, LEAD + seconds, seed)
        async with AsyncExitStack() as stack:
            network = await stack.enter_async_context(self._network(which))
            meter = (
                await stack.enter_async_context(metering(self._box.settings.asterisk, self._sounds))
                if metered
                else None
            )
            feed = await stack.enter_async_context(live_feed(self._box.settings.web)) if metered else None
            start, before = time.time(), usage(self._pids)
            traffic = await drive(network, times, self._callers if which == "devam" else repeat(SELIN.main))
            await asyncio.sleep(_SETTLE)
            used = usage(self._pids) - before
            done = Round(which, metered, traffic, used, time.time() - start)
        self._evaluate(done, meter, feed, start + LEAD, start + LEAD + seconds)
        return done

    def _evaluate(self, done: Round, meter: Meter | None, feed: Feed | None, since: float, until: float) -> None:
        def measured(keys: list[Answered]) -> list[float]:
            return [key.ms for key in keys if since <= key.at < until]

        done.good = done.traffic.placed - done.traffic.troubles.total()
        if meter:
            done.good, keys = answered(meter.channels.values())
            done.traffic.troubles += astray(meter.channels.values())
            done.answers = measured(keys)
        if feed and done.which == "devam":
            done.share = measured(controller_share(feed.seen))

    def _network(self, which: Which) -> Network:
        plan, settings = self._box.plan, self._box.settings
        number = settings.sip.hotline if which == "devam" else menu.NUMBER
        return Network(plan.ari_host, plan.ari_port, plan.ari_user, plan.ari_password, number)


@asynccontextmanager
async def stand(components: Components) -> AsyncIterator[Stand]:
    """Start everything, with free ports; stop it at the end."""
    with menu.dialplan_with_menu() as templates:
        box = Sandbox(components, default_folder(), dialplan=templates)
    try:
        sounds = await make_sounds(box.settings)
        menu.write_menu(box.folder / "asterisk/etc", sounds)
        async with box, Hotline(box, backoffice=("--population", str(company.POPULATION))) as hotline:
            yield Stand(box, hotline, sounds, await _version(box))
    finally:
        await box.stop()  # its folder too, when it could not even start


async def _version(box: Sandbox) -> str:
    asterisk = box.settings.asterisk
    ari = Ari(asterisk.host, asterisk.ari_port, asterisk.ari_user, asterisk.ari_password.get_secret_value())
    info = await ari.get("asterisk/info?only=system")
    if not info:
        raise SandboxError("Asterisk does not tell its version")
    return str(info["system"]["version"])
