"""Real calls while something is away, or while the caller does what nobody expects."""

from __future__ import annotations

import asyncio

import pytest

from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.services.backoffice import sample
from tests.live.calls.visit import Dial, Pages, pop, rings, stranger


async def test_without_redis_calls_go_on_and_the_story_is_written_later(
    sandbox: Sandbox, dial: Dial, network: Network, pages: Pages
) -> None:
    await sandbox.redis.stop()
    try:
        call = await dial(stranger())
        await call.identifies(sample.AYSE.line.number, sample.AYSE.pin)
        await call.hears("offer_fault")
        await call.presses("0")
        ring = await rings(network)
        shown = await pop(pages[ring.phone], call.conversation, "ringing")
        assert sample.AYSE.name not in shown.message["html"], "the story cannot be read yet"
        await network.answer(ring)
    finally:
        await sandbox.redis.start()
    page = pages[ring.phone]
    told = await page.wait(lambda message: message["type"] == "pop" and sample.AYSE.name in message["html"])
    assert told.message["conversation"] == call.conversation
    story = await call.story()
    assert story["sure"]["level"] == "verified"
    assert story["incomplete"]
    await call.hangs_up()


async def test_without_the_company_the_caller_hears_an_apology_or_a_question_and_gets_on(
    product: Hotline, dial: Dial, network: Network
) -> None:
    call = await dial(sample.SELIN.main)
    await call.note("identified")
    await call.hears("main_menu")
    await product.backoffice.stop()
    try:
        await call.presses("111")
        await call.note("failed", service="ticket.open")
        await call.hears("ticket_failed")
        ring = await rings(network)
        assert [failure["service"] for failure in (await call.story())["trouble"]["failures"]] == ["ticket.open"]
        await network.decline(ring)
        await call.hangs_up()
        second = await dial(sample.SELIN.main)
        await second.note("failed", service="directory.find")
        await second.hears("ask_line")
        await second.hangs_up()
    finally:
        await product.backoffice.start()


@pytest.mark.parametrize("keys", ["0123456789*#" * 6, "*" * 60, "#" * 60 + "*0"])
async def test_a_telephone_in_a_pocket_harms_nobody(dial: Dial, keys: str) -> None:
    call = await dial("anonymous")
    await call.caller.press(keys, between=40)
    await call.note("transferred")
    await call.hangs_up()


async def test_after_twenty_callers_who_hang_up_at_once_the_next_is_served(network: Network, dial: Dial) -> None:
    callers = await asyncio.gather(*(network.call(sample.SELIN.main) for _ in range(20)))
    await asyncio.gather(*(caller.hang_up() for caller in callers))
    async with asyncio.timeout(15):
        await asyncio.gather(*(caller.ended.wait() for caller in callers))
    call = await dial(stranger())
    await call.hears("ask_line")
    await call.hangs_up()
