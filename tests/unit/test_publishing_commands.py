"""The commands of publishing as they are typed, where no Redis is: what they refuse before, and what they say of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.publishing_house import Desk
from tests.unit.test_cli import ivr


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.change("devam.toml", "[web]", '[redis]\nurl = "redis://:hunter22@127.0.0.1:1/0"\n[web]')
    return desk.folder


@pytest.mark.parametrize(
    "arguments",
    [
        ("publish",),
        ("versions",),
        ("diff",),
        ("diff", "live", "1234"),
        ("rollback",),
        ("announce",),
        ("announce", "--off"),
        ("announce", "Kesinti", "--en", "Outage"),
    ],
)
def test_without_redis_they_say_so(own: Path, arguments: tuple[str, ...]) -> None:
    done = ivr(*arguments, folder=own)
    assert done.returncode == 1
    assert "Redis at 127.0.0.1:1 cannot be reached" in done.stderr
    assert "hunter22" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("publish", "--no-tests"), "needs a reason"),
        (("publish", "--by", "a\nb"), "--by must be a name"),
        (("rollback", "--note", "x" * 501), "--note must be one line"),
        (("announce", "Kesinti", "--off"), "give no text with it"),
        (("announce", "Kesinti", "--for", "ever"), "write 30m, 2h or 1d"),
        (("diff", "files", "files", "--settings", "nowhere.toml"), "there is no such settings file"),
    ],
)
def test_what_cannot_be_is_refused_first(own: Path, arguments: tuple[str, ...], why: str) -> None:
    done = ivr(*arguments, folder=own)
    assert done.returncode == 1
    assert why in done.stderr


def test_a_broken_flow_is_told_before_redis_is_asked(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.change("flows/bill.yaml", "start: bill_told", "start: bill_tol")
    done = ivr("publish", folder=tmp_path)
    assert done.returncode == 1
    assert "did you mean 'bill_told'" in done.stderr


def test_files_are_compared_without_redis(own: Path) -> None:
    done = ivr("diff", "files", "files", folder=own)
    assert (done.returncode, done.stdout) == (0, "nothing differs between the files and the files\n")
