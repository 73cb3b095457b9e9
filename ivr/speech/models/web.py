"""Which addresses are asked at all, https and what the operator has named without it; and why there was no answer."""

from __future__ import annotations

import os

import aiohttp
from yarl import URL

from ivr.errors import ModelError


def shown(address: str | URL) -> str:
    """An address as messages show it: without a password or a token that may be in it."""
    url = URL(address)
    return str(url.with_user(None).with_password(None).with_query(None).with_fragment(None)) if url.host else "?"


def see_to_https(url: URL, named: str) -> None:
    """Raises `ModelError` for an address without https, unless it is of the same server as the one `named` by hand."""
    if not url.host or (url.scheme != "https" and (url.scheme != "http" or _server(url) != _server(URL(named)))):
        raise ModelError(f"{shown(url)} is not asked: only https is, where nobody named another by hand")


def see_to_way(answer: aiohttp.ClientResponse, named: str) -> None:
    """`see_to_https` for every address that a redirected answer came from."""
    for one in (*answer.history, answer):
        see_to_https(one.url, named)


def why(error: Exception) -> str:
    """Why nothing came, for who reads it on a terminal."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "no such name in DNS"
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate is not trusted here"
        case aiohttp.ClientConnectorError():
            return os.strerror(error.errno) if error.errno else "no connection"
    return str(error) or "no answer in time"


def _server(url: URL) -> tuple[str | None, int | None]:
    return url.host, url.port if url.scheme == "http" else None
