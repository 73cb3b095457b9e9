"""Ports that are free now, so that a sandbox gets along with whatever else runs on the machine."""

from __future__ import annotations

import random
import socket
from collections.abc import Sequence

from ivr.errors import SandboxError

# Below the range from which Linux takes ports for outgoing connections.
_RANGE = range(20000, 32000)
_RTP_SPAN = 2000  # ports; a call takes two


class Ports:
    """Hands out free ports, none twice."""

    def __init__(self, *, prefer_usual: bool) -> None:
        self._prefer_usual = prefer_usual
        self._given: set[int] = set()

    def tcp(self, usual: int) -> int:
        """A TCP port on 127.0.0.1: the usual one if wanted and free."""
        return self._pick(usual, ("127.0.0.1",), socket.SOCK_STREAM)

    def udp(self, usual: int, hosts: Sequence[str]) -> int:
        """A UDP port that is free on all of these addresses."""
        return self._pick(usual, hosts, socket.SOCK_DGRAM)

    def rtp(self, usual: int, hosts: Sequence[str]) -> tuple[int, int]:
        """First and last of a range for media. Single ports in it may be taken: Asterisk passes over those."""
        start = self._pick(usual, hosts, socket.SOCK_DGRAM) & ~1
        return start, start + _RTP_SPAN - 1

    def _pick(self, usual: int, hosts: Sequence[str], kind: socket.SocketKind) -> int:
        preferred = [usual] if self._prefer_usual else []
        for port in [*preferred, *random.sample(_RANGE, 200)]:
            if port not in self._given and all(_is_free(host, port, kind) for host in hosts):
                self._given.add(port)
                return port
        raise SandboxError(f"there is no free port between {_RANGE.start} and {_RANGE.stop} on {', '.join(hosts)}")


def _is_free(host: str, port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:  # a connection that has just ended does not matter
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
