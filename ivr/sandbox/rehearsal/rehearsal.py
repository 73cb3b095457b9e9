"""Plays flow tests as calls: Redis, Asterisk, a telephone network and a controller, with a stand-in for the company.

One call at a time, as the stand-in answers what the present test says.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from context_store.editions import Announcement
from context_store.errors import StoreError
from context_store.redis_library import RedisLibrary
from context_store.redis_store import RedisStore
from ivr.errors import SandboxError
from ivr.flow.numbers import to_e164
from ivr.flow.reading.texts import FlowTexts
from ivr.flowtest.acts import Act
from ivr.flowtest.outcome import Outcome
from ivr.flowtest.stage import Stage
from ivr.sandbox.daemon import Daemon
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Caller, Network
from ivr.sandbox.rehearsal.hurry import hurried
from ivr.sandbox.rehearsal.live_call import LiveCall
from ivr.sandbox.rehearsal.performing import perform
from ivr.sandbox.rehearsal.playable import Part
from ivr.sandbox.rehearsal.playing import Tell
from ivr.sandbox.rehearsal.stand_in import Company, StandIn
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import Feed, live_feed
from ivr.speech.book import PromptBook

WORDS_PER_MINUTE = 300  # as fast as the synthesiser may speak
ANSWERED = 20.0  # seconds until a controller must have taken a call
GONE = 5.0  # seconds until a caller who hangs up is gone
ANNOUNCED = 600.0  # seconds; longer than any call

WITHHELD = "anonymous"
# One test knows nothing of another: neither who called a moment ago, nor how often they were not believed.
_NO_MEMORY = {
    "DEVAM_IDENTIFICATION__RETURN_MINUTES": "0",
    **dict.fromkeys(
        (f"DEVAM_IDENTIFICATION__{who}_ATTEMPTS" for who in ("CALLER", "WITHHELD", "CLAIM", "OVERALL")), "100000"
    ),
}
_MAP = Path(__file__).parent / "services.yaml"


@dataclass(frozen=True, slots=True)
class Piece:
    """A hotline that is rehearsed: `flows` are the texts of the stage's flow; `prompts` None: those of Devam."""

    stage: Stage
    book: PromptBook
    flows: FlowTexts
    prompts: Path | None = None


class Rehearsal:
    """A running sandbox with what the tests of one hotline need. `rehearsal` makes one.

    `speaking` has the controller begin every call in a language; `play` then plays a test that begins in it.
    """

    def __init__(self, box: Sandbox, stage: Stage, overrides: Mapping[str, str], network: Network) -> None:
        self._box = box
        self._stage = stage
        self._overrides = overrides
        self._network = network
        services, redis = box.settings.services, box.settings.redis
        self._stand_in = StandIn(stage.catalogue, services.token.get_secret_value())
        url = redis.url.get_secret_value()
        self._store = RedisStore(url, timeout=redis.timeout, lifetime=3600)
        self._library = RedisLibrary(url, timeout=redis.timeout)
        self._feed = Feed()
        self._controller: Daemon | None = None

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """The company's systems answer while the block runs."""
        url = urlsplit(self._box.settings.services.url)
        try:
            async with self._stand_in.serving(url.hostname or "", url.port or 80):
                yield
        finally:
            await self._store.aclose()
            await self._library.aclose()

    @asynccontextmanager
    async def speaking(self, language: str) -> AsyncIterator[None]:
        """Calls can be made while the block runs; they begin in this language."""
        overrides = {**self._overrides, "DEVAM_CONTROLLER__LANGUAGE": language}
        self._controller = controller = Hotline(self._box, overrides).controller
        try:
            await controller.start()
            async with live_feed(self._box.settings.web) as self._feed:
                yield
        finally:
            await controller.stop()

    async def play(self, part: Part, tell: Tell) -> Outcome:
        """Make the calls of one test. Raises `SandboxError` when the sandbox, not the hotline, is at fault."""
        self._check()
        await self._announce(part.written.scenario.announcement)
        try:
            outcome, calls = await perform(self._stage.flow, part, self._calling, tell)
        finally:
            await self._announce({})
        await self._forget(calls)
        self._check()
        return outcome

    @asynccontextmanager
    async def _calling(self, act: Act) -> AsyncIterator[LiveCall]:
        """One call, up to its end."""
        company = Company(act.company.services, self._stage.catalogue)
        self._stand_in.company = company
        ani = to_e164(act.scene.caller, self._stage.region) if act.scene.caller else None
        position = len(self._feed.seen)
        caller = await self._network.call(ani or WITHHELD, token=act.scene.token)
        try:
            call = LiveCall(caller, self._feed, position, self._store, company)
            await call.begin(ani, ANSWERED)
            yield call
        finally:
            await _gone(caller)

    async def _forget(self, calls: Sequence[LiveCall]) -> None:
        """What the test has left unfinished is nothing to the next one."""
        for call in calls:
            await call.ended()
            try:
                await self._store.close(call.conversation, "tested", time.time())
            except StoreError as error:
                raise SandboxError(f"the store: {error}") from None

    def _check(self) -> None:
        """Raise `SandboxError` when something has ended that the call needs."""
        self._box.check()
        controller = self._controller
        if controller is None or not controller.running:
            log = f". The end of its log:\n{controller.tail()}" if controller else ""
            raise SandboxError(f"no controller runs{log}")

    async def _announce(self, texts: Mapping[str, str]) -> None:
        now = time.time()
        announcement = Announcement(texts, now + ANNOUNCED, now, "a flow test") if texts else None
        await self._library.announce(self._stage.flow.flow, announcement)


@asynccontextmanager
async def rehearsal(box: Sandbox, piece: Piece) -> AsyncIterator[Rehearsal]:
    """What plays the tests of a hotline in a running sandbox."""
    folder = box.folder / "flows"
    folder.mkdir(exist_ok=True)
    for name, text in hurried(piece.stage.flow, piece.flows).items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    overrides = {
        "DEVAM_CONTROLLER__FLOW": piece.flows.main,
        "DEVAM_CONTROLLER__REGION": piece.stage.region,
        "DEVAM_PATHS__FLOWS": str(folder),
        "DEVAM_PATHS__SERVICES": str(_MAP),
        # Each question takes the test's next reply, and failures of one test are nothing to the next.
        "DEVAM_SERVICES__TRIES": "1",
        "DEVAM_SERVICES__BREAKER_FAILURES": "1000",
        "DEVAM_SPEECH__WORDS_PER_MINUTE": str(WORDS_PER_MINUTE),
        **_NO_MEMORY,
        **({"DEVAM_PATHS__PROMPTS": str(piece.prompts.resolve())} if piece.prompts else {}),
    }
    plan, hotline = box.plan, box.settings.sip.hotline
    async with Network(plan.ari_host, plan.ari_port, plan.ari_user, plan.ari_password, hotline) as network:
        playing = Rehearsal(box, piece.stage, overrides, network)
        async with playing.serving():
            yield playing


async def _gone(caller: Caller) -> None:
    """The line is free again."""
    await caller.hang_up()
    with suppress(TimeoutError):
        async with asyncio.timeout(GONE):
            await caller.ended.wait()
