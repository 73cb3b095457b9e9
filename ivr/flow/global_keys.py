"""The keys that every question takes unless they are its own: repeat, back, agent. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ivr.flow.inputs import Verdict
from ivr.flow.model import GlobalKeys

Meaning = Literal["repeat", "back", "agent"]


def each(keys: GlobalKeys) -> Iterator[tuple[str, Meaning]]:
    """Every such key with what it means."""
    yield from ((key, "repeat") for key in keys.repeat or ())
    yield from ((key, "back") for key in keys.back or ())
    yield from ((key, "agent") for key in (keys.agent.key if keys.agent else ()))


def judge(keys: GlobalKeys, typed: str, longest: int) -> Verdict:
    """What the keys typed so far are, for all questions alike. `longest` as in `Ask`.

    Where one key is an answer, longer ones (*0) are none of these: a * would have to wait for them.
    """
    found = longer = False
    for key, _ in each(keys):
        if longest == 1 and len(key) > 1:
            continue
        found = found or key == typed
        longer = longer or (key != typed and key.startswith(typed))
    if found:
        return Verdict.ENOUGH if longer else Verdict.DONE
    return Verdict.MORE if longer else Verdict.WRONG


def meaning(keys: GlobalKeys, typed: str) -> Meaning:
    """What such a key means. The caller has judged it."""
    return next(what for key, what in each(keys) if key == typed)
