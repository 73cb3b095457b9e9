"""However the ends of prompts and the answers of services come: callers hear the same with `meanwhile` as without."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from context_store.records import Progress
from ivr.flow.commands import HangUp, Play, StopPlaying, Transfer
from ivr.flow.engine import advance, begin
from ivr.flow.events import Event, KeyPressed, LookedUp, PlayEnded, ServiceAnswered, ServiceFailed, Started, TimerFired
from ivr.flow.model import Collect, Flow, LookUp, Menu, Say, kind_of
from tests.unit.random_flows import random_flows
from tests.unit.test_random_flows import ANSWERS, PATIENT

MOST = 400  # events of one call
REPLIES = [*ANSWERS, "timeout"]

Dice = st.lists(st.integers(0, 5), min_size=1, max_size=30)
Keys = st.dictionaries(st.integers(0, 12), st.sampled_from([*"0123456789*#"]), max_size=6)


@dataclass
class Heard:
    """One call: what it said, and what became of it. A key of `keys` is pressed while the prompts of that number play.

    Of what can happen next, `dice` say which does. A service answers by the node, and by how often that has asked.
    """

    flow: Flow
    keys: dict[int, str]
    dice: list[int]
    plays: list[tuple[str, ...]] = field(default_factory=list)
    end: Transfer | HangUp | None = None
    playing: str = ""

    def run(self) -> Heard:
        progress = begin(self.flow, "tr")
        asked: Counter[str] = Counter()
        event: Event = Started(0.0, "+905321112233", "444")
        for step in range(1, MOST):
            progress, commands = advance(self.flow, progress, event)
            for command in commands:
                match command:
                    case Play(id=play, prompts=prompts):
                        assert not self.playing, "nobody is talked over"
                        self.playing = play
                        self.plays.append(prompts)
                    case StopPlaying(id=play):
                        assert play == self.playing
                        self.playing = ""
                    case Transfer() | HangUp():
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
        if isinstance(self.flow.named(progress.flow).nodes[progress.node], LookUp):
            return LookedUp(at, progress.request, {"status": ANSWERS[how]} if how in ANSWERS else {})
        if how not in ANSWERS:
            return ServiceFailed(at, progress.request, how)
        return ServiceAnswered(at, progress.request, ANSWERS[how], changed=how == "yes")


def told_apart(flow: Flow, *, patient: bool = False) -> Flow:
    """The same flow, each node with words of its own. `patient`: every prompt is waited for."""
    nodes = {
        name: node.model_copy(update={kind_of(node): (name,), "meanwhile": node.meanwhile and not patient})
        if isinstance(node, Say)
        else node.model_copy(update={kind_of(node): (name,)})
        if isinstance(node, Menu | Collect)
        else node
        for name, node in flow.nodes.items()
    }
    subflows = {name: told_apart(subflow, patient=patient) for name, subflow in flow.subflows.items()}
    return flow.model_copy(update={"nodes": nodes, "subflows": subflows})


def compare(flow: Flow, keys: dict[int, str], dice: list[int]) -> None:
    one = Heard(told_apart(flow), dict(keys), dice).run()
    other = Heard(told_apart(flow, patient=True), dict(keys), [0]).run()
    same = min(len(one.plays), len(other.plays))
    assert one.plays[:same] == other.plays[:same]
    if one.end and other.end:
        assert (one.plays, one.end) == (other.plays, other.end)


@PATIENT
@given(random_flows(), Dice)
def test_who_presses_nothing_hears_the_same(flow: Flow, dice: list[int]) -> None:
    compare(flow, {}, dice)


@PATIENT
@given(random_flows(), Keys, Dice)
def test_a_key_pressed_while_something_is_said_means_the_same(
    flow: Flow, keys: dict[int, str], dice: list[int]
) -> None:
    compare(flow, keys, dice)
