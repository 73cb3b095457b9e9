"""Python runs this at the start of every process whose PYTHONPATH names its folder: a meter of its event loop.

A beat every few milliseconds looks how much processor time the loop's own thread has spent since the last one: what
other programs took meanwhile is not in it. No callback took longer than that, and no turn of all that were due.
`LOOP_METER` names the file that gets the long ones, a JSON object a line.
"""

from __future__ import annotations

import asyncio
import json
import os
import time

import uvloop

BEAT = 0.002  # seconds
NOTED_MS = 1.0  # of processor time; what takes less is not worth a line, and a crowd of calls has some that take more

_new_event_loop = uvloop.new_event_loop


def _metered() -> asyncio.AbstractEventLoop:
    loop = _new_event_loop()
    _beat(loop, loop.time() + BEAT, time.thread_time())
    return loop


def _beat(loop: asyncio.AbstractEventLoop, due: float, spent: float) -> None:
    cpu, late = (time.thread_time() - spent) * 1000, (loop.time() - due) * 1000
    if cpu >= NOTED_MS:
        told = {"at": time.time(), "pid": os.getpid(), "cpu": cpu, "late": late}
        with open(os.environ["LOOP_METER"], "a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
    loop.call_later(BEAT, _beat, loop, loop.time() + BEAT, time.thread_time())


if "LOOP_METER" in os.environ:
    uvloop.new_event_loop = _metered  # type: ignore[assignment]  # who starts a loop calls it by this name
