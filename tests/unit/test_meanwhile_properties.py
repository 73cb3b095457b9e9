"""However the ends of prompts and the answers of services come: callers hear the same with `meanwhile` as without."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from context_store.records import Progress
from ivr.flow.commands import HangUp, Play, StopPlaying, Transfer
from ivr.flow.engine import advance, begin
from ivr.flow.events import Event, KeyPressed, LookedUp, PlayEnded, ServiceAnswered, ServiceFailed, Started, TimerFired
from ivr.flow.model import Collect, Flow, LookUp, Menu, Say, kind_of
from tests.unit.flows_in_python import flow
from tests.unit.test_random_flows import ANSWERS, PATIENT

MOST = 150  # events of one call
REPLIES = [*ANSWERS, "timeout"]
INNER = flow(
    {
        "i0": {"say": "words", "meanwhile": True, "next": "i1"},
        "i1": {"call": "line.status", "into": "state", "next": "i2", "on_error": "i2"},
        "i2": {"return": {"number": "{{ state.number }}"}},
    },
    flow="inner",
    return_only=True,
)

Dice = st.lists(st.integers(0, 5), min_size=1, max_size=30)
Keys = st.dictionaries(st.integers(0, 3), st.sampled_from([*"0123456789*#"]), min_size=2, max_size=4)


@dataclass
class Heard:
    """One call: what it said, and what became of it. A key of `keys` is pressed while the prompts of that number play.

    Of what can happen next, `dice` say which does. A service answers by the node, and by how often that has asked.
    """

    hotline: Flow
    keys: dict[int, str]
    dice: list[int]
    plays: list[tuple[str, ...]] = field(default_factory=list)
    stopped: set[int] = field(default_factory=set)  # which of the plays
    end: Transfer | HangUp | None = None
    playing: str = ""

    def run(self) -> Heard:
        progress = begin(self.hotline, "tr")
        asked: Counter[str] = Counter()
        event: Event = Started(0.0, "+905321112233", "444")
        for step in range(1, MOST):
            progress, commands = advance(self.hotline, progress, event)
            for command in commands:
                match command:
                    case Play(id=play, prompts=prompts):
                        assert not self.playing, "nobody is talked over"
                        self.playing = play
                        self.plays.append(prompts)
                    case StopPlaying(id=play):
                        assert play == self.playing
                        self.playing = ""
                        self.stopped.add(len(self.plays) - 1)
                    case Transfer() | HangUp():
                        failed = isinstance(command, Transfer) and command.reason == "flow_failed"
                        assert failed or not self.playing, "nobody is cut off"
                        self.end, self.playing = command, ""
            if progress.over:
                break
            event = self._next(progress, asked, step)
            if isinstance(event, PlayEnded):
                self.playing = ""
        return self

    def _next(self, progress: Progress, asked: Counter[str], step: int) -> Event:
        at, possible = float(step), list[Event]()
        if progress.request:
            possible.append(self._answer(progress, REPLIES[asked[progress.node] % len(REPLIES)], at))
        if progress.playing and len(self.plays) - 1 in self.keys:
            possible.append(KeyPressed(at, self.keys[len(self.plays) - 1]))
        elif progress.playing:
            possible.append(PlayEnded(at, progress.playing))
        if not possible:
            possible.append(TimerFired(at, progress.timer))
        event = possible[self.dice[step % len(self.dice)] % len(possible)]
        if isinstance(event, KeyPressed):
            del self.keys[len(self.plays) - 1]
        elif isinstance(event, ServiceAnswered | ServiceFailed | LookedUp):
            asked[progress.node] += 1
        return event

    def _answer(self, progress: Progress, how: str, at: float) -> Event:
        if isinstance(self.hotline.named(progress.flow).nodes[progress.node], LookUp):
            return LookedUp(at, progress.request, {"status": ANSWERS[how]} if how in ANSWERS else {})
        if how not in ANSWERS:
            return ServiceFailed(at, progress.request, how)
        return ServiceAnswered(at, progress.request, ANSWERS[how], changed=how == "yes")


@st.composite
def greeted(draw: st.DrawFn) -> Flow:
    """A hotline that goes on while it greets: says, services, choices and a subflow, then questions, then an end."""
    names = [f"n{number}" for number in range(draw(st.integers(2, 7)))]
    return flow({name: draw(_node(names, position)) for position, name in enumerate(names)}, INNER)


@st.composite
def _node(draw: st.DrawFn, names: list[str], position: int) -> dict[str, Any]:
    to = st.sampled_from([*names[position + 1 : position + 2] * 3, *names[position + 1 :], "bye", "agent"])
    bargein, meanwhile = draw(st.booleans()), draw(st.booleans())
    kinds = ["say", "say", "call", "look_up", "identify", "choose", "visit", "menu", "collect", "last"]
    match draw(st.sampled_from(kinds)) if position else "greeting":
        case "greeting":
            return {"say": "words", "meanwhile": True, "bargein": bargein, "next": draw(to)}
        case "say":
            return {"say": "words", "meanwhile": meanwhile, "bargein": bargein, "next": draw(to)}
        case "call":
            return {"call": "line.status", "into": "status", "next": draw(to), "on_error": draw(to)}
        case "look_up":
            return {"look_up": {"status": {"call": "line.status"}}, "next": draw(to)}
        case "identify":
            return {"identify": ["caller_number", "fault_line"], "next": draw(to), "otherwise": draw(to)}
        case "choose":
            return {"choose": [{"when": "status.number", "next": draw(to)}], "otherwise": draw(to)}
        case "visit":
            return {"flow": "inner", "into": "got", "next": draw(to)}
        case "menu":
            anywhere = st.sampled_from([*names, "bye"])
            choices = {f"c{key}": {"key": key, "next": draw(anywhere)} for key in range(draw(st.integers(1, 9)))}
            return {"menu": "words", "bargein": bargein, "choices": choices, "otherwise": draw(to)}
        case "collect":
            return {"collect": "words", "bargein": bargein, "length": 1, "next": draw(to), "otherwise": draw(to)}
        case _:
            return draw(st.sampled_from([{"end": []}, {"end": "words"}, {"transfer": "agents", "reason": "asked"}]))


def told_apart(hotline: Flow, *, patient: bool = False) -> Flow:
    """The same flow, each node with words of its own. `patient`: every prompt is waited for."""
    nodes = {
        name: node.model_copy(update={kind_of(node): (name,), "meanwhile": node.meanwhile and not patient})
        if isinstance(node, Say)
        else node.model_copy(update={kind_of(node): (name,)})
        if isinstance(node, Menu | Collect)
        else node
        for name, node in hotline.nodes.items()
    }
    subflows = {name: told_apart(subflow, patient=patient) for name, subflow in hotline.subflows.items()}
    return hotline.model_copy(update={"nodes": nodes, "subflows": subflows})


def compare(hotline: Flow, keys: dict[int, str], dice: list[int]) -> None:
    one = Heard(told_apart(hotline), dict(keys), dice).run()
    other = Heard(told_apart(hotline, patient=True), dict(keys), [0]).run()
    same = min(len(one.plays), len(other.plays))
    assert one.plays[:same] == other.plays[:same]
    if one.end and other.end:
        assert (one.plays, one.stopped, one.end) == (other.plays, other.stopped, other.end)


@PATIENT
@given(greeted(), Dice)
def test_who_presses_nothing_hears_the_same(hotline: Flow, dice: list[int]) -> None:
    compare(hotline, {}, dice)


@PATIENT
@given(greeted(), Keys, Dice)
def test_a_key_pressed_while_something_is_said_means_the_same(
    hotline: Flow, keys: dict[int, str], dice: list[int]
) -> None:
    compare(hotline, keys, dice)
