"""Records to JSON bytes and back. The one place that decides what of a call may lie on a disk.

Each record carries its format as `"v"`; a new field with a default needs no new format, a changed meaning does.
Keys that a caller pressed (`Progress.held`) and secrets never get into the bytes, whoever put them into a record; nor
does what is being played aside, which nobody hears any more once the progress is read back.
Knows pydantic and the records; does no I/O.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json

from context_store.errors import BadRecord
from context_store.going_on import Taken
from context_store.records import (
    Conversation,
    Interaction,
    Json,
    Note,
    NoteKind,
    Progress,
    Saved,
    Sensitivity,
    Standing,
    Story,
)

FORMAT = 1

R = TypeVar("R")

_OF_THE_MOMENT = {"held", "aside", "queued", "hears", "listening"}  # fields of a progress that only the live call knows
_SPEAKABLE = (Sensitivity.PLAIN, Sensitivity.PERSONAL)  # anything else, a typing error too, is treated as a secret


class Codec(Generic[R]):
    """Writes and reads one kind of record. `clean` takes out what must not be kept."""

    def __init__(self, kind: type[R], clean: Callable[[R], R] = lambda record: record) -> None:
        self._name = kind.__name__.lower()
        self._adapter = TypeAdapter(kind)
        self._clean = clean

    def encode(self, record: R) -> bytes:
        """The record as JSON, half characters (lone surrogates) as U+FFFD. Raises `BadRecord` for what is no JSON."""
        clean = self._clean(record)
        try:
            return _stamped(self._adapter.dump_json(clean, exclude=_OF_THE_MOMENT, warnings="error"))
        except PydanticSerializationError:
            return self._encode_mended(clean)

    def decode(self, data: bytes | str) -> R:
        """The record of these bytes. Raises `BadRecord` when they are broken or of an unknown format."""
        try:
            fields = from_json(data)
        except ValueError:
            raise BadRecord(f"a stored {self._name} is not JSON: something else has written to the store") from None
        version = fields.get("v") if isinstance(fields, dict) else None
        if version != FORMAT:
            raise BadRecord(
                f"a stored {self._name} has the format {_shown(version)}, this version of Devam reads {FORMAT}: "
                "bring all controllers to the same version"
            )
        for name in _OF_THE_MOMENT:
            fields.pop(name, None)
        try:
            return self._adapter.validate_python(fields)
        except ValidationError as error:
            raise BadRecord(f"a stored {self._name} cannot be read: {_first_mistake(error)}") from None

    def _encode_mended(self, clean: R) -> bytes:
        """The slow way, for text that other systems cut within a character. Writes only what can be read again."""
        try:
            fields = _plain(self._adapter.dump_python(clean, exclude=_OF_THE_MOMENT, warnings="none"))
            self._adapter.validate_python(fields)
            return _stamped(to_json(fields))
        except (PydanticSerializationError, ValidationError, RecursionError):
            raise BadRecord(
                f"a {self._name} holds something that is not JSON or not of its field's type; facts and notes may hold "
                "only text, numbers, true, false, null, lists and objects"
            ) from None


def _stamped(body: bytes) -> bytes:
    return b'{"v":%d,%b' % (FORMAT, body[1:])


def _shown(version: Json) -> str:
    return str(version) if isinstance(version, int) else "unknown"


def _first_mistake(error: ValidationError) -> str:
    """Where and what, without the value: it may be personal."""
    mistake = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in mistake['loc'])}: {mistake['msg']}"


def _plain(value: Json) -> Json:
    """Dicts, lists and whole characters."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _without_secrets(progress: Progress) -> Progress:
    answers = {
        name: answer if answer.sensitivity in _SPEAKABLE else replace(answer, value="")
        for name, answer in progress.answers.items()
    }
    return replace(progress, answers=answers)


def _note_without_secret(note: Note) -> Note:
    if note.kind != NoteKind.ANSWERED or note.data.get("sensitivity") in _SPEAKABLE:
        return note
    kept = {"name": note.data.get("name", ""), "value": None, "sensitivity": Sensitivity.SECRET.value}
    return replace(note, data=kept)


