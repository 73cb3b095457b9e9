"""Many callers at once, each with a script. What they get is told by the live feed.

Everybody calls from another number, or the feed could not tell them apart.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Self

from context_store.records import Json
from ivr.flow.numbers import to_e164
from ivr.sandbox.phones import Caller, Network
from ivr.sandbox.watching import Feed

Message = Mapping[str, Json]
Script = Sequence[tuple[str, str]]  # a prompt to wait for ("" for none), and the keys to press ("" to hang up)

OVER = ("transferred", "ended", "hung_up", "identified")
TO_PEOPLE = "to_agent"  # the prompt before somebody is put through: there is nothing more to guess
SPREAD = 0.5  # seconds within which callers begin: in step, they would wait for one another at every proof
PATIENCE = 60.0  # seconds that a caller waits for anything


@dataclass(slots=True)
class Call:
    """One call, and what came of it, in the order of happening."""

    happenings: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    seen: list[Message] = field(default_factory=list)

    async def until(self, wanted: Callable[[Message], bool]) -> None:
        """Until that happens, or the call is over."""
        async with asyncio.timeout(PATIENCE):
            while not self.over:
                self.seen.append(await self.happenings.get())
                if wanted(self.seen[-1]):
                    return

    @property
    def over(self) -> bool:
        """Whether the caller cannot go on guessing: they are put through, or believed, or have hung up."""
        return bool(self.seen) and (self.seen[-1]["kind"] in OVER or is_spoken(self.seen[-1], TO_PEOPLE))

    @property
    def course(self) -> tuple[str, ...]:
        """The prompts that the caller has heard."""
        return tuple(
            prompt for message in self.seen if message["kind"] == "spoken" for prompt in message["data"]["prompts"]
        )

    def count(self, kind: str) -> int:
        """How many happenings there were of that kind."""
        return sum(message["kind"] == kind for message in self.seen)

    def waits_after(self, answer: str) -> list[float]:
        """Seconds from the last key of each such answer to the next thing that the caller hears."""
        waits, given_at = [], 0.0
        for message in self.seen:
            if message["kind"] == "answered" and message["data"]["name"] == answer:
                given_at = message["at"]
            elif message["kind"] == "spoken" and given_at:
                waits.append(message["at"] - given_at)
                given_at = 0.0
        return waits

    def gap(self, first: str, second: str) -> float:
        """Seconds from the beginning of one prompt to that of another."""
        begun = [next(seen["at"] for seen in self.seen if is_spoken(seen, prompt)) for prompt in (first, second)]
        return float(begun[1] - begun[0])


class Crowd:
    """Callers. `async with Crowd.calling(...) as crowd`."""

    def __init__(self, network: Network, most: int) -> None:
        self._network = network
        self._free = asyncio.Semaphore(most)
        self._chance = random.Random(most)
        self._dialling: dict[str, Call] = {}
        self._calls: dict[str, Call] = {}

    @classmethod
    @asynccontextmanager
    async def calling(cls, network: Network, most: int, *feeds: Feed) -> AsyncIterator[Self]:
        """`most` of them at once, while the block runs. `feeds`: of every controller that may take a call."""
        crowd = cls(network, most)
        followers = [asyncio.create_task(crowd._follow(feed), name="crowd") for feed in feeds]
        try:
            yield crowd
        finally:
            for follower in followers:
                follower.cancel()
            await asyncio.gather(*followers, return_exceptions=True)

    async def call(self, number: str, script: Script, token: str = "") -> Call:
        """One call from this number, until it is over."""
        ani = to_e164(number)
        assert ani, number
        async with self._free:
            await asyncio.sleep(self._chance.uniform(0, SPREAD))
            call = self._dialling[ani] = Call()
            caller = await self._network.call(number, token=token)
            try:
                await self._play(caller, call, script)
                await call.until(lambda _: False)
            finally:
                await caller.hang_up()
            async with asyncio.timeout(PATIENCE):
                await caller.ended.wait()
            return call

    async def _play(self, caller: Caller, call: Call, script: Script) -> None:
        for prompt, keys in script:
            if prompt:
                await call.until(partial(is_spoken, prompt=prompt))
            if call.over:
                return
            if not keys:
                await caller.hang_up()
                return
            await caller.press(keys)

    async def _follow(self, live: Feed) -> None:
        """Give every happening to its call."""
        position = 0
        while True:
            await live.wait(lambda _: True, after=position, within=3600)
            for seen in live.seen[position:]:
                self._give(seen.message)
            position = len(live.seen)

    def _give(self, message: Message) -> None:
        if message["kind"] == "started":
            self._calls[message["call"]] = self._dialling.pop(message["data"]["ani"])
        if call := self._calls.get(message["call"]):
            call.happenings.put_nowait(message)


def is_spoken(message: Message, prompt: str) -> bool:
    """Whether this prompt begins."""
    return message["kind"] == "spoken" and prompt in message["data"]["prompts"]
