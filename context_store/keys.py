"""Names and lifetimes of what lies in Redis: nowhere else is a key made.

| key                        | type   | content                                                              |
| -------------------------- | ------ | -------------------------------------------------------------------- |
| devam:{id}:conversation    | hash   | `summary`: the conversation; `progress`: the newest of any interaction |
| devam:{id}:interactions    | hash   | interaction id → interaction                                         |
| devam:{id}:progress        | hash   | interaction id → its last progress                                   |
| devam:{id}:log             | stream | `note`: one note each, oldest first                                  |
| devam:{id}:revisions       | hash   | interaction id → "revision digest" of its last step                  |

The braces keep all keys of a conversation in one slot of a cluster, so that one script may write them together.
They live equally long: every write starts their lifetime anew.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LOG_LENGTH = 5000  # notes kept of one conversation, the newest; a call of ten minutes makes about a hundred

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Keys(NamedTuple):
    """The keys of one conversation, in the order in which the scripts expect them."""

    conversation: str
    interactions: str
    progress: str
    log: str
    revisions: str


def keys_of(conversation: str) -> Keys:
    """The keys of a conversation whose id `is_id`."""
    return Keys(*(f"devam:{{{conversation}}}:{name}" for name in Keys._fields))


def is_id(text: str) -> bool:
    """Whether this can be the id of a conversation or an interaction. Ids come from the web too: anything may come."""
    return _ID.fullmatch(text) is not None


def milliseconds(lifetime: float) -> int:
    """A lifetime in seconds as Redis wants it. Raises `ValueError` when it would delete at once."""
    if not lifetime >= 0.001:
        raise ValueError("the lifetime of conversations must be above zero")
    return int(lifetime * 1000)
