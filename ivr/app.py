"""The one place that wires everything: a controller from its settings."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from context_store.privacy import MaskDigits
from context_store.redis_store import RedisStore
from ivr.call.pops import Pops
from ivr.call.session import Room
from ivr.call.switchboard import Switchboard
from ivr.call.watch import Watch
from ivr.desk.app import make_desk
from ivr.errors import SettingsError, SpeechError, TelephonyDown
from ivr.hotline import make_speaker, read_settings_hotline
from ivr.services.http import HttpServices
from ivr.settings import Settings, WebSettings
from ivr.speech.speaker import PromptSpeaker
from ivr.telephony.ari import AriClient
from ivr.telephony.inbound import Inbound
from ivr.telephony.queue_events import QueueEvents

log = logging.getLogger(__name__)

Report = Callable[[str], None]
DYNAMIC_PROMPT_DAYS = 7  # sound that was made for one call may hold personal data: it is not kept


async def serve(settings: Settings, stop: asyncio.Event, report: Report) -> None:
    """Run a controller until `stop` is set; then every caller goes to the fallback queue and everything is let go.

    `report` gets a line for each stage of the start, for a person to read.
    """
    flow, book = read_settings_hotline(settings)
    report(f"flow {flow.flow}, version {flow.version}")
    speaker = make_speaker(settings, book)
    asterisk, watch = settings.asterisk, Watch()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(speaker.aclose)
        await _make_prompts(speaker, report)
        store = RedisStore(
            settings.redis.url.get_secret_value(),
            timeout=settings.redis.timeout,
            lifetime=settings.redis.conversation_hours * 3600,
        )
        stack.push_async_callback(store.aclose)
        services = HttpServices(settings.services.url, settings.services.token.get_secret_value())
        await stack.enter_async_context(services)
        pops = await stack.enter_async_context(Pops(store, watch))
        switchboard = Switchboard(
            Room(
                store,
                speaker,
                services,
                watch,
                flow,
                settings.controller.name,
                settings.controller.region,
                settings.controller.language,
                settings.controller.queue,
            )
        )
        password = asterisk.ari_password.get_secret_value()
        app = f"ivr-{settings.controller.name}"
        ari = AriClient(asterisk.host, asterisk.ari_port, asterisk.ari_user, password, app, timeout=asterisk.timeout)
        inbound = Inbound(ari, switchboard, fallback_queue=settings.controller.queue)
        queues = QueueEvents(
            asterisk.host, asterisk.ami_port, asterisk.ami_user, asterisk.ami_password.get_secret_value(), pops
        )
        desk = make_desk(
            settings.web, settings.agents, pops, store, watch, book.labels, region=settings.controller.region
        )
        await stack.enter_async_context(_listening(desk, settings.web))
        report(f"agents' page at http://{settings.web.host}:{settings.web.port}/")
        # All of this stays. Looking through it for garbage would pause every call for a tenth of a second.
        gc.collect()
        gc.freeze()
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(inbound.run(), name="inbound"),
                tasks.create_task(queues.run(), name="queue events"),
                tasks.create_task(_tell_ready(ari, report), name="ready"),
            ]
            await stop.wait()
            report(f"stopping: {len(switchboard.channels())} calls go to the queue {settings.controller.queue}")
            inbound.accepting = False
            await switchboard.close()
            for task in running:
                task.cancel()


async def _make_prompts(speaker: PromptSpeaker, report: Report) -> None:
    """Have every prompt's sound before the first call; one that cannot be made is told now and skipped in calls."""
    try:
        await speaker.build(lambda done, total: report(f"prompts {done} of {total}") if done % 10 == 0 else None)
    except SpeechError as error:
        log.error("%s", error)
    await speaker.prune(DYNAMIC_PROMPT_DAYS)


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
