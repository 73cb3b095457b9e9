"""What is told as heard may be nonsense, and what is listened for has an end: neither costs a call or the others."""

from __future__ import annotations

from math import inf, nan

import pytest
from pydantic import ValidationError

from ivr.flow.events import Spoke
from ivr.flow.model import GlobalKeys, Menu
from ivr.speech.hearing.grammar import grammar
from ivr.speech.hearing.protocol import config, read_request
from tests.unit.identity_house import identify
from tests.unit.player import Player
from tests.unit.spoken_house import FLOW, at


@pytest.mark.parametrize(
    ("told", "confidence"), [(nan, 0.0), (-0.5, 0.0), (-inf, 0.0), (1.0005, 1.0), (inf, 1.0), (0.4, 0.4), (1, 1.0)]
)
def test_a_confidence_is_one_whoever_tells_it(told: float, confidence: float) -> None:
    assert Spoke(0.0, "fatura", told, "l1").confidence == confidence
    call = at().say("fatura", told)
    assert call.said == ("ask_back" if confidence < 0.5 else "bye",)


@pytest.mark.parametrize("where", ["", "rakam"])
@pytest.mark.parametrize("words", ["[unk] " * 200_000 + "fatura", "yüz kırk iki " * 50_000, "b" * 900_000])
def test_of_what_nobody_can_have_said_only_the_beginning_is_looked_at(where: str, words: str) -> None:
    assert len(Spoke(0.0, words).words) <= 4000
    assert at(where).say(words).said[0] == "nomatch"


def test_what_is_kept_of_words_is_short() -> None:
    call = at().say("fatura " * 100, 0.2)
    held = call.progress.held.doubted
    assert held
    assert (len(held.words), len(held.heard)) == (200, 6)
    call = Player(identify("last_order", ask_back="ask_back"), hears=("tr",)).say("ye ı le " * 40, 0.2)
    held = call.progress.held.doubted
    assert held
    assert (len(held.words), len(held.heard), held.heard_as) == (200, 200, "letters")


def many(of: str, phrases: int = 50) -> dict[str, list[str]]:
    """As many phrases as an answer may have in a call's language, each as long as it may be."""
    return {
        spoken: [f"{spoken} {of} {number} ".ljust(80, "x") for number in range(phrases)] for spoken in ("tr", "any")
    }


def test_all_that_a_flow_can_ask_for_is_taken_by_a_recogniser() -> None:
    keys = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"]
    choices = {f"c{at}": {"key": key, "phrases": many(f"c{at}"), "next": "bye"} for at, key in enumerate(keys)}
    menu = Menu.model_validate({"menu": ["pick"], "choices": choices})
    agent = {"key": "*0", "next": "people"}
    phrases = {what: many(what) for what in ("repeat", "back", "agent")}
    everywhere = GlobalKeys.model_validate({"agent": agent, "phrases": phrases}, by_alias=True)
    flow = FLOW.model_copy(update={"nodes": {**FLOW.nodes, "pick": menu}, "keys": everywhere})
    listen = Player(flow, hears=("tr",)).hear().listens
    assert listen
    assert len(listen.phrases) == 100 * (12 + 3)
    heard = read_request(config(grammar(listen.phrases, "tr")))
    assert heard
    assert set(grammar(listen.phrases, "tr")) < set(heard)


def test_more_phrases_than_that_are_refused() -> None:
    with pytest.raises(ValidationError, match="at most 50"):
        Menu.model_validate({"menu": ["pick"], "choices": {"a": {"key": "1", "phrases": many("a", 51), "next": "bye"}}})
