"""What callers of the hotline for ears say, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import numpy as np

from ivr.flow.numbers import to_e164
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import Feed
from ivr.settings import WebSettings
from ivr.speech.sound import Samples, read, write
from tests.live.calls.visit import Visit
from tests.speech_data import need_clips

RATE = 8000
LOADING_SECONDS = 30.0
LOUD = 0.02  # of full scale; what is louder is no silence


EARS = Path(__file__).parent / "ears"


class Talk(Protocol):
    """Calls from this number and presses `choice` at the first menu; `heard`: waits until the controller hears."""

    def __call__(self, number: str, choice: str = "", *, heard: bool = True) -> Awaitable[Visit]: ...


def for_ears(models: Path, places: int) -> dict[str, str]:
    """What a controller of the hotline for ears is told. `models` holds one a language."""
    return {
        "DEVAM_PATHS__FLOWS": str(EARS / "flows"),
        "DEVAM_PATHS__PROMPTS": str(EARS / "prompts"),
        "DEVAM_HEARING__MODELS": str(models),
        "DEVAM_HEARING__PLACES": str(places),
        "DEVAM_SPEECH__WORDS_PER_MINUTE": "220",
        "DEVAM_CONTROLLER__DRAIN_SECONDS": "1",
    }


def talking(network: Network, live: Feed, sandbox: Sandbox) -> Talk:
    """What calls the hotline of that sandbox, whose controller is the one of that feed."""

    async def talk(number: str, choice: str = "", *, heard: bool = True) -> Visit:
        position = len(live.seen)
        caller = await network.call(number)
        started = await live.wait(
            lambda message: message["kind"] == "started" and message["data"]["ani"] == to_e164(number), after=position
        )
        told = started.message
        visit = Visit(caller, live, str(told["call"]), str(told["conversation"]), sandbox.settings.web)
        if heard:
            await live.wait(
                lambda message: message["kind"] == "hearing" and message["call"] == told["call"], after=position
            )
        if choice:
            await visit.hears("which")
            await visit.presses(choice)
        return visit

    return talk


def clip(name: str) -> Path:
    """The sound of a clip: "en/us1_invoice"."""
    return need_clips() / f"{name}.wav"


async def understood(visit: Visit) -> str:
    """What was made of what the caller said: the words, or that there were none."""
    told = await visit.next_of("spoke", "doubted", "nomatch", "noinput")
    return str(told["data"]["words"]) if "words" in told["data"] else f"({told['kind']})"


async def hearing(web: WebSettings) -> dict[str, Any]:
    """Whether callers are heard just now, as the API tells it."""
    headers = {"Authorization": f"Bearer {web.api_token.get_secret_value()}"}
    url = f"http://{web.host}:{web.port}/api/hearing"
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
        told: dict[str, Any] = await answer.json()
        return told


async def until_heard(web: WebSettings, *, taken: int = 0) -> None:
    """Models are loaded, and so many places are taken."""

    async with asyncio.timeout(LOADING_SECONDS):
        while True:
            now = await hearing(web)
            if now["languages"] and now["taken"] == taken:
                return
            await asyncio.sleep(0.1)


def in_one_breath(target: Path, *names: str, pause: float = 0.0) -> Path:
    """Clips said without the silence around them, but for a pause of so many seconds after each."""
    short, calm = (np.zeros(int(seconds * RATE), dtype=np.float32) for seconds in (pause, 0.25))
    parts = [part for name in names for part in (voiced(clip(name)), short)]
    write(target, np.concatenate([calm, *parts, calm]))
    return target


def voiced(file: Path) -> Samples:
    """A sound without the silence around it."""
    samples, _ = read(file.read_bytes())
    loud = np.flatnonzero(np.abs(samples) > LOUD)
    return samples[loud[0] : loud[-1] + 1]


def at_times(target: Path, said: Sequence[tuple[float, str]], seconds: float) -> Path:
    """Clips that are said at these seconds of so long a time; between them the telephone sends silence."""
    sound = np.zeros(int(seconds * RATE), dtype=np.float32)
    for at, name in said:
        word, start = voiced(clip(name)), int(at * RATE)
        sound[start : start + len(word)] = word
    write(target, sound)
    return target


def cough(target: Path, *, seconds: float = 0.18, seed: int = 7) -> Path:
    """A cough: a burst of noise that dies away, with silence around it."""
    random = np.random.default_rng(seed)
    length = int(seconds * RATE)
    burst = random.normal(0, 0.35, length) * np.exp(-np.linspace(0, 5, length))
    silence = np.zeros(RATE // 4)
    target.parent.mkdir(parents=True, exist_ok=True)
    write(target, np.concatenate([silence, burst, silence]).astype(np.float32))
    return target
