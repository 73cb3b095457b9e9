"""`ivr audit`: a table for a person, numbers masked, nothing that a caller claimed steers the terminal."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from context_store.attempts import AuditEntry
from context_store.memory_attempts import MemoryAttempts
from context_store.redis_attempts import RedisAttempts
from tests.unit.attempts_contract import CALLER, LIMITS, LINE, OTHER, attempt, begin, begin_all
from tests.unit.publishing_house import SETTINGS
from tests.unit.test_cli import ivr


@pytest.fixture
def own(tmp_path: Path) -> Path:
    redis = '[redis]\nurl = "redis://:hunter22@127.0.0.1:1/0"\n'
    (tmp_path / "devam.toml").write_text(SETTINGS + redis, encoding="utf-8")
    return tmp_path


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> MemoryAttempts:
    """What the command finds in the audit log."""
    attempts = MemoryAttempts(LIMITS)

    async def audit(self: RedisAttempts, last: int = 100) -> Sequence[AuditEntry]:
        return await attempts.audit(last)

    monkeypatch.setattr(RedisAttempts, "audit", audit)
    return attempts


def some(attempts: MemoryAttempts) -> None:
    """Two wrong ones, a proof, a code for a withheld caller, one whose end is not known, and a refusal."""

    async def fill() -> None:
        await begin_all(attempts, [attempt()] * 2)
        await begin(attempts, attempt(), "proved")
        code = replace(attempt("945:0021", None, "last_order"), deed="send_code", proof="sms_code")
        await begin(attempts, code, "sent")
        await begin(attempts, attempt(caller=OTHER), "failed")
        await begin_all(attempts, [attempt(caller=OTHER)] * 4, None)

    asyncio.run(fill())


def test_it_tells_what_became_of_each_in_words(own: Path, logged: MemoryAttempts) -> None:
    some(logged)
    lines = ivr("audit", folder=own).stdout.splitlines()
    assert lines[0].split()[0] == "when,"
    assert lines[0].split()[2:] == ["caller", "claim", "by", "outcome", "conversation"]
    ends = ["wrong", "wrong", "proved", "code sent", "the company gave no answer", *["end not known"] * 3]
    for line, end in zip(lines[1:], [*ends, "refused: too many for this claim"], strict=True):
        assert f" {end} " in line, line
    assert "withheld" in lines[4]
    assert "wants a code" in lines[4]


def test_times_are_local_and_say_so(own: Path, logged: MemoryAttempts, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(begin(logged, attempt()))
    [utc] = json.loads(ivr("audit", "--json", folder=own).stdout)
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Istanbul")
        time.tzset()
        head, line = ivr("audit", folder=own).stdout.splitlines()
    time.tzset()
    assert head.startswith("when, UTC+03:00 ")
    assert line.startswith(f"{datetime.fromtimestamp(utc['at'] + 3 * 3600, UTC):%Y-%m-%d %H:%M:%S} ")


def test_numbers_are_masked_unless_they_are_wanted(own: Path, logged: MemoryAttempts) -> None:
    some(logged)
    for form in ((), ("--json",)):
        masked = ivr("audit", *form, folder=own).stdout
        assert "+90532•••••33" in masked
        for number in (CALLER, OTHER, LINE, "945:0021"):
            assert number[3:] not in masked
        bare = ivr("audit", "--numbers", *form, folder=own).stdout
        for number in (CALLER, OTHER, LINE, "945:0021"):
            assert number in bare


def test_other_programs_get_json(own: Path, logged: MemoryAttempts) -> None:
    some(logged)
    told = json.loads(ivr("audit", "--json", "--last", "6", folder=own).stdout)
    assert [entry["outcome"] for entry in told] == ["sent", "failed", "open", "open", "open", "limited"]
    assert told[0]["caller"] is None
    assert told[-1]["exceeded"] == "claim"
    assert told[-1].keys() >= {"id", "at", "deed", "conversation", "way", "claim", "proof"}
    assert json.loads(ivr("audit", "--json", "--last", "1", folder=own).stdout) == told[-1:]


def test_a_claim_does_not_steer_the_terminal(own: Path, logged: MemoryAttempts) -> None:
    async def fill() -> None:
        await begin(logged, attempt("\x1b[2J\r\n[red]x[/]"))

    asyncio.run(fill())
    told = ivr("audit", "--numbers", folder=own).stdout
    assert "\x1b" not in told
    assert "\r" not in told
    assert "[2J" in told
    assert "[red]x[/]" in told
    assert len(told.splitlines()) == 2


def test_an_empty_log_is_told(own: Path, logged: MemoryAttempts) -> None:
    assert ivr("audit", folder=own).stdout == "nobody has tried to prove anything\n"
    assert json.loads(ivr("audit", "--json", folder=own).stdout) == []


def test_without_redis_it_says_so(own: Path) -> None:
    done = ivr("audit", folder=own)
    assert done.returncode == 1
    assert "Redis at 127.0.0.1:1 cannot be reached" in done.stderr
    assert "hunter22" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_none_are_refused(own: Path) -> None:
    assert ivr("audit", "--last", "0", folder=own).returncode == 2
