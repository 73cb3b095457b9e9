"""Real calls with RTP telephone-events: hanging up, silence, wrong keys, keys pressed ahead, and the whole story."""

from __future__ import annotations

import asyncio
import wave
from array import array
from pathlib import Path

from context_store.records import new_id
from ivr.flow.asking import SLIP
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.services.backoffice import sample
from tests.live.calls.company import Company
from tests.live.calls.visit import Dial, Pages, pop, rings, stranger


async def test_hanging_up_in_the_middle_of_a_question_keeps_what_was_said(dial: Dial) -> None:
    call = await dial(stranger())
    await call.identifies(sample.AYSE.line.number, sample.AYSE.pin)
    await call.hears("offer_fault")
    await call.presses("1")
    await call.hears("symptom")
    await call.hangs_up()
    await call.note("hung_up")
    story = await call.story()
    assert {given["question"]: given["value"] for given in story["given"]}["offer_fault"] == "report"


async def test_hanging_up_in_the_middle_of_the_digits_leaves_no_digit(dial: Dial, sandbox: Sandbox) -> None:
    call = await dial(stranger())
    await call.hears("ask_line")
    await call.presses("02125")
    await call.hangs_up()
    await call.note("hung_up")
    assert (await call.story())["given"] == []
    log = (sandbox.folder / "controller.log").read_text(encoding="utf-8")
    assert "02125" not in log


async def test_silence_is_met_with_patience_and_then_with_a_person(dial: Dial, network: Network) -> None:
    call = await dial(sample.SELIN.main)
    for prompt in ("main_menu", "main_menu_again", "main_menu_slowly"):
        await call.hears(prompt)
        await call.waits()
    assert await call.note("transferred") == {"queue": "agents", "reason": "no_answer"}
    ring = await rings(network)
    assert (await call.story())["trouble"]["noinput"] == 3
    await network.decline(ring)
    await call.hangs_up()


async def test_wrong_keys_are_told_and_asked_again(dial: Dial) -> None:
    call = await dial(sample.SELIN.main)
    await call.hears("main_menu")
    await call.presses("5")
    seen = await call.hears("nomatch")
    assert seen.message["data"]["prompts"] == ["nomatch", "main_menu"]
    await asyncio.sleep(SLIP)  # a key that follows sooner belongs to the wrong one
    await call.presses("*")
    seen = await call.hears("main_menu")
    assert seen.message["data"]["prompts"] == ["main_menu"], "a star repeats"
    await call.presses("1")
    await call.hears("symptom")
    await call.hangs_up()


async def test_keys_pressed_ahead_answer_the_questions_to_come(dial: Dial, company: Company) -> None:
    call = await dial(sample.SELIN.main)
    await call.presses("111")  # fault, no internet, this number: before the first menu has begun
    for choice in ("fault", "no_internet", "this_number"):
        await call.note("pressed", choice=choice)
    await call.note("did", service="ticket.open")
    await call.hears("ticket_opened")
    await call.hangs_up()


async def test_english_is_one_key_away(dial: Dial) -> None:
    call = await dial(sample.SELIN.main)
    await call.hears("main_menu")
    await call.presses("9")
    seen = await call.hears("main_menu")
    assert "For a fault, press one" in seen.message["data"]["text"]
    await call.hangs_up()


async def test_an_outage_is_declined_with_one_key_and_silence_is_an_answer(dial: Dial) -> None:
    call = await dial(sample.MUSTAFA.main)
    seen = await call.hears("outage")
    assert "Bornova" in seen.message["data"]["text"]
    await call.presses("2")  # while it is told
    assert (await call.note("spoken"))["prompts"] == ["main_menu"]
    await call.hangs_up()
    silent = await dial(sample.MUSTAFA.main)
    await silent.hears("outage")
    assert (await silent.note("spoken"))["prompts"] == ["anything_else"]
    await silent.hangs_up()


async def test_the_story_from_an_unknown_mobile_to_an_agent_who_knows(
    dial: Dial, network: Network, pages: Pages, company: Company
) -> None:
    call = await dial(sample.UNKNOWN_MOBILE, "Ayşe <script>alert(1)</script>")
    await call.identifies(sample.AYSE.line.number, sample.AYSE.pin)
    for prompt in ("offer_fault", "symptom", "contact"):
        await call.hears(prompt)
        await call.presses("1")
    did = await call.note("did", service="ticket.open")
    await call.hears("remember_number")
    await call.presses("2")
    await call.hears("anything_else")
    await call.presses("0")
    assert await call.note("transferred") == {"queue": "faults", "reason": "fault"}
    ring = await rings(network)
    assert ring.conversation == call.conversation, "the SIP header carries the conversation"
    page = pages[ring.phone]
    shown = await pop(page, call.conversation, "ringing")
    for text in (sample.AYSE.name, did["result"]["number"], "0555 999 88 77", "İnternet yok"):
        assert text in shown.message["html"]
    assert not any(sample.AYSE.pin in seen.message.get("html", "") for seen in page.seen)
    await network.answer(ring)
    answered = await pop(page, call.conversation, "answered")
    assert shown.at < ring.answered_at + 0.001, "Asterisk's times are whole milliseconds"
    assert ring.answered_at < answered.at
    await call.hangs_up()
    await pop(page, call.conversation, "ended")


async def test_the_caller_hears_the_hotline(network: Network, dial: Dial, sandbox: Sandbox) -> None:
    """What arrives as RTP at the caller's end: sound while a prompt plays, not silence."""
    call = await dial(sample.SELIN.main)
    name = f"heard-{new_id()}"
    await call.caller.record(name)
    await call.hears("main_menu")
    await call.waits()
    await call.caller.stop_recording(name)
    await call.hangs_up()
    file = sandbox.recordings / f"{name}.wav"
    loud, length = loudness(file)
    assert length > 1.0
    assert loud > 0.3, "less than a third of the time there was sound"


def loudness(file: Path) -> tuple[float, float]:
    """The share of 20 ms frames with sound, and the seconds."""
    with wave.open(str(file)) as sound:
        samples = array("h", sound.readframes(sound.getnframes()))
        rate = sound.getframerate()
    frame = rate // 50
    frames = [samples[start : start + frame] for start in range(0, len(samples), frame)]
    return sum(max(map(abs, part)) > 500 for part in frames) / len(frames), len(samples) / rate
