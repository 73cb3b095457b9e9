"""What the engine did about one event, in words that two runs can be compared by. Pure.

The words name prompts, nodes and services, never an answer, an argument or a variable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from context_store.records import Progress
from ivr.flow.commands import (
    AskService,
    Command,
    HangUp,
    Listen,
    LookUp,
    Play,
    Recall,
    StartTimer,
    StopListening,
    StopPlaying,
    StopTimer,
    Transfer,
    Write,
)

FEW = 12  # phrases: a menu has no more choices than that, as a rule each with one


def deeds(commands: Sequence[Command], after: Progress) -> tuple[str, ...]:
    """Every command, and where the call stands then."""
    where = f"{after.flow}.{after.node} {after.phase} {after.step}".rstrip()
    return (*(_in_words(command) for command in commands), f"at {where}, {after.level.value}")


def ids(commands: Sequence[Command]) -> tuple[str, ...]:
    """The ids under which the engine waits for something: of what it plays, listens for, times, asks."""
    waits = (Play, Listen, StartTimer, AskService, LookUp, Recall)
    return tuple(command.id for command in commands if isinstance(command, waits))


def _in_words(command: Command) -> str:
    match command:
        case AskService(service=service, node=node, visit=visit):
            return f"ask {service} for {node}, visit {visit}"
        case LookUp(lookups=lookups, node=node, visit=visit):
            return f"look up {' '.join(one.service for one in lookups.values())} for {node}, visit {visit}"
        case Recall(within=within):
            return f"recall what was left within {within:g} s"
        case Transfer(queue=queue, reason=reason, agent=agent):
            return f"hand to {queue} {agent}".rstrip() + f" ({reason})"
        case HangUp(outcome=outcome):
            return f"hang up ({outcome})"
        case Write(note=note):
            return f"note {note.kind.value} at {note.node}"
        case _:
            return _of_the_moment(command)


def _summed_up(phrases: Collection[str]) -> str:
    """The phrases; of the many words of which numbers and dates are made only how many, and a digest."""
    if len(phrases) <= FEW:
        return ", ".join(phrases)
    digest = hashlib.blake2b("\n".join(sorted(phrases)).encode(), digest_size=4).hexdigest()
    return f"{len(phrases)} phrases {digest}"


def _of_the_moment(command: Play | StopPlaying | Listen | StopListening | StartTimer | StopTimer) -> str:
    match command:
        case Play(prompts=prompts, language=language):
            return f"say {' '.join(prompts)} ({language})"
        case StopPlaying():
            return "stop talking"
        case Listen(language=language, phrases=phrases):
            return f"listen for {_summed_up(phrases)} ({language})"
        case StopListening():
            return "stop listening"
        case StartTimer(seconds=seconds):
            return f"wait {seconds:g} s"
        case StopTimer():
            return "stop waiting"
