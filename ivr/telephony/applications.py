"""ARI applications: each controller is one, and Asterisk knows which channels are in it."""

from __future__ import annotations

from urllib.parse import quote

from context_store.records import Json
from ivr.errors import TelephonyRefused
from ivr.telephony.ari import AriClient
from ivr.telephony.ari_events import is_ear


def app_of(controller: str) -> str:
    """The application of the controller of that name."""
    return f"ivr-{controller}"


def path_of(app: str) -> str:
    """Where ARI has the application."""
    return f"applications/{quote(app, safe='')}"


async def present(client: AriClient, app: str) -> frozenset[str]:
    """The callers' channels that Asterisk has in that application.

    Raises `ChannelGone` when there is no such application, `TelephonyRefused` when the answer is no list, or another
    `TelephonyError`.
    """
    answer: Json = await client.request("GET", path_of(app))
    channels = answer.get("channel_ids") if isinstance(answer, dict) else None
    if not isinstance(channels, list) or not all(isinstance(channel, str) for channel in channels):
        raise TelephonyRefused(f"Asterisk's answer has no list of the channels in {app}")
    return frozenset(channel for channel in channels if not is_ear(channel))
