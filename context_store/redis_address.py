"""What may stand in redis.url: one Redis, one behind Sentinels, a Cluster. Knows the forms; connects to nothing.

| form                                                                    | what it is                         |
| ----------------------------------------------------------------------- | ---------------------------------- |
| redis://[user:password@]host:6379/0                                     | one Redis; rediss:// with TLS      |
| unix:///path/to/redis.sock?db=0                                         | one Redis on this machine          |
| redis+sentinel://[user:password@]host:26379,host:26379/0?service=NAME   | the primary that the Sentinels name |
| redis+cluster://[user:password@]host:6379,host:6379                     | a Cluster; some of its nodes do    |

rediss+sentinel:// and rediss+cluster:// are the same with TLS, to the Sentinels, too. User and password are those of
the Redis; Sentinels that want their own get them as sentinel_username and sentinel_password. What is strange in a
password is percent-encoded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from redis.asyncio.connection import Connection, parse_url
from redis.exceptions import RedisError

from context_store.errors import StoreError

_FORMS = (
    "redis.url is not an address of a Redis; write it like redis://127.0.0.1:6379/0, unix:///run/redis/redis.sock?db=0,"
    " redis+sentinel://one:26379,two:26379,three:26379/0?service=mymaster or redis+cluster://one:6379,two:6379; "
    "with TLS rediss instead of redis; with a password redis://user:password@…, strange characters percent-encoded"
)
_MANY = re.compile(r"(rediss?)\+(sentinel|cluster)://(?:([^/?#]*)@)?([^/?#@]+)(/[^?#]*)?(?:\?([^#]*))?")
_DATABASE = re.compile(r"/?|/\d{1,5}/?")
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")

# What redis-py knows beside these would change answers, time-outs or retries, which the stores rely on.
_OPTIONS = {"db", "username", "password", "client_name"}
_TLS = {"ca_certs", "ca_path", "ca_data", "certfile", "keyfile", "password", "cert_reqs", "check_hostname", "ciphers"}
_TLS_OPTIONS = {f"ssl_{name}" for name in _TLS}
_SENTINEL_OPTIONS = {"service", "sentinel_username", "sentinel_password"}

Kind = Literal["one", "sentinel", "cluster"]


class Host(NamedTuple):
    """Where something listens: `name` is a host's name or IP address."""

    name: str
    port: int

    def __str__(self) -> str:
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Address:
    """A redis.url, read. As text it is what messages may show: no user, no password.

    `options` are redis-py's for connections to the Redis, without host and port; `sentinel_options` the same for
    connections to the Sentinels.
    """

    kind: Kind
    hosts: tuple[Host, ...]
    options: Mapping[str, Any] = field(repr=False)
    service: str = ""
    sentinel_options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        hosts = ",".join(map(str, self.hosts)) or self.options.get("path", "")
        if self.kind == "one":
            return f"Redis at {hosts}"
        return f"Redis {self.service} of the Sentinels at {hosts}" if self.service else f"Redis Cluster at {hosts}"


def parse(url: str) -> Address:
    """Read a redis.url. Raises `StoreError`, which tells how to write it and repeats nothing of it."""
    try:
        if not url.isprintable() or " " in url:  # urlsplit leaves some of these out
            raise ValueError
        many = _MANY.fullmatch(url)
        address = _many(*many.groups(default="")) if many else _one(url)
    except ValueError:
        raise StoreError(_FORMS) from None
    _check_values(address.options)
    return address


def _one(url: str) -> Address:
    parts = urlsplit(url)
    allowed = _OPTIONS | _TLS_OPTIONS if parts.scheme == "rediss" else _OPTIONS
    _check_options(parts.query, allowed, "rediss://" if parts.scheme == "redis" else "")
    options: dict[str, Any] = dict(parse_url(url))
    if parts.scheme == "unix":
        if not options.get("path"):
            raise ValueError
        return Address("one", (), options)
    host = _host(options.pop("host", "localhost"), options.pop("port", 6379))
    if not _DATABASE.fullmatch(parts.path):
        raise ValueError
    return Address("one", (host,), options)


def _many(scheme: str, kind: str, login: str, hosts: str, path: str, query: str) -> Address:
    sentinel = kind == "sentinel"
    allowed = _OPTIONS | (_TLS_OPTIONS if scheme == "rediss" else set()) | (_SENTINEL_OPTIONS if sentinel else set())
    _check_options(query, allowed, f"rediss+{kind}://" if scheme == "redis" else "")
    if not _DATABASE.fullmatch(path):
        raise ValueError
    options: dict[str, Any] = dict(parse_url(f"{scheme}://{login}@host{path}?{query}"))
    del options["host"]
    usual = 26379 if sentinel else 6379
    found = tuple(_split(one, usual) for one in hosts.split(","))
    if not sentinel:
        if options.get("db"):
            raise StoreError("redis.url names a database, but a Redis Cluster has only one: leave the /number away")
        return Address("cluster", found, options)
    own = {name: options.pop(name, None) for name in sorted(_SENTINEL_OPTIONS)}
    if not own["service"]:
        raise StoreError(
            "redis.url names Sentinels but not what they watch: add ?service=mymaster, or what it is called"
        )
    tls = {name: value for name, value in options.items() if name in _TLS_OPTIONS or name == "connection_class"}
    login_there = {"username": own["sentinel_username"], "password": own["sentinel_password"]}
    return Address("sentinel", found, options, own["service"], {**tls, **login_there})


def _check_options(query: str, allowed: set[str], tls: str) -> None:
    for name, _ in parse_qsl(query, keep_blank_values=True):
        if name in _TLS_OPTIONS and name not in allowed and tls:
            raise StoreError(f"redis.url has an option of TLS without TLS: begin it with {tls}")
        if name not in allowed:
            raise StoreError(f"redis.url has an option that is not known there; known are {', '.join(sorted(allowed))}")


def _check_values(options: Mapping[str, Any]) -> None:
    """redis-py looks at values when it makes a connection, which connects later."""
    kind = options.get("connection_class", Connection)
    try:
        kind(**{name: value for name, value in options.items() if name != "connection_class"})
    except (TypeError, ValueError, RedisError):
        raise StoreError("redis.url has an option with a value that does not fit: see redis-py's for ssl_…") from None


def _split(host: str, port: int) -> Host:
    parts = urlsplit(f"//{host}")
    return _host(parts.hostname or "", parts.port or port)


def _host(name: str, port: int) -> Host:
    if not _HOST.fullmatch(name):
        raise ValueError
    return Host(name, port)
