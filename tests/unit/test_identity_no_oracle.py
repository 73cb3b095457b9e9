"""Who guesses learns nothing: until a proof is right, a call about customers who exist and one about nobody are one and
the same, whatever is pressed and however the company fails. (How long the company takes is tested with the company.)"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, get_args

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ivr.flow.commands import AskService, Command
from ivr.flow.events import PlayEnded, ServiceAnswered, ServiceFailed, Spoke, TimerFired
from ivr.flow.model import AskedWay, Flow, Proof
from tests.unit.identity_house import AYSE, LINE, identify, verify, with_keys
from tests.unit.player import Player

# What callers key in at each question: of somebody who is there, and of nobody.
SOMEBODY = {"line": "02125554141", "customer_number": "23232323", "surname": "235", "order": "5555"}
NOBODY = {"line": "02125550606", "customer_number": "67676767", "surname": "678", "order": "7777"}
CLAIMS = {"+902125554141", "23232323", "235:5555"}  # those of somebody
RIGHT = {"pin": "4711", "invoice": "3131", "birth_year": "1984", "sms_code": "246810"}
IN_2026 = 1795424400.0
OTHER_KEYS = "0149*#"  # those of no claim, so that claims can be taken out of what is compared
WRONG = ("0000", "1990", "111111")

STEPS = st.one_of(
    st.tuples(st.just("claim"), st.just("")),
    st.tuples(st.just("key"), st.sampled_from([*WRONG, *OTHER_KEYS])),
    st.tuples(st.just("words"), st.sampled_from(["evet", "demir", "12"])),
    st.tuples(st.just("wait"), st.just("")),
    st.tuples(st.just("fail"), st.sampled_from(["timeout", "limited", "unavailable"])),
)


class Call(Player):
    """A call to a company that has one customer. `known`: how often that one was meant."""

    def __init__(self, flow: Flow, claims: dict[str, str]) -> None:
        self.claims, self.known, self.all = claims, 0, list[Command]()
        super().__init__(flow, at=IN_2026)

    def step(self, kind: str, what: str) -> None:
        progress = self.progress
        if kind == "claim":
            self.press("" if progress.held.keys else self.claims.get(progress.step, ""))
        elif kind == "key":
            self.press(what)
        elif kind == "words":
            self.send(Spoke(self.now, what))
        elif kind == "fail" and progress.request:
            self.send(ServiceFailed(self.now, progress.request, what))
        elif progress.request:
            self.send(ServiceAnswered(self.now, progress.request, self._answer(self._asked())))
        elif progress.playing:
            self.send(PlayEnded(self.now, progress.playing))
        elif progress.timer:
            self.send(TimerFired(self.now, progress.timer))

    def send(self, event: Any) -> None:
        super().send(event)
        self.all += self.last

    def without_claims(self) -> list[str]:
        """All commands, without what was claimed."""
        written = [json.dumps([type(command).__name__, asdict(command)], default=str) for command in self.all]
        named = [(keys, f"<{name}>") for name, keys in self.claims.items()]
        named += [("+9" + self.claims["line"], "<line>")]
        for keys, name in reversed(named):
            written = [text.replace(keys, name) for text in written]
        return written

    def _asked(self) -> AskService:
        return next(command for command in reversed(self.all) if isinstance(command, AskService))

    def _answer(self, ask: AskService) -> dict[str, Any]:
        given = ask.arguments
        meant = given.get("claim") in CLAIMS
        self.known += meant
        if ask.service == "directory.find":
            return {"matches": []}
        if ask.service == "code.send":
            return {"sent": True}
        if meant and RIGHT[given["proof"]] == given["value"]:
            return {"proved": True, "customer": AYSE, "lines": [LINE]}
        return {"proved": False}


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """An identify or a verify node with any ways and any proofs."""
    asked = draw(st.lists(st.sampled_from(get_args(AskedWay)), min_size=1, unique=True))
    proofs = draw(st.lists(st.sampled_from(get_args(Proof)), min_size=1, unique=True))
    keys: dict[str, Any] = {"tries": draw(st.integers(1, 5)), "exceeded": draw(st.sampled_from([None, "many"]))}
    keys["customer_number_length"] = 8
    if draw(st.booleans()):
        flow = verify(*proofs, claims=asked, **keys)
    else:
        flow = identify(*draw(st.sampled_from([[], ["caller_number"]])), *asked, proofs=proofs, **keys)
    return with_keys(flow) if draw(st.booleans()) else flow


def both(flow: Flow, steps: list[tuple[str, str]]) -> tuple[Call, Call]:
    calls = Call(flow, SOMEBODY), Call(flow, NOBODY)
    for call in calls:
        for kind, what in steps:
            call.step(kind, what)
    return calls


GUESS = [("claim", ""), ("key", "0000"), ("wait", "")]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flow=flows(), steps=st.lists(STEPS, max_size=30))
@example(flow=identify("fault_line", exceeded="many"), steps=[*GUESS, *GUESS[1:], ("key", "*"), *GUESS])
@example(flow=identify("fault_line", proofs=["sms_code"]), steps=[*GUESS, ("wait", ""), ("key", "111111"), *GUESS])
@example(flow=with_keys(identify("fault_line")), steps=[*GUESS, ("key", "#"), *GUESS, ("key", "#"), *GUESS])
@example(flow=identify("last_order"), steps=[("claim", ""), ("claim", ""), ("key", "0000"), ("wait", "")])
def test_somebody_and_nobody_cannot_be_told_apart(flow: Flow, steps: list[tuple[str, str]]) -> None:
    somebody, nobody = both(flow, steps)
    assert somebody.without_claims() == nobody.without_claims()
    assert not nobody.known
    assert "customer" not in somebody.progress.facts


def test_until_the_proof_is_right() -> None:
    """Or the test above would compare two calls about nobody."""
    for way, parts in {"fault_line": 1, "customer_number": 1, "last_order": 2}.items():
        for proof, value in RIGHT.items():
            flow = identify(way, proofs=[proof], customer_number_length=8)
            sent = [("wait", "")] if proof == "sms_code" else []
            somebody, nobody = both(flow, [*[("claim", "")] * parts, *sent, ("key", value), ("wait", "")])
            assert somebody.known
            assert (somebody.node, nobody.node) == ("known", "who")
