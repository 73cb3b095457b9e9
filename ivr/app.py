"""The one place that wires everything: a controller from its settings."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from aiohttp import web

from context_store.attempts import Limits
from context_store.memory_attempts import MemoryAttempts
from context_store.privacy import MaskDigits
from context_store.redis_attempts import RedisAttempts
from context_store.redis_library import RedisLibrary
from context_store.redis_returns import RedisReturns
from context_store.redis_store import RedisStore
from context_store.steady_attempts import SteadyAttempts
from ivr.call.pops import Pops
from ivr.call.session import Room
from ivr.call.switchboard import Switchboard
from ivr.call.unwritten import Unwritten
from ivr.call.watch import Watch
from ivr.desk.app import make_desk
from ivr.errors import SettingsError, TelephonyDown
from ivr.hotline.editions import Editions
from ivr.hotline.reading import read_edition, read_settings_hotline
from ivr.hotline.shelf import Shelf
from ivr.hotline.voice import make_voice
from ivr.services.opening import company_services
from ivr.settings import Settings, WebSettings
from ivr.telephony.ari import AriClient
from ivr.telephony.inbound import Inbound
from ivr.telephony.queue_events import QueueEvents

log = logging.getLogger(__name__)

Report = Callable[[str], None]
SOUND_DAYS = 7  # how long sound is kept that was made for one call: it may hold personal data
DRAIN_SECONDS = 3.0  # how long leaving callers to the fallback queue may take at the end
RESTART_SECONDS = 1.0


async def serve(settings: Settings, stop: asyncio.Event, report: Report) -> None:
    """Run a controller until `stop` is set; then every caller goes to the fallback queue and everything is let go.

    `report` gets a line for each stage of the start, for a person to read.
    """
    watch, own = Watch(), settings.controller
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(company_services(settings.services, settings.paths.services))
        editions = await stack.enter_async_context(_editions(settings, report))
        await editions.build(lambda done, total: report(f"prompts {done} of {total}") if done % 10 == 0 else None)
        store = _make_store(settings)
        stack.push_async_callback(store.aclose)
        unwritten = await stack.enter_async_context(Unwritten(store))
        pops = await stack.enter_async_context(Pops(store, watch))
        attempts = await stack.enter_async_context(_attempts(settings))
        returns = await stack.enter_async_context(_returns(settings))
        ours = (own.name, own.region, own.language, own.queue, settings.identification.return_minutes * 60)
        room = Room(store, editions, services, attempts, returns, watch, unwritten, *ours)
        desk = make_desk(
            settings.web, settings.agents, pops, store, services, watch, editions.labels, region=own.region
        )
        await stack.enter_async_context(_listening(desk, settings.web))
        report(f"agents' page at http://{settings.web.host}:{settings.web.port}/")
        # All of this stays. Looking through it for garbage would pause every call for a tenth of a second.
        gc.collect()
        gc.freeze()
        await _take_calls(settings, room, pops, editions, stop, report)


async def _take_calls(
    settings: Settings, room: Room, pops: Pops, editions: Editions, stop: asyncio.Event, report: Report
) -> None:
    """Until `stop`; then hand every caller over while there still is a connection to do so."""
    ari, switchboard = _make_ari(settings), Switchboard(room)
    inbound = Inbound(ari, switchboard, fallback_queue=room.fallback_queue, on_failed_play=editions.distrust)
    queues = _make_queue_events(settings, pops)
    # Any edition's speaker will do: they share the folder.
    cache = partial(editions.latest.speaker.keep_clean, SOUND_DAYS)
    async with asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(_kept_up("inbound calls", inbound.run), name="inbound"),
            tasks.create_task(_kept_up("queue events", queues.run), name="queue events"),
            tasks.create_task(_kept_up("published editions", editions.run), name="editions"),
            tasks.create_task(_kept_up("the prompt cache", cache), name="cache"),
            tasks.create_task(_tell_ready(ari, report), name="ready"),
        ]
        await stop.wait()
        report(f"stopping: {len(switchboard.channels())} calls go to the queue {room.fallback_queue}")
        await inbound.drain(DRAIN_SECONDS)
        await switchboard.close()
        await inbound.drain(DRAIN_SECONDS)  # those whom their call could not send anywhere
        for task in running:
            task.cancel()


@asynccontextmanager
async def _editions(settings: Settings, report: Report) -> AsyncIterator[Editions]:
    """What callers are served with: the published edition, or else the files."""
    name, redis = settings.controller.flow, settings.redis
    library = RedisLibrary(redis.url.get_secret_value(), timeout=redis.timeout)
    # Reading takes a good part of a second: in a thread, as calls are running meanwhile.
    shelf = Shelf(
        library, name, lambda edition: asyncio.to_thread(read_edition, edition, settings), make_voice(settings)
    )
    try:
        files = partial(asyncio.to_thread, read_settings_hotline, settings)
        yield await Editions.begin(library, name, shelf, files, report)
    finally:
        await shelf.aclose()
        await library.aclose()


def _make_store(settings: Settings) -> RedisStore:
    redis = settings.redis
    return RedisStore(redis.url.get_secret_value(), timeout=redis.timeout, lifetime=redis.conversation_hours * 3600)


@asynccontextmanager
async def _attempts(settings: Settings) -> AsyncIterator[SteadyAttempts]:
    """Counted in Redis for all controllers, and in memory while it is away."""
    own = settings.identification
    limits = Limits(
        caller=own.caller_attempts,
        withheld=own.withheld_attempts,
        claim=own.claim_attempts,
        overall=own.overall_attempts,
        seconds=own.window_minutes * 60,
    )
    url, timeout = settings.redis.url.get_secret_value(), settings.redis.timeout
    counted = RedisAttempts(url, timeout=timeout, limits=limits, lifetime=own.audit_days * 24 * 3600)
    try:
        async with SteadyAttempts(counted, MemoryAttempts(limits)) as attempts:
            yield attempts
    finally:
        await counted.aclose()


@asynccontextmanager
async def _returns(settings: Settings) -> AsyncIterator[RedisReturns]:
    """Whose call dropped a moment ago."""
    redis = settings.redis
    returns = RedisReturns(redis.url.get_secret_value(), timeout=redis.timeout)
    try:
        yield returns
    finally:
        await returns.aclose()


def _make_ari(settings: Settings) -> AriClient:
    asterisk, app = settings.asterisk, f"ivr-{settings.controller.name}"
    password = asterisk.ari_password.get_secret_value()
    return AriClient(asterisk.host, asterisk.ari_port, asterisk.ari_user, password, app, timeout=asterisk.timeout)


def _make_queue_events(settings: Settings, pops: Pops) -> QueueEvents:
    asterisk = settings.asterisk
    return QueueEvents(
        asterisk.host, asterisk.ami_port, asterisk.ami_user, asterisk.ami_password.get_secret_value(), pops
    )


async def _kept_up(name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Run it for ever: a fault in one part must not end the others, and with them every call."""
    while True:
        try:
            await run()
        except Exception:
            log.exception("%s failed and is started again", name)
        await asyncio.sleep(RESTART_SECONDS)


async def _tell_ready(ari: AriClient, report: Report) -> None:
    while True:
        try:
            await ari.wait_connected(10)
        except TelephonyDown as error:
            report(f"still waiting: {error}")
        else:
            report("ready")
            return


@asynccontextmanager
async def _listening(app: web.Application, settings: WebSettings) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    try:
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.host, settings.port).start()
        except OSError as error:
            raise SettingsError(
                f"web.port {settings.port} on {settings.host} cannot be used: {error.strerror}; choose another"
            ) from None
        yield
    finally:
        await runner.cleanup()


def set_up_logging(level: str) -> None:
    """Log to standard error; digits that could be a number of a person are masked."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    handler.addFilter(MaskDigits())
    logging.basicConfig(level=level, handlers=[handler], force=True)
