"""What Devam relies on in ARI. The fake and a real Asterisk must both keep it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from ivr.errors import ChannelGone, TelephonyRefused
from ivr.telephony.applications import present
from ivr.telephony.ari import AriClient
from ivr.telephony.ari_events import UNWANTED
from ivr.telephony.lines import Lines


async def own_application_is_listed(client: AriClient) -> None:
    answer = await client.request("GET", f"applications/{client.app}")
    assert answer["name"] == client.app
    assert isinstance(answer["channel_ids"], list)


async def unwanted_events_can_be_kept_away(client: AriClient) -> None:
    body = {"disallowed": [{"type": kind} for kind in UNWANTED]}
    await client.request("PUT", f"applications/{client.app}/eventFilter", body=body)


async def unknown_channel_is_gone(client: AriClient) -> None:
    with pytest.raises(ChannelGone):
        await client.request("GET", "channels/1234.5")


async def unknown_claim_is_gone(client: AriClient) -> None:
    with pytest.raises(ChannelGone):
        await client.request("POST", "events/claim", query={"channelId": "1234.5", "application": client.app})


async def strange_ids_reach_no_other_resource(client: AriClient) -> None:
    for channel in ("../applications", "a/b?c=d#e", "%2e%2e", "şÇ ~", "*"):
        line = Lines(client).line(channel)
        with pytest.raises(ChannelGone):
            await line.transfer("agents")


async def nothing_to_stop_or_hang_up_is_no_error(client: AriClient) -> None:
    line = Lines(client).line("1234.5")
    await line.stop_playing("1")
    await line.hang_up()
    assert not await line.is_playing("1")


async def answering_a_caller_who_has_gone_says_so(client: AriClient) -> None:
    with pytest.raises(ChannelGone):
        await Lines(client).line("1234.5").answer("c0ffee")


async def taking_over_a_caller_who_has_gone_says_so(client: AriClient) -> None:
    with pytest.raises(ChannelGone):
        await Lines(client).line("1234.5", "ivr-another").take_over("1")


async def an_application_that_nobody_has_is_gone(client: AriClient) -> None:
    with pytest.raises(ChannelGone):
        await present(client, "ivr-no-such")


async def only_channels_in_our_application_are_ours(client: AriClient) -> None:
    assert not await Lines(client).line("1234.5").is_ours()


async def a_variable_that_is_set_aside_says_that_the_channel_is_gone(client: AriClient) -> None:
    with pytest.raises(ChannelGone):
        await Lines(client).line("1234.5").stay_for_ever()


async def nonsense_is_refused(client: AriClient) -> None:
    with pytest.raises((TelephonyRefused, ChannelGone)):
        await client.request("POST", "no/such/thing")


CONTRACT: list[Callable[[AriClient], Awaitable[None]]] = [
    own_application_is_listed,
    unwanted_events_can_be_kept_away,
    unknown_channel_is_gone,
    unknown_claim_is_gone,
    strange_ids_reach_no_other_resource,
    nothing_to_stop_or_hang_up_is_no_error,
    answering_a_caller_who_has_gone_says_so,
    taking_over_a_caller_who_has_gone_says_so,
    an_application_that_nobody_has_is_gone,
    only_channels_in_our_application_are_ours,
    a_variable_that_is_set_aside_says_that_the_channel_is_gone,
    nonsense_is_refused,
]
