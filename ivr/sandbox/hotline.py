"""The product itself beside the sandbox: `ivr serve` and `ivr backoffice`, as the processes that a telco would run."""

from __future__ import annotations

import os
import sys
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from ivr.sandbox.daemon import Daemon, Probe
from ivr.sandbox.probes import Ari, exchange
from ivr.sandbox.sandbox import Sandbox
from ivr.settings import Settings


class Hotline:
    """A controller and the sample back office, on the settings of a running sandbox. Each can be stopped alone."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self.backoffice = _backoffice(box)
        self.controller = _controller(box)

    async def start(self) -> None:
        """Start both; ready when the controller is known to Asterisk."""
        await self.backoffice.start()
        await self.controller.start()

    async def stop(self) -> None:
        """Stop both; callers go to the fallback queue."""
        await self.controller.stop()
        await self.backoffice.stop()

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


def _backoffice(box: Sandbox) -> Daemon:
    url = urlsplit(box.settings.services.url)

    async def ready() -> bool:
        return bool(await exchange(url.hostname or "", url.port or 80, _get("/")))

    command = ("backoffice", "--database", str(box.folder / "backoffice.db"))
    return _ivr(box, "the sample back office", command, "backoffice.log", ready)


def _controller(box: Sandbox) -> Daemon:
    settings: Settings = box.settings
    asterisk, web = settings.asterisk, settings.web
    ari = Ari(asterisk.host, asterisk.ari_port, asterisk.ari_user, asterisk.ari_password.get_secret_value())

    async def ready() -> bool:
        page = await exchange(web.host, web.port, _get("/healthz"))
        return b" 200 " in page and bool(await ari.get(f"applications/ivr-{settings.controller.name}"))

    return _ivr(box, "the controller", ("serve",), "controller.log", ready)


def _ivr(box: Sandbox, name: str, arguments: tuple[str, ...], log: str, ready: Probe) -> Daemon:
    environment = {**os.environ, "DEVAM_SETTINGS": str(box.settings_file), "PYTHONUNBUFFERED": "1"}
    return Daemon(
        name,
        [sys.executable, "-m", "ivr", *arguments],
        log=box.folder / log,
        ready=ready,
        environment=environment,
        start_seconds=60.0,  # the first start makes every prompt's sound
        stop_seconds=10.0,
    )


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n\r\n".encode()
