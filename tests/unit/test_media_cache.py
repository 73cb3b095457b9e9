"""What Asterisk has fetched is dropped when nobody needs it, and not in the moment in which it may be played."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr

from ivr.errors import TelephonyDown
from ivr.settings_exchange import AsteriskSettings
from ivr.telephony import media_cache
from ivr.telephony.media_cache import MediaCache
from tests.virtual_time import until

ONE, TWO, OTHER = "http://10.0.0.5:8080/sounds/a.wav", "https://ivr/sounds/b.wav", "http://elsewhere/c.wav"
OPERATOR = "an-operators-password"
PATIENCE = 5.0  # seconds, a limit


@dataclass
class Console:
    """Asterisk's, with what its cache holds. It lists each address as Asterisk 22.10 does: above its file."""

    cached: set[str] = field(default_factory=set)
    away: bool = False
    looks: int = 0
    on_delete: Callable[[], object] = bool

    @contextmanager
    def __call__(
        self, host: str, port: int, user: str, password: str, timeout: float
    ) -> Iterator[Callable[[str], str]]:
        self.looks += 1
        assert (user, password) == ("operator", OPERATOR)
        if self.away:
            raise TelephonyDown("AMI is away")
        yield self.answer

    def answer(self, command: str) -> str:
        if command == "media cache show all":
            rows = [f"{address:<40}\n\t/var/cache/asterisk/bucket-x.wav" for address in sorted(self.cached)]
            return "\n".join(["URI", "\tLocal File", "---------------", *rows])
        address = command.removeprefix("media cache delete ")
        self.on_delete()
        if address not in self.cached:
            return f"Unable to delete '{address}'"
        self.cached.discard(address)
        return f"Deleted '{address}' from the media cache"


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Console:
    made = Console({ONE, TWO, OTHER})
    monkeypatch.setattr(media_cache, "console", made)
    return made


def cache(unneeded: set[str]) -> MediaCache:
    secret = SecretStr("a-password")
    asterisk = AsteriskSettings(ari_password=secret, ami_password=secret, operator_password=SecretStr(OPERATOR))
    return MediaCache(asterisk, unneeded.__contains__)


def test_what_nobody_needs_at_two_looks_in_a_row_goes(console: Console) -> None:
    copies = cache({ONE, TWO})
    assert copies.clean() == 0
    assert copies.clean() == 2
    assert console.cached == {OTHER}
    assert copies.clean() == 0


def test_what_is_used_in_between_stays(console: Console) -> None:
    unneeded = {ONE, TWO}
    copies = cache(unneeded)
    copies.clean()
    unneeded.remove(ONE)
    assert copies.clean() == 1
    unneeded.add(ONE)
    assert copies.clean() == 0
    assert ONE in console.cached
    assert copies.clean() == 1


def test_what_is_fetched_again_is_looked_at_anew(console: Console) -> None:
    copies = cache({ONE})
    copies.clean()
    copies.clean()
    console.cached.add(ONE)
    assert copies.clean() == 0


async def test_an_asterisk_that_is_away_is_told_once_and_asked_again(
    console: Console, caplog: pytest.LogCaptureFixture
) -> None:
    console.away = True
    keeping = asyncio.create_task(cache({ONE, TWO, OTHER}).keep_clean(every=0), name="keep clean")
    try:
        await until(lambda: console.looks > 3)
        assert len(caplog.records) == 1
        assert "AMI is away" in caplog.text
        console.away = False
        await until(lambda: not console.cached)
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def test_a_controller_that_ends_does_not_wait_until_thousands_are_dropped(console: Console) -> None:
    everything = {f"http://10.0.0.5:8080/sounds/{number}.wav" for number in range(5000)}
    console.cached |= everything
    copies, loop, ended = cache(everything), asyncio.get_running_loop(), threading.Event()
    copies.clean()
    keeping = asyncio.create_task(copies.keep_clean(every=0), name="keep clean")

    def end() -> None:
        loop.call_soon_threadsafe(keeping.cancel)
        assert ended.wait(PATIENCE)

    console.on_delete = end
    await asyncio.gather(keeping, return_exceptions=True)
    ended.set()
    await loop.shutdown_default_executor()
    assert len(console.cached & everything) == len(everything) - 1
