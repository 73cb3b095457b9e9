"""The agents' phones and the callers who are with them: the `Phones` port. Asks ARI, and moves callers over AMI.

ARI cannot move them: they have left its applications for a queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from context_store.records import Json
from ivr.errors import ChannelGone, TelephonyRefused
from ivr.telephony.ami_link import AmiLink
from ivr.telephony.ari import AriClient
from ivr.telephony.line import AGENT_CONTEXT, QUEUE_CONTEXT

MENU_CONTEXT = "devam-menu"  # the dialplan's context that offers a call to the controllers again

_TECHNOLOGY = "endpoints/PJSIP"


class AgentPhones:
    """The `Phones` of one Asterisk. `hotline` is the number that callers dialled, as Asterisk has it."""

    def __init__(self, ari: AriClient, link: AmiLink, hotline: str) -> None:
        self._ari = ari
        self._link = link
        self._hotline = hotline

    async def is_free(self, agent: str) -> bool:
        """Whether that agent's phone is there and in no call. Raises `TelephonyError`."""
        try:
            return _is_free(await self._ari.request("GET", f"{_TECHNOLOGY}/{quote(agent, safe='')}"))
        except ChannelGone:  # 404: Asterisk knows no such phone
            return False

    async def free(self) -> frozenset[str]:
        """All phones that are there and in no call. Raises `TelephonyError`."""
        phones = await self._ari.request("GET", _TECHNOLOGY)
        if not isinstance(phones, list):
            raise TelephonyRefused("Asterisk's answer has no list of phones")
        return frozenset(str(phone["resource"]) for phone in phones if _is_free(phone))

    async def pass_to_queue(self, channel: str, queue: str) -> None:
        """Put the caller into another queue. Raises `ChannelGone` or another `TelephonyError`."""
        await self._redirect(channel, QUEUE_CONTEXT, queue)

    async def pass_to_agent(self, channel: str, agent: str, queue: str) -> None:
        """Let that agent's phone ring; the dialplan leaves who is not answered to `queue`. Raises as above."""
        await self._redirect(channel, f"{AGENT_CONTEXT}-{queue}", agent)

    async def pass_to_menu(self, channel: str) -> None:
        """Have the caller offered to the controllers again. Raises as above."""
        await self._redirect(channel, MENU_CONTEXT, self._hotline)

    async def _redirect(self, channel: str, context: str, extension: str) -> None:
        await self._link.act("Redirect", Channel=channel, Context=context, Exten=extension, Priority="1")


def _is_free(phone: Json) -> bool:
    return isinstance(phone, Mapping) and phone.get("state") == "online" and phone.get("channel_ids") == []
