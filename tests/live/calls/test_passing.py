"""Real calls between people: passed to a queue, to a colleague, back to the menus; cut off; and through a restart."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import NamedTuple

from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network, Ring
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import AgentPage, agent_page
from ivr.services.backoffice import sample
from tests.live.calls.visit import Dial, Pages, Visit, pop, rings, stranger

WORDS = "Modem yeniden başlatıldı, olmadı."


async def talks(call: Visit, network: Network, pages: Pages, places: Mapping[str, int] | None = None) -> Talk:
    """The next phone that rings for the call is answered. `places` are those in the pages, from `now`."""
    ring = await rings(network)
    assert ring.conversation == call.conversation
    page = pages[ring.phone]
    await network.answer(ring)
    shown = await pop(page, call.conversation, "answered", after=(places or {}).get(ring.phone, 0))
    return Talk(ring, page, str(shown.message["html"]))


class Talk(NamedTuple):
    """A phone that was answered, its agent's page, and what that showed."""

    ring: Ring
    page: AgentPage
    html: str


def now(pages: Pages) -> dict[str, int]:
    """How much each page has been told by now."""
    return {phone: len(page.seen) for phone, page in pages.items()}


def other(pages: Pages, phone: str) -> str:
    [colleague] = pages.keys() - {phone}
    return colleague


async def test_an_agent_passes_a_caller_to_a_queue_and_the_next_one_has_the_page(
    dial: Dial, network: Network, pages: Pages
) -> None:
    call = await dial(stranger())
    await call.wants_a_person()
    first, page, _ = await talks(call, network, pages)
    await page.pass_on(call.conversation, "queue", "faults", WORDS)
    passed = await pop(page, call.conversation, "passed")
    assert "Aktarıldı" in passed.message["told"]
    await first.ended.wait()
    second, next_page, told = await talks(call, network, pages)
    assert second.phone == other(pages, first.phone)
    assert WORDS in told
    assert "aktardı" in told
    await call.hangs_up()
    await pop(next_page, call.conversation, "ended")
    shown = [seen.message["state"] for seen in page.seen if seen.message["type"] == "pop"]
    assert shown[-1] == "passed", "the caller has not hung up on the one who passed them on"
    await next_page.wrap_up(call.conversation, solved=True)


async def test_an_agent_passes_a_caller_to_a_colleague(dial: Dial, network: Network, pages: Pages) -> None:
    call = await dial(stranger())
    await call.wants_a_person()
    first, page, _ = await talks(call, network, pages)
    await page.pass_on(call.conversation, "agent", other(pages, first.phone), WORDS)
    second, next_page, told = await talks(call, network, pages)
    assert second.phone == other(pages, first.phone)
    assert WORDS in told
    assert "agent-" not in told, "the page shows the queue that the caller came through"
    await network.decline(second)
    await call.caller.ended.wait()
    assert "data-solved" in (await pop(next_page, call.conversation, "ended")).message["html"]
    kinds = [note["kind"] for note in (await call.story())["timeline"]]
    assert kinds.count("connected") == 2
    assert kinds.count("parted") == 1


async def test_a_colleague_who_does_not_answer_leaves_the_caller_to_the_queue(
    dial: Dial, network: Network, pages: Pages
) -> None:
    call = await dial(stranger())
    await call.wants_a_person()
    first, page, _ = await talks(call, network, pages)
    await page.pass_on(call.conversation, "agent", other(pages, first.phone))
    assert (await rings(network)).phone == other(pages, first.phone)
    again = await rings(network, within=30)
    assert again.conversation == call.conversation
    gone = [seen.message for seen in pages[other(pages, first.phone)].seen if seen.message["type"] == "board"]
    assert "abandoned" not in str(gone), "the caller has not given up"
    await call.hangs_up()


async def test_a_caller_who_is_sent_back_to_the_menus_says_nothing_again(
    dial: Dial, network: Network, pages: Pages
) -> None:
    call = await dial(sample.SELIN.main)
    await call.hears("main_menu")
    await call.presses("0")
    await call.note("transferred")
    _, page, _ = await talks(call, network, pages)
    places = now(pages)
    await page.pass_on(call.conversation, "menu", words=WORDS)
    await pop(page, call.conversation, "passed")
    back = await call.again()
    assert back.conversation == call.conversation
    await back.hears("main_menu")
    await back.presses("0")
    await back.note("transferred")
    talk = await talks(back, network, pages, places)
    assert "Menülerden döndü" in talk.html
    await back.hangs_up()
    story = await back.story()
    assert story["sure"]["level"] == "recognised"
    assert [given["question"] for given in story["given"] if given["question"] == "fault_line"] == []


async def test_a_caller_who_is_cut_off_gets_the_same_agent_and_the_pop_says_so(
    dial: Dial, network: Network, pages: Pages
) -> None:
    call = await dial(sample.SELIN.main)
    await call.hears("main_menu")
    await call.presses("0")
    await call.note("transferred")
    first, page, _ = await talks(call, network, pages)
    await call.hangs_up()
    await pop(page, call.conversation, "ended")
    places = now(pages)
    call = await dial(sample.SELIN.main)
    await call.hears("same_agent")
    await call.presses("1")
    await call.note("transferred")
    again = await talks(call, network, pages, places)
    assert again.ring.phone == first.phone
    assert "Sizinle konuşurken hat kesildi" in again.html
    await call.hangs_up()


async def test_pops_are_there_again_after_the_controller_was_killed(
    product: Hotline, sandbox: Sandbox, dial: Dial, network: Network, pages: Pages
) -> None:
    talking, waiting = await dial(stranger()), await dial(stranger())
    await talking.wants_a_person()
    ring, *_ = await talks(talking, network, pages)
    await waiting.wants_a_person()
    await rings(network)
    product.controller.kill()
    await product.controller.start()
    async with AsyncExitStack() as stack:
        web = sandbox.settings.web
        fresh = {
            agent.phone: await stack.enter_async_context(agent_page(web, agent)) for agent in sandbox.settings.agents
        }
        shown = await pop(fresh[ring.phone], talking.conversation, "answered")
        assert "Görüşmede" in shown.message["told"]
        await pop(fresh[other(pages, ring.phone)], waiting.conversation, "ringing")
        await talking.hangs_up()
        await pop(fresh[ring.phone], talking.conversation, "ended")
        story = await talking.story()
        assert [note["kind"] for note in story["timeline"]].count("connected") == 1, "it is noted once"
    await waiting.hangs_up()
