"""Real calls with RTP telephone-events: who is calling, and who only says so."""

from __future__ import annotations

import pytest

from ivr.sandbox.phones import Network
from ivr.services.backoffice import sample
from tests.live.calls.visit import Dial, dialled, rings, stranger


@pytest.mark.parametrize(
    "shown",
    [
        sample.SELIN.main,
        sample.SELIN.main.removeprefix("+"),
        dialled(sample.SELIN.main),
        sample.SELIN.main.removeprefix("+90"),
    ],
)
async def test_a_known_number_is_recognised_however_the_network_writes_it(dial: Dial, shown: str) -> None:
    call = await dial(shown)
    assert await call.note("identified") == {"way": "caller_number", "proof": "", "level": "recognised"}
    await call.hears("main_menu")
    await call.hangs_up()
    await call.note("hung_up")


async def test_an_alternate_number_of_the_household_is_recognised(dial: Dial) -> None:
    call = await dial(sample.ZEYNEP.alternates[0])
    assert await call.note("identified") == {"way": "alternate_number", "proof": "", "level": "recognised"}
    await call.hears("ticket_seen")
    await call.hangs_up()


async def test_the_fault_line_and_its_pin_verify(dial: Dial) -> None:
    call = await dial(stranger())
    await call.identifies(sample.AYSE.line.number, sample.AYSE.pin)
    assert await call.note("identified") == {"way": "fault_line", "proof": "pin", "level": "verified"}
    await call.hears("offer_fault")
    await call.hangs_up()
    await call.note("hung_up")
    story = await call.story()
    assert story["who"]["name"] == sample.AYSE.name
    assert sample.AYSE.pin not in str(story)


async def test_line_and_pin_typed_in_one_go_before_anything_is_asked(dial: Dial) -> None:
    call = await dial(stranger())
    await call.presses(dialled(sample.AYSE.line.number) + sample.AYSE.pin)
    assert await call.note("identified") == {"way": "fault_line", "proof": "pin", "level": "verified"}
    await call.hears("offer_fault")
    await call.hangs_up()


@pytest.mark.parametrize("line", [sample.AYSE.line.number, sample.UNKNOWN_LINE])
async def test_three_wrong_pins_lead_to_an_agent_who_is_warned(dial: Dial, network: Network, line: str) -> None:
    """The same for a line that exists and one that does not: the caller cannot tell them apart."""
    call = await dial(stranger())
    await call.identifies(line, "0000")
    for _ in range(2):
        await call.hears("line_or_pin_wrong")
        await call.presses("0000")
    assert await call.note("transferred") == {"queue": "agents", "reason": "not_identified"}
    ring = await rings(network)
    assert ring.conversation == call.conversation
    story = await call.story()
    assert story["sure"]["level"] == "claimed"
    assert story["who"]["name"] is None
    await network.decline(ring)
    await call.hangs_up()


@pytest.mark.parametrize("shown", ["anonymous", "+4930901820", "0012025550143"])
async def test_a_number_that_is_withheld_or_foreign_is_asked_for_its_line(dial: Dial, shown: str) -> None:
    call = await dial(shown)
    await call.hears("ask_line")
    await call.hangs_up()
