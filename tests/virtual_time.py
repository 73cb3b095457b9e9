"""An event loop whose clock jumps to the next timer when nothing else is to do, so that time-outs cost no time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits: when no file is ready, the time that would have been waited is counted instead."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("everything waits for something that will never come")
            self.waited += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Time starts at 0 and is only ever waited for virtually."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.waited


def run_virtual(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test in virtual time; fail if it leaves a task behind."""

    async def checked() -> None:
        await test()
        leaked = asyncio.all_tasks() - {asyncio.current_task()}
        assert not leaked, f"tasks left behind: {leaked}"

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(checked())


async def until(condition: Callable[[], bool], *, within: float = 5.0) -> None:
    """Wait for a condition, looking again whenever the loop comes round."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for: the condition is the test's own
            await asyncio.sleep(0.001)
