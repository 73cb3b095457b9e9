"""The one place that wires everything: a controller from its settings."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from functools import partial

from aiohttp import web

from context_store.privacy import MaskDigits
from context_store.redis_library import RedisLibrary
from ivr import parts
from ivr.call.outage import Outage
from ivr.call.pops import Pops
from ivr.call.room import Room
from ivr.call.switchboard import Switchboard
from ivr.call.taping import Tapes
from ivr.call.unwritten import Unwritten
from ivr.call.watch import Watch
from ivr.desk.app import make_desk
from ivr.errors import SettingsError, TelephonyDown
from ivr.hotline.editions import Editions
from ivr.hotline.reading import read_edition, read_settings_hotline
from ivr.hotline.shelf import Shelf
from ivr.hotline.voice import make_voice
from ivr.listeners import Listeners, listeners
from ivr.services.opening import company_services
from ivr.settings import Settings, WebSettings
from ivr.speech.addresses import SoundAddresses
from ivr.speech.serving import serve_sounds
from ivr.stop import Stop
from ivr.stopping import Leaving
from ivr.telephony.ami_link import AmiLink
from ivr.telephony.ari import AriClient
from ivr.telephony.inbound import Inbound
from ivr.telephony.media import on_the_same_machine
from ivr.telephony.media_cache import MediaCache
from ivr.telephony.phones import AgentPhones

log = logging.getLogger(__name__)

Report = Callable[[str], None]
Bar = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]
SOUND_DAYS = 7  # how long sound is kept that was made for one call: it may hold personal data
RESTART_SECONDS = 1.0


async def serve(settings: Settings, stop: Stop, report: Report, bar: Bar) -> None:
    """Run a controller until `stop` is set; then see `Leaving.leave`, and let everything go.

    `report` gets a line for each stage of the start and the end, for a person to read; `bar` shows how long work goes.
    """
    watch, tapes, own = Watch(), Tapes(), settings.controller
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(company_services(settings.services, settings.paths.services))
        editions = await stack.enter_async_context(_editions(settings, report))
        with bar("prompts") as step:
            await editions.build(step)
        store = parts.make_store(settings)
        stack.push_async_callback(store.aclose)
        unwritten = await stack.enter_async_context(Unwritten(store))
        pops = await stack.enter_async_context(Pops(store, watch))
        attempts = await stack.enter_async_context(parts.attempts(settings))
        returns = await stack.enter_async_context(parts.returns(settings))
        outage = await stack.enter_async_context(Outage(store))
        heard = await stack.enter_async_context(listeners(settings, editions.latest.flow.languages, report))
        ari = parts.make_ari(settings)
        link = parts.make_link(settings)
        phones = AgentPhones(ari, link, settings.sip.hotline)
        desk = make_desk(
            settings.web,
            settings.agents,
            pops,
            store,
            services,
            watch,
            editions.labels,
            phones,
            region=own.region,
            tapes=tapes,
            queues=[queue.name for queue in settings.queues],
            hearing=heard.state if heard else dict,
        )
        addresses = parts.sound_addresses(settings)
        if addresses:
            serve_sounds(desk, addresses)
        await stack.enter_async_context(_listening(desk, settings.web))
        report(f"agents' page at http://{settings.web.host}:{settings.web.port}/")
        # All of this stays. Looking through it for garbage would pause every call for a tenth of a second.
        gc.collect()
        gc.freeze()
        tenure = await stack.enter_async_context(parts.tenure(settings))
        room = Room(
            store,
            editions,
            services,
            attempts,
            returns,
            watch,
            unwritten,
            tenure,
            outage,
            tapes,
            own.name,
            phones,
            parts.spans(settings),
            own.region,
            own.language,
            own.queue,
            heard.recogniser if heard else None,
        )
        await _take_calls(settings, room, ari, link, pops, editions, addresses, heard, stop, report)


async def _take_calls(
    settings: Settings,
    room: Room,
    ari: AriClient,
    link: AmiLink,
    pops: Pops,
    editions: Editions,
    addresses: SoundAddresses | None,
    heard: Listeners | None,
    stop: Stop,
    report: Report,
) -> None:
    """Until `stop`; then let the calls end, or hand them over, while there still is a connection to do so."""
    switchboard, tenure = Switchboard(room), room.tenure
    inbound = Inbound(
        ari,
        switchboard,
        fallback_queue=room.fallback_queue,
        others=tenure,
        link=link,
        audio=heard.audio if heard else None,
        media=addresses.of if addresses else on_the_same_machine,
        abandoned_seconds=settings.asterisk.abandoned_seconds,
        on_failed_play=editions.distrust,
    )
    tenure.died = switchboard.refused = inbound.look_now
    queues = parts.make_queue_events(settings, pops)
    # Any edition's speaker will do: they share the folder.
    cache = partial(editions.latest.speaker.keep_clean, SOUND_DAYS)
    async with asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(_kept_up("the link to AMI", link.run), name="link"),
            tasks.create_task(_kept_up("inbound calls", inbound.run), name="inbound"),
            tasks.create_task(_kept_up("queue events", queues.run), name="queue events"),
            tasks.create_task(_kept_up("published editions", editions.run), name="editions"),
            tasks.create_task(_kept_up("the prompt cache", cache), name="cache"),
            tasks.create_task(_tell_ready(ari, report), name="ready"),
        ]
        if heard:
            running.append(tasks.create_task(heard.tell_ready(report), name="hearing is ready"))
        if addresses:
            copies = MediaCache(settings.asterisk, addresses.unneeded)
            running.append(tasks.create_task(_kept_up("Asterisk's copies of sound", copies.keep_clean), name="copies"))
        await stop.wait()
        leaving = Leaving(ari, inbound, switchboard, tenure, room.outage, room.fallback_queue, report)
        await leaving.leave(settings.controller.drain_seconds, stop.hurry)
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
