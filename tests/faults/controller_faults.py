"""Harm to controllers."""

from __future__ import annotations

import asyncio
import signal
from typing import Final

from tests.faults.fault import fault
from tests.faults.stand import Stand


@fault("nothing: what this machine can do when everything is well")
async def nothing(stand: Stand, seconds: float) -> None:
    await asyncio.sleep(seconds)


@fault("one of two controllers is killed, and not started again")
async def one_killed(stand: Stand, seconds: float) -> None:
    stand.kill(stand.one)


@fault("the only controller is killed, and started again after a second", lasting=1.0, alone=True)
async def only_one_killed(stand: Stand, seconds: float) -> None:
    stand.kill(stand.one)
    await asyncio.sleep(seconds)
    await stand.one.start()


@fault("both controllers are killed, and started again after a second", lasting=1.0)
async def both_killed(stand: Stand, seconds: float) -> None:
    stand.kill(*stand.controllers)
    await asyncio.sleep(seconds)
    await asyncio.gather(*(controller.start() for controller in stand.controllers))


@fault("one of two controllers is paused (SIGSTOP), and goes on (SIGCONT)", lasting=30.0, briefly=6.0)
async def one_paused(stand: Stand, seconds: float) -> None:
    stand.struck()
    stand.signal(stand.one, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        stand.signal(stand.one, signal.SIGCONT)


@fault("one of two controllers is stopped in order (SIGTERM), and not started again")
async def one_stopped(stand: Stand, seconds: float) -> None:
    await stand.leave(stand.one)


@fault("both controllers are restarted in order, one after the other")
async def rolling_restart(stand: Stand, seconds: float) -> None:
    for controller in stand.controllers:
        await stand.leave(controller)
        await controller.start()


@fault("every controller is killed, and away for longer than callers are kept waiting", lasting=20.0)
async def all_away(stand: Stand, seconds: float) -> None:
    stand.kill(*stand.controllers)
    await asyncio.sleep(seconds)
    await asyncio.gather(*(controller.start() for controller in stand.controllers))


FAULTS: Final = (nothing, one_killed, only_one_killed, both_killed, one_paused, one_stopped, rolling_restart, all_away)
