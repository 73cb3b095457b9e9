"""The sandbox: real Redis, real Asterisk, and a second Asterisk that plays the telephone network.

Everything it writes is under one folder, everything listens on loopback only, and everything stops when it stops.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ivr.errors import SandboxError
from ivr.sandbox import programs
from ivr.sandbox.components import Components
from ivr.sandbox.plan import plan_network, plan_settings, write_settings
from ivr.sandbox.ports import Ports
from ivr.settings import load


class Sandbox:
    """Plans itself when made (ports, passwords, the settings file); runs between `start` and `stop`.

    Each sandbox has a folder of its own below `folder`, removed at the end unless `keep`; the prompt cache beside it
    stays. `usual_ports`: take 5060, 8080 and the like where they are free. `ring`: seconds that one agent's phone
    rings. `queues`: others than those of the sample hotline. `dialplan`: other templates than the ones that come with
    Devam. `far`: Asterisk fetches sound over HTTP, which fails where the path of `folder` has a dot. `models`: the
    speech models with which callers are heard; without them there are keys only. Raises `SandboxError`.

    `redis`, `asterisk` and `network` can be stopped, killed and started one by one while the sandbox runs.
    """

    def __init__(
        self,
        components: Components,
        folder: Path,
        *,
        usual_ports: bool = False,
        ring: int = 15,
        queues: Sequence[str] = (),
        dialplan: Path | None = None,
        keep: bool = False,
        far: bool = False,
        models: Path | None = None,
    ) -> None:
        self._keep = keep
        self.folder = _own_folder(folder.resolve())
        ports = Ports(prefer_usual=usual_ports)
        self.plan = plan_network(ports)
        self.settings_file = self.folder / "devam.toml"
        cache = folder.resolve() / "cache/prompts"
        speech_models = models and models.resolve()
        planned = plan_settings(ports, components, cache, ring, queues, far, speech_models)
        write_settings(self.settings_file, planned)
        self.settings = load(self.settings_file)
        self.redis = programs.redis(components, self.folder / "redis", self.settings)
        self.asterisk = programs.hotline(components, self.folder / "asterisk", self.settings, dialplan)
        self.network = programs.network(components, self.folder / "network", self.settings, self.plan)

    @property
    def recordings(self) -> Path:
        """Where the network's Asterisk writes what callers hear."""
        return self.folder / "network/state/spool/recording"

    async def start(self) -> None:
        """Start everything and return when it is ready. On failure nothing is left running."""
        try:
            async with asyncio.TaskGroup() as group:
                for daemon in (self.redis, self.asterisk, self.network):
                    group.create_task(daemon.start(), name=f"start {daemon.name}")
        except BaseExceptionGroup as group_of_errors:
            await self.stop()
            raise group_of_errors.exceptions[0] from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop everything, in reverse order. Cancelled, it ends what is left at once."""
        try:
            for daemon in (self.network, self.asterisk, self.redis):
                await daemon.stop()
        finally:
            for daemon in (self.network, self.asterisk, self.redis):
                daemon.kill()
            if not self._keep:
                shutil.rmtree(self.folder, ignore_errors=True)

    def check(self) -> None:
        """Raises `SandboxError` with the end of its log when one of the programs has ended."""
        for daemon in (self.redis, self.asterisk, self.network):
            if not daemon.running:
                raise SandboxError(f"{daemon.name} ended. The end of its log:\n{daemon.tail()}")

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


def _own_folder(parent: Path) -> Path:
    """A new folder for this run. Those of processes that were killed are removed."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for left in parent.glob("run-*"):
            match = re.fullmatch(r"run-(\d+)-[0-9a-f]+", left.name)
            if match and not Path(f"/proc/{match[1]}").exists():
                shutil.rmtree(left, ignore_errors=True)
        folder = parent / f"run-{os.getpid()}-{secrets.token_hex(2)}"
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise SandboxError(f"{parent}: {error.strerror or error}; give a folder that can be written") from error
    return folder
