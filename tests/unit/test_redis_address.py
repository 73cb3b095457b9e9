"""What redis.url may be, what is told of one that is wrong, and that no message shows a password."""

from __future__ import annotations

from typing import Any

import pytest
from redis.asyncio.connection import SSLConnection, UnixDomainSocketConnection

from context_store.errors import StoreError
from context_store.redis_address import Address, Host, parse
from context_store.redis_cluster import ClusterClient
from context_store.redis_link import RedisLink
from context_store.redis_sentinel import SentinelClient

SECRET = "hunter22"
LOGIN = {"username": "devam", "password": SECRET}


@pytest.mark.parametrize(
    ("url", "shown", "options"),
    [
        ("redis://", "Redis at localhost:6379", {}),
        ("redis://10.0.0.1", "Redis at 10.0.0.1:6379", {}),
        (f"redis://devam:{SECRET}@redis.example:7000/2", "Redis at redis.example:7000", {**LOGIN, "db": 2}),
        ("redis://:p%40ss%2Fw%23@h/0", "Redis at h:6379", {"password": "p@ss/w#", "db": 0}),
        ("redis://[::1]:7000/0?client_name=devam", "Redis at [::1]:7000", {"db": 0, "client_name": "devam"}),
        (
            "rediss://h:1?ssl_ca_certs=/ca.pem&ssl_check_hostname=no",
            "Redis at h:1",
            {"connection_class": SSLConnection, "ssl_ca_certs": "/ca.pem", "ssl_check_hostname": False},
        ),
        (
            f"unix:///run/redis.sock?db=3&password={SECRET}",
            "Redis at /run/redis.sock",
            {"connection_class": UnixDomainSocketConnection, "path": "/run/redis.sock", "db": 3, "password": SECRET},
        ),
        (f"redis+cluster://devam:{SECRET}@a,b:7001,[::1]", "Redis Cluster at a:6379,b:7001,[::1]:6379", LOGIN),
        ("redis+cluster://a/0", "Redis Cluster at a:6379", {"db": 0}),
        ("rediss+cluster://a", "Redis Cluster at a:6379", {"connection_class": SSLConnection}),
        (
            f"redis+sentinel://devam:{SECRET}@a:26380,b/4?service=my%20master",
            "Redis my master of the Sentinels at a:26380,b:26379",
            {**LOGIN, "db": 4},
        ),
    ],
)
def test_addresses(url: str, shown: str, options: dict[str, Any]) -> None:
    address = parse(url)
    assert str(address) == shown
    assert dict(address.options) == options
    assert SECRET not in repr(address)
    RedisLink(url, 1.0)


def test_sentinels_have_a_login_of_their_own_and_the_same_tls() -> None:
    url = "rediss+sentinel://:p@a/1?service=m&sentinel_username=s&sentinel_password=q&ssl_ca_certs=/ca.pem"
    tls = {"connection_class": SSLConnection, "ssl_ca_certs": "/ca.pem"}
    assert parse(url) == Address(
        "sentinel",
        (Host("a", 26379),),
        {**tls, "password": "p", "db": 1},
        "m",
        {**tls, "username": "s", "password": "q"},
    )


def test_each_kind_has_its_client() -> None:
    assert isinstance(RedisLink("redis+sentinel://a?service=m", 1.0).client, SentinelClient)
    assert isinstance(RedisLink("redis+cluster://a", 1.0).client, ClusterClient)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        *(
            (url, r"redis\.url is not an address of a Redis; write it like")
            for url in (
                "",
                "redis",
                "127.0.0.1:6379",
                f"http://:{SECRET}@h",
                f"redis://:{SECRET}@h:port",
                f"redis://:{SECRET}@h:70000",
                f"redis://:{SECRET}@a:1,b:2/0",
                f"redis://:{SECRET}@a,b/0",
                f"redis://:{SECRET}@h/abc",
                f"redis://:{SECRET}@h/1/2",
                f"redis://:{SECRET}@h?db=x",
                "redis://[::1",
                "unix://",
                f"redis+cluster://:{SECRET}@",
                f"redis+cluster://:{SECRET}@a,,b",
                f"redis+cluster://:{SECRET}@a:port",
                f"redis+cluster://:{SECRET}@a b",
                f"redis+cluster://:{SECRET}@a\nb",
                f"redis+sentinel://:{SECRET}@a/x?service=m",
                f"redis+other://:{SECRET}@a",
                f"unix+cluster://:{SECRET}@a",
                f"rediss:{SECRET}@a",
            )
        ),
        (f"redis+sentinel://:{SECRET}@a:26379", r"Sentinels but not what they watch: add \?service=mymaster"),
        (f"redis+sentinel://:{SECRET}@a?service=", r"add \?service="),
        (f"redis+cluster://:{SECRET}@a/3", "has only one: leave the /number away"),
        (f"redis://:{SECRET}@a?service=m", "an option that is not known there; known are client_name, db, pass"),
        (f"redis://:{SECRET}@a?{SECRET}=1", "an option that is not known there"),
        (f"redis+cluster://:{SECRET}@a?service=m", "an option that is not known there"),
        *(
            (f"redis://:{SECRET}@a?{option}", "not known there")
            for option in ("decode_responses=1", "socket_timeout=9", "protocol=3", "max_connections=1", "retry=1")
        ),
        (f"redis://:{SECRET}@a?ssl_ca_certs=/ca.pem", "TLS without TLS: begin it with rediss://"),
        (f"redis+sentinel://:{SECRET}@a?service=m&ssl_ca_certs=/c", r"begin it with rediss\+sentinel://"),
        (f"rediss://:{SECRET}@a?ssl_cert_reqs={SECRET}", "an option with a value that does not fit"),
        (f"rediss+cluster://:{SECRET}@a?ssl_cert_reqs=x", "a value that does not fit"),
    ],
)
def test_what_is_none(url: str, told: str) -> None:
    with pytest.raises(StoreError, match=told) as refused:
        RedisLink(url, 1.0)
    assert SECRET not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
