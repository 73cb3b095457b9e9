"""What interrupts a prompt, by real calls: keys and words do where they may, a cough and silence never.

The same for every kind of node and of answer is tried with the engine alone (`tests/unit/test_engine_barge_in`).
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ivr.flow.hearing import LONGEST_SPEECH
from ivr.sandbox.sandbox import Sandbox
from tests.live.calls.visit import Visit, stranger
from tests.live.hearing.talk import Talk, clip, cough, in_one_breath, understood

OPEN, CLOSED = "5", "6"
BEFORE_ITS_END = 1.0  # seconds after the prompt begins; it takes six


async def at_the_question(talk: Talk, choice: str, prompt: str) -> Visit:
    visit = await talk(stranger(), choice)
    await visit.hears(prompt)
    await asyncio.sleep(BEFORE_ITS_END)
    return visit


async def test_words_stop_the_prompt(talk: Talk) -> None:
    visit = await at_the_question(talk, OPEN, "long_question_spoken")
    await visit.caller.say(clip("en/us1_invoice"))
    waits = (await visit.next_of("listening"))["data"]["seconds"]
    assert waits == LONGEST_SPEECH, "the prompt was heard to its end"
    assert (await visit.note("spoke"))["words"] == "invoice"


async def test_a_key_stops_the_prompt_as_without_speech(talk: Talk) -> None:
    visit = await at_the_question(talk, OPEN, "long_question_spoken")
    await visit.presses("2")
    assert (await visit.note("pressed"))["choice"] == "support"
    await visit.hears("thanks")


async def test_of_a_key_and_words_the_first_counts(talk: Talk) -> None:
    visit = await at_the_question(talk, OPEN, "long_question_spoken")
    saying = asyncio.create_task(visit.caller.say(clip("en/us1_invoice")), name="saying")
    await visit.presses("2")
    await saying
    assert (await visit.next_of("pressed", "spoke"))["data"]["choice"] == "support"
    await visit.hears("thanks")


@pytest.mark.parametrize("noise", ["a cough", "silence"])
async def test_a_cough_does_not_stop_the_prompt(talk: Talk, sandbox: Sandbox, noise: str) -> None:
    visit = await at_the_question(talk, OPEN, "long_question_spoken")
    if noise == "a cough":
        await visit.caller.say(cough(sandbox.folder / "cough.wav"))
    told = await visit.next_of("listening", "spoke", "nomatch", "doubted")
    assert told["kind"] == "listening", "the question was not heard to its end"


@pytest.mark.parametrize("name", ["en/us1_invoice", "cough"])
async def test_a_prompt_that_may_not_be_interrupted_is_heard_and_then_answered(
    talk: Talk, sandbox: Sandbox, name: str
) -> None:
    visit = await at_the_question(talk, CLOSED, "long_question")
    sound: Path = cough(sandbox.folder / "cough.wav") if name == "cough" else clip(name)
    await visit.caller.say(sound)
    assert (await visit.next_of("listening", "spoke", "nomatch", "doubted"))["kind"] == "listening"
    await visit.caller.say(clip("en/us1_technical_support"))
    assert await understood(visit) == "technical support"


async def test_a_secret_is_not_listened_to(talk: Talk) -> None:
    visit = await talk(stranger(), "8")
    await visit.waits()
    for digit in ("one", "two", "three", "four"):
        await visit.caller.say(clip(f"en/us1_{digit}"))
    assert await understood(visit) == "(noinput)"
    await visit.presses("1234")
    assert (await visit.note("answered"))["value"] is None
    story = str(await visit.story())
    assert "1234" not in story
    assert "one two" not in story


async def test_what_is_in_doubt_is_asked_back_and_confirmed_by_voice(talk: Talk, sandbox: Sandbox) -> None:
    visit = await talk(stranger(), "7")
    await visit.waits()
    stray = in_one_breath(sandbox.folder / "stray.wav", "en/us1_nine", "en/us1_invoice")
    await visit.caller.say(stray)
    assert (await visit.note("doubted"))["words"] == "invoice"
    await visit.hears("ask_back")
    await visit.waits()
    await visit.caller.say(clip("en/us1_yes"))
    assert (await visit.note("spoke"))["choice"] == "invoice"
    await visit.hears("thanks")
