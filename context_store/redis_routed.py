"""A client whose commands go to whichever Redis of a group takes them. Knows redis-py; its children know the group."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from context_store.redis_nodes import Nodes, redis_at

Command = tuple[Any, ...]  # name and arguments, as redis-py's methods make it


class Sending(Protocol):
    """Sends a command, or a transaction, to one Redis. `asking`: to one that the slot is being moved to."""

    async def __call__(self, node: Any, asking: bool) -> Any:
        """Send it, and return the answer."""
        ...


class Routed(Redis):
    """redis-py's client with all of its methods; `pipeline` makes transactions only, on keys of one slot.

    A pipeline that were no transaction could be carried out in part, and so not be sent to another node again.
    """

    def __init__(self, nodes: Nodes, timeout: float) -> None:
        unused = redis_at({}, timeout)  # redis-py wants a pool; nothing is sent through this one
        super().__init__(connection_pool=unused.connection_pool)
        self._nodes = nodes

    @abstractmethod
    async def send(self, commands: Sequence[Command], sending: Sending) -> Any:
        """Find the Redis for these commands, and let them be sent there. Raises redis-py's errors."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Carry out one command; see redis-py."""

        async def one(node: Any, asking: bool) -> Any:
            if not asking:
                return await node.execute_command(*args, **options)
            # In one go, as ASKING counts for the next command on its connection.
            async with node.pipeline(transaction=False) as pipe:
                pipe.execute_command("ASKING")
                pipe.execute_command(*args, **options)
                return (await pipe.execute())[1]

        return await self.send([args], one)

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Transaction:
        """Commands that are carried out together or not at all."""
        return Transaction(self)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Close the connections to all of the group."""
        await self._nodes.keep(set())


class Transaction(Pipeline):
    """Commands on keys of one slot, collected to be carried out together."""

    def __init__(self, client: Routed) -> None:
        super().__init__(client.connection_pool, client.response_callbacks, True, None)
        self._client = client

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Carry them out; see redis-py."""
        stack = list(self.command_stack)
        execute = super().execute

        async def all_of_them(node: Any, asking: bool) -> list[Any]:
            self.command_stack = list(stack)
            self.connection_pool = node.connection_pool
            if asking:
                self.connection = await node.connection_pool.get_connection()
                await self.connection.send_command("ASKING")  # it counts until EXEC
                await self.connection.read_response()
            return await execute(raise_on_error)

        found: list[Any] = await self._client.send([command for command, _ in stack], all_of_them) if stack else []
        return found
