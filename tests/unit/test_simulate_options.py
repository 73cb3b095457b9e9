"""What the command may be given: who calls, when, who answers, where to save."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ivr.errors import SettingsError
from ivr.flowtest.reading import read_tests
from ivr.hotline.reading import flow_file
from ivr.services.catalogue import SERVICES
from ivr.settings import load
from ivr.simulate.play import Options, play


def played(monkeypatch: pytest.MonkeyPatch, typed: str = "", **options: Any) -> str:
    """What is shown when the sample hotline is played with these options."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    out = io.StringIO()
    play(Options(flow_file(None, "hotline"), None, **options), load, Console(file=out, width=120, highlight=False))
    return out.getvalue()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"caller": "hello"}, "--caller 'hello' is no telephone number"),
        ({"caller": "110"}, "no telephone number"),
        ({"language": "xx"}, "the flow speaks tr, en"),
        ({"services": "smaple"}, "did you mean 'sample'"),
        ({"services": "ftp://company"}, "sample, mock or a URL"),
        ({"services": "http://127.0.0.1:9"}, "ivr init"),
        ({"token": "short"}, "--token is none that a call can bring"),
        ({"token": "x" * 129}, "16 to 128"),
        ({"at": "tomorrow"}, "write it like '2026-11-23 21:00'"),
        ({"at": "2026-02-30 10:00"}, "is not a time"),
        ({"save": Path("test.txt")}, "ends in .yaml"),
        ({"save": Path("nowhere/test.yaml")}, "no such folder"),
    ],
)
def test_what_cannot_be_is_told_before_the_call(
    options: dict[str, Any], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEVAM_SETTINGS", raising=False)
    with pytest.raises(SettingsError, match=why):
        played(monkeypatch, **options)


def test_language_time_and_announcement_are_those_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = played(monkeypatch, language="en", at="2026-11-23 21:00", announce="We are moving [tonight].")
    assert "Mon 23 Nov 2026 21:00" in shown
    assert "caller with a withheld number · en · services: the sample back office" in shown
    assert "Devam   We are moving [tonight].  emergency" in shown
    assert "· en · 21:00:00" in shown


def test_mocked_services_need_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = played(monkeypatch, "2\n/quit\n", caller="05325550102", services="mock")
    assert "Company → matches=none" in shown
    assert "A line to try" not in shown


def test_what_was_played_is_saved_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "it.yaml"
    shown = played(monkeypatch, "02125554141\n4711\n", at="2026-11-23 21:00", announce="News.", save=file)
    assert "it passes as a test" in " ".join(shown.split())
    [test] = read_tests([file], SERVICES)
    assert test.scenario.at == "2026-11-23 21:00"
    assert test.scenario.announcement == {"tr": "News.", "en": "News."}
    assert test.scenario.expect.outcome == "hung_up"
    assert "4711" not in file.read_text(encoding="utf-8")
