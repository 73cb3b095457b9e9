"""`ivr demo`: sets everything up, tells the story with a real call and, on a terminal, stays up for yours."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console

from ivr.cli_progress import progress_bar
from ivr.hotline.reading import read_settings_hotline
from ivr.hotline.voice import make_speaker
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network, Ring
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.story import local_line, tell
from ivr.sandbox.unpack import ensure
from ivr.sandbox.watching import agent_page, live_feed
from ivr.services.backoffice.sample import AYSE
from ivr.settings import Settings

ANSWER_AFTER = 3.0  # seconds until the demo's agents pick up for a visitor


async def run_demo(folder: Path, stop: asyncio.Event, console: Console) -> None:
    """Tell the story; on a terminal stay up until `stop`. Everything it started is stopped at the end."""
    demo = asyncio.create_task(_demo(folder, stop, console), name="demo")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({demo, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not demo.done() and not console.is_terminal:
        demo.cancel()
    stopping.cancel()
    await asyncio.gather(stopping, return_exceptions=True)
    try:
        await demo
    except asyncio.CancelledError:
        console.print("stopped")


async def _demo(folder: Path, stop: asyncio.Event, console: Console) -> None:
    components = await asyncio.to_thread(ensure, folder, lambda line: console.print(line, markup=False))
    async with AsyncExitStack() as stack:
        box = await _started(Sandbox(components, folder, usual_ports=True), stack, console)
        plan, settings = box.plan, box.settings
        network = await stack.enter_async_context(
            Network(plan.ari_host, plan.ari_port, plan.ari_user, plan.ari_password, settings.sip.hotline)
        )
        live = await stack.enter_async_context(live_feed(settings.web))
        page = await stack.enter_async_context(agent_page(settings.web, settings.agents[0]))
        console.print()
        told = await tell(network, live, page, console)
        console.print()
        if console.is_terminal:
            _invite(settings, console)
        console.print(str(told))
        if console.is_terminal:
            await _answer_visitors(network, stop)
            console.print("stopping …")


async def _started(box: Sandbox, stack: AsyncExitStack, console: Console) -> Sandbox:
    """Start everything at once; none of it minds waiting for the others."""
    stack.push_async_callback(box.stop)
    await _make_prompts(box.settings, console)
    console.print("starting Redis, Asterisk, the controller and the sample back office …")
    hotline = Hotline(box)
    stack.push_async_callback(hotline.stop)
    try:
        async with asyncio.TaskGroup() as starting:
            starting.create_task(box.start(), name="start the sandbox")
            starting.create_task(hotline.start(), name="start the hotline")
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return box


async def _make_prompts(settings: Settings, console: Console) -> None:
    _, book = read_settings_hotline(settings)
    with progress_bar(console, "prompts") as step:
        await make_speaker(settings, book).build(step)


def _invite(settings: Settings, console: Console) -> None:
    agent, phone, sip, web = settings.agents[0], settings.sip.softphones[0], settings.sip, settings.web
    console.print("Try it yourself:")
    console.print(f"  agents' page   http://{web.host}:{web.port}/")
    console.print(f"                 user {agent.phone}, password {agent.page_password.get_secret_value()}")
    console.print(f"  your softphone host {sip.bind}, port {sip.port} (UDP)")
    console.print(f"                 user {phone.user}, password {phone.password.get_secret_value()}")
    console.print(
        f"                 call {sip.hotline}; it does not know you: give line {local_line(AYSE)}, PIN {AYSE.pin}"
    )
    console.print("  Ctrl-C stops everything.")
    console.print()


async def _answer_visitors(network: Network, stop: asyncio.Event) -> None:
    """Until `stop`, the demo's agents pick up whoever is put through."""
    async with asyncio.TaskGroup() as answers:
        rings = answers.create_task(_answer_all(network, answers), name="answer visitors")
        await stop.wait()
        rings.cancel()


async def _answer_all(network: Network, answers: asyncio.TaskGroup) -> None:
    while True:
        ring = await network.rings.get()
        answers.create_task(_answer(network, ring), name=f"answer {ring.channel}")


async def _answer(network: Network, ring: Ring) -> None:
    await asyncio.sleep(ANSWER_AFTER)
    if not ring.ended.is_set():
        await network.answer(ring)
