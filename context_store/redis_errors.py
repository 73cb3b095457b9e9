"""What Redis refuses, in the operator's words. Knows redis-py's errors; does no I/O.

Of an answer of Redis only its code is told on: the rest may repeat what was written, which is personal data.
"""

from __future__ import annotations

import re

from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    RedisError,
    ResponseError,
)

from context_store.redis_address import Host

_LOGIN = "does not let us in: put the right user and password into redis.url"

_BY_CLASS: tuple[tuple[type[Exception], str], ...] = (
    (AuthenticationError, _LOGIN),
    (AuthorizationError, _LOGIN),
    (BusyLoadingError, "is still loading its data: it answers when that is done"),
)

_BY_CODE = {
    "NOPERM": "lets this user not do what is needed: allow it all commands on the keys devam:*",
    "READONLY": "is a replica and takes no writes: point redis.url at the primary",
    "OOM": "has no memory left: raise its maxmemory or shorten redis.conversation_hours",
    "NOAUTH": _LOGIN,
    "WRONGPASS": _LOGIN,
    "MISCONF": "cannot write to its disk and takes no writes: free space there, see its log",
    "NOREPLICAS": "has too few replicas to take writes: start them or lower min-replicas-to-write",
    "MASTERDOWN": "is a replica that lost its primary: start the primary, or point redis.url at it",
    "CLUSTERDOWN": "has slots that nobody serves: start the missing node, or let a replica take over; see CLUSTER INFO",
    "MOVED": "is a node of a Cluster: begin redis.url with redis+cluster:// (rediss+cluster:// for TLS)",
    "BUSY": "is kept busy by a script: see SCRIPT KILL",
    "WRONGTYPE": "holds something else under our keys: give Devam a database of its own in redis.url",
    "CROSSSLOT": "refused keys of several slots: that is a fault of Devam, report it",
}
_STRANGE = "does not know what Devam needs: use Redis 6.2 or newer; if it is a Sentinel, begin with redis+sentinel://"
_CERTIFICATE = "has a certificate that is not trusted here: add ssl_ca_certs=/path/to/its/authority.pem to redis.url"
_FULL = "has no connection left: raise its maxclients, see CLIENT LIST"

# redis-py puts the command before the answer when it was one of several.
_CODE = re.compile(r"(?:.* caused error: \W*)?([A-Z]{2,20}) ", re.DOTALL)


class Told(RedisError):
    """An error with words of its own, to be read after "Redis at <address>"."""


class NodeTrouble(RedisError):
    """One Redis of a group caused an error."""

    def __init__(self, node: Host, cause: Exception) -> None:
        super().__init__(str(node))
        self.node, self.cause = node, cause


def code_of(error: Exception) -> str:
    """The code of an answer of Redis, like "OOM"; empty for what is none."""
    if not isinstance(error, ResponseError):
        return ""
    return error.status_code or (found[1] if (found := _CODE.match(str(error))) else "")


def refusal(error: Exception) -> str:
    """What is wrong and how to mend it, to be read after "Redis at <address>"."""
    if isinstance(error, Told):
        return str(error)
    if isinstance(error, NodeTrouble):
        return f"has trouble with {error.node}, which {refusal(error.cause)}"
    for kind, text in _BY_CLASS:
        if isinstance(error, kind):
            return text
    if isinstance(error, ResponseError):
        if "unknown command" in str(error):
            return _STRANGE
        code = code_of(error)
        return _BY_CODE.get(code, f"refused with {code}: see its log" if code else "refused: see its log")
    if "max number of clients" in str(error):
        return _FULL
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return _CERTIFICATE
    return f"cannot be reached ({type(error).__name__}): start it, or put its address into redis.url"
