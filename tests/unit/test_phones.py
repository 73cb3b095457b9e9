"""Callers are passed on over AMI and phones asked for over ARI; whatever Asterisk answers, nobody waits for ever."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.errors import ChannelGone, TelephonyDown, TelephonyRefused, TelephonyTimeout
from ivr.telephony.ari import AriClient
from ivr.telephony.phones import AgentPhones
from tests.unit.fake_ami import PASSWORD, PATIENCE, USER, FakeAmi

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


def phones(fake: FakeAmi, answer: Any = None, *, password: str = PASSWORD, timeout: float = PATIENCE) -> AgentPhones:
    place = ("127.0.0.1", fake.port, USER, password)
    return AgentPhones(Answers(answer), *place, hotline="4440000", timeout=timeout)


async def deeds(fake: FakeAmi) -> list[tuple[str, ...]]:
    """What was asked of Asterisk besides logging in and off."""
    names = ("Action", "Channel", "Context", "Exten")
    wanted = [action for action in fake.actions if action["Action"] not in ("Login", "Logoff")]
    return [tuple(action[name] for name in names) for action in wanted]


async def test_a_caller_is_passed_to_a_queue() -> None:
    async with FakeAmi() as fake:
        await phones(fake).pass_to_queue(CALLER, "faults")
        assert await deeds(fake) == [("Redirect", CALLER, "devam-queue", "faults")]
        assert fake.actions[-1]["Priority"] == "1"


async def test_a_caller_is_passed_to_an_agent_with_a_queue_behind() -> None:
    async with FakeAmi() as fake:
        await phones(fake).pass_to_agent(CALLER, "1002", "faults")
        assert await deeds(fake) == [("Redirect", CALLER, "devam-agent-or-faults", "1002")]


async def test_a_caller_is_sent_back_to_the_menus() -> None:
    async with FakeAmi() as fake:
        await phones(fake).pass_to_menu(CALLER)
        assert await deeds(fake) == [("Redirect", CALLER, "devam-menu", "4440000")]


async def test_a_caller_who_has_gone_is_told() -> None:
    gone = "Response: Error\r\nMessage: Channel does not exist: 1795356232.0\r\n\r\n"
    async with FakeAmi(answers={"Redirect": gone}) as fake:
        with pytest.raises(ChannelGone):
            await phones(fake).pass_to_queue(CALLER, "faults")


async def test_a_user_without_the_right_is_told() -> None:
    async with FakeAmi(answers={"Redirect": "Response: Error\r\nMessage: Permission denied\r\n\r\n"}) as fake:
        with pytest.raises(TelephonyRefused, match="refused Redirect: Permission denied"):
            await phones(fake).pass_to_queue(CALLER, "faults")


async def test_a_wrong_password_names_the_settings() -> None:
    async with FakeAmi() as fake:
        with pytest.raises(TelephonyRefused, match=r"asterisk\.passing_user and passing_password"):
            await phones(fake, password="another").pass_to_menu(CALLER)


async def test_a_silent_asterisk_is_left() -> None:
    async with FakeAmi(answers={"Redirect": None}) as fake:
        with pytest.raises(TelephonyTimeout):
            await phones(fake, timeout=0.05).pass_to_menu(CALLER)


async def test_nobody_listens() -> None:
    async with FakeAmi() as fake:
        pass
    with pytest.raises(TelephonyDown):
        await phones(fake).pass_to_menu(CALLER)


@pytest.mark.parametrize("queue", ["faults\r\nAction: Hangup", "faults\n", "\x00"])
async def test_nothing_is_smuggled_into_an_action(queue: str) -> None:
    async with FakeAmi() as fake:
        with pytest.raises(TelephonyRefused):
            await phones(fake).pass_to_queue(CALLER, queue)
        assert await deeds(fake) == []


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
    assert await phones(FakeAmi(), answer).is_free("1001") is free


async def test_all_free_phones_are_asked_for_at_once() -> None:
    busy = {**PHONE, "resource": "1002", "channel_ids": ["1"]}
    assert await phones(FakeAmi(), [PHONE, busy, "nonsense", {}]).free() == {"1001"}


async def test_an_answer_that_is_no_list_is_refused() -> None:
    with pytest.raises(TelephonyRefused):
        await phones(FakeAmi(), {"error": "x"}).free()
