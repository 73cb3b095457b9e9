"""A Redis Cluster of three primaries, with or without a replica each, on loopback."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ivr.sandbox.components import Components
from ivr.sandbox.ports import Ports
from ivr.sandbox.redis_group import RedisGroup, until
from ivr.sandbox.redis_node import IN_MEMORY, RedisNode

SLOTS: Final = 16384
_PRIMARIES = 3


class SandboxCluster(RedisGroup):
    """`folder` is made. `replicas`: of each primary. `node_timeout` (seconds): silence after which a node is dead.

    The slots of a node that is away are not served; those of the others are.
    """

    def __init__(
        self,
        components: Components,
        folder: Path,
        ports: Ports,
        password: str,
        *,
        replicas: int = 0,
        node_timeout: float = 1.0,
    ) -> None:
        folder.mkdir()
        super().__init__(folder)
        self._password = password
        settings = (
            *IN_MEMORY,
            f'masterauth "{password}"',
            "cluster-enabled yes",
            f"cluster-node-timeout {node_timeout * 1000:.0f}",
            "cluster-require-full-coverage no",
            "cluster-replica-validity-factor 0",  # a replica takes over, however long it has heard nothing
            "repl-diskless-sync-delay 0",
        )
        self._buses: list[int] = []
        made: list[RedisNode] = []
        for number in range(_PRIMARIES * (1 + replicas)):
            port, bus = ports.tcp(6379), ports.tcp(16379)
            lines = (*settings, f"cluster-port {bus}")
            name = f"node {number + 1} of the Redis Cluster"
            made.append(RedisNode(name, components, folder / str(number + 1), port, password, lines))
            self._buses.append(bus)
        self._made = tuple(made)

    @property
    def nodes(self) -> Sequence[RedisNode]:
        """The primaries, then the replicas of each in the same order."""
        return self._made

    @property
    def primaries(self) -> Sequence[RedisNode]:
        """Those that were given slots, a third each."""
        return self._made[:_PRIMARIES]

    @property
    def url(self) -> str:
        """What redis.url is to be; it names the primaries."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.primaries)
        return f"redis+cluster://:{self._password}@{hosts}"

    async def join(self) -> None:
        """Introduce the nodes to each other, give the slots away, and wait until all serve."""
        for number, node in enumerate(self.primaries):
            first, last = SLOTS * number // _PRIMARIES, SLOTS * (number + 1) // _PRIMARIES - 1
            await node.ask(f"CLUSTER ADDSLOTSRANGE {first} {last}")
        for number, node in enumerate(self.nodes):
            await node.ask(f"CLUSTER SET-CONFIG-EPOCH {number + 1}")
        first_node = self.nodes[0]
        for node, bus in zip(self.nodes[1:], self._buses[1:], strict=True):
            await first_node.ask(f"CLUSTER MEET 127.0.0.1 {node.port} {bus}")
        await until("the Redis Cluster", self._all_know_all)
        for number, node in enumerate(self.nodes[_PRIMARIES:]):
            primary = await self.id_of(self.primaries[number % _PRIMARIES])
            await node.ask(f"CLUSTER REPLICATE {primary}")
        await until("the Redis Cluster", self._serves)

    async def id_of(self, node: RedisNode) -> str:
        """The name by which the nodes know it."""
        return (await node.ask("CLUSTER MYID")).split("\r\n")[2]

    async def _all_know_all(self) -> bool:
        known = f"cluster_known_nodes:{len(self.nodes)}"
        said = [await node.ask("CLUSTER INFO") for node in self.nodes]
        return all(known in one and f"cluster_slots_ok:{SLOTS}" in one and "cluster_state:ok" in one for one in said)

    async def _serves(self) -> bool:
        replicas = self.nodes[_PRIMARIES:]
        linked = ["master_link_status:up" in await node.ask("INFO replication") for node in replicas]
        return all(linked) and await self._all_know_all()
