"""What Redis refuses, in the operator's words. Knows redis-py's errors; does no I/O.

Of an answer of Redis only its code is told on: the rest may repeat what was written, which is personal data.
"""

from __future__ import annotations

import re

from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)

_LOGIN = "does not let us in: put the right user and password into redis.url"

_BY_CLASS: tuple[tuple[type[Exception], str], ...] = (
    (AuthenticationError, _LOGIN),
    (AuthorizationError, _LOGIN),
    (NoPermissionError, "lets this user not do what is needed: allow it all commands on the keys devam:*"),
    (ReadOnlyError, "is a replica and takes no writes: point redis.url at the primary"),
    (OutOfMemoryError, "has no memory left: raise its maxmemory or shorten redis.conversation_hours"),
    (BusyLoadingError, "is still loading its data: it answers when that is done"),
)

_BY_CODE = {
    "NOAUTH": _LOGIN,
    "WRONGPASS": _LOGIN,
    "MISCONF": "cannot write to its disk and takes no writes: free space there, see its log",
    "NOREPLICAS": "has too few replicas to take writes: start them or lower min-replicas-to-write",
    "MASTERDOWN": "is a replica that lost its primary: point redis.url at the primary",
    "CLUSTERDOWN": "is a cluster that is down: see CLUSTER INFO",
    "MOVED": "is a node of a cluster, which is not supported: point redis.url at one Redis or a proxy",
    "BUSY": "is kept busy by a script: see SCRIPT KILL",
    "WRONGTYPE": "holds something else under our keys: give Devam a database of its own in redis.url",
}

# redis-py puts the command before the answer when it was one of several.
_CODE = re.compile(r"(?:.* caused error: \W*)?([A-Z]{2,20}) ", re.DOTALL)


def refusal(error: Exception) -> str:
    """What is wrong and how to mend it, to be read after "Redis at <address>"."""
    for kind, text in _BY_CLASS:
        if isinstance(error, kind):
            return text
    if isinstance(error, ResponseError):
        code = _CODE.match(str(error))
        return _BY_CODE.get(code[1], f"refused with {code[1]}: see its log") if code else "refused: see its log"
    return f"cannot be reached ({type(error).__name__}): start it, or put its address into redis.url"
