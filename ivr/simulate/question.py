"""What a call waits for: the present question, as somebody who does not know the flow needs to be told. Pure.

What counts as an answer is asked of the engine's own questions, so that nothing is offered that it would not take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from context_store.records import Progress
from ivr.flow import global_keys
from ivr.flow.asking import COMPLETE, Ask
from ivr.flow.callback import OFFER, CallingBack
from ivr.flow.hearing import OF_ALL, Hearing
from ivr.flow.identity.identifying import Identifying
from ivr.flow.identity.verifying import Verifying
from ivr.flow.identity.ways import STAR
from ivr.flow.inputs import Verdict
from ivr.flow.model import (
    RESUME_KEYS,
    Callback,
    Collect,
    Flow,
    Identify,
    Menu,
    Node,
    Option,
    Proving,
    Resume,
    Verify,
    kind_of,
)
from ivr.flow.questions import CONFIRM, Choosable, Collecting
from ivr.flow.resuming.node import AGENT, Resuming
from ivr.flow.scalars import NO, YES
from ivr.flow.turn import Turn
from ivr.flowtest.transcript import wants_secret
from ivr.simulate.claiming import wanted
from ivr.simulate.sayable import sayable

_ASKING: dict[type, Hearing[Any]] = {
    Menu: Choosable(),
    Collect: Collecting(),
    Identify: Identifying(),
    Verify: Verifying(),
    Callback: CallingBack(),
    Resume: Resuming(),
}
_PHONE = "a telephone number"
_TYPES = {
    "date": "a date: day, month, year, as in 24112026",
    "time": "a time of four digits, as in 1430",
    "amount": "an amount, with * for the point, as in 149*90",
    "phone": _PHONE,
}

Keyed = tuple[str, str]  # a key, and what it means
Wanted = tuple[str, tuple[Keyed, ...]]  # as in `Question`: wants, keys

_YES_OR_NO: Wanted = ("", ((YES, "yes"), (NO, "no")))


@dataclass(frozen=True, slots=True)
class Question:
    """`wants` is empty where only `keys` are to choose from. `phrases`: what may be said instead, none while nobody
    listens.

    `ends`: the key that ends what has been typed so far.
    """

    kind: str
    wants: str
    keys: tuple[Keyed, ...]
    of_all: tuple[Keyed, ...]  # the keys that every question takes, and that may come next
    ends: str
    phrases: tuple[str, ...]
    secret: bool
    missed: int
    attempts: int


def node_of(flow: Flow, progress: Progress) -> Node | None:
    """The node at which a call stands; None before its start."""
    return flow.named(progress.flow).nodes.get(progress.node)


def meaning_of(flow: Flow, progress: Progress, at: float) -> Callable[[str], object] | None:
    """Tells apart what means different things to the present question; None when nothing is asked. `at`: of events."""
    ask, of_all = _ask(flow, progress, at), flow.named(progress.flow).keys
    return (lambda typed: (ask.judge(typed), global_keys.judge(of_all, typed, ask.longest))) if ask else None


def question(flow: Flow, progress: Progress, at: float) -> Question | None:
    """The present question; None when nothing is asked."""
    node, ask = node_of(flow, progress), _ask(flow, progress, at)
    if node is None or ask is None:
        return None
    turn = Turn(flow, progress, at)
    wants, keys = _YES_OR_NO if progress.held.doubted else _asked(node, turn, ask)
    own, everywhere, typed = {key for key, _ in keys}, flow.named(progress.flow).keys, progress.held.keys
    of_all = tuple(
        (key, what)
        for key, what in global_keys.each(everywhere)
        if key not in own
        and key.startswith(typed)
        and ask.judge(key) is Verdict.WRONG
        and global_keys.judge(everywhere, key, ask.longest) in COMPLETE
    )
    attempts = _ASKING[type(node)].most_attempts(turn, node)
    secret = wants_secret(flow, progress)
    ends = ask.termchar if typed else ""
    phrases = _phrases(ask, progress)
    return Question(kind_of(node), wants, keys, of_all, ends, phrases, secret, progress.attempts, attempts)


def meant(flow: Flow, progress: Progress, at: float, words: str) -> str:
    """What the words mean that have just answered the question: a value, or a key as the question tells it.

    Empty for what every question takes. `progress` is that before the answer.
    """
    doubted, progress = progress.held.doubted, replace(progress, held=replace(progress.held, doubted=None))
    node, asked = node_of(flow, progress), question(flow, progress, at)
    if node is None or asked is None:
        return ""
    asking, turn = _ASKING[type(node)], Turn(flow, progress, at)
    keys = doubted.means if doubted and words == doubted.words else asking.understand(turn, node, words)
    if keys is None or keys in OF_ALL:
        return ""
    return dict(asked.keys).get(keys) or asking.value(turn, node, keys)


def _phrases(ask: Ask, progress: Progress) -> tuple[str, ...]:
    """Typed words always count; where callers are heard, somebody has to listen."""
    deaf = progress.hears and not progress.listening
    return () if deaf or not ask.sayings else tuple(sayable(ask.sayings, progress.language))


def _ask(flow: Flow, progress: Progress, at: float) -> Ask | None:
    """The question as the engine puts it."""
    node = node_of(flow, progress)
    asking = _ASKING.get(type(node))
    return asking.asked(Turn(flow, progress, at), node) if asking and progress.phase == "asking" else None


def _asked(node: Node, turn: Turn, ask: Ask) -> Wanted:
    progress = turn.progress
    match node:
        case Menu():
            return "", _options(node.choices)
        case Collect() if progress.step == CONFIRM:
            return "", ((YES, "right"), (NO, "wrong"))
        case Collect(type="yes_no"):
            return _YES_OR_NO
        case Collect(type="choice"):
            return "", _options(node.choices)
        case Collect():
            return _value(node), ()
        case Proving():
            return wanted(turn, node, star=ask.judge(STAR) is Verdict.DONE)
        case Callback() if progress.step == OFFER:
            return "", ((YES, "this number"), (NO, "another"))
        case Resume() if progress.step == AGENT:
            return "", ((YES, "the same agent"), (NO, "something else"))
        case Resume():
            return "", tuple((key, choice.replace("_", " ")) for choice, key in RESUME_KEYS.items())
        case _:
            return _PHONE, ()


def _value(node: Collect) -> str:
    least, most = node.length
    digits = f"{node.length} digit" + ("s" if most > 1 else "")
    wants = _TYPES.get(node.type, digits)
    if node.range:
        low, high = node.range
        wants += (f", from {low}" if low else "") + (f", up to {high}" if high else "")
    open_end = node.type == "amount" or (node.type == "digits" and least < most)
    return wants + (f" ({node.termchar} ends it)" if open_end and node.termchar else "")


def _options(options: Mapping[str, Option]) -> tuple[Keyed, ...]:
    return tuple((option.key, name) for name, option in options.items())
