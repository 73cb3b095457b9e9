"""Real calls to agents: a phone that is not answered, callers who give up, and no controller at all."""

from __future__ import annotations

from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import live_feed
from ivr.services.backoffice import sample
from tests.live.calls.visit import Dial, Pages, gone, pop, rings, stranger


async def test_an_agent_who_does_not_answer_loses_the_pop_to_the_next(
    dial: Dial, network: Network, pages: Pages
) -> None:
    call = await dial(stranger())
    await call.wants_a_person()
    first = await rings(network)
    await pop(pages[first.phone], call.conversation, "ringing")
    second = await rings(network)  # after the first has rung for as long as the queue says
    assert second.phone != first.phone
    await gone(pages[first.phone], call.conversation)
    await pop(pages[second.phone], call.conversation, "ringing")
    await network.answer(second)
    await pop(pages[second.phone], call.conversation, "answered")
    await call.hangs_up()
    await pop(pages[second.phone], call.conversation, "ended")
    assert (await call.story())["trouble"]["unanswered_rings"] == 1


async def test_a_caller_who_gives_up_while_the_phone_rings_takes_the_pop_away(
    dial: Dial, network: Network, pages: Pages
) -> None:
    call = await dial(stranger())
    await call.wants_a_person()
    ring = await rings(network)
    await pop(pages[ring.phone], call.conversation, "ringing")
    await call.hangs_up()
    await gone(pages[ring.phone], call.conversation)


async def test_an_agent_who_declines_loses_the_pop(dial: Dial, network: Network, pages: Pages) -> None:
    call = await dial(stranger())
    await call.wants_a_person()
    ring = await rings(network)
    await pop(pages[ring.phone], call.conversation, "ringing")
    await network.decline(ring)
    await gone(pages[ring.phone], call.conversation)
    await call.hangs_up()


async def test_two_of_one_household_have_a_page_each(dial: Dial, network: Network, pages: Pages) -> None:
    """They call at the same time about the same line: one is known by the number only, the other has given the PIN."""
    second = await dial(stranger())
    await second.identifies(sample.SELIN.line.number, sample.SELIN.pin)
    await second.note("identified")
    first = await dial(sample.SELIN.main)
    await first.note("identified")
    for call in (second, first):
        await call.waits()
        await call.presses("0")
        await call.note("transferred")
    assert first.conversation == second.conversation
    theirs = {}
    for heard in (await rings(network), await rings(network)):
        shown = await pop(pages[heard.phone], first.conversation, "ringing")
        theirs[shown.message["id"]] = heard, shown.message["html"]
    assert theirs.keys() == {first.call, second.call}
    assert 'data-level="recognised"' in theirs[first.call][1]
    assert 'data-level="verified"' in theirs[second.call][1]
    ring, _ = theirs[second.call]
    await first.hangs_up()
    await gone(pages[theirs[first.call][0].phone], first.conversation)
    await network.answer(ring)
    await pop(pages[ring.phone], first.conversation, "answered")
    gone_there = [seen.message["gone"] for seen in pages[ring.phone].seen if seen.message["type"] == "board"]
    assert second.call not in str(gone_there), "one who gives up takes nobody else's page away"
    await second.hangs_up()
    await pop(pages[ring.phone], first.conversation, "ended")


async def test_without_a_controller_the_fallback_queue_answers(product: Hotline, network: Network) -> None:
    await product.controller.stop()
    try:
        caller = await network.call(sample.MEHMET.main)
        ring = await rings(network)
        assert ring.conversation == "", "nobody served the call, so there is no conversation"
        await network.answer(ring)
        await ring.answered.wait()
        await caller.hang_up()
    finally:
        await product.controller.start()


async def test_stopping_the_controller_hands_its_callers_to_the_fallback_queue(
    product: Hotline, dial: Dial, network: Network
) -> None:
    call = await dial(sample.SELIN.main)
    await call.hears("main_menu")
    await product.controller.stop()
    try:
        ring = await rings(network)
        assert ring.conversation == call.conversation
        await call.hangs_up()
    finally:
        await product.controller.start()


async def test_a_killed_controllers_caller_goes_on_when_it_is_back(
    product: Hotline, dial: Dial, network: Network, sandbox: Sandbox
) -> None:
    call = await dial(sample.SELIN.main)
    await call.hears("main_menu")
    product.controller.kill()
    await product.controller.start()
    async with live_feed(sandbox.settings.web) as live:
        await live.wait(lambda message: message["call"] == call.call and message["kind"] == "listening")
        await call.caller.press("0")
    ring = await rings(network)
    assert ring.conversation == call.conversation
    await call.hangs_up()
