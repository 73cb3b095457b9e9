"""As many clips are understood over the telephone as by Vosk alone: RTP, A-law, 8 kHz, Asterisk, detection, endpoints.

Turkish goes through a model that stands in for one: its figures say that the way is sound, and nothing of Turkish.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

from ivr.flow.heard import vocabulary
from tests.live.calls.visit import stranger
from tests.live.hearing.bare import bare
from tests.live.hearing.talk import Talk, clip, in_one_breath, understood
from tests.speech_data import transcripts

AT_ONCE = 4
NUMBERS = 5  # said by each voice
LESS = 2  # clips that may be lost on the way

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WORDS = {str(digit): word for digit, word in enumerate(DIGITS)}


def clips(language: str, *sources: str) -> dict[Path, str]:
    """Clips of these sources, with what is said in them."""
    return {
        clip(name.removesuffix(".wav")): WORDS.get(text, text)
        for name, text in transcripts().items()
        if name.startswith(tuple(f"{language}/{source}" for source in sources))
    }


async def over_the_telephone(talk: Talk, choice: str, said: Sequence[Path]) -> dict[Path, str]:
    """What is understood of each clip, by callers who say some of them each, one an answer."""

    async def one(clips: Sequence[Path]) -> dict[Path, str]:
        visit = await talk(stranger(), choice)
        heard = {}
        for said in clips:
            await visit.waits()
            await visit.caller.say(said)
            heard[said] = await understood(visit)
        await visit.hangs_up()
        return heard

    shares = await asyncio.gather(*(one(said[start::AT_ONCE]) for start in range(AT_ONCE)))
    return {name: words for share in shares for name, words in share.items()}


def right(heard: Mapping[Path, str], said: Mapping[Path, str]) -> int:
    """How many clips were understood word for word."""
    return sum(heard[clip] == text for clip, text in said.items())


async def measured(talk: Talk, choice: str, language: str, said: Mapping[Path, str], phrases: Sequence[str]) -> None:
    heard = await over_the_telephone(talk, choice, list(said))
    alone = await asyncio.to_thread(bare, language, said, phrases)
    wrong = [f"{clip.stem}: {said[clip]} → {words}" for clip, words in heard.items() if words != said[clip]]
    print(f"{language}: {right(heard, said)} of {len(said)} over the telephone, {right(alone, said)} by Vosk alone")
    print(f"  not understood: {wrong}")
    assert right(heard, said) >= right(alone, said) - LESS, wrong


async def test_english_digits(talk: Talk) -> None:
    await measured(talk, "1", "en", clips("en", "asterisk", "fsdd"), [*WORDS.values(), "oh"])


async def test_english_numbers(talk: Talk, tmp_path: Path) -> None:
    """Four digits in a row, of one voice each."""
    said = {}
    for voice, source in enumerate(("asterisk_{}", "fsdd_{}_george_3", "fsdd_{}_jackson_3", "fsdd_{}_lucas_3")):
        random = Random(voice)
        for turn in range(NUMBERS):
            digits = random.choices(range(10), k=4)
            number = in_one_breath(
                tmp_path / f"{voice}-{turn}.wav", *(f"en/{source.format(digit)}" for digit in digits), pause=0.1
            )
            said[number] = " ".join(DIGITS[digit] for digit in digits)
    await measured(talk, "0", "en", said, vocabulary("digits", "en"))


async def test_english_phrases(talk: Talk) -> None:
    said = {clip: text for clip, text in clips("en", "us1").items() if text not in WORDS.values()}
    await measured(talk, "2", "en", said, list(said.values()))


async def test_turkish_phrases_through_the_stand_in(talk: Talk) -> None:
    digits = {"sıfır", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"}
    said = {clip: text for clip, text in clips("tr", "").items() if text not in digits}
    await measured(talk, "3", "tr", said, list(said.values()))


async def test_turkish_digits_through_the_stand_in(talk: Talk) -> None:
    digits = ["sıfır", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"]
    said = {clip: text for clip, text in clips("tr", "").items() if text in digits}
    await measured(talk, "4", "tr", said, digits)
