"""Callers are passed on over AMI and phones asked for over ARI; whatever Asterisk answers, nobody waits for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ivr.errors import ChannelGone, TelephonyDown, TelephonyRefused
from ivr.telephony.ami_link import AmiLink
from ivr.telephony.ari import AriClient
from ivr.telephony.backoff import Backoff
from ivr.telephony.phones import AgentPhones
from tests.unit.fake_ami import PASSWORD, PATIENCE, USER, FakeAmi
from tests.unit.fake_ari import running

CALLER = "1795356232.0"
PHONE = {"technology": "PJSIP", "resource": "1001", "state": "online", "channel_ids": []}


class Answers(AriClient):
    """ARI that answers everything with the same."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def request(self, method: str, path: str, **_: Any) -> Any:
        self.asked.append(path)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def phones(answer: Any = None, ami: FakeAmi | None = None) -> AgentPhones:
    """Over ARI that answers with that, and AMI; without `ami` there is no connection to it."""
    link = AmiLink("127.0.0.1", ami.port if ami else 1, USER, PASSWORD, timeout=PATIENCE, backoff=Backoff(0.0, 0.0))
    return AgentPhones(Answers(answer), link, "4440000")


@asynccontextmanager
async def moving(ami: FakeAmi) -> AsyncIterator[AgentPhones]:
    """Phones that are connected to AMI."""
    async with ami:
        made = phones(ami=ami)
        async with running(made._link.run()):
            await made._link.wait_connected(PATIENCE)
            yield made


async def deeds(fake: FakeAmi) -> list[tuple[str, ...]]:
    """What was asked of Asterisk besides logging in and off."""
    names = ("Action", "Channel", "Context", "Exten")
    wanted = [action for action in fake.actions if action["Action"] not in ("Login", "Logoff")]
    return [tuple(action[name] for name in names) for action in wanted]


async def test_callers_are_passed_on() -> None:
    ami = FakeAmi()
    async with moving(ami) as connected:
        await connected.pass_to_queue(CALLER, "faults")
        await connected.pass_to_agent(CALLER, "1002", "faults")
        await connected.pass_to_menu(CALLER)
    assert await deeds(ami) == [
        ("Redirect", CALLER, "devam-queue", "faults"),
        ("Redirect", CALLER, "devam-agent-or-faults", "1002"),
        ("Redirect", CALLER, "devam-menu", "4440000"),
    ]
    assert ami.actions[-1]["Priority"] == "1"


async def test_a_caller_who_has_gone_is_told() -> None:
    gone = "Response: Error\r\nMessage: Channel does not exist: 1795356232.0\r\n\r\n"
    async with moving(FakeAmi(answers={"Redirect": gone})) as connected:
        with pytest.raises(ChannelGone):
            await connected.pass_to_queue(CALLER, "faults")


async def test_a_user_without_the_right_is_told() -> None:
    refusal = "Response: Error\r\nMessage: Permission denied\r\n\r\n"
    async with moving(FakeAmi(answers={"Redirect": refusal})) as connected:
        with pytest.raises(TelephonyRefused, match="refused Redirect: Permission denied"):
            await connected.pass_to_queue(CALLER, "faults")


async def test_without_a_connection_it_is_told_at_once() -> None:
    with pytest.raises(TelephonyDown):
        await phones().pass_to_menu(CALLER)


@pytest.mark.parametrize("queue", ["faults\r\nAction: Hangup", "faults\n", "\x00"])
async def test_nothing_is_smuggled_into_an_action(queue: str) -> None:
    ami = FakeAmi()
    async with moving(ami) as connected:
        with pytest.raises(TelephonyRefused):
            await connected.pass_to_queue(CALLER, queue)
    assert await deeds(ami) == []


@pytest.mark.parametrize(
    ("answer", "free"),
    [
        (PHONE, True),
        ({**PHONE, "channel_ids": ["1795356232.1"]}, False),
        ({**PHONE, "state": "offline"}, False),
        ({"resource": "1001"}, False),
        ("nonsense", False),
        (ChannelGone("404"), False),
    ],
)
async def test_a_phone_is_free_when_it_is_there_and_in_no_call(answer: Any, free: bool) -> None:
    assert await phones(answer).is_free("1001") is free


async def test_all_free_phones_are_asked_for_at_once() -> None:
    busy = {**PHONE, "resource": "1002", "channel_ids": ["1"]}
    assert await phones([PHONE, busy, "nonsense", {}]).free() == {"1001"}


async def test_an_answer_that_is_no_list_is_refused() -> None:
    with pytest.raises(TelephonyRefused):
        await phones({"error": "x"}).free()
