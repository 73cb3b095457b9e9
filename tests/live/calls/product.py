"""The product as processes, for fixtures that outlive one test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from ivr.sandbox.hotline import Hotline
from ivr.sandbox.sandbox import Sandbox


def running_product(product: Hotline, sandbox: Sandbox) -> Iterator[Hotline]:
    """It while it runs, in a loop of its own: each test has another one. A traceback in its log is a failure."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(product.start())
        yield product
        log = (sandbox.folder / "controller.log").read_text(encoding="utf-8")
        assert "Traceback" not in log, log
    finally:
        loop.run_until_complete(product.stop())
        loop.close()
