"""A real browser on the agents' page: the pop is on the screen before the agent's phone is answered."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.services.backoffice import sample
from ivr.settings_exchange import Agent
from tests.live.calls.company import Company
from tests.live.calls.visit import Dial, rings, stranger

# Without these Chromium looks for its maker's hosts at every start.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
async def browser(browser_path: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def logged_in(browser: Browser, sandbox: Sandbox, agent: Agent) -> AsyncIterator[Page]:
    """An agent's page, in a browser of its own, ready for calls."""
    web = sandbox.settings.web
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"http://{web.host}:{web.port}/")
    await page.fill("input[name=user]", agent.phone)
    await page.fill("input[name=password]", agent.page_password.get_secret_value())
    await page.keyboard.press("Enter")
    await expect(page.locator("body")).to_have_attribute("data-connection", "live")
    try:
        yield page
    finally:
        await context.close()


async def test_the_browser_shows_the_story_before_the_agent_answers(
    browser: Browser, sandbox: Sandbox, dial: Dial, network: Network, company: Company
) -> None:
    first, second = sandbox.settings.agents
    async with logged_in(browser, sandbox, first) as one, logged_in(browser, sandbox, second) as two:
        call = await dial("+905559998866", "<img src=x onerror=alert(1)>")
        await call.identifies(sample.AYSE.line.number, sample.AYSE.pin)
        for prompt in ("offer_fault", "symptom", "contact"):
            await call.hears(prompt)
            await call.presses("1")
        await call.hears("remember_number")
        await call.presses("0")
        ring = await rings(network, within=20)
        page = one if ring.phone == first.phone else two
        pop = page.locator(f"[data-pop-id='{call.call}']")
        await expect(pop).to_have_attribute("data-state", "ringing")
        seen_at = time.time()
        for text in (sample.AYSE.name, "İnternet yok", "0555 999 88 66"):
            await expect(pop).to_contain_text(text)
        assert sample.AYSE.pin not in await page.content()
        assert await page.locator("img[src=x]").count() == 0
        assert not ring.answered.is_set()
        await network.answer(ring)
        await expect(pop).to_have_attribute("data-state", "answered")
        await ring.answered.wait()
        assert seen_at < ring.answered_at + 0.001, "Asterisk's times are whole milliseconds"
        other = two if page is one else one
        assert await other.locator("[data-pop-id]").count() == 0
        await call.hangs_up()
        await expect(pop).to_have_attribute("data-state", "ended")


async def test_the_pop_leaves_the_screen_when_the_agent_does_not_answer(
    browser: Browser, sandbox: Sandbox, dial: Dial, network: Network
) -> None:
    first, second = sandbox.settings.agents
    async with logged_in(browser, sandbox, first) as one, logged_in(browser, sandbox, second) as two:
        call = await dial(stranger())
        await call.wants_a_person()
        ring = await rings(network)
        page = one if ring.phone == first.phone else two
        pop = page.locator(f"[data-pop-id='{call.call}']")
        await expect(pop).to_have_attribute("data-state", "ringing")
        await expect(pop).to_have_count(0, timeout=10_000)
        await call.hangs_up()


async def test_a_stranger_sees_only_the_login(browser: Browser, sandbox: Sandbox, product: object) -> None:
    web = sandbox.settings.web
    page = await browser.new_page()
    answer = await page.goto(f"http://{web.host}:{web.port}/")
    assert answer
    assert answer.url.endswith("/login")
    await page.fill("input[name=user]", "1001")
    await page.fill("input[name=password]", "guess")
    await page.keyboard.press("Enter")
    await expect(page.locator("input[name=password]")).to_be_visible()
    api = await page.request.get(f"http://{web.host}:{web.port}/api/conversations/0000000000000000")
    assert api.status == 401
    await page.close()


async def test_an_agent_passes_a_caller_on_with_the_keyboard(
    browser: Browser, sandbox: Sandbox, dial: Dial, network: Network
) -> None:
    first, second = sandbox.settings.agents
    async with logged_in(browser, sandbox, first) as one, logged_in(browser, sandbox, second) as two:
        call = await dial(stranger())
        await call.wants_a_person()
        ring = await rings(network)
        page, other = (one, two) if ring.phone == first.phone else (two, one)
        colleague = second if page is one else first
        await network.answer(ring)
        pop = page.locator(f"[data-pop-id='{call.call}']")
        await expect(pop).to_have_attribute("data-state", "answered")
        await pop.locator("[data-goals]").focus()
        await page.keyboard.press("Enter")
        await expect(pop.locator("select")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(pop.locator("form")).to_have_count(0)
        await expect(pop.locator("[data-goals]")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(pop.locator("select")).to_be_focused()
        await page.keyboard.type(colleague.name)
        await page.keyboard.press("Tab")
        await page.keyboard.type("Modem <b>yeniden</b> başlatıldı.")
        await page.keyboard.press("Control+Enter")
        await expect(pop).to_have_attribute("data-state", "passed")
        await expect(pop.locator(".state")).to_contain_text(colleague.name)
        again = await rings(network)
        assert again.phone == colleague.phone
        there = other.locator(f"[data-pop-id='{call.call}']")
        await expect(there.locator(".came")).to_contain_text("aktardı")
        await expect(there.locator("blockquote")).to_have_text("Modem <b>yeniden</b> başlatıldı.")
        await page.keyboard.press("Escape")
        await expect(pop).to_have_count(0)
        await call.hangs_up()


async def test_a_page_outlives_its_controller_with_what_the_agent_was_writing(
    browser: Browser, sandbox: Sandbox, dial: Dial, network: Network, product: Hotline
) -> None:
    first, second = sandbox.settings.agents
    async with logged_in(browser, sandbox, first) as one, logged_in(browser, sandbox, second) as two:
        call = await dial(stranger())
        await call.wants_a_person()
        ring = await rings(network)
        page = one if ring.phone == first.phone else two
        await network.answer(ring)
        pop = page.locator(f"[data-pop-id='{call.call}']")
        await pop.locator("[data-goals]").click()
        await pop.locator("textarea").fill("yarım kalan")
        product.controller.kill()
        await expect(page.locator("body")).to_have_attribute("data-connection", "lost")
        await product.controller.start()
        await expect(page.locator("body")).to_have_attribute("data-connection", "live", timeout=20_000)
        await expect(pop).to_have_attribute("data-state", "answered", timeout=10_000)
        await expect(pop.locator("textarea")).to_have_value("yarım kalan")
        await call.hangs_up()
        await expect(pop).to_have_attribute("data-state", "ended")
        await page.keyboard.press("Escape")
        await expect(pop).to_have_count(0)
        await expect(page.locator("#recent")).to_contain_text("Açık bırakıldı")
