from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ivr.errors import ChannelGone, TelephonyDown, TelephonyRefused, TelephonyTimeout
from ivr.telephony.ami_link import AmiLink
from ivr.telephony.backoff import Backoff
from tests.unit.fake_ami import PASSWORD, PATIENCE, USER, FakeAmi
from tests.unit.fake_ari import running

MARK = {"Channel": "1795320060.24", "Variable": "__DEVAM_CONVERSATION", "Value": "c0ffee"}


@asynccontextmanager
async def link_to(ami: FakeAmi, *, password: str = PASSWORD, timeout: float = PATIENCE) -> AsyncIterator[AmiLink]:
    async with ami:
        link = AmiLink("127.0.0.1", ami.port, USER, password, timeout=timeout, backoff=Backoff(0.0, 0.0))
        async with running(link.run()):
            yield link


async def test_it_has_something_done_and_wants_no_events() -> None:
    ami = FakeAmi()
    async with link_to(ami) as link:
        await link.wait_connected(PATIENCE)
        await link.act("Setvar", **MARK)
        [login] = await ami.until_action("Login")
        [action] = await ami.until_action("Setvar")
    assert login["Events"] == "off"
    assert action.items() >= MARK.items()


@pytest.mark.parametrize("message", ["No such channel", "Channel does not exist: 1795320060.24"])
async def test_a_channel_that_has_gone_is_told_apart(message: str) -> None:
    async with link_to(FakeAmi(answers={"Redirect": f"Response: Error\r\nMessage: {message}\r\n\r\n"})) as link:
        await link.wait_connected(PATIENCE)
        with pytest.raises(ChannelGone):
            await link.act("Redirect", Channel="1795320060.24")


async def test_a_right_that_is_missing_is_told() -> None:
    async with link_to(FakeAmi(answers={"Setvar": "Response: Error\r\nMessage: Permission denied\r\n\r\n"})) as link:
        await link.wait_connected(PATIENCE)
        with pytest.raises(TelephonyRefused, match="Permission denied"):
            await link.act("Setvar", **MARK)


@pytest.mark.parametrize("hostile", ["x\r\nAction: Command", "x\nCommand: y", "\x00"])
async def test_no_value_can_start_a_header_of_its_own(hostile: str) -> None:
    ami = FakeAmi()
    async with link_to(ami) as link:
        await link.wait_connected(PATIENCE)
        with pytest.raises(TelephonyRefused):
            await link.act("Setvar", **MARK | {"Value": hostile})
    assert [action["Action"] for action in ami.actions] == ["Login"]


async def test_no_answer_is_waited_for_but_not_for_ever() -> None:
    async with link_to(FakeAmi(answers={"Setvar": None}), timeout=0.05) as link:
        await link.wait_connected(PATIENCE)
        with pytest.raises(TelephonyTimeout):
            await link.act("Setvar", **MARK)


async def test_it_connects_again() -> None:
    ami = FakeAmi()
    async with link_to(ami) as link:
        await link.wait_connected(PATIENCE)
        await ami.drop()
        await ami.until_action("Login", 2)
        await link.wait_connected(PATIENCE)
        await link.act("Setvar", **MARK)
        await ami.until_action("Setvar")


async def test_without_a_connection_nothing_is_waited_for() -> None:
    link = AmiLink("127.0.0.1", 1, USER, PASSWORD)
    with pytest.raises(TelephonyDown):
        await link.act("Setvar", **MARK)
    with pytest.raises(TelephonyDown):
        await link.wait_connected(0.01)


async def test_a_wrong_password_is_told(caplog: pytest.LogCaptureFixture) -> None:
    ami = FakeAmi()
    async with link_to(ami, password="another") as link:
        await ami.until_action("Login", 2)
        with pytest.raises(TelephonyDown):
            await link.act("Setvar", **MARK)
    assert "ami_password must be those of Asterisk's manager.conf" in caplog.text
