"""Conversations that move into another one, in Redis: three scripts, as the two may lie on two nodes of a Cluster.

First the old one gets a pointer, and nothing is written there any more; then the other takes in what it holds; then the
old one lets go of it. Whoever comes upon a move that stopped half-way, because its controller died, finishes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from context_store import codec
from context_store.keys import LOG_LENGTH, keys_of
from context_store.redis_link import RedisLink, Script
from context_store.redis_scripts import ADOPT, LEAVE, SET_OUT, STAY

Arguments = Sequence[str | int | bytes]

T = TypeVar("T")


class Moves:
    """Runs the scripts of conversations where those are now. `lifetime` is in ms. Use it within `link.answering`."""

    def __init__(self, link: RedisLink, lifetime: int) -> None:
        self._link = link
        self._lifetime = lifetime

    async def run(self, script: Script, conversation: str, arguments: Arguments) -> Any:
        """The script's answer, in one round trip, or in two where the conversation has moved."""
        return await self.run_by_name(script, conversation, lambda _: arguments)

    async def run_by_name(self, script: Script, conversation: str, arguments: Callable[[str], Arguments]) -> Any:
        """The same where the arguments are made for a conversation of that name."""
        answer = await self._link.run(script, keys_of(conversation), arguments(conversation))
        while into := _moved(answer):
            if answer[2]:
                await self.merge(conversation, into, "")
            conversation = into
            answer = await self._link.run(script, keys_of(conversation), arguments(conversation))
        return answer

    async def merge(self, conversation: str, into: str, owner: str) -> bool:
        """Move it, or finish a move, whoever asks; see `Store.merge`. Three round trips. Raises `BadRecord`.

        False: it was not on its way, and its call is somebody else's than `owner`'s.
        """
        keys = keys_of(conversation)
        answer = await self._link.run(SET_OUT, keys, (self._lifetime, into, owner))
        if answer == b"held":
            return False
        target, *holds = answer
        into = target.decode()
        arguments = _adoption(conversation, into, holds)
        while there := _moved(await self._link.run(ADOPT, keys_of(into), (self._lifetime, LOG_LENGTH, *arguments))):
            if there == conversation:
                await self._link.run(STAY, keys, ())
                return True
            into, arguments = there, _adoption(conversation, there, holds)
        await self._link.run(LEAVE, keys, ())
        return True


def _moved(answer: Any) -> str:
    """Where the conversation has moved that was asked, or empty."""
    return answer[1].decode() if isinstance(answer, list) and answer[0] == b"moved" else ""


def _adoption(conversation: str, into: str, holds: Sequence[Any]) -> list[str | int | bytes]:
    """What `redis_scripts.ADOPT` is to take in."""
    summary, newest, made, lost, interactions, progress, revisions, log = holds
    contacts, steps = _pairs(interactions), _pairs(progress)
    arguments: list[str | int | bytes] = [conversation, codec.moved_conversation(summary or b"", into)]
    arguments += [newest or b"", made or 0, lost or b"", len(revisions) // 2]
    for one, revision in _pairs(revisions).items():
        whole = one in contacts and one in steps  # else it is somebody's who has not written a step yet
        contact, began = codec.moved_interaction(contacts[one], into) if whole else (b"", 0.0)
        arguments += [one, revision, repr(began), contact, steps.get(one, b"")]
    return arguments + [fields[1] for _, fields in log]


def _pairs(flat: Iterable[T]) -> dict[T, T]:
    """What a script returns of a hash."""
    each = iter(flat)
    return dict(zip(each, each, strict=True))
