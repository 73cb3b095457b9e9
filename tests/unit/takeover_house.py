"""Two controllers at one exchange and one store, where takeovers are tried.

The exchange tells a controller that somebody has moved its channel, as Asterisk does, and remembers who did what.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from context_store.memory import MemoryStore
from context_store.records import Interaction, Note, NoteKind, Story, interaction_of
from ivr.call.outage import Outage
from ivr.call.ports import Arrival
from ivr.call.session import Session
from ivr.errors import ChannelGone
from ivr.flow.events import Event, HungUp, KeyPressed, PlayEnded
from ivr.flow.reading.loader import parse_flow
from tests.unit.fakes import FakeAnswers, FakeSpeaker, FakeTenure, OneHotline, make_room
from tests.virtual_time import until

FLOW = parse_flow(
    """
flow: small
languages: [tr]
start: hello
defaults: {otherwise: people}
nodes:
  hello: {say: hello, next: name}
  name: {collect: ask_name, length: 2, next: pick}
  pick:
    menu: pick
    timeout: 20s
    choices: {ticket: {key: 1, next: ticket}, bye: {key: 2, next: bye}, people: {key: 3, next: people}}
  ticket:
    call: ticket.open
    with: {line: "x", symptom: x, contact: y}
    into: ticket
    next: pick
    on_error: people
  people: {transfer: faults, reason: asked}
  bye: {end: bye}
""",
    "small.yaml",
)


class Channel:
    """A caller's channel. `app` is the controller whose application it is in; `done` is who did what with it."""

    def __init__(self, name: str, app: str) -> None:
        self.id = name
        self.app = app
        self.gone = False
        self.conversation = ""
        self.done: list[tuple[str, str, str]] = []
        self.puts: dict[str, Callable[[Event], None]] = {}

    def tell(self, event: Event) -> None:
        """The exchange tells whom the channel belongs to."""
        if put := self.puts.get(self.app):
            put(event)

    def move(self, app: str) -> None:
        """Into another application; the one before is told that it has left."""
        if self.app != app:
            self.tell(HungUp(time.time()))
            self.app = app

    def heard(self, app: str) -> list[str]:
        """The prompts that this controller has played, without their suffix."""
        return [value for by, what, value in self.done if (by, what) == (app, "play")]


class SharedLine:
    """The channel as one controller has it. Prompts are played at once."""

    def __init__(self, channel: Channel, app: str) -> None:
        self.id = channel.id
        self._channel = channel
        self._app = app

    async def _do(self, what: str, value: str) -> None:
        """It is done at once; that it is done is known a moment later."""
        if not self._channel.gone:
            self._channel.done.append((self._app, what, value))
        await asyncio.sleep(0.001)
        if self._channel.gone:
            raise ChannelGone("the channel has gone")

    async def answer(self, conversation: str) -> None:
        self._channel.conversation = conversation
        await self._do("answer", conversation)

    async def mark(self, conversation: str) -> None:
        self._channel.conversation = conversation
        await self._do("mark", conversation)

    async def take_over(self, play: str) -> None:
        self._channel.move(self._app)
        await self._do("take_over", play)

    async def is_ours(self) -> bool:
        await asyncio.sleep(0.001)
        return self._channel.app == self._app and not self._channel.gone

    async def play(self, play: str, files: Sequence[Path]) -> None:
        await self._do("play", ",".join(file.stem for file in files))
        self._channel.tell(PlayEnded(time.time(), play))

    async def stop_playing(self, play: str) -> None:
        await self._do("stop", play)

    async def hear(self, sink: Callable[[bytes], None]) -> None:
        await self._do("hear", "")

    async def stop_hearing(self) -> None:
        await self._do("stop hearing", "")

    async def transfer(self, queue: str, agent: str = "") -> None:
        self._channel.move("")
        await self._do("transfer", queue)

    async def hang_up(self) -> None:
        self._channel.move("")
        await self._do("hang_up", "")


class Controller:
    """One of them. It knows that those in `dead` serve nobody."""

    def __init__(self, house: House, name: str, dead: Collection[str] = (), store: MemoryStore | None = None) -> None:
        self.name = name
        self.tenure = FakeTenure(name, dead)
        self.outage = Outage(store or house.store)
        self.hotlines = OneHotline(FLOW, FakeSpeaker())
        self.room = make_room(
            store or house.store, self.hotlines, house.company, tenure=self.tenure, outage=self.outage, name=name
        )

    def serve(self, channel: Channel, *, found: bool = False, visit: str = "") -> tuple[Session, asyncio.Task[None]]:
        """The channel came to us, or was found."""
        arrival = Arrival(channel.id, "05321112233", "4440000", conversation=channel.conversation, visit=visit)
        session = Session(self.room, SharedLine(channel, self.name), arrival, found=found)
        channel.puts[self.name] = session.put
        return session, asyncio.create_task(session.run(), name=f"{self.name} serves {channel.id}")


class House:
    """The store, the company, and the channels."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.company = FakeAnswers({"ticket.open": {"number": "481516"}})

    async def call(self, controller: Controller, keys: str = "42") -> tuple[Channel, Session, asyncio.Task[None]]:
        """A caller has given their name, and hears the menu."""
        channel = Channel("chan-1", controller.name)
        session, task = controller.serve(channel)
        await until(lambda: "ask_name" in channel.heard(controller.name))
        press(session, keys)
        await until(lambda: "pick" in channel.heard(controller.name))
        return channel, session, task

    async def story(self, channel: Channel) -> Story:
        story = await self.store.story(channel.conversation)
        assert story
        return story

    async def interaction(self, channel: Channel) -> Interaction:
        call = interaction_of(channel.id)
        return next(one for one in (await self.story(channel)).interactions if one.id == call)

    async def notes(self, channel: Channel, kind: NoteKind) -> list[Note]:
        return [note for note in (await self.story(channel)).notes if note.kind is kind]


def press(session: Session, keys: str) -> None:
    for key in keys:
        session.put(KeyPressed(time.time(), key))


async def die(session: Session, task: asyncio.Task[None]) -> None:
    """As by kill -9: nothing is done or written any more."""
    session.let_go()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
