"""Whatever flow is written and whatever is heard, in whatever order: one thing at most is listened for, never a secret,
and who listens outside knows it just as the engine does."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from context_store.records import NoteKind, Progress, Sensitivity
from ivr.flow.commands import (
    AskService,
    Command,
    HangUp,
    Listen,
    LookUp,
    Play,
    Recall,
    StopListening,
    Transfer,
    Write,
)
from ivr.flow.engine import advance, begin
from ivr.flow.events import Deaf, Event, SpeechBegan, Spoke, Started, TakenOver
from ivr.flow.identity.proofs import PROOFS
from ivr.flow.model import Collect, Flow, Question
from tests.unit.random_flows import random_flows
from tests.unit.test_random_flows import PATIENT, STARTS, events_of, loaded, sound
from tests.unit.test_random_flows import STEPS as KEYS_AND_SERVICES

LANGUAGES = st.sampled_from([("tr",), ("tr", "en"), ("en",), ()])
WORDS = st.sampled_from(
    ["one", "bir", "[unk] one", "evet", "hayır", "[unk]", "", "yüz kırk iki", "temsilci", "tekrar", "geri", "ye ı le"]
)
HEARD = st.one_of(
    st.just(("speech", "")),
    st.tuples(st.just("said"), st.tuples(st.sampled_from(["0.1", "0.9", "1"]), WORDS).map(" ".join)),
    st.tuples(st.just("late"), st.sampled_from(["l1", "l3", "p1", "x"])),
    st.just(("deaf", "")),
    st.tuples(st.just("taken over"), LANGUAGES.map(" ".join)),
)
FOLLOWS = (Play, AskService, LookUp, Recall, Transfer, HangUp)
STEPS = st.lists(st.one_of(HEARD, HEARD, KEYS_AND_SERVICES), max_size=40)


class Outside:
    """Who listens, and what it was told last."""

    def __init__(self) -> None:
        self.listening = ""

    def carry_out(self, event: Event, commands: tuple[Command, ...]) -> None:
        if isinstance(event, Deaf | TakenOver):
            self.listening = ""
        told = [command for command in commands if isinstance(command, Listen | StopListening)]
        assert len(told) <= 1, "once a step is enough"
        follows = [command for command in commands if isinstance(command, FOLLOWS)]
        for stop in told if follows else ():
            late = isinstance(stop, StopListening) and commands.index(stop) > commands.index(follows[0])
            assert not late, "what follows may take long, and nobody listens meanwhile"
        for command in told:
            if isinstance(command, Listen):
                self.listening = command.id
            else:
                assert command.id == self.listening != ""
                self.listening = ""


def happens(flow: Flow, progress: Progress, kind: str, what: str, at: float) -> list[Event]:
    """What happens, as events."""
    match kind:
        case "speech":
            return [SpeechBegan(at, progress.listening)]
        case "said":
            confidence, _, words = what.partition(" ")
            return [Spoke(at, words, float(confidence), progress.listening)]
        case "late":
            return [SpeechBegan(at, f"{what}-"), Spoke(at, "one", 0.9, f"{what}-"), SpeechBegan(at, "")]
        case "deaf":
            return [Deaf(at)]
        case "taken over":
            return [TakenOver(at, "two", tuple(what.split()))]
    return events_of(flow, progress, kind, what, at)


def wants_secret(flow: Flow, progress: Progress) -> bool:
    node = flow.named(progress.flow).nodes.get(progress.node)
    return progress.step in PROOFS or (isinstance(node, Collect) and node.sensitivity is Sensitivity.SECRET)


def listens_rightly(flow: Flow, before: Progress, after: Progress, commands: tuple[Command, ...]) -> None:
    """What must be true after every step, of what is listened for."""
    for command in commands:
        if isinstance(command, Listen):
            assert command.phrases
            assert command.id == after.listening
            assert command.language == after.language
        if isinstance(command, Write) and command.note.kind in (NoteKind.SPOKE, NoteKind.DOUBTED):
            assert not wants_secret(flow, before)
            assert "[unk]" not in command.note.data["words"]
    assert after.asked_back <= 2
    if after.listening:
        node = flow.named(after.flow).nodes[after.node]
        assert isinstance(node, Question)
        assert after.phase == "asking"
        assert after.language in after.hears
        assert not wants_secret(flow, after)
        assert not after.held.keys, "after a key words count no more"
        assert node.listen is not False
        assert after.asked_back < 2 or after.held.doubted
    if after.held.doubted:
        assert after.asked_back


@PATIENT
@given(flow=random_flows(), steps=STEPS, started=STARTS, hears=LANGUAGES)
def test_whatever_is_heard(flow: Flow, steps: list[tuple[str, str]], started: Started, hears: tuple[str, ...]) -> None:
    outside, progress = Outside(), begin(flow, "tr")
    happened: list[Event] = [replace(started, hears=hears)]
    for at, (kind, what) in enumerate([*steps, ("key", "")], 1):
        for event in happened:
            after, commands = advance(flow, progress, event)
            again = replace(loaded(progress), hears=progress.hears, listening=progress.listening)
            assert advance(flow, again, event) == (after, commands), "saving and loading changes nothing"
            sound(flow, after, commands)
            listens_rightly(flow, progress, after, commands)
            outside.carry_out(event, commands)
            assert outside.listening == after.listening
            progress = after
        happened = happens(flow, progress, kind, what, float(at))


@PATIENT
@given(flow=random_flows(), steps=st.lists(KEYS_AND_SERVICES, max_size=40), started=STARTS)
def test_who_is_not_heard_is_asked_as_ever(flow: Flow, steps: list[tuple[str, str]], started: Started) -> None:
    progress, _ = advance(flow, begin(flow, "tr"), started)
    for at, (kind, what) in enumerate(steps, 1):
        for event in events_of(flow, progress, kind, what, float(at)):
            progress, commands = advance(flow, progress, event)
            assert not any(isinstance(command, Listen | StopListening) for command in commands)
            assert (progress.listening, progress.asked_back, progress.held.doubted) == ("", 0, None)
