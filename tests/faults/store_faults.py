"""Harm to Redis, and to the wire there."""

from __future__ import annotations

import asyncio
from typing import Final

from tests.faults.fault import fault
from tests.faults.stand import Stand


@fault("Redis is stopped, and started again with what it knew", lasting=60.0, briefly=4.0, durable=True)
async def redis_stopped(stand: Stand, seconds: float) -> None:
    stand.struck()
    await stand.box.redis.stop()
    await asyncio.sleep(seconds)
    await stand.box.redis.start()


@fault("Redis is killed, and started again empty", lasting=1.0)
async def redis_emptied(stand: Stand, seconds: float) -> None:
    stand.kill(stand.box.redis)
    await asyncio.sleep(seconds)
    await stand.box.redis.start()


@fault("Redis is killed, and started again from its append-only file", lasting=1.0, durable=True)
async def redis_from_disk(stand: Stand, seconds: float) -> None:
    stand.kill(stand.box.redis)
    await asyncio.sleep(seconds)
    await stand.box.redis.start()


@fault("Redis takes a second for each command", lasting=20.0, briefly=4.0, wires=("redis",))
async def redis_slow(stand: Stand, seconds: float) -> None:
    stand.struck()
    stand.wires["redis"].delay = 1.0
    await asyncio.sleep(seconds)
    stand.wires["redis"].delay = 0.0


@fault("Redis is a replica that cannot be written to", lasting=15.0, briefly=4.0)
async def redis_read_only(stand: Stand, seconds: float) -> None:
    stand.struck()
    # Of a Redis that is not there: what is kept stays as it is.
    await stand.redis.replicaof("127.0.0.1", 1)
    await asyncio.sleep(seconds)
    await stand.redis.replicaof("NO", "ONE")


@fault("Redis has no memory left", lasting=15.0, briefly=4.0)
async def redis_full(stand: Stand, seconds: float) -> None:
    stand.struck()
    await stand.redis.config_set("maxmemory", 1)
    await asyncio.sleep(seconds)
    await stand.redis.config_set("maxmemory", 0)


FAULTS: Final = (redis_stopped, redis_emptied, redis_from_disk, redis_slow, redis_read_only, redis_full)
