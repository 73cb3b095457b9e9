"""Several Redises that make one store: started together, stopped for certain, each to be killed by itself."""

from __future__ import annotations

import asyncio
import shutil
import time
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ivr.errors import SandboxError
from ivr.sandbox.daemon import Probe
from ivr.sandbox.redis_node import RedisNode

_JOIN_SECONDS = 30.0
_POLL = 0.05  # seconds between two looks


class RedisGroup:
    """Runs between `start` and `stop` in a folder of its own, which is removed at the end. Raises `SandboxError`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    @abstractmethod
    def nodes(self) -> Sequence[RedisNode]:
        """All that are to run, those first that the others need."""

    @property
    @abstractmethod
    def url(self) -> str:
        """What redis.url is to be."""

    @abstractmethod
    async def join(self) -> None:
        """Make one store of the nodes that run, and return when it serves."""

    async def start(self) -> None:
        """Start all of them and return when they serve. On failure nothing is left running."""
        try:
            for node in self.nodes:
                await node.start()
            await self.join()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop all of them. Cancelled, it ends what is left at once."""
        try:
            for node in reversed(self.nodes):
                await node.stop()
        finally:
            for node in self.nodes:
                node.kill()
            shutil.rmtree(self._folder, ignore_errors=True)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


async def until(what: str, holds: Probe) -> None:
    """Return when it holds; a node that cannot be asked now may be asked later. Raises `SandboxError`."""
    deadline = time.monotonic() + _JOIN_SECONDS
    said = ""
    while time.monotonic() < deadline:
        try:
            if await holds():
                return
        except (SandboxError, OSError) as error:
            said = f": {error}"
        await asyncio.sleep(_POLL)
    raise SandboxError(f"{what} did not come about in {_JOIN_SECONDS:.0f} s{said}")
