"""The `Store` protocol: what the rest of Devam may ask of the place where conversations are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, Protocol

from context_store.going_on import Matter, Taken
from context_store.records import Note, Progress, Saved, Story


class Store(Protocol):
    """Keeps conversations. Every method may raise `StoreUnavailable` and returns within the store's time-out."""

    async def save(self, saved: Saved) -> bool:
        """Keep one step of a call: summary, interaction, progress and new notes, all or nothing, in one round trip.

        A step that comes late is one of an interaction that is not the newest of its conversation, and was made
        (`updated_at`) before the step that the summary is of: the end of a call that was written only when the store
        was back. It leaves the summary as it is, except for what it tells to be missing (`incomplete`, `lost`).

        Returns whether the step before it is there. If not, the store has lost what it had been given (restarted empty,
        or from an older copy on its disk), and the history of this call is incomplete.
        Raises `StaleRevision` when `saved.revision` is not above the one that is kept, or somebody else than
        `saved.owner` has the call. The last step sent again with the same content is no error and changes nothing: so
        a save whose answer was lost is sent again as it was, and who is not sure of a call makes sure.
        Raises `BadRecord` when something in it cannot be written.
        """
        ...

    async def take(
        self, conversation: str, interaction: str, owner: str, dead: Collection[str]
    ) -> Taken | Literal["held", "unknown"]:
        """Make a call `owner`'s (a token, "NAME#…"), whose owner's name is in `dead`, in one round trip (two where the
        call has joined another conversation since).

        Whose it is already gets it again. "held": somebody else has it. "unknown": the store knows nothing of it; it
        belongs then to whoever asked first. A call that has ended is given, too, and one that is nobody's.
        """
        ...

    async def owner(self, conversation: str, interaction: str) -> str | None:
        """Whose a call is: the token of its owner. None: it is nobody's, or the store knows nothing of it.

        Only a look: nothing is changed. In one round trip (two where the call has joined another conversation since).
        """
        ...

    async def join(self, matter: Matter, mine: str, seconds: float, instead_of: str = "") -> str:
        """The open conversation of that matter: the one that is there, or `mine`, which then is it for `seconds`.

        One round trip; who asks at the same time gets the same answer. One that is `instead_of` is replaced: it is
        closed, or too old. What is there already is not prolonged. A matter of nobody has no other than `mine`.
        """
        ...

    async def merge(self, conversation: str, into: str, owner: str) -> None:
        """A conversation that has only one interaction turned out to belong to another one, and moves into it: with
        its owner, its revision, its progress and its log, so the call goes on with the next revision there.

        All that is asked or said of the first goes to the second from now on, its steps too. What the first holds is
        kept until the second has it: whoever comes upon a move that was not finished finishes it. One that has moved
        already stays where it is. A summary that the second has is left as it is until the next step.
        Raises `StaleRevision` when the call is somebody else's than `owner`'s: then nothing moves.
        """
        ...

    async def close(self, conversation: str, outcome: str, at: float) -> None:
        """What the customer wanted is done, or given up: the next call begins a conversation of its own.

        A later step of a call in it does not open it again; closed again, the last outcome counts.
        """
        ...

    async def progresses(self, conversation: str, interactions: Sequence[str]) -> Mapping[str, Progress]:
        """The last saved progress of each of these interactions, as far as there is one; in one round trip."""
        ...

    async def add_notes(self, conversation: str, notes: Sequence[Note]) -> None:
        """Append to the log of a conversation from outside its call (an agent's phone rang, the agent answered).

        There is no protection against sending twice: after `StoreUnavailable` the notes may have been kept.
        """
        ...

    async def story(self, conversation: str, last: int = 200) -> Story | None:
        """A conversation with its newest 50 interactions and `last` notes, or None when there is none by that id.

        Of calls at the same time, summary and `progress` are those of the step that was made last, whoever made it:
        what one caller has reached says nothing of another. Ask `progresses` for the call that you mean.
        It costs the same however long its history is.
        """
        ...

    async def ping(self) -> None:
        """Return when the store takes writes: one that only answers may be a replica, or full. In one round trip."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
