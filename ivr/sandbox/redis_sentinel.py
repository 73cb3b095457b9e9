"""A Redis with a replica and three Sentinels that watch over them, on loopback."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ivr.sandbox.components import Components
from ivr.sandbox.ports import Ports
from ivr.sandbox.redis_group import RedisGroup, until
from ivr.sandbox.redis_node import IN_MEMORY, RedisNode

SERVICE: Final = "mymaster"
_SENTINELS = 3
_QUORUM = 2
# Milliseconds. As they come, a Sentinel looks every ten seconds who follows whom, and makes sure for eight more.
_QUICK: Final = "SENTINEL DEBUG info-period 1000 publish-period 500"


class WatchedRedis(RedisGroup):
    """`folder` is made. `down_after` (seconds): silence after which the Sentinels take a Redis for dead.

    The replica takes the primary's place when that is dead; the old primary becomes a replica when it comes back.
    """

    def __init__(
        self, components: Components, folder: Path, ports: Ports, password: str, *, down_after: float = 1.0
    ) -> None:
        folder.mkdir()
        super().__init__(folder)
        self._password = password
        common = (*IN_MEMORY, f'masterauth "{password}"', "repl-diskless-sync-delay 0")
        port = ports.tcp(6379)
        self.primary = RedisNode("the primary Redis", components, folder / "primary", port, password, common)
        following = (*common, f"replicaof 127.0.0.1 {port}")
        self.replica = RedisNode(
            "the replica Redis", components, folder / "replica", ports.tcp(6380), password, following
        )
        watching = (
            f"sentinel monitor {SERVICE} 127.0.0.1 {port} {_QUORUM}",
            f"sentinel auth-pass {SERVICE} {password}",
            f"sentinel down-after-milliseconds {SERVICE} {down_after * 1000:.0f}",
            f"sentinel failover-timeout {SERVICE} 10000",
            f"sentinel sentinel-pass {password}",
        )
        self.sentinels = tuple(
            RedisNode(
                f"Sentinel {number}",
                components,
                folder / f"sentinel-{number}",
                ports.tcp(26379),
                password,
                watching,
                ["--sentinel"],
            )
            for number in range(1, _SENTINELS + 1)
        )

    @property
    def nodes(self) -> Sequence[RedisNode]:
        """Primary, replica, Sentinels."""
        return (self.primary, self.replica, *self.sentinels)

    @property
    def url(self) -> str:
        """What redis.url is to be."""
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://:{self._password}@{hosts}/0?service={SERVICE}&sentinel_password={self._password}"

    async def join(self) -> None:
        """Wait until the Sentinels know each other and the replica, and the replica has all that the primary has."""
        for sentinel in self.sentinels:
            await sentinel.ask(_QUICK)
        await until("what the Sentinels watch", self._serves)

    async def _serves(self) -> bool:
        if "master_link_status:up" not in await self.replica.ask("INFO replication"):
            return False
        known = f"slaves=1,sentinels={_SENTINELS}"
        return all([known in await sentinel.ask("INFO sentinel") for sentinel in self.sentinels])
