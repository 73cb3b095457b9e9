from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from ivr.errors import TelephonyDown, TelephonyError, TelephonyRefused, TelephonyTimeout
from ivr.telephony.operator import run_command
from tests.unit.fake_ami import PASSWORD, USER, FakeAmi

LISTING = (
    "Response: Success\r\n"
    "Message: Command output follows\r\n"
    "Output: agents has 1 calls: W:0, C:1\r\n"
    "Output:    Members: \r\n"
    "Output:       PJSIP/1001\x1b[0m (\x1b[1;32;40mNot in use\x1b[0m)\r\n"
    "Output: \r\n\r\n"
)


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [thread for thread in set(threading.enumerate()) - before if "asyncio" not in thread.name]
    assert not left


async def run(fake: FakeAmi, command: str = "queue show", password: str = PASSWORD, timeout: float = 5.0) -> str:
    return await asyncio.to_thread(run_command, "127.0.0.1", fake.port, USER, password, command, timeout)


async def test_output_keeps_its_shape_and_loses_its_colours() -> None:
    async with FakeAmi(answers={"Command": LISTING}) as fake:
        output = await run(fake)
        await fake.until_action("Logoff")
    assert output == "agents has 1 calls: W:0, C:1\n   Members: \n      PJSIP/1001 (Not in use)"
    assert [action["Action"] for action in fake.actions] == ["Login", "Command", "Logoff"]
    assert fake.actions[1]["Command"] == "queue show"


async def test_events_in_between_are_not_taken_for_answers() -> None:
    noise = "Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\nnonsense\r\n\r\n"
    async with FakeAmi(answers={"Command": noise + LISTING}) as fake:
        assert "PJSIP/1001" in await run(fake)


async def test_a_wrong_password_says_what_to_mend() -> None:
    async with FakeAmi() as fake:
        with pytest.raises(TelephonyRefused, match=r"Authentication failed; 'devam' and its password") as caught:
            await run(fake, password="not-the-password")
        await fake.until_action("Logoff")
    assert "not-the-password" not in str(caught.value)


async def test_no_permission_says_what_to_mend() -> None:
    async with FakeAmi(answers={"Command": "Response: Error\r\nMessage: Permission denied\r\n\r\n"}) as fake:
        with pytest.raises(TelephonyRefused, match=r"'devam' needs `write = command` in manager\.conf"):
            await run(fake)


async def test_a_command_that_does_not_exist() -> None:
    unknown = "Response: Error\r\nMessage: Command output follows\r\nOutput: No such command 'x'\r\n\r\n"
    async with FakeAmi(answers={"Command": unknown}) as fake:
        with pytest.raises(TelephonyRefused, match=r"No such command 'x'$"):
            await run(fake, "x")


@pytest.mark.parametrize("command", ["", "  ", "core show\r\nAction: Originate", "a\nb", "a\x00b"])
async def test_a_command_cannot_smuggle_in_another_action(command: str) -> None:
    async with FakeAmi() as fake:
        with pytest.raises(TelephonyRefused, match="one line"):
            await run(fake, command)
    assert not fake.actions


@pytest.mark.parametrize("silent", ["Login", "Command"])
async def test_no_answer_is_a_timeout(silent: str) -> None:
    async with FakeAmi(answers={silent: None}) as fake:
        with pytest.raises(TelephonyTimeout, match=r"within 0\.1 s"):
            await run(fake, timeout=0.1)


@pytest.mark.parametrize("banner", [b"", b"SSH-2.0-OpenSSH\r\n", b"\xff" * 5000])
async def test_a_server_that_is_not_asterisk(banner: bytes) -> None:
    async with FakeAmi(banner=banner, answers={"Login": None}) as fake:
        with pytest.raises(TelephonyError) as caught:
            await run(fake, timeout=0.1)
    assert isinstance(caught.value, TelephonyDown | TelephonyTimeout)


async def test_nobody_listens() -> None:
    async with FakeAmi() as fake:
        pass
    with pytest.raises(TelephonyDown, match=r"is Asterisk running, and does manager\.conf say"):
        await run(fake)


async def test_a_connection_that_breaks_before_the_answer() -> None:
    async with FakeAmi(answers={"Command": None}) as fake:
        command = asyncio.create_task(run(fake))
        await fake.until_action("Command")
        await fake.drop()
        with pytest.raises(TelephonyDown, match="closed the connection"):
            await command
