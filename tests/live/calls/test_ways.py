"""Real calls: every way to tell who is calling, every proof, and what is still known when the call is over."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from context_store.records import Json
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.services.backoffice import sample
from tests.live.calls.company import Company
from tests.live.calls.visit import Dial, Pages, Visit, dialled, pop, rings, stranger

AYSES_BILL, AYSES_SURNAME, AYSES_ORDER = "4649", "945", "0021"


def known(way: str, proof: str, level: str) -> Mapping[str, Json]:
    """What the log tells of how somebody was identified."""
    return {"way": way, "proof": proof, "level": level}


async def prove(call: Visit) -> None:
    """Mustafa, of whose line an outage is told: after it, the caller is offered to be remembered."""
    await call.identifies(sample.MUSTAFA.line.number, sample.MUSTAFA.pin)
    assert await call.note("identified") == known("fault_line", "pin", "verified")


async def say_goodbye(call: Visit) -> None:
    """Bring the call to its end."""
    await call.hears("anything_else")
    await call.presses("1")
    await call.hears("goodbye")
    await call.note("ended", outcome="completed")


# Claims and proofs


async def test_the_line_and_digits_of_a_bill(dial: Dial) -> None:
    call = await dial(stranger())
    await call.hears("ask_line")
    await call.presses(dialled(sample.AYSE.line.number))
    await call.passes("ask_pin")
    await call.hears("ask_invoice")
    await call.presses(AYSES_BILL)
    assert await call.note("identified") == known("fault_line", "invoice", "verified")
    await call.hears("offer_fault")
    await call.hangs_up()


async def test_the_customer_number_and_the_year_of_birth(dial: Dial) -> None:
    call = await dial(stranger())
    await call.passes("ask_line")
    await call.hears("ask_customer_number")
    await call.presses(sample.AYSE.number + "#")
    await call.passes("ask_pin")
    await call.passes("ask_invoice")
    await call.hears("ask_birth_year")
    await call.presses(str(sample.AYSE.birth_year))
    assert await call.note("identified") == known("customer_number", "birth_year", "verified")
    await call.hears("offer_fault")
    await call.hangs_up()


async def test_digits_with_zeros_before_them(dial: Dial) -> None:
    call = await dial(stranger())
    await call.passes("ask_line")
    await call.hears("ask_customer_number")
    await call.presses(sample.SELIN.number + "#" + sample.SELIN.pin)
    assert await call.note("identified") == known("customer_number", "pin", "verified")
    await call.hears("main_menu")
    await call.hangs_up()


async def test_the_last_order_and_the_pin(dial: Dial) -> None:
    call = await dial(stranger())
    await call.passes("ask_line")
    await call.passes("ask_customer_number")
    await call.hears("ask_surname")
    await call.presses(AYSES_SURNAME)
    await call.hears("ask_order")
    await call.presses(AYSES_ORDER)
    await call.hears("ask_pin")
    await call.presses(sample.AYSE.pin)
    assert await call.note("identified") == known("last_order", "pin", "verified")
    await call.hears("offer_fault")
    await call.hangs_up()


async def test_the_line_and_a_code_by_sms(dial: Dial, company: Company, sandbox: Sandbox) -> None:
    call = await dial(stranger())
    await call.hears("ask_line")
    await call.presses(dialled(sample.SELIN.line.number))
    for prompt in ("ask_pin", "ask_invoice", "ask_birth_year"):
        await call.passes(prompt)
    await call.hears("ask_sms_code")
    code = await company.code(sample.SELIN.main)
    await call.presses(code)
    assert await call.note("identified") == known("fault_line", "sms_code", "verified")
    await call.hears("main_menu")
    await call.hangs_up()
    await call.note("hung_up")
    assert code not in str((await call.story())["given"])
    assert code not in (sandbox.folder / "controller.log").read_text(encoding="utf-8")


async def test_what_needs_more_asks_for_it_and_goes_on_there(dial: Dial) -> None:
    call = await dial(sample.MEHMET.main)
    await call.hears("bill_seen")
    await call.presses("1")
    await call.hears("ask_pin")
    await call.presses(sample.MEHMET.pin)
    assert await call.note("identified") == known("", "pin", "verified")
    await call.hears("bill_told")
    await call.hangs_up()


# Several matches


async def test_a_customer_with_two_lines_chooses_by_their_endings(dial: Dial) -> None:
    call = await dial(sample.HUSEYIN.main)
    heard = await call.hears("choose_line")
    assert "3225550" not in heard.message["data"]["text"].replace(" ", "")
    await call.presses("2")
    heard = await call.hears("offer_fault")  # of the two, the line that is down
    await call.hangs_up()
    await call.note("hung_up")
    assert (await call.story())["who"]["name"] == sample.HUSEYIN.name


async def test_a_number_that_two_customers_share_names_neither_until_a_line_is_chosen(dial: Dial) -> None:
    call = await dial(sample.HATICE.alternates[0])
    await call.hears("choose_line")
    assert (await call.story())["who"]["name"] is None
    await call.presses("1")
    assert await call.note("identified") == known("alternate_number", "", "recognised")
    await call.hears("quota_gone")
    await call.hangs_up()
    await call.note("hung_up")
    assert (await call.story())["who"]["name"] == sample.HATICE.name


# From the app


async def test_a_token_from_the_app_is_good_for_one_call(dial: Dial, company: Company, sandbox: Sandbox) -> None:
    token = await company.token(sample.AYSE, "verified", sample.AYSE.line.number)
    call = await dial(stranger(), token=token)
    assert await call.note("identified") == known("token", "", "verified")
    await call.hears("offer_fault")
    again = await dial(stranger(), token=token)
    await again.hears("ask_line")
    for one in (call, again):
        await one.hangs_up()
        await one.note("hung_up")
        assert token not in str(await one.story())
    assert token not in (sandbox.folder / "controller.log").read_text(encoding="utf-8")


async def test_a_token_of_somebody_with_two_lines_leaves_the_choice(dial: Dial, company: Company) -> None:
    call = await dial(stranger(), token=await company.token(sample.HUSEYIN, "recognised"))
    assert await call.note("identified") == known("token", "", "recognised")
    await call.hears("choose_line")
    await call.presses("1")
    await call.hears("main_menu")
    await call.hangs_up()


@pytest.mark.parametrize("token", ["x" * 32, "short", "'; DROP TABLE tokens;--", "a" * 2000])
async def test_what_is_no_token_is_no_trouble(dial: Dial, token: str) -> None:
    call = await dial(stranger(), token=token)
    await call.hears("ask_line")
    await call.hangs_up()


# Who calls again


async def test_a_call_that_drops_goes_on_verified_when_the_same_number_calls_again(dial: Dial) -> None:
    number = stranger()
    first = await dial(number)
    await prove(first)
    await first.hears("outage")
    await first.hangs_up()
    await first.note("hung_up")
    again = await dial(number)
    assert await again.note("identified") == known("returned", "", "verified")
    await again.hears("outage")
    asked = await dial(stranger())  # from another number it is another caller
    await asked.hears("ask_line")
    for call in (again, asked):
        await call.hangs_up()


async def test_a_call_that_came_to_its_end_is_over(dial: Dial) -> None:
    number = stranger()
    first = await dial(number)
    await prove(first)
    await first.hears("remember_number")
    await first.presses("2")
    await say_goodbye(first)
    again = await dial(number)
    await again.hears("ask_line")
    await again.hangs_up()


# Registered numbers


async def registered(dial: Dial, number: str) -> None:
    """A call in which the number is remembered for Mustafa's line."""
    call = await dial(number)
    await prove(call)
    await call.hears("remember_number")
    await call.presses("1")
    await call.note("did", service="number.register")
    await call.hears("number_remembered")
    await say_goodbye(call)


