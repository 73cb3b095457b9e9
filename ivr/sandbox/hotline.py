"""The product itself beside the sandbox: `ivr serve` and `ivr backoffice`, as the processes that a telco would run."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from ivr.sandbox.daemon import Daemon, Probe
from ivr.sandbox.ports import Ports
from ivr.sandbox.probes import Ari, exchange
from ivr.sandbox.sandbox import Sandbox
from ivr.settings import Settings, WebSettings


class Hotline:
    """A controller and the sample back office, on the settings of a running sandbox. Each can be stopped alone.

    `overrides` are settings from the environment, such as {"DEVAM_LOG__LEVEL": "DEBUG"}; `backoffice` are more options
    of `ivr backoffice`, such as ("--delay", "800ms").
    """

    def __init__(
        self, box: Sandbox, overrides: Mapping[str, str] | None = None, backoffice: Sequence[str] = ()
    ) -> None:
        environment = {**os.environ, **(overrides or {}), "DEVAM_SETTINGS": str(box.settings_file)}
        self.backoffice = _backoffice(box, environment, backoffice)
        self.controller = _controller(box, environment, box.settings)

    async def start(self) -> None:
        """Start both; ready when the controller is known to Asterisk. The sandbox may be starting meanwhile."""
        async with asyncio.TaskGroup() as starting:
            starting.create_task(self.backoffice.start(), name="start the back office")
            starting.create_task(self.controller.start(), name="start the controller")

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


def another_controller(box: Sandbox, name: str, overrides: Mapping[str, str]) -> tuple[Daemon, WebSettings]:
    """One more controller on the same Asterisk and Redis, of this name; and where its pages are."""
    own = {"DEVAM_CONTROLLER__NAME": name, "DEVAM_WEB__PORT": str(Ports(prefer_usual=False).tcp(0))}
    environment = {**os.environ, **overrides, **own, "DEVAM_SETTINGS": str(box.settings_file)}
    web = box.settings.web.model_copy(update={"port": int(own["DEVAM_WEB__PORT"])})
    controller = box.settings.controller.model_copy(update={"name": name})
    settings = box.settings.model_copy(update={"web": web, "controller": controller})
    return _controller(box, environment, settings), web


def _backoffice(box: Sandbox, environment: Mapping[str, str], options: Sequence[str]) -> Daemon:
    url = urlsplit(box.settings.services.url)

    async def ready() -> bool:
        return bool(await exchange(url.hostname or "", url.port or 80, _get("/")))

    command = ("backoffice", "--database", str(box.folder / "backoffice.db"), *options)
    return _ivr("the sample back office", command, box.folder / "backoffice.log", ready, environment)


def _controller(box: Sandbox, environment: Mapping[str, str], settings: Settings) -> Daemon:
    asterisk, web, name = settings.asterisk, settings.web, settings.controller.name
    ari = Ari(asterisk.host, asterisk.ari_port, asterisk.ari_user, asterisk.ari_password.get_secret_value())

    async def ready() -> bool:
        page = await exchange(web.host, web.port, _get("/healthz"))
        return b" 200 " in page and bool(await ari.get(f"applications/ivr-{name}"))

    log = "controller.log" if settings is box.settings else f"controller-{name}.log"
    return _ivr("the controller", ("serve",), box.folder / log, ready, environment)


def _ivr(name: str, arguments: tuple[str, ...], log: Path, ready: Probe, environment: Mapping[str, str]) -> Daemon:
    return Daemon(
        name,
        [sys.executable, "-m", "ivr", *arguments],
        log=log,
        ready=ready,
        environment={**environment, "PYTHONUNBUFFERED": "1"},
        start_seconds=60.0,  # the first start makes every prompt's sound
        stop_seconds=10.0,
    )


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n\r\n".encode()
