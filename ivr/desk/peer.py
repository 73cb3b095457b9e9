"""Who is at the other end of a request when reverse proxies are in between. Knows headers, keeps nothing.

Everybody can send X-Forwarded-… headers, so they count only when the connection comes from a trusted proxy. Of the
addresses in X-Forwarded-For each proxy has appended the one it saw: they are believed from the right, as far as
trusted proxies wrote them.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp import web

Networks = Sequence[IPv4Network | IPv6Network]

_HOME = 64  # bits: whoever has an IPv6 address has as many as they like below that


def peer(request: web.Request, trusted: Networks) -> str:
    """Where the request comes from, as far as it can be told: an address, or the network of an IPv6 address."""
    seen = request.remote or ""
    hops = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    while hops and _within(seen, trusted):
        told = hops.pop().strip()
        if _address(told) is None:  # not what a proxy writes; the proxy itself is the last that is known
            break
        seen = told
    return _home(seen)


def over_tls(request: web.Request, trusted: Networks) -> bool:
    """Whether the browser speaks TLS, to us or to a trusted proxy that says so."""
    told = request.headers.get("X-Forwarded-Proto") == "https" and _within(request.remote or "", trusted)
    return request.secure or told


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address  # a server on "::" sees IPv4 peers so


def _within(text: str, networks: Networks) -> bool:
    address = _address(text)
    return address is not None and any(address in network for network in networks)


def _home(text: str) -> str:
    address = _address(text)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), _HOME), strict=False))
    return str(address or text)
