"""Callers amid everything that the sample hotline does, when the controller is taken from them.

Each is told as a generator: up to the first `yield` the call is brought to that point; what is yielded is the prompt
that the caller is to hear again; the rest is how the call goes on. The flows are those with people for faults only
(`tests.live.calls.flows.never`), and with long waits.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from ivr.services.backoffice import sample
from tests.live.calls.visit import Visit, dialled, stranger

Calling = Callable[[str], Awaitable[Visit]]
Amid = AsyncIterator[tuple[Visit | None, str]]
MOBILE = "05559998877"  # where to be called back


async def a_menu(calling: Calling) -> Amid:
    call = await calling(sample.CAN.main)
    await call.hears("order_coming")
    await call.presses("2")
    await call.hears("main_menu")
    yield call, "main_menu"
    await call.presses("1")
    await call.hears("symptom")


async def half_a_number(calling: Calling) -> Amid:
    call = await calling(sample.GULSEN.main)
    await call.hears("outage")
    await call.presses("2")
    await call.hears("main_menu")
    await call.presses("112")
    await call.hears("contact_number")
    await call.presses(MOBILE[:5])
    yield call, "contact_number"
    await _gives_number(call)


async def a_value_that_is_read_back(calling: Calling) -> Amid:
    call = await calling(sample.AYSE.main)
    await call.hears("offer_fault")
    await call.presses("112")
    await call.hears("contact_number")
    await call.presses(MOBILE)
    await call.hears("contact_number_right")
    yield call, "contact_number"
    await _gives_number(call)


async def the_question_for_a_line(calling: Calling) -> Amid:
    call = await calling(stranger())
    await call.hears("ask_line")
    yield call, "ask_line"
    await call.presses(dialled(sample.SELIN.line.number))
    await call.hears("ask_pin")


async def the_question_for_a_pin(calling: Calling) -> Amid:
    call = await calling(stranger())
    await call.hears("ask_line")
    await call.presses(dialled(sample.EMRE.line.number))
    await call.hears("ask_pin")
    yield call, "ask_pin"
    await call.presses(sample.EMRE.pin)
    await call.note("identified", level="verified")
    await call.hears("suspended")


async def the_choice_of_a_line(calling: Calling) -> Amid:
    call = await calling(sample.HUSEYIN.main)
    await call.hears("choose_line")
    yield call, "choose_line"
    await call.presses("2")
    await call.hears("offer_fault")


async def a_call_back(calling: Calling) -> Amid:
    call = await calling(sample.MEHMET.main)
    await call.hears("bill_seen")
    await call.presses("0")
    await call.hears("closed")
    await call.presses("1")
    await call.hears("callback_offer")
    yield call, "callback_offer"
    await call.presses("1")
    await call.note("did", service="callback.request")
    await call.hears("call_back_told")


async def an_offer_to_go_on(calling: Calling) -> Amid:
    first = await calling(sample.ELIF.main)
    await first.hears("main_menu")
    await first.presses("12")
    await first.hears("contact")
    await first.hangs_up()
    await first.note("hung_up")
    call = await calling(sample.ELIF.main)
    await call.hears("left_off")
    yield call, "left_off"
    await call.presses("1")
    await call.hears("contact")
    await call.presses("1")
    await call.note("did", service="ticket.open")


# At the last moment, while the company does not answer: the first `yield` is just before that.


async def last_words(calling: Calling) -> Amid:
    call = await calling(sample.DENIZ.main)
    await call.hears("visit_today")
    yield call, ""
    await call.presses("0")
    await call.hears("to_agent")
    yield call, "to_agent"
    await call.note("transferred", queue="faults")


async def the_welcome(calling: Calling) -> Amid:
    yield None, ""
    call = await calling(sample.SELIN.main)
    await call.hears("welcome")
    yield call, "main_menu"
    await call.presses("1")
    await call.hears("symptom")


async def a_pin_being_checked(calling: Calling) -> Amid:
    call = await calling(stranger())
    await call.hears("ask_line")
    await call.presses(dialled(sample.IBRAHIM.line.number))
    await call.hears("ask_pin")
    yield call, ""
    await call.presses(sample.IBRAHIM.pin)
    await call.note("answered", name="pin")
    yield call, "ask_pin"
    await call.presses(sample.IBRAHIM.pin)
    await call.note("identified", level="verified")


async def a_ticket_being_opened(calling: Calling) -> Amid:
    call = await calling(sample.HATICE.main)
    await call.hears("quota_gone")
    await call.presses("2")
    await call.hears("main_menu")
    await call.presses("13")
    await call.hears("contact")
    yield call, ""
    await call.presses("1")
    await call.note("pressed", choice="this_number")
    yield call, "ticket_opened"
    await call.hears("anything_else")


async def _gives_number(call: Visit) -> None:
    await call.presses(MOBILE)
    await call.hears("contact_number_right")
    await call.presses("1")
    await call.note("did", service="ticket.open")
    await call.hears("ticket_opened")
