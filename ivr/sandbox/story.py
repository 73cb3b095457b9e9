"""The story's call, told as it happens: a dead line, an unknown mobile, a person who need not ask again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape

from context_store.records import Json
from ivr.sandbox.phones import Caller, Network, Ring
from ivr.sandbox.watching import Feed
from ivr.services.backoffice.sample import AYSE, UNKNOWN_MOBILE, SampleCustomer

THINKING = 1.0  # seconds before the caller presses the first key
BEFORE_ANSWER = 2.5  # seconds that the agent lets the phone ring
TALK = 2.0  # seconds that agent and caller talk


def local_line(customer: SampleCustomer) -> str:
    """The customer's line as people in Turkey type it."""
    return "0" + customer.line.number.removeprefix("+90")


# What the caller does when she hears a prompt. She does not wait for its end.
SCRIPT = (
    ("ask_line", local_line(AYSE), ""),
    ("ask_pin", AYSE.pin, "her PIN, which is neither stored nor shown"),
    ("offer_fault", "1", "report the fault"),
    ("symptom", "11", "no internet; call me back on this number"),
    ("remember_number", "1", "know me by this number next time"),
    ("number_remembered", "0", "a person, please"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """The figures of the last line: epoch seconds."""

    rang_at: float
    shown_at: float
    answered_at: float

    def __str__(self) -> str:
        after, before = (self.shown_at - self.rang_at) * 1000, (self.answered_at - self.shown_at) * 1000
        return f"screen-pop: {after:.0f} ms after the agent's phone rang, {before:.0f} ms before it was answered"


class Telling:
    """Prints what happens, with the time since the call began."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._start = time.time()

    def line(self, who: str, colour: str, text: str, at: float | None = None) -> None:
        """One line of the story."""
        seconds = (at or time.time()) - self._start
        self._console.print(f"[dim]{seconds:6.2f} s[/]  [{colour}]{who:<7}[/]  {text}")

    def happening(self, message: Mapping[str, Json]) -> None:
        """A happening of the live feed, if it belongs to the story."""
        data = message["data"]
        match message["kind"]:
            case "spoken":
                self.line("Devam", "cyan", f"“{escape(data['text'])}”")
            case "pressed":
                self.line("", "dim", f"understood: {escape(data['choice'])}")
            case "looked_up" | "did":
                verb = "looked up" if message["kind"] == "looked_up" else "did"
                brief = _brief(data["result"])
                self.line("", "dim", f"{verb} {data['service']}" + (f": {escape(brief)}" if brief else ""))
            case "identified":
                self.line("", "dim", f"knows who is calling: {data['level']}, by {data['way'].replace('_', ' ')}")
            case "transferred":
                self.line("", "dim", f"hands her to the queue “{escape(data['queue'])}”, with the conversation")


def _brief(result: Mapping[str, Json]) -> str:
    return ", ".join(f"{key} {value}" for key, value in result.items() if value and isinstance(value, str))


async def tell(network: Network, live: Feed, page: Feed, console: Console) -> Told:
    """Place the call and tell it; returns when the call is over."""
    telling = Telling(console)
    teller = asyncio.create_task(_follow(live, telling.happening), name="teller")
    try:
        telling.line("caller", "yellow", f"dials the hotline from {UNKNOWN_MOBILE}, a number that nobody knows")
        caller = await network.call(UNKNOWN_MOBILE)
        await _walk(caller, live, telling)
        ring = await _ring(network, telling)
        ours = ring.conversation
        shown = await page.wait(lambda message: message["type"] == "pop" and message["conversation"] == ours)
        telling.line("page", "magenta", f"shows the screen-pop: {escape(str(shown.message['caller']))}", shown.at)
        await asyncio.sleep(max(0.0, ring.rang_at + BEFORE_ANSWER - time.time()))
        await network.answer(ring)
        async with asyncio.timeout(10):
            await ring.answered.wait()
        telling.line("agent", "green", "picks up, and need not ask who is calling, what is wrong, or what was done")
        await asyncio.sleep(TALK)
        await caller.hang_up()
        telling.line("caller", "yellow", "hangs up, content")
    finally:
        teller.cancel()
        await asyncio.gather(teller, return_exceptions=True)
    return Told(ring.rang_at, shown.at, ring.answered_at)


async def _walk(caller: Caller, live: Feed, telling: Telling) -> None:
    """Do what the script says; she presses while the prompt is still playing."""
    for prompt, keys, meaning in SCRIPT:
        await live.wait(saying(prompt))
        await asyncio.sleep(THINKING)
        shown = "•" * len(keys) if keys == AYSE.pin else " ".join(keys)
        telling.line("caller", "yellow", f"presses {shown}" + (f"  ({meaning})" if meaning else ""))
        await caller.press(keys)


def saying(prompt: str) -> Callable[[Mapping[str, Json]], bool]:
    """Whether a message of the live feed says that this prompt is being played."""
    return lambda message: message["kind"] == "spoken" and prompt in message["data"]["prompts"]


async def _ring(network: Network, telling: Telling) -> Ring:
    async with asyncio.timeout(30):
        ring = await network.rings.get()
    telling.line("agent", "green", f"phone {ring.phone} rings", ring.rang_at)
    return ring


async def _follow(live: Feed, tell: Callable[[Mapping[str, Json]], None]) -> None:
    """Tell every message of the feed, in order."""
    position = 0
    while True:
        await live.wait(lambda _: True, after=position, within=3600)
        while position < len(live.seen):
            tell(live.seen[position].message)
            position += 1
