"""Two controllers fight for one call: whatever the order, nobody acts on a channel after being told it is not theirs.

A controller that sleeps gets nothing done and hears nothing; awake again it hears all at once. What it had asked for
has been done meanwhile.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal

import pytest

from context_store.going_on import Taken
from context_store.memory import MemoryStore
from context_store.records import Saved, interaction_of
from context_store.tenures import name_of
from ivr.call.session import Session
from ivr.flow.events import Event, HungUp, KeyPressed
from tests.unit.takeover_house import Channel, Controller, House, SharedLine
from tests.virtual_time import run_virtual, until

OPERATIONS = 14


class Sleeper:
    """Whether a controller is awake, and what it has not heard."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.awake = asyncio.Event()
        self.awake.set()
        self.unheard: list[tuple[Session, Event]] = []
        self.must_ask = False  # it slept, or was refused: it may not act before it has asked whose the call is


class Gated(MemoryStore):
    """One store as a controller reaches it: what is asked is done, the answer waits until the controller is awake."""

    def __init__(self, shared: MemoryStore, sleeper: Sleeper) -> None:
        super().__init__()
        self._kept, self._open, self._sleeper = shared._kept, shared._open, sleeper

    async def save(self, saved: Saved) -> bool:
        self._sleeper.must_ask = True
        try:
            whole = await super().save(saved)
            self._sleeper.must_ask = False
        finally:
            await self._answer()
        return whole

    async def take(
        self, conversation: str, interaction: str, owner: str, dead: Collection[str]
    ) -> Taken | Literal["held", "unknown"]:
        taken = await super().take(conversation, interaction, owner, dead)
        self._sleeper.must_ask = taken == "held"
        await self._answer()
        return taken

    async def owner(self, conversation: str, interaction: str) -> str | None:
        owner = await super().owner(conversation, interaction)
        self._sleeper.must_ask = owner is None or name_of(owner) != self._sleeper.name
        await self._answer()
        return owner

    async def _answer(self) -> None:
        await asyncio.sleep(0.001)
        await self._sleeper.awake.wait()


class Watched(SharedLine):
    """Notes whoever acts on a channel and knows, or had to find out, that it is somebody else's."""

    def __init__(self, channel: Channel, app: str, fight: Fight) -> None:
        super().__init__(channel, app)
        self._fight = fight

    async def _do(self, what: str, value: str) -> None:
        owner, sleeper = self._fight.owner(), self._fight.sleepers[self._app]
        if owner != self._app and sleeper.must_ask:
            self._fight.wrongs.append(f"{self._app} did {what} {value}, and the call is {owner}'s")
        self._channel.done.append((self._app, what, value))
        await asyncio.sleep(0.001)
        await sleeper.awake.wait()

    async def is_ours(self) -> bool:
        ours = await super().is_ours()
        self._fight.sleepers[self._app].must_ask = not ours
        await self._fight.sleepers[self._app].awake.wait()
        return ours

    async def play(self, play: str, files: Sequence[Path]) -> None:
        await self._do("play", ",".join(file.stem for file in files))


class Fight:
    """One call, two controllers."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.house = House()
        self.sleepers = {name: Sleeper(name) for name in ("one", "two")}
        self.controllers = {
            "one": Controller(self.house, "one", {"two"}, Gated(self.house.store, self.sleepers["one"])),
            "two": Controller(self.house, "two", {"one"}, Gated(self.house.store, self.sleepers["two"])),
        }
        self.channel = Channel("chan-1", "one")
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.wrongs: list[str] = []

    def owner(self) -> str:
        kept = self.house.store._kept.get(self.house.store._where(self.channel.conversation))
        step = kept.steps.get(interaction_of(self.channel.id)) if kept else None
        return name_of(step.owner) if step else ""

    def serve(self, name: str, *, found: bool) -> None:
        session, task = self.controllers[name].serve(self.channel, found=found)
        session._line._line = Watched(self.channel, name, self)
        self.channel.puts[name] = lambda event: self.hear(name, session, event)
        self.tasks[name] = task

    def serves(self, name: str) -> bool:
        return name in self.tasks and not self.tasks[name].done()

    def hear(self, name: str, session: Session, event: Event) -> None:
        sleeper = self.sleepers[name]
        if sleeper.awake.is_set():
            session.put(event)
        else:
            sleeper.unheard.append((session, event))

    def wake(self, name: str) -> None:
        sleeper = self.sleepers[name]
        if not sleeper.awake.is_set():
            self.controllers[name].tenure.sleep()
            sleeper.must_ask = True
            sleeper.awake.set()
            for session, event in sleeper.unheard:
                session.put(event)
            sleeper.unheard.clear()

    async def happen(self) -> None:
        """Something does."""
        name = self.random.choice(("one", "two"))
        awake = self.sleepers[name].awake.is_set()
        match self.random.choice(("key", "sleep", "wake", "look", "look")):
            case "key":
                self.channel.tell(KeyPressed(time.time(), self.random.choice("0123456789*#")))
            case "sleep":
                self.sleepers[name].awake.clear()
            case "wake":
                self.wake(name)
            case "look" if awake and not self.serves(name):
                self.serve(name, found=True)
        await asyncio.sleep(self.random.choice((0.0, 0.0005, 0.001, 0.002, 0.01)))


async def fight(seed: int) -> None:
    fight = Fight(seed)
    fight.serve("one", found=False)
    await until(lambda: bool(fight.channel.conversation) and fight.owner() == "one")
    for _ in range(OPERATIONS):
        await fight.happen()
    for name in fight.controllers:
        fight.wake(name)
    await asyncio.sleep(1)
    if not fight.serves(fight.owner()):
        fight.serve(fight.owner(), found=True)  # a later look
        await asyncio.sleep(1)
    fight.channel.tell(HungUp(time.time()))
    async with asyncio.timeout(60):
        await asyncio.gather(*fight.tasks.values())
    assert fight.wrongs == [], f"seed {seed}"
    ended = await fight.house.interaction(fight.channel)
    assert ended.ended_at, f"seed {seed}: nobody has written the end"
    assert ended.controller == fight.owner()


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_nobody_acts_on_a_channel_that_is_not_theirs(start: int) -> None:
    async def test() -> None:
        for seed in range(start, start + 100):
            await fight(seed)

    run_virtual(test)