async def test_a_number_that_was_registered_is_recognised_until_it_is_forgotten_by_key(
    dial: Dial, company: Company
) -> None:
    number = stranger()
    await registered(dial, number)
    call = await dial(number)
    assert await call.note("identified") == known("alternate_number", "", "recognised")
    await call.hears("anything_else")
    await call.presses("2")
    for prompt, key in (("main_menu", "4"), ("other_menu", "4"), ("forget_number", "1")):
        await call.hears(prompt)
        await call.presses(key)
    await call.note("did", service="number.forget")
    await call.hears("number_forgotten")
    await say_goodbye(call)
    again = await dial(number)
    await again.hears("ask_line")
    await again.hangs_up()
    told = await company.notices(sample.MUSTAFA.main)
    assert len(told) == 2
    assert all(number[-2:] in text and number not in text for text in told)


async def test_a_number_that_was_registered_is_forgotten_by_an_agents_button(
    dial: Dial, company: Company, network: Network, pages: Pages
) -> None:
    number = stranger()
    await registered(dial, number)
    call = await dial(number)
    await call.hears("anything_else")
    await call.presses("0")
    ring = await rings(network)
    await network.answer(ring)
    page = pages[ring.phone]
    shown = await pop(page, call.conversation, "answered")
    assert "data-forget" in shown.message["html"]
    await page.forget_number(call.conversation)
    await page.wait(
        lambda message: (
            message["type"] == "pop"
            and message["conversation"] == call.conversation
            and "data-forget" not in message["html"]
        ),
        after=page.seen.index(shown) + 1,
    )
    await call.hangs_up()
    again = await dial(number)
    await again.hears("ask_line")
    await again.hangs_up()
    assert len(await company.notices(sample.MUSTAFA.main)) == 2
