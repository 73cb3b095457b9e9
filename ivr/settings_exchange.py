"""Settings of the exchange: how Asterisk is reached, its SIP side, and the queues and agents that it has."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ivr.settings_section import Password, Port, Section, Word


class AsteriskSettings(Section):
    """How to reach Asterisk: ARI over its HTTP server, AMI for queue events and for what ARI would do too late."""

    host: str = "127.0.0.1"
    ari_port: Port = 8088
    ari_user: Word = "devam"
    ari_password: Password
    ami_port: Port = 5038
    ami_user: Word = "devam"
    ami_password: Password
    operator_user: Word = "operator"
    operator_password: Password | None = Field(
        default=None, description="for `ivr asterisk` and `ivr doctor`; none: off"
    )
    timeout: Annotated[float, Field(gt=0, le=30)] = Field(default=3.0, description="seconds a request may take")
    abandoned_seconds: Annotated[int, Field(ge=5, le=600)] = Field(
        default=20, description="a caller whom no controller looks after for so long goes to controller.queue"
    )
    audio_host: str = Field(default="127.0.0.1", description="where a controller listens for what callers say")
    audio_port: Annotated[int, Field(ge=0, le=65535)] = Field(default=0, description="0: any that is free")
    audio_address: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]*$")] = Field(
        default="", description="the name or IPv4 address by which Asterisk reaches it; by default audio_host"
    )
    broadcast: bool = Field(default=True, description="it has StasisBroadcast: 20.20, 22.10, 23.4 and later")


class Trunk(Section):
    """The carrier's side: calls from these addresses are inbound calls. `match` is an IP address or network."""

    name: Word = "trunk"
    match: tuple[Annotated[str, Field(pattern=r"^[0-9a-fA-F.:/]+$")], ...] = ("127.0.0.2",)


class Softphone(Section):
    """A test phone that may register and call the hotline as if it were a customer of this number."""

    user: Word
    password: Password
    number: Annotated[str, Field(pattern=r"^\+?[0-9]{3,15}$")]


class SipSettings(Section):
    """Asterisk's SIP side. `media_address` is what it writes into SDP: set it where its host name has no address."""

    bind: str = "127.0.0.1"
    port: Port = 5060
    media_address: str = "127.0.0.1"
    rtp_start: Port = 10000
    rtp_end: Port = 10999
    hotline: Annotated[str, Field(pattern=r"^\+?[0-9]{2,15}$")] = "4440000"
    trunk: Trunk = Trunk()
    softphones: tuple[Softphone, ...] = ()


class Queue(Section):
    """A queue of agents in Asterisk. `ring` is how many seconds one agent's phone rings before the next is tried."""

    name: Word
    title: Annotated[str, Field(max_length=80)] = ""
    ring: Annotated[int, Field(ge=3, le=120)] = 15


class Agent(Section):
    """A person with a phone (SIP user `phone`) and a page. One password for the page, one for the phone."""

    phone: Word
    name: Annotated[str, Field(min_length=1, max_length=80)]
    page_password: Password
    phone_password: Password
    queues: tuple[Word, ...] = ("agents",)
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "tr"