@dataclass(frozen=True, slots=True)
class Closing:
    """How a conversation was closed. Kept beside its summary, which the next step of a live call writes anew."""

    at: float
    outcome: str


conversations = Codec(Conversation)
interactions = Codec(Interaction)
progresses = Codec(Progress, _without_secrets)
notes = Codec(Note, _note_without_secret)
standings = Codec(Standing)
closings = Codec(Closing)


class Head(NamedTuple):
    """What is kept of a conversation as a whole: its summary, and what no later summary can take back.

    `lost` is how many entries of its log are missing, at least; None: it is complete.
    """

    summary: bytes
    closing: bytes | None = None
    lost: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A `Saved` as bytes. `digest` tells whether two steps of one revision have the same content.

    `lost`: how many entries it tells to be missing; None: none are.
    """

    conversation: bytes
    interaction: bytes
    progress: bytes
    notes: tuple[bytes, ...]
    digest: str
    lost: int | None


def encode_step(saved: Saved, into: str = "") -> Step:
    """All records of a step, as one of the conversation `into` which its own has moved, if it has. Raises `BadRecord`.

    The digest is that of the step as it was made: sent to either conversation, it is the same step.
    """
    if into not in ("", saved.conversation.id):
        return replace(encode_step(_moved_step(saved, into)), digest=encode_step(saved).digest)
    conversation = conversations.encode(saved.conversation)
    interaction = interactions.encode(saved.interaction)
    progress = progresses.encode(saved.progress)
    written = tuple(notes.encode(replace(note, interaction=saved.interaction.id)) for note in saved.notes)
    # JSON has no bare line feed, so joined lines cannot be mistaken for other ones.
    lines = b"\n".join((conversation, interaction, progress, *written))
    digest = hashlib.blake2b(lines, digest_size=16).hexdigest()
    lost = saved.conversation.lost if saved.conversation.incomplete or saved.conversation.lost else None
    return Step(conversation, interaction, progress, written, digest, lost)


def decode_story(head: Head, contacts: Iterable[bytes], newest: bytes | None, log: Iterable[bytes], of: int) -> Story:
    """A story from what is kept: interactions in any order, notes oldest first, of so many contacts.

    Raises `BadRecord`.
    """
    read = (interactions.decode(contact) for contact in contacts)
    return Story(
        conversation=_whole(head),
        interactions=tuple(sorted(read, key=lambda contact: (contact.started_at, contact.id))),
        progress=progresses.decode(newest) if newest else None,
        notes=tuple(notes.decode(note) for note in log),
        contacts=of,
    )


def decode_taken(head: Head, interaction: bytes, progress: bytes, revision: int) -> Taken:
    """What a call that is taken over goes on with. Raises `BadRecord`."""
    return Taken(_whole(head), interactions.decode(interaction), progresses.decode(progress), revision)


def moved_conversation(summary: bytes, into: str) -> bytes:
    """The summary as that of another conversation; none stays none. Raises `BadRecord`."""
    return conversations.encode(replace(conversations.decode(summary), id=into)) if summary else b""


def moved_interaction(interaction: bytes, into: str) -> tuple[bytes, float]:
    """The interaction as one of another conversation, and when it began. Raises `BadRecord`."""
    read = interactions.decode(interaction)
    return interactions.encode(replace(read, conversation=into)), read.started_at


def _moved_step(saved: Saved, into: str) -> Saved:
    conversation, interaction = replace(saved.conversation, id=into), replace(saved.interaction, conversation=into)
    return replace(saved, conversation=conversation, interaction=interaction)


def _whole(head: Head) -> Conversation:
    conversation = conversations.decode(head.summary)
    if head.lost is not None:
        conversation = replace(conversation, incomplete=True, lost=max(head.lost, conversation.lost))
    if not head.closing:
        return conversation
    how = closings.decode(head.closing)
    return replace(conversation, closed_at=how.at, outcome=how.outcome)
