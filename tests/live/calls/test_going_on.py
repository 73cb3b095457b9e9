"""Real calls that go on where an earlier one ended: to whom that is offered, and what the books hold afterwards."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.services.backoffice import sample
from tests.faults.company import tickets
from tests.live.calls.company import Company
from tests.live.calls.forgetting import forget_who_was_verified
from tests.live.calls.visit import Dial, Visit, rings, stranger

TO_CONTACT = "13"  # main menu: a fault, of slow internet; then it is asked where to call back


async def drops(call: Visit) -> None:
    await call.hangs_up()
    await call.note("hung_up")


async def drops_amid_a_fault_report(call: Visit) -> None:
    """From the main menu on."""
    await call.hears("main_menu")
    await call.presses(TO_CONTACT)
    await call.hears("contact")
    await drops(call)


async def test_a_fault_report_is_gone_on_with_and_then_told_and_never_repeated(
    dial: Dial, sandbox: Sandbox, company: Company
) -> None:
    first = await dial(sample.SELIN.main)
    await drops_amid_a_fault_report(first)

    second = await dial(sample.SELIN.main)
    offer = (await second.hears("left_off")).message["data"]
    assert offer["prompts"] == ["fault_left", "left_off"]
    assert "Sonu on bir ile biten" in offer["text"]
    await second.presses("1")
    assert await second.hears_next() == ["contact"], "it goes on at the same question"
    await second.presses("1")
    told = (await second.hears("ticket_opened")).message["data"]["text"]
    await drops(second)

    third = await dial(sample.SELIN.main)
    offer = (await third.hears("left_off")).message["data"]
    assert offer["prompts"] == ["ticket_was_opened", "fault_left", "left_off"]
    assert told.split(".")[1] in offer["text"], "the ticket's number"
    await third.presses("1")
    await third.hears("anything_else")
    await third.presses("1")
    await third.note("ended", outcome="completed")

    assert first.conversation == second.conversation == third.conversation
    assert tickets(sandbox.folder / "backoffice.db")[sample.SELIN.line.number] == 1
    story = await third.story()
    given = {one["question"]: one["value"] for one in story["given"]}
    assert (given["symptom"], given["contact"]) == ("slow", "this_number")
    assert story["trouble"]["interactions"] == 3
    fourth = await dial(sample.SELIN.main)
    await fourth.hears("ticket_seen")
    assert fourth.conversation != first.conversation, "what was wanted is done"
    await fourth.hangs_up()


async def test_starting_over_being_done_and_english(dial: Dial, company: Company) -> None:
    async def starts_over() -> None:
        await drops_amid_a_fault_report(await dial(sample.ELIF.main))
        call = await dial(sample.ELIF.main)
        await call.hears("left_off")
        await call.presses("2")
        assert await call.hears_next() == ["main_menu"]
        await drops(call)
        again = await dial(sample.ELIF.main)
        await again.hears("welcome")
        assert await again.hears_next() == ["main_menu"], "that is settled"
        await again.hangs_up()

    async def is_done() -> None:
        first = await dial(sample.CAN.main)
        await first.hears("order_coming")
        await first.presses("2")
        await drops_amid_a_fault_report(first)
        call = await dial(sample.CAN.main)
        await call.hears("left_off")
        await call.presses("3")
        assert await call.hears_next() == ["anything_else"]
        await call.hangs_up()

    async def in_english() -> None:
        first = await dial(sample.IBRAHIM.main)
        await first.hears("main_menu")
        await first.presses("9")
        await drops_amid_a_fault_report(first)
        call = await dial(sample.IBRAHIM.main)
        await call.hears("left_off")
        await call.presses("1")
        assert await call.hears_next() == ["contact"]
        await call.hangs_up()

    await asyncio.gather(starts_over(), is_done(), in_english())


async def test_what_needs_a_proof_takes_it_again_and_who_withholds_the_number_gives_it(
    dial: Dial, sandbox: Sandbox
) -> None:
    first = await dial(sample.MEHMET.main)
    await first.hears("bill_seen")
    await first.presses("1" + sample.MEHMET.pin)
    await first.hears("bill_told")
    await drops(first)
    withheld = await dial("anonymous")
    await withheld.identifies(sample.DENIZ.line.number, sample.DENIZ.pin)
    await withheld.hears("visit_today")
    await withheld.presses("2")
    await withheld.hears("main_menu")
    await withheld.presses(TO_CONTACT)
    await withheld.hears("contact_number")
    await drops(withheld)

    await forget_who_was_verified(sandbox)
    second = await dial(sample.MEHMET.main)
    assert (await second.hears("left_off")).message["data"]["prompts"] == ["bill_left", "left_off"]
    await second.presses("1")
    assert await second.hears_next() == ["ask_pin"]
    await second.presses(sample.MEHMET.pin)
    await second.note("identified", level="verified")
    await second.hears("bill_told")
    await second.hangs_up()

    again = await dial("anonymous")
    await again.identifies(sample.DENIZ.line.number, sample.DENIZ.pin)
    await again.hears("left_off")
    await again.presses("1")
    assert await again.hears_next() == ["contact_number"]
    assert again.conversation == withheld.conversation
    await again.hangs_up()


async def test_to_whom_it_belongs(dial: Dial, sandbox: Sandbox, company: Company) -> None:
    async def two_of_one_household() -> None:
        son = await dial(sample.ZEYNEP.alternates[0])
        await son.hears("ticket_seen")
        await son.presses("1")
        await son.hears("visit_told")
        await drops(son)
        mother = await dial(sample.ZEYNEP.main)
        assert (await mother.hears("left_off")).message["data"]["prompts"] == ["ticket_left", "left_off"]
        assert mother.conversation == son.conversation
        await mother.hangs_up()

    async def one_with_two_lines() -> None:
        shop = await dial(sample.HUSEYIN.main)
        await shop.hears("choose_line")
        await shop.presses("2")
        await shop.hears("offer_fault")
        await shop.presses("1")
        await shop.hears("symptom")
        await drops(shop)
        home = await dial(sample.HUSEYIN.main)
        await home.hears("choose_line")
        await home.presses("1")
        await home.hears("main_menu")
        await drops(home)
        again = await dial(sample.HUSEYIN.main)
        await again.hears("choose_line")
        await again.presses("2")
        await again.hears("left_off")
        assert again.conversation == shop.conversation != home.conversation
        await again.hangs_up()

    async def two_who_share_a_number() -> None:
        hatice = await dial(sample.HATICE.alternates[0])
        await hatice.hears("choose_line")
        await hatice.presses("1")
        await hatice.hears("quota_gone")
        await hatice.presses("2")
        await drops_amid_a_fault_report(hatice)
        ibrahim = await dial(sample.HATICE.alternates[0])
        await ibrahim.hears("choose_line")
        await ibrahim.presses("2")
        await ibrahim.hears("main_menu")
        await drops(ibrahim)
        again = await dial(sample.HATICE.alternates[0])
        await again.hears("choose_line")
        await again.presses("1")
        await again.hears("left_off")
        assert again.conversation == hatice.conversation != ibrahim.conversation
        await again.hangs_up()

    async def one_whose_number_changed_hands() -> None:
        number = sample.FATMA.alternates[0]
        fatma = await dial(number)
        await fatma.hears("outage")
        await fatma.presses("2")
        await drops_amid_a_fault_report(fatma)
        move_number(sandbox, number, to=sample.GULSEN)
        gulsen = await dial(number)
        await gulsen.hears("outage")
        assert (await gulsen.story())["who"]["name"] == sample.GULSEN.name
        assert gulsen.conversation != fatma.conversation
        await gulsen.hangs_up()

    async def one_whom_nobody_knows() -> None:
        number = stranger()
        first = await dial(number)
        await first.hears("ask_line")
        await first.presses("*0")
        await first.note("transferred")
        await first.hangs_up()
        second = await dial(number)
        await second.hears("ask_line")
        await second.presses("*0")
        await second.note("transferred")
        assert first.conversation == second.conversation
        await second.hangs_up()

    await asyncio.gather(
        two_of_one_household(), one_with_two_lines(), two_who_share_a_number(), one_whose_number_changed_hands()
    )
    await one_whom_nobody_knows()


async def test_the_same_agent_is_not_offered_while_talking_to_somebody_else(dial: Dial, network: Network) -> None:
    call = await dial(sample.SELIN.main)
    await call.hears("main_menu")
    await call.presses("0")
    ring = await rings(network)
    await network.answer(ring)
    await ring.answered.wait()
    await call.hangs_up()
    await ring.ended.wait()
    others = [await dial(stranger()) for _ in range(2)]
    for other in others:  # both agents have somebody now
        await other.wants_a_person()
        taken = await rings(network)
        await network.answer(taken)
        await taken.answered.wait()
    again = await dial(sample.SELIN.main)
    await again.hears("welcome")
    assert await again.hears_next() == ["main_menu"]
    for one in (again, *others):
        await one.hangs_up()


def move_number(sandbox: Sandbox, number: str, to: sample.SampleCustomer) -> None:
    """The company's books say that the number is somebody else's from now on."""
    with closing(sqlite3.connect(sandbox.folder / "backoffice.db", timeout=10)) as books, books:
        moved = books.execute("UPDATE numbers SET customer = ? WHERE number = ?", (to.id, number))
        assert moved.rowcount == 1
