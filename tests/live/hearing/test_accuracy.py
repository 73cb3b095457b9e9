"""As many clips are understood over the telephone as by Vosk alone: RTP, A-law, 8 kHz, Asterisk, detection, endpoints.

Turkish goes through a model that stands in for one: its figures say that the way is sound, and nothing of Turkish.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from tests.live.calls.visit import Visit, stranger
from tests.live.hearing.bare import bare
from tests.live.hearing.talk import Talk, clip, understood
from tests.speech_data import transcripts

AT_ONCE = 4
LESS = 2  # clips that may be lost on the way

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WORDS = {str(digit): word for digit, word in enumerate(DIGITS)}


def clips(language: str, *sources: str) -> dict[str, str]:
    """Clips of these sources, with what is said in them."""
    return {
        name.removesuffix(".wav"): WORDS.get(text, text)
        for name, text in transcripts().items()
        if name.startswith(tuple(f"{language}/{source}" for source in sources))
    }


async def over_the_telephone(talk: Talk, choice: str, said: Mapping[str, str]) -> dict[str, str]:
    """What is understood of each clip, by callers who say some of them each, one an answer."""

    async def one(names: Sequence[str]) -> dict[str, str]:
        visit = await talk(stranger(), choice)
        heard = {}
        for name in names:
            heard[name] = await _answered(visit, name)
        await visit.hangs_up()
        return heard

    names = list(said)
    shares = await asyncio.gather(*(one(names[start::AT_ONCE]) for start in range(AT_ONCE)))
    return {name: words for share in shares for name, words in share.items()}


async def _answered(visit: Visit, name: str) -> str:
    await visit.waits()
    await visit.caller.say(clip(name))
    return await understood(visit)


def right(heard: Mapping[str, str], said: Mapping[str, str]) -> int:
    """How many clips were understood word for word."""
    return sum(heard[name] == text for name, text in said.items())


async def measured(talk: Talk, choice: str, language: str, said: Mapping[str, str], phrases: Sequence[str]) -> None:
    heard = await over_the_telephone(talk, choice, said)
    alone = await asyncio.to_thread(bare, language, said, phrases)
    wrong = {name: words for name, words in heard.items() if words != said[name]}
    print(f"{language}: {right(heard, said)} of {len(said)} over the telephone, {right(alone, said)} by Vosk alone")
    print(f"  not understood: {wrong}")
    assert right(heard, said) >= right(alone, said) - LESS, wrong


async def test_english_digits(talk: Talk) -> None:
    await measured(talk, "1", "en", clips("en", "asterisk", "fsdd"), [*WORDS.values(), "oh"])


async def test_english_phrases(talk: Talk) -> None:
    said = {name: text for name, text in clips("en", "us1").items() if text not in WORDS.values()}
    await measured(talk, "2", "en", said, list(said.values()))


async def test_turkish_phrases_through_the_stand_in(talk: Talk) -> None:
    digits = {"sıfır", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"}
    said = {name: text for name, text in clips("tr", "").items() if text not in digits}
    await measured(talk, "3", "tr", said, list(said.values()))


async def test_turkish_digits_through_the_stand_in(talk: Talk) -> None:
    digits = ["sıfır", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"]
    said = {name: text for name, text in clips("tr", "").items() if text in digits}
    await measured(talk, "4", "tr", said, digits)
