"""Settings from a file and the environment, and every mistake in them at once, in words that say how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.errors import SettingsError
from ivr.settings import Settings, load
from ivr.settings_mistakes import PATTERNS

GOOD = """
[asterisk]
ari_password = "ari-password"
ami_password = "ami-password"
[web]
secret = "web-secret"
api_token = "api-token"
[services]
token = "services-token"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "devam.toml"
    file.write_text(GOOD, encoding="utf-8")
    return file


def mistakes(file: Path, text: str) -> str:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(file)
    return str(caught.value)


def test_the_environment_wins_over_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(file).web.port == 8080
    monkeypatch.setenv("DEVAM_WEB__PORT", "8090")
    assert load(file).web.port == 8090


def test_paths_are_meant_from_the_files_folder(file: Path) -> None:
    file.write_text(GOOD + '[paths]\nflows = "flows"\n[speech]\ncache = "sound"\n', encoding="utf-8")
    settings = load(file)
    assert settings.paths.flows == file.parent / "flows"
    assert settings.speech.cache == file.parent / "sound"


def test_trusted_proxies_are_addresses_and_networks(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVAM_WEB__TRUSTED_PROXIES", '["127.0.0.1", "10.0.0.0/8", "::1"]')
    assert [str(one) for one in load(file).web.trusted_proxies] == ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]


@pytest.mark.parametrize("given", ["proxy.example", "10.0.0.5/24", "10.0.0.5:80", "", "10.0.0.0/33"])
def test_a_proxy_that_is_no_address_is_told(file: Path, given: str) -> None:
    told = mistakes(file, GOOD.replace("[web]", f'[web]\ntrusted_proxies = ["{given}"]'))
    assert "web.trusted_proxies.0: " in told
    assert "; give an IP address or network, as 10.0.0.5 or 10.0.0.0/24" in told


def test_secrets_do_not_show(file: Path) -> None:
    shown = repr(load(file)) + load(file).model_dump_json()
    for secret in ("ari-password", "ami-password", "web-secret", "api-token", "services-token"):
        assert secret not in shown


def test_nothing_listens_beyond_this_machine_by_default(file: Path) -> None:
    settings = load(file)
    assert {settings.web.host, settings.sip.bind, settings.asterisk.host} == {"127.0.0.1"}


def test_all_mistakes_are_told_at_once(file: Path) -> None:
    told = mistakes(
        file, '[web]\nport = 0\nsecert = "x"\n[controller]\nregion = "Turkey"\n[[agents]]\nnmae = "Deniz"\n'
    )
    for part in (
        "web.port",
        "web.secert: there is no such setting; did you mean 'secret'?",
        "web.secret: is missing; set it in the file or as DEVAM_WEB__SECRET",
        "controller.region",
        "agents.0.nmae: there is no such setting; did you mean 'name'?",
        "agents.0.phone: is missing",
        "asterisk.ari_password: is missing",
        "services.token: is missing",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('[controller]\nqueue = "night"\n', "controller.queue 'night' is not one of the queues"),
        ('[[queues]]\nname = "agents"\n[[agents]]\nphone = "1"\nname = "A"\npage_password = "12345678"\n'
         'phone_password = "12345678"\nqueues = ["vip"]\n', "queues that do not exist: vip"),
        ('[sip]\nhotline = "444;exten"\n', "sip.hotline"),
        ('[[queues]]\nname = "a\\nb"\n', "queues.0.name"),
        ('[speech]\nespeak = []\n', "speech.espeak"),
        ('[[queues]]\nname = "a b"\n', "queues.0.name: write a word of up to 64 letters"),
        ('[log]\nlevel = 3\n[speech]\nespeak = "espeak"\n', "speech.espeak: is a list; write it in [ ]"),
        ('[sip]\nsoftphones = 3\n', "sip.softphones: is a list; write [[sip.softphones]]"),
        ('[sip]\ntrunk = 3\n', "sip.trunk: is a table, such as\n    [sip.trunk]"),
        ('[no', "devam.toml"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(file: Path, more: str, told: str) -> None:
    assert told in mistakes(file, GOOD + more)


def test_a_password_that_is_too_short_is_told_and_not_shown(file: Path) -> None:
    told = mistakes(file, GOOD.replace("api-token", "hunter2").replace("services-token", ""))
    assert "web.api_token: write at least 8 characters\n" in told
    assert "services.token: write at least 8 characters" in told
    assert "hunter2" not in told


def patterns(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, part in schema.items():
            yield from [part] if key == "pattern" and isinstance(part, str) else patterns(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from patterns(part)


def test_every_pattern_is_told_in_words() -> None:
    schema = Settings.model_json_schema()
    names = schema["$defs"]["ServicesSettings"]["properties"]["systems"]["patternProperties"]
    assert {*patterns(schema), *names} == PATTERNS.keys()


def test_a_variable_that_names_nothing_is_not_ignored(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVAM_WEBB__PORT", "8090")
    with pytest.raises(SettingsError, match=r"DEVAM_WEBB__PORT: there is no such setting; did you mean 'DEVAM_WEB'\?"):
        load(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ivr init"):
        load(tmp_path / "nothing.toml")
