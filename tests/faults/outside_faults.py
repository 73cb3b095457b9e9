"""Harm to Asterisk, to the company's systems, and to the wires there."""

from __future__ import annotations

import asyncio
from typing import Final

from tests.faults.fault import fault
from tests.faults.stand import Stand, To

_SLOW = 0.8  # seconds that the company takes longer to answer


@fault("Asterisk is killed, and started again")
async def asterisk_restarted(stand: Stand, seconds: float) -> None:
    stand.kill(stand.box.asterisk)
    await stand.box.asterisk.start()


@fault("one of two controllers cannot reach Asterisk's ARI", lasting=10.0, briefly=4.0, wires=("ari",))
async def ari_cut(stand: Stand, seconds: float) -> None:
    await _cut(stand, "ari", seconds)


@fault("one of two controllers cannot reach Asterisk's AMI", lasting=10.0, briefly=4.0, wires=("ami",))
async def ami_cut(stand: Stand, seconds: float) -> None:
    await _cut(stand, "ami", seconds)


@fault("the company's systems are killed, and started again", lasting=2.0)
async def company_restarted(stand: Stand, seconds: float) -> None:
    stand.kill(stand.backoffice)
    await asyncio.sleep(seconds)
    await stand.backoffice.start()


@fault(f"the company's systems take {_SLOW:g} s longer for each answer", lasting=20.0, briefly=4.0, wires=("company",))
async def company_slow(stand: Stand, seconds: float) -> None:
    stand.struck()
    stand.wires["company"].delay = _SLOW
    await asyncio.sleep(seconds)
    stand.wires["company"].delay = 0.0


async def _cut(stand: Stand, to: To, seconds: float) -> None:
    stand.struck()
    await stand.wires[to].cut()
    await asyncio.sleep(seconds)
    await stand.wires[to].mend()


FAULTS: Final = (asterisk_restarted, ari_cut, ami_cut, company_restarted, company_slow)
