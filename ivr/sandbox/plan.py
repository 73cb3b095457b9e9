"""What a sandbox consists of before it runs: ports, passwords, people, and the settings file that says so."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.sandbox.components import Components
from ivr.sandbox.ports import Ports

HOTLINE_ADDRESS = "127.0.0.1"
CARRIER_ADDRESS = "127.0.0.2"  # the hotline knows its trunk by this address
AGENTS_QUEUES = ("agents", "faults")
PHONES_ADDRESS = "127.0.0.3"  # so the agents' phones live elsewhere
DRAIN_SECONDS = 2  # nobody who stops a sandbox waits for its callers


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The Asterisk that plays the telephone network: how to reach its ARI, and its addresses.

    Originate `PJSIP/<hotline>@carrier` to call. A call to an agent's phone enters the ARI application `network` with
    the arguments `agent` and the phone; its channel variable DEVAM_CONVERSATION is the SIP header's value.
    """

    ari_port: int
    ari_password: str
    sip_port: int
    rtp_start: int
    rtp_end: int
    ari_host: str = "127.0.0.1"
    ari_user: str = "network"
    carrier: str = CARRIER_ADDRESS
    phones: str = PHONES_ADDRESS


def plan_network(ports: Ports) -> Network:
    """Choose the network's ports and password."""
    addresses = (CARRIER_ADDRESS, PHONES_ADDRESS)
    rtp_start, rtp_end = ports.rtp(10000, addresses)
    return Network(
        ari_port=ports.tcp(8089),
        ari_password=_password(),
        sip_port=ports.udp(5060, addresses),
        rtp_start=rtp_start,
        rtp_end=rtp_end,
    )


def plan_settings(
    ports: Ports,
    components: Components,
    cache: Path,
    ring: int,
    more_queues: Sequence[str] = (),
    far: bool = False,
    models: Path | None = None,
) -> dict[str, Any]:
    """Settings for a hotline with two agents, two queues or more and a test phone; every password is new.

    `far`: Asterisk fetches sound over HTTP, as if it were on another machine. `models`: the folder of speech models.
    """
    rtp_start, rtp_end = ports.rtp(10000, (HOTLINE_ADDRESS,))
    web = ports.tcp(8080)
    return {
        "controller": {"drain_seconds": DRAIN_SECONDS},
        "asterisk": {
            "host": "127.0.0.1",
            "ari_port": ports.tcp(8088),
            "ari_password": _password(),
            "ami_port": ports.tcp(5038),
            "ami_password": _password(),
            "operator_password": _password(),
        },
        "redis": {"url": f"redis://:{_password()}@127.0.0.1:{ports.tcp(6379)}/0"},
        "web": {"port": web, "secret": _password(), "api_token": _password()},
        "services": {"url": f"http://127.0.0.1:{ports.tcp(8070)}", "token": _password()},
        "speech": {
            "cache": str(cache),
            "espeak": list(components.espeak),
            **({"url": f"http://127.0.0.1:{web}"} if far else {}),
        },
        **({"hearing": {"models": str(models)}} if models else {}),
        "sip": {
            "bind": HOTLINE_ADDRESS,
            "port": ports.udp(5060, (HOTLINE_ADDRESS,)),
            "media_address": HOTLINE_ADDRESS,
            "rtp_start": rtp_start,
            "rtp_end": rtp_end,
            "trunk": {"name": "trunk", "match": [CARRIER_ADDRESS]},
            "softphones": [{"user": "softphone", "password": _short_password(), "number": "+905550000000"}],
        },
        "queues": [
            {"name": "agents", "title": "Müşteri hizmetleri", "ring": ring},
            {"name": "faults", "title": "Arıza", "ring": ring},
            *({"name": name, "ring": ring} for name in more_queues if name not in AGENTS_QUEUES),
        ],
        "agents": [_agent("1001", "Deniz"), _agent("1002", "Elif")],
    }


def write_settings(file: Path, settings: Mapping[str, Any]) -> None:
    """Write the settings file, readable by its owner alone."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        stream.write(toml(settings))


def toml(settings: Mapping[str, Any]) -> str:
    """The settings as TOML: a table for each section. JSON's strings, numbers and lists of them are TOML's too."""
    lines: list[str] = []
    for section, values in settings.items():
        if isinstance(values, list):
            for value in values:
                lines += [f"[[{section}]]", *_pairs(value), ""]
        else:
            lines += [f"[{section}]", *_pairs(values), ""]
    return "\n".join(lines)


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in table.items()]


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(_pairs(value))} }}"
    if isinstance(value, list):
        return f"[{', '.join(_value(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False)


def _agent(phone: str, name: str) -> dict[str, Any]:
    return {
        "phone": phone,
        "name": name,
        "page_password": _short_password(),
        "phone_password": _password(),
        "queues": list(AGENTS_QUEUES),
    }


def _password() -> str:
    return secrets.token_urlsafe(18)


def _short_password() -> str:
    """One that a person types."""
    return secrets.token_hex(4)
