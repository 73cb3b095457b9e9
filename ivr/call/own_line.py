"""The caller's channel as the call that has it uses it: nothing is done to a channel that may be somebody else's.

A controller that was stopped for a while finds its calls taken over. So before a command goes to the exchange it is
made sure that the call is still ours, if we may have slept since that was last certain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from context_store.errors import StaleRevision
from ivr.call.ports import Line
from ivr.call.record import CallRecord
from ivr.call.tenure import Tenure
from ivr.errors import TelephonyDown

CONNECTION_PATIENCE, CONNECTION_RETRY = 30.0, 0.25  # seconds that a call waits for the exchange, and between two tries


class OwnLine:
    """Implements `Line` for one call. Every method may raise `StaleRevision` besides: somebody else has the call.

    While there is no connection to the exchange it waits rather than go on unheard.
    """

    def __init__(self, line: Line, record: CallRecord, tenure: Tenure) -> None:
        self._line = line
        self._record = record
        self._tenure = tenure
        self._sure_in = tenure.period()

    @property
    def id(self) -> str:
        """The channel's id."""
        return self._line.id

    async def make_sure(self) -> None:
        """Return when the call is certainly ours. Costs nothing unless we may have slept."""
        await self._patiently(_nothing)

    async def answer(self, conversation: str) -> None:
        """See `Line.answer`."""
        await self._patiently(lambda: self._line.answer(conversation))

    async def mark(self, conversation: str) -> None:
        """See `Line.mark`."""
        await self._patiently(lambda: self._line.mark(conversation))

    async def take_over(self, play: str) -> None:
        """See `Line.take_over`."""
        await self._patiently(lambda: self._line.take_over(play))

    async def is_ours(self) -> bool:
        """See `Line.is_ours`."""
        return await self._line.is_ours()

    async def play(self, play: str, files: Sequence[Path]) -> None:
        """See `Line.play`."""
        await self._patiently(lambda: self._line.play(play, files))

    async def stop_playing(self, play: str) -> None:
        """See `Line.stop_playing`."""
        await self._patiently(lambda: self._line.stop_playing(play))

    async def hear(self, sink: Callable[[bytes], None]) -> None:
        """See `Line.hear`."""
        await self._patiently(lambda: self._line.hear(sink))

    async def stop_hearing(self) -> None:
        """See `Line.stop_hearing`."""
        await self._line.stop_hearing()

    async def transfer(self, queue: str, agent: str = "") -> None:
        """See `Line.transfer`."""
        await self._patiently(lambda: self._line.transfer(queue, agent))

    async def hang_up(self) -> None:
        """See `Line.hang_up`."""
        await self._patiently(self._line.hang_up)

    async def _patiently(self, ask: Callable[[], Awaitable[None]]) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + CONNECTION_PATIENCE
        while True:
            try:
                await self._be_sure()
                return await ask()
            except TelephonyDown:
                if loop.time() > deadline:
                    raise
                await asyncio.sleep(CONNECTION_RETRY)

    async def _be_sure(self) -> None:
        while (period := self._tenure.period()) != self._sure_in:
            if not await self._record.confirm() and not await self._line.is_ours():
                raise StaleRevision(f"channel {self._line.id} is not ours any more")
            self._sure_in = period


async def _nothing() -> None:
    pass
