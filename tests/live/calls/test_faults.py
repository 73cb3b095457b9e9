"""A short version of the fault campaign (tests/faults): some kinds of harm, one after the other, to one hotline."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Final

from ivr.sandbox.components import Components
from tests.faults import controller_faults, store_faults
from tests.faults.campaign import OVERRIDES
from tests.faults.ledger import Outcome
from tests.faults.report import Figures, remarks
from tests.faults.stand import Stand
from tests.faults.trial import Load, put_on_trial

# The last one leaves one controller only.
FAULTS: Final = (
    controller_faults.one_paused,
    store_faults.redis_emptied,
    controller_faults.rolling_restart,
    controller_faults.one_killed,
)
BETWEEN: Final = 3.0  # seconds
LOAD: Final = Load(rate=1.5, seconds=10.0, before=6.0, after=2.0, between=1.0, patience=40, population=500)


async def test_nobody_is_lost_or_asked_twice(components: Components) -> None:
    async def strike(stand: Stand, seconds: float) -> None:
        for fault in FAULTS:
            await fault.strike(stand, fault.briefly)
            await asyncio.sleep(BETWEEN)

    several = dataclasses.replace(FAULTS[0], name="several", strike=strike)
    overrides = {**OVERRIDES, "DEVAM_CONTROLLER__DRAIN_SECONDS": "1"}
    trial = await put_on_trial(several, LOAD, components, overrides, print, brief=True)
    figures, said = Figures.of(trial), list(remarks(trial))
    assert len(trial.verdicts) >= LOAD.rate * LOAD.seconds, "callers have called"
    assert not figures.outcomes[Outcome.LOST], said
    assert not figures.outcomes[Outcome.TWICE], said
    assert not figures.callers_asked_twice, said
    assert figures.outcomes[Outcome.COMPLETED] > len(trial.verdicts) / 2, figures.outcomes
    assert figures.back_after, "calls have changed their controller"
