"""What a controller says at its start of who is heard, and that it needs nothing where nobody is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import ivr.listeners
from ivr.listeners import listeners
from ivr.settings import Settings, load
from ivr.settings_hearing import HearingSettings
from ivr.starter import write_starter

NOBODY = "ws://127.0.0.1:1"


def settings_with(folder: Path, **hearing: Any) -> Settings:
    """Those of a new hotline, and these about hearing."""
    write_starter(folder / "hotline")
    loaded = load(folder / "hotline" / "devam.toml")
    own = HearingSettings.model_validate({"models": folder / "models", **hearing})
    return loaded.model_copy(update={"hearing": own})


def install(folder: Path, language: str) -> None:
    model = folder / "models" / language / "am"
    model.mkdir(parents=True)
    (model / "final.mdl").write_bytes(b"")


async def test_without_models_there_are_keys_only_and_it_is_said_how_to_mend_that(tmp_path: Path) -> None:
    told: list[str] = []
    async with listeners(settings_with(tmp_path), ("tr", "en"), told.append) as heard:
        assert heard is None
    assert told == [
        f"no speech model for tr: keys only; `ivr models get tr --folder {tmp_path}/models`",
        f"no speech model for en: keys only; `ivr models get en --folder {tmp_path}/models`",
    ]


async def test_who_wants_nobody_heard_is_not_told_of_models(tmp_path: Path) -> None:
    told: list[str] = []
    async with listeners(settings_with(tmp_path, places=0, servers={"tr": NOBODY}), ("tr",), told.append) as heard:
        assert heard is None
    assert told == ["callers have keys only: hearing.places is 0"]


async def test_a_language_with_a_server_needs_no_model(tmp_path: Path) -> None:
    told: list[str] = []
    async with listeners(settings_with(tmp_path, servers={"tr": NOBODY}), ("tr", "en"), told.append) as heard:
        assert heard
        nothing = {"frames": 0, "missing": 0, "deafened": 0}
        assert heard.state() == {"languages": [], "places": 10, "taken": 0, **nothing}
        assert not heard.audio.address.endswith(":0"), "Asterisk knows where to bring the sound"
    assert told == [f"no speech model for en: keys only; `ivr models get en --folder {tmp_path}/models`"]


async def test_a_recogniser_that_does_not_come_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ivr.listeners, "READY_SECONDS", 0.01)
    told: list[str] = []
    async with listeners(settings_with(tmp_path, servers={"tr": NOBODY}), ("tr",), told.append) as heard:
        assert heard
        await heard.tell_ready(told.append)
    assert told == ["callers have keys only: the recogniser is not there as yet, see the log"]


async def test_models_of_other_languages_than_the_hotlines_are_no_use(tmp_path: Path) -> None:
    install(tmp_path, "de")
    told: list[str] = []
    async with listeners(settings_with(tmp_path), ("tr",), told.append) as heard:
        assert heard is None
    assert told == [f"no speech model for tr: keys only; `ivr models get tr --folder {tmp_path}/models`"]
