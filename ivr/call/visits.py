"""The interactions of one channel: people may send a caller back to the hotline, and each visit is one. Pure."""

from __future__ import annotations

from context_store.records import interaction_of


def visits(channel: str, visit: str) -> tuple[str, ...]:
    """The ids of the present interaction on that channel and, where there was one, of the visit before.

    `visit` as in `Arrival`: empty the first time, then the dialplan counts from 1.
    """
    present = interaction_of(channel, visit)
    if not visit.isdecimal():
        return (present,)
    times = int(visit) - 1
    return present, interaction_of(channel, str(times) if times > 0 else "")
