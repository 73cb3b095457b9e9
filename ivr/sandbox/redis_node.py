"""One Redis of the sandbox: with a password, on loopback, writing only below its folder. What groups are made of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ivr.errors import SandboxError
from ivr.sandbox.components import Components
from ivr.sandbox.daemon import Daemon
from ivr.sandbox.probes import exchange

IN_MEMORY: Final = ('save ""', "appendonly no")  # what it knows goes with it


class RedisNode(Daemon):
    """A Redis, or a Sentinel. `lines` of its configuration are added to what all have; `mode` is for its command."""

    def __init__(
        self,
        name: str,
        components: Components,
        folder: Path,
        port: int,
        password: str,
        lines: Sequence[str] = IN_MEMORY,
        mode: Sequence[str] = (),
    ) -> None:
        folder.mkdir()
        self.port, self.password = port, password
        self._configuration = folder / "redis.conf"
        self._configuration.touch(0o600)
        common = ("bind 127.0.0.1", f"port {port}", f'requirepass "{password}"', f'dir "{folder}"')
        self._configuration.write_text("\n".join((*common, *lines, "")), encoding="utf-8")
        super().__init__(
            name,
            [*components.redis_server, str(self._configuration), *mode],
            log=folder / "redis.log",
            ready=self._answers,
            environment=components.environment(),
        )

    async def ask(self, *commands: str) -> str:
        """What it answers to these commands, as it comes. Raises `SandboxError` for an error."""
        answer = await self._exchange(*commands)
        if errors := [line for line in answer.splitlines() if line.startswith("-")]:
            raise SandboxError(f"{self.name} refused: {errors[0]}")
        return answer

    async def _answers(self) -> bool:
        return (await self._exchange()).startswith("+OK")

    async def _exchange(self, *commands: str) -> str:
        lines = "\r\n".join((f"AUTH {self.password}", *commands, ""))
        answer = await exchange("127.0.0.1", self.port, lines.encode(), hang_up=True)  # a Sentinel has no QUIT
        return answer.decode(errors="replace")
