"""Who is at the other end: proxies are believed as far as they are trusted, browsers never."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from ivr.desk.peer import over_tls, peer

TRUSTED = tuple(ip_network(one) for one in ("10.0.0.0/24", "192.0.2.1", "2001:db8:ffff::/48"))
BROWSER = "203.0.113.9"


@pytest.mark.parametrize(
    ("remote", "lines", "told"),
    [
        (BROWSER, [], BROWSER),
        (BROWSER, ["198.51.100.1"], BROWSER),  # not a proxy of ours
        ("10.0.0.5", [], "10.0.0.5"),
        ("10.0.0.5", [""], "10.0.0.5"),
        ("10.0.0.5", [BROWSER], BROWSER),
        ("10.0.0.5", [f"198.51.100.1, {BROWSER}"], BROWSER),
        ("10.0.0.5", ["198.51.100.1", BROWSER], BROWSER),
        ("10.0.0.5", [f"198.51.100.1,{BROWSER} , 192.0.2.1"], BROWSER),
        ("10.0.0.5", ["10.0.0.7, 192.0.2.1"], "10.0.0.7"),  # everybody is a proxy: the farthest
        ("10.0.0.5", [f"{BROWSER}, 10.0.0.x"], "10.0.0.5"),
        ("10.0.0.5", [f"{BROWSER}, unknown, 192.0.2.1"], "192.0.2.1"),
        ("10.0.0.5", ["," * 5000], "10.0.0.5"),
        ("::ffff:10.0.0.5", [BROWSER], BROWSER),
        ("10.0.0.5", [f"::ffff:{BROWSER}"], BROWSER),
        ("2001:db8:ffff::1", ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::/64"),
        ("2001:db8:1:2::77", [], "2001:db8:1:2::/64"),
        ("", [BROWSER], ""),  # a Unix socket
        ("ş", [BROWSER], "ş"),
    ],
)
def test_the_address_that_a_trusted_proxy_saw(remote: str, lines: list[str], told: str) -> None:
    headers = CIMultiDict([("X-Forwarded-For", line) for line in lines])
    request = make_mocked_request("POST", "/login", headers).clone(remote=remote)
    assert peer(request, TRUSTED) == told


def test_without_trusted_proxies_nobody_is_believed() -> None:
    request = make_mocked_request("GET", "/", {"X-Forwarded-For": BROWSER, "X-Forwarded-Proto": "https"})
    request = request.clone(remote="127.0.0.1")
    assert peer(request, ()) == "127.0.0.1"
    assert not over_tls(request, ())
    assert over_tls(request, (ip_network("127.0.0.1"),))
    assert over_tls(request.clone(scheme="https"), ())
