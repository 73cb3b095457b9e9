"""A Redis Cluster: which node has which slot, learnt from the nodes. Knows redis-py and the Cluster's specification.

redis-py's own client of Clusters is not used: it sends commands again after lost connections, which would double notes;
it refuses when all connections are busy; it learns all anew, for all slots, when one node fails; and it sends ASKING on
any connection.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import (
    AskError,
    ClusterDownError,
    MovedError,
    NoScriptError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError

from context_store.redis_address import Address, Host
from context_store.redis_errors import NodeTrouble, Told
from context_store.redis_nodes import Commands, Nodes, first_answer

_TURNS = 10  # how often a command is sent on; two are usual while slots are moved
_TRY_AGAIN = 0.02  # seconds until keys that are being moved are asked for again
_LEARN_AGAIN = 0.25  # seconds at least between two lessons about who has which slot

_KEY_AT = {"EVAL": 3, "EVALSHA": 3}  # in all others that the stores use it comes first

_Options = Mapping[str, Any]


class ClusterClient(Commands):
    """The nodes of a Cluster. `timeout` in seconds.

    A command goes to the node that has the slot of its key.
    A node that has failed is doubted: commands for its slots, and only those, first learn who has them now.
    """

    def __init__(self, address: Address, timeout: float) -> None:
        self._nodes = Nodes(address.options, timeout)
        self._seeds = address.hosts
        self._owners: list[Host | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        self._doubted: set[Host] = set()
        self._learnt = float("-inf")
        self._learning = asyncio.Lock()

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Carry out one command, following its slot where that has been moved; see redis-py."""
        slot = _slot(args)
        owner, asking = await self._owner(slot), False
        for _ in range(_TURNS):
            try:
                return await self._send(owner, args, options, asking)
            except MovedError as moved:
                owner, asking = _named(moved, owner), False
                self._owners[slot] = owner
                await self._learn([owner])
            except AskError as moving:
                owner, asking = _named(moving, owner), True
            except TryAgainError:
                await asyncio.sleep(_TRY_AGAIN)
        raise Told("is moving these keys between its nodes: it takes the command when that is done")

    async def spread(self, keys: Iterable[str]) -> Sequence[str]:
        """Of these keys the first that each node has, as far as it has one."""
        await self._learn(self._known())
        nodes = {owner for owner in self._owners if owner}
        if not nodes:
            raise _nobody_has_it()
        found: dict[Host, str] = {}
        for key in keys:
            if owner := self._owners[key_slot(key.encode())]:
                found.setdefault(owner, key)
            if found.keys() == nodes:
                break
        return tuple(found.values())

    async def aclose(self) -> None:
        """Close the connections to all nodes."""
        await self._nodes.keep(set())

    async def _send(self, owner: Host, args: Sequence[Any], options: _Options, asking: bool = False) -> Any:
        node: Any = self._nodes.at(owner)
        try:
            said = await (_ask_for(node, args, options) if asking else node.execute_command(*args, **options))
        except (MovedError, AskError, TryAgainError, NoScriptError):
            raise
        except asyncio.CancelledError:  # `RedisLink.answering` does not wait any longer for it
            self._doubted.add(owner)
            raise
        except (RedisError, OSError) as error:
            if isinstance(error, (RedisConnectionError, ClusterDownError, OSError)):
                self._doubted.add(owner)
            raise NodeTrouble(owner, error) from None
        self._doubted.discard(owner)
        return said

    async def _owner(self, slot: int) -> Host:
        owner = self._owners[slot]
        if owner is None or owner in self._doubted:
            await self._learn(self._known())
            owner = self._owners[slot]
        if owner is None:
            raise _nobody_has_it()
        return owner

    def _known(self) -> list[Host]:
        """Whom to ask: everybody, but those in doubt only if there is nobody else."""
        known = {*self._seeds, *(owner for owner in self._owners if owner)}
        return sorted(known - self._doubted or known)

    async def _learn(self, hosts: Iterable[Host]) -> None:
        """Learn from the first that answers who has which slot; not more often than makes sense."""
        async with self._learning:
            now = time.monotonic()
            if now - self._learnt < _LEARN_AGAIN:
                return
            ranges = await first_answer([self._ask(host) for host in hosts])
            self._learnt = now
            self._owners = [None] * REDIS_CLUSTER_HASH_SLOTS
            for first, last, owner in ranges:
                self._owners[first : last + 1] = [owner] * (last + 1 - first)
            await self._nodes.keep({*self._seeds, *(owner for _, _, owner in ranges)})

    async def _ask(self, host: Host) -> list[tuple[int, int, Host]]:
        """First slot, last slot and owner, as the node there sees it."""
        node: Any = self._nodes.at(host)
        try:
            said = await node.execute_command("CLUSTER SLOTS")
        except ResponseError as error:
            if "cluster support disabled" in str(error):
                raise Told(f"is none: {host} is a Redis by itself; write redis.url like redis://{host}/0") from None
            raise NodeTrouble(host, error) from None
        except (RedisError, OSError) as error:
            raise NodeTrouble(host, error) from None
        return [(first, last, _owner_of(owner, host)) for first, last, owner, *_ in said]


def _owner_of(said: Sequence[Any], asked: Host) -> Host:
    """A node as CLUSTER SLOTS tells it. One that does not know its own name leaves it out: it is where we asked."""
    name = (said[0] or b"").decode()
    return Host(asked.name if name in ("", "?") else name, said[1])


async def _ask_for(node: Any, args: Sequence[Any], options: _Options) -> Any:
    """Of a node that a slot is being moved to. In one go, as ASKING counts for the next command on its connection."""
    async with node.pipeline(transaction=False) as pipe:
        pipe.execute_command("ASKING")
        pipe.execute_command(*args, **options)
        return (await pipe.execute())[1]


def _nobody_has_it() -> ClusterDownError:
    return ClusterDownError("Hash slot not served", status_code="CLUSTERDOWN")


def _slot(args: Sequence[Any]) -> int:
    """The slot of a command's key; Redis itself refuses keys of several slots."""
    key = args[_KEY_AT.get(args[0], 1)]
    return key_slot(key if isinstance(key, bytes) else str(key).encode())


def _named(error: MovedError | AskError, asked: Host) -> Host:
    """Where the node points to. It may leave its own name out."""
    return Host(error.host or asked.name, error.port)
