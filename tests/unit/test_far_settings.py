"""The setting that has Asterisk fetch sound, what it needs, and what it changes in Asterisk's configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.doctor import examine
from ivr.errors import SettingsError
from ivr.settings import Settings, load
from ivr.telephony.dialplan import render
from tests.unit.test_dialplan import PLACES
from tests.unit.test_settings import GOOD

WITH_OPERATOR = GOOD.replace(
    "[asterisk]", '[asterisk]\nhost = "127.0.0.1"\nami_port = 9\noperator_password = "operators"'
)


def settings(folder: Path, url: str, text: str = WITH_OPERATOR) -> Settings:
    return load(written(folder, url, text))


def written(folder: Path, url: str, text: str = WITH_OPERATOR) -> Path:
    file = folder / "devam.toml"
    file.write_text(f'{text}[speech]\nurl = "{url}"\n', encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "url", ["http://10.0.0.5:8080", "https://ivr1.internal", "http://[::1]:8080/", "http://ivr/first-one/x"]
)
def test_addresses_that_asterisk_can_use(tmp_path: Path, url: str) -> None:
    assert settings(tmp_path, url).speech.url == url


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ivr1:8080", "write this controller's address as Asterisk reaches it, such as http://10.0.0.5:8080"),
        ("ftp://ivr1", "write this controller's address"),
        ("http://user@ivr1", "write this controller's address"),
        ("http://ivr1/a?b", "write this controller's address"),
        ("http://ivr1/a b", "write this controller's address"),
        ("http://ivr1/a,b&c", "write this controller's address"),
        (f"http://{'x' * 100}", "write at most 100 characters"),
    ],
)
def test_others_are_told(tmp_path: Path, url: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(tmp_path, url)
    assert f"speech.url: {told}" in str(caught.value)


def test_whoever_fetches_must_be_made_to_forget(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"speech\.url needs asterisk\.operator_password"):
        settings(tmp_path, "http://ivr1", GOOD)


def test_asterisk_can_fetch_only_where_it_has_to(tmp_path: Path) -> None:
    for url, needed in (("http://ivr1", True), ("", False)):
        loaded = settings(tmp_path, "http://ivr1")
        speech = loaded.speech.model_copy(update={"url": url or None})
        render(loaded.model_copy(update={"speech": speech}), tmp_path, PLACES)
        modules = (tmp_path / "modules.conf").read_text(encoding="utf-8").splitlines()
        assert ({"require = res_curl.so", "require = res_http_media_cache.so"} <= {*modules}) is needed
        assert ("curl" in "".join(modules)) is needed
    assert "timeout_secs = 3" in (tmp_path / "res_http_media_cache.conf").read_text(encoding="utf-8")


async def test_the_doctor_tells_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVAM_REDIS__URL", "redis://127.0.0.1:9/0")
    monkeypatch.setenv("DEVAM_ASTERISK__ARI_PORT", "9")

    async def looked() -> str:
        [found] = [one for one in await examine(written(tmp_path, "http://ivr1")) if one.what.startswith("sound from")]
        assert not found.ok
        return found.mend

    assert "`ivr prompts build`" in await looked()
    (tmp_path / "cache/prompts/tr").mkdir(parents=True)
    (tmp_path / f"cache/prompts/tr/{'0' * 32}.wav").write_bytes(b"RIFF")
    assert "AMI at 127.0.0.1:9" in await looked()
