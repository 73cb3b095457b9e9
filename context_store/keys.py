"""Names and lifetimes of what lies in Redis: nowhere else is a key made.

| key                        | type   | content                                                              |
| -------------------------- | ------ | -------------------------------------------------------------------- |
| devam:{id}:conversation    | hash   | `summary`, `progress`, `updated`: of the newest step; more below      |
| devam:{id}:interactions    | hash   | interaction id → interaction                                         |
| devam:{id}:order           | sorted set | interaction ids by when they began                               |
| devam:{id}:progress        | hash   | interaction id → its last progress                                   |
| devam:{id}:log             | stream | `note`: one note each, oldest first                                  |
| devam:{id}:revisions       | hash   | interaction id → "revision digest owner" of its last step            |
| devam:{customer:DIGEST}:open | hash | digest of a line → "conversation until (ms)"                       |
| devam:{number:DIGEST}:open | hash   | the same for an unknown caller's number                              |
| devam:{tenures:all}:leases | sorted set | controllers by the end of their lease in ms; for a day           |
| devam:{hotline:name}:live         | string | the version that new calls are served with                    |
| devam:{hotline:name}:editions     | hash   | version → edition                                             |
| devam:{hotline:name}:history      | list   | publications, the newest first                                |
| devam:{hotline:name}:announcement | string | what every caller is to hear; it lives until its end          |
| devam:{attempts:all}:DEED:overall         | sorted set | attempts by their time in ms: all that count         |
| devam:{attempts:all}:DEED:caller:DIGEST   | sorted set | those of one calling number                          |
| devam:{attempts:all}:DEED:withheld        | sorted set | those of all callers who withhold theirs             |
| devam:{attempts:all}:DEED:claim:DIGEST    | sorted set | those for one claim                                  |
| devam:{attempts:all}:log                  | stream     | audit log: `id` with `attempt`, `exceeded`; or `outcome` |
| devam:{returned:DIGEST}:standing          | string     | who called from that number and dropped; for minutes |
| devam:{trial:NUMBER}:written              | string     | nothing: to see whether writes are taken; for a second |

Besides, the hash of a conversation tells by `closing` how it was closed, by `lost` how many entries of its log are
missing, at least, by `into` where it has moved (nothing else is left of it then), by `has ID` what has moved here. An
interaction that is somebody's before its first step has the revision "0 0 owner". The log is a stream that is only
appended to; what is more than LOG_LENGTH notes old goes.

The braces keep all keys of a conversation, or of a hotline, or of the attempts in one slot of a cluster, so that one
script may write them together. Those of a conversation live equally long: every write starts their lifetime anew.
Those of a hotline stay. An attempt is in its sorted sets as often as it counts: as id, id#2, id#3. They live as long as
the window, the audit log as long as its last entry counts.
DEED is prove or send_code. A DIGEST is of what a caller gave: so a key shows no number, and is neither long nor
strange. The id of a conversation has no colon, so none of these ever meet.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from context_store.attempts import Attempt
from context_store.going_on import Matter

LOG_LENGTH = 20_000  # notes kept of one conversation, the newest; a call of ten minutes makes about a hundred

STORY_LENGTH = 50  # interactions of one conversation that are read back, the newest

TRIALS = 5000  # keys among which each node of a Cluster has one, if it has more than a handful of the slots

AUDIT_LENGTH = 200_000  # entries of the audit log, about 60 MB: an attempt makes two

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HOTLINE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_VERSION = re.compile(r"[0-9a-f]{8,64}")


class Keys(NamedTuple):
    """The keys of one conversation, in the order in which the scripts expect them."""

    conversation: str
    interactions: str
    order: str
    progress: str
    log: str
    revisions: str


class HotlineKeys(NamedTuple):
    """The keys of one hotline."""

    live: str
    editions: str
    history: str
    announcement: str


class AttemptKeys(NamedTuple):
    """The windows in which an attempt counts, and the audit log, in the order in which the scripts expect them."""

    caller: str
    claim: str
    overall: str
    log: str


AUDIT_LOG = "devam:{attempts:all}:log"

LEASES = "devam:{tenures:all}:leases"


def keys_of(conversation: str) -> Keys:
    """The keys of a conversation whose id `is_id`."""
    return Keys(*(f"devam:{{{conversation}}}:{name}" for name in Keys._fields))


def hotline_keys(hotline: str) -> HotlineKeys:
    """The keys of a hotline whose name `is_hotline`."""
    return HotlineKeys(*(f"devam:{{hotline:{hotline}}}:{name}" for name in HotlineKeys._fields))


def attempt_keys(attempt: Attempt) -> AttemptKeys:
    """The keys that an attempt touches, whatever it says."""
    windows = f"devam:{{attempts:all}}:{attempt.deed}"
    return AttemptKeys(
        f"{windows}:withheld" if attempt.caller is None else f"{windows}:caller:{_digest(attempt.caller)}",
        f"{windows}:claim:{_digest(attempt.way, attempt.claim)}",
        f"{windows}:overall",
        AUDIT_LOG,
    )


def open_key(matter: Matter) -> tuple[str, str]:
    """The key and the field under which the open conversation of a matter lies, whatever that is."""
    if matter.customer:
        return f"devam:{{customer:{_digest(matter.customer)}}}:open", _digest(matter.line)
    return f"devam:{{number:{_digest(matter.number)}}}:open", _digest("")


def returned_key(number: str) -> str:
    """Where it lies who called from this number, whatever that is."""
    return f"devam:{{returned:{_digest(number)}}}:standing"


def trial_key(number: int) -> str:
    """Where it is tried whether writes are taken. `number` is below TRIALS."""
    return f"devam:{{trial:{number}}}:written"


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
        raise ValueError("a lifetime must be above zero")
    return int(lifetime * 1000)


def _digest(*texts: str) -> str:
    return hashlib.blake2b("\0".join(texts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
