"""Names and lifetimes of what lies in Redis: nowhere else is a key made.

| key                        | type   | content                                                              |
| -------------------------- | ------ | -------------------------------------------------------------------- |
| devam:{id}:conversation    | hash   | `summary`: the conversation; `progress`: the newest of any interaction |
| devam:{id}:interactions    | hash   | interaction id → interaction                                         |
| devam:{id}:progress        | hash   | interaction id → its last progress                                   |
| devam:{id}:log             | stream | `note`: one note each, oldest first                                  |
| devam:{id}:revisions       | hash   | interaction id → "revision digest" of its last step                  |
| devam:{hotline:name}:live         | string | the version that new calls are served with                    |
| devam:{hotline:name}:editions     | hash   | version → edition                                             |
| devam:{hotline:name}:history      | list   | publications, the newest first                                |
| devam:{hotline:name}:announcement | string | what every caller is to hear; it lives until its end          |

The braces keep all keys of a conversation, or of a hotline, in one slot of a cluster, so that one script may write
them together. Those of a conversation live equally long: every write starts their lifetime anew. Those of a hotline
stay. The id of a conversation has no colon, so the two never meet.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LOG_LENGTH = 5000  # notes kept of one conversation, the newest; a call of ten minutes makes about a hundred

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HOTLINE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_VERSION = re.compile(r"[0-9a-f]{8,64}")


class Keys(NamedTuple):
    """The keys of one conversation, in the order in which the scripts expect them."""

    conversation: str
    interactions: str
    progress: str
    log: str
    revisions: str


class HotlineKeys(NamedTuple):
    """The keys of one hotline."""

    live: str
    editions: str
    history: str
    announcement: str


def keys_of(conversation: str) -> Keys:
    """The keys of a conversation whose id `is_id`."""
    return Keys(*(f"devam:{{{conversation}}}:{name}" for name in Keys._fields))


def hotline_keys(hotline: str) -> HotlineKeys:
    """The keys of a hotline whose name `is_hotline`."""
    return HotlineKeys(*(f"devam:{{hotline:{hotline}}}:{name}" for name in HotlineKeys._fields))


def is_hotline(text: str) -> bool:
    """Whether this can be the name of a hotline."""
    return _HOTLINE.fullmatch(text) is not None


def is_version(text: str) -> bool:
    """Whether this can be the version of an edition: a digest in hexadecimal."""
    return _VERSION.fullmatch(text) is not None


def is_id(text: str) -> bool:
    """Whether this can be the id of a conversation or an interaction. Ids come from the web too: anything may come."""
    return _ID.fullmatch(text) is not None


def milliseconds(lifetime: float) -> int:
    """A lifetime in seconds as Redis wants it. Raises `ValueError` when it would delete at once."""
    if not lifetime >= 0.001:
        raise ValueError("the lifetime of conversations must be above zero")
    return int(lifetime * 1000)
