"""One caller's visit to the hotline, as the tests drive it and look at it."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import aiohttp

from context_store.records import Json
from ivr.sandbox.phones import Caller, Network, Ring
from ivr.sandbox.watching import AgentPage, Feed, Seen
from ivr.settings import WebSettings
from tests.virtual_time import until

Pages = Mapping[str, AgentPage]

_STRANGERS = itertools.count()


def stranger() -> str:
    """A mobile that nobody knows, and that no other test calls from: who drops and calls again is known for a while."""
    return f"+90555997{next(_STRANGERS):04}"


def dialled(number: str) -> str:
    """A number as people in Turkey key it in."""
    return "0" + number.removeprefix("+90")


class Visit:
    """A call in progress. Each look goes on from where the last one found something.

    `call` is the interaction. `conversation` is the one that it was in at the last look: it may join another.
    """

    def __init__(self, caller: Caller, live: Feed, call: str, conversation: str, web: WebSettings) -> None:
        self.caller = caller
        self.conversation = conversation
        self.call = call
        self._live = live
        self._web = web
        self._position = 0

    async def hears(self, prompt: str) -> Seen:
        """The next time that this prompt begins."""
        return await self._next(lambda message: prompt in message["data"].get("prompts", ()), "spoken")

    async def hears_next(self) -> list[str]:
        """The prompts that begin next, whatever they are."""
        prompts: list[str] = (await self._next(lambda _: True, "spoken")).message["data"]["prompts"]
        return prompts

    async def waits(self) -> Seen:
        """The next time that the hotline waits for keys in silence."""
        return await self._next(lambda _: True, "listening")

    async def note(self, kind: str, **data: Json) -> Mapping[str, Json]:
        """The next note of that kind with these data."""
        seen = await self._next(lambda message: data.items() <= message["data"].items(), kind)
        found: Mapping[str, Json] = seen.message["data"]
        return found

    async def next_of(self, *kinds: str) -> Mapping[str, Json]:
        """What is told next of any of these kinds, whatever it says: the whole message."""
        seen = await self._live.wait(
            lambda message: message["call"] == self.call and message["kind"] in kinds, after=self._position
        )
        self._position = self._live.seen.index(seen, self._position) + 1
        return seen.message

    async def presses(self, keys: str) -> None:
        await self.caller.press(keys)

    async def hangs_up(self) -> None:
        await self.caller.hang_up()

    async def identifies(self, line: str, pin: str) -> None:
        """Answer the two questions of the fault line. `line` is E.164."""
        await self.hears("ask_line")
        await self.presses(dialled(line))
        await self.hears("ask_pin")
        await self.presses(pin)

    async def wants_a_person(self) -> None:
        """A caller whom nobody knows asks for an agent, and is handed over."""
        await self.hears("ask_line")
        await self.presses("*0")
        await self.note("transferred")

    async def again(self, caller: Caller | None = None) -> Visit:
        """The next call in this conversation: of a caller who was sent back to the menus, or who calls again."""
        started = await self._live.wait(
            lambda message: message["kind"] == "started" and message["call"] != self.call, after=self._position
        )
        told = started.message
        visit = Visit(caller or self.caller, self._live, str(told["call"]), str(told["conversation"]), self._web)
        visit._position = self._live.seen.index(started)
        return visit

    async def passes(self, prompt: str) -> None:
        """Hear a question and have another one instead. The next key must wait: * and 0 would be for a person."""
        await self.hears(prompt)
        await self.presses("*")

    async def story(self, web: WebSettings | None = None) -> Mapping[str, Json]:
        """The conversation as the API gives it; of another controller than the one that took the call."""
        web = web or self._web
        headers = {"Authorization": f"Bearer {web.api_token.get_secret_value()}"}
        url = f"http://{web.host}:{web.port}/api/conversations/{self.conversation}"
        async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
            assert answer.status == 200, await answer.text()
            story: Mapping[str, Json] = await answer.json()
            return story

    async def _next(self, wanted: Callable[[Mapping[str, Json]], bool], kind: str) -> Seen:
        seen = await self._live.wait(
            lambda message: message["call"] == self.call and message["kind"] == kind and wanted(message),
            after=self._position,
            within=60.0,  # silence is met with patience
        )
        self._position = self._live.seen.index(seen, self._position) + 1
        self.conversation = str(seen.message["conversation"])
        return seen


class Dial(Protocol):
    """Calls the hotline from a number; `token` as from the app."""

    def __call__(self, number: str, name: str = "", token: str = "") -> Awaitable[Visit]: ...


async def rings(network: Network, within: float = 15.0) -> Ring:
    """The next agent's phone that rings."""
    await until(lambda: not network.rings.empty(), within=within)
    return network.rings.get_nowait()


async def pop(page: Feed, conversation: str, state: str, after: int = 0) -> Seen:
    """The pop of a conversation on an agent's page, once it is in that state."""
    return await page.wait(lambda message: _is_pop(message, conversation) and message["state"] == state, after=after)


async def gone(page: Feed, conversation: str) -> Seen:
    """The news that the pop of a conversation was taken off a page."""

    def told(message: Mapping[str, Json]) -> bool:
        callers = {seen.message["id"] for seen in page.seen if _is_pop(seen.message, conversation)}
        return message["type"] == "board" and not callers.isdisjoint(message["gone"])

    return await page.wait(told)


def _is_pop(message: Mapping[str, Json], conversation: str) -> bool:
    return bool(message["type"] == "pop" and message["conversation"] == conversation)
