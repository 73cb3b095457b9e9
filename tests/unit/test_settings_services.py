"""Settings of the company's systems: each kind of authentication, from the file and the environment, and mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.errors import SettingsError
from ivr.settings import load
from ivr.settings_services import BasicAuth, HeaderAuth, NoAuth, OAuth2Auth
from tests.unit.test_settings import GOOD

SYSTEMS = """
[services.systems.billing]
url = "https://billing.example/api"
tries = 2
[services.systems.billing.auth]
kind = "oauth2"
token_url = "https://login.example/token"
client_id = "devam"
client_secret = "oauth-secret"

[services.systems.oss]
url = "https://oss.example"
auth = { kind = "header", name = "X-Api-Key", value = "header-secret" }

[services.systems.crm]
url = "https://crm.example"
auth = { kind = "basic", user = "devam", password = "basic-secret" }

[services.systems.inside]
url = "http://10.0.0.7"
auth = { kind = "none" }
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "devam.toml"


def mistakes(file: Path, text: str) -> str:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(file)
    return str(caught.value)


def test_each_kind_of_authentication(file: Path) -> None:
    file.write_text(GOOD + SYSTEMS, encoding="utf-8")
    systems = load(file).services.systems
    kinds = {name: type(system.auth) for name, system in systems.items()}
    assert kinds == {"billing": OAuth2Auth, "oss": HeaderAuth, "crm": BasicAuth, "inside": NoAuth}
    assert systems["billing"].tries == 2
    assert systems["oss"].tries == load(file).services.tries == 3


def test_secrets_do_not_show(file: Path) -> None:
    file.write_text(GOOD + SYSTEMS, encoding="utf-8")
    shown = repr(load(file)) + load(file).model_dump_json()
    for secret in ("oauth-secret", "header-secret", "basic-secret", "services-token"):
        assert secret not in shown


def test_a_secret_can_come_from_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = SYSTEMS.replace(', value = "header-secret"', "")
    assert "DEVAM_SERVICES__SYSTEMS__OSS__AUTH__VALUE" in mistakes(file, GOOD + text)
    monkeypatch.setenv("DEVAM_SERVICES__SYSTEMS__OSS__AUTH__VALUE", "from-outside")
    auth = load(file).services.systems["oss"].auth
    assert isinstance(auth, HeaderAuth)
    assert auth.value.get_secret_value() == "from-outside"
    assert auth.name == "X-Api-Key"


def test_the_map_is_meant_from_the_files_folder(file: Path) -> None:
    file.write_text(GOOD + '[paths]\nservices = "services.yaml"\n', encoding="utf-8")
    assert load(file).paths.services == file.parent / "services.yaml"


def system(auth: str, name: str = "billing", more: str = 'url = "https://billing.example"') -> str:
    return f"{GOOD}[services.systems.{name}]\n{more}\n{auth}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (system(""), "set it in the file or as DEVAM_SERVICES__SYSTEMS__BILLING__AUTH__KIND"),
        (system("auth = {}"), "services.systems.billing.auth.kind: is missing"),
        (system('auth = {kind = "magic"}'), "services.systems.billing.auth.kind: write one of 'bearer', 'basic'"),
        (system('auth = "bearer"'), 'auth: is a table, such as\n    [services.systems.billing.auth]\n    kind = "'),
        (GOOD + "systems = 3\n", "services.systems: is a table, such as\n    [services.systems.NAME]\n    url = "),
        (
            GOOD + "[services.systems]\nhat = 3\n",
            '.hat: is a table, such as\n    [services.systems.hat]\n    url = "https://crm.example"\n'
            '    auth = { kind = "bearer", token = "…" }',
        ),
        (system('auth = {kind = "bearer"}'), "services.systems.billing.auth.token: is missing"),
        (system('auth = {kind = "bearer", token = ""}'), "services.systems.billing.auth.token: "),
        (system('auth = {kind = "bearer", tokn = "x"}'), "auth.tokn: there is no such setting; did you mean 'token'?"),
        (system('auth = {kind = "none", token = "x"}'), "billing.auth.token: there is no such setting"),
        (system('auth = {kind = "basic", user = "a:b", password = "x"}'), "services.systems.billing.auth.user: "),
        (system('auth = {kind = "header", name = "X Y", value = "x"}'), "services.systems.billing.auth.name: "),
        (system('auth = {kind = "none"}', more='url = "ftp://x"'), "billing.url: write an address such as https://crm"),
        (system('auth = {kind = "none"}', more='url = "https://user:pass@x"'), "services.systems.billing.url: "),
        (system('auth = {kind = "none"}', more='url = "https://x/?a=b"'), "services.systems.billing.url: "),
        (system('auth = {kind = "none"}', more=""), "services.systems.billing.url: is missing"),
        (system('auth = {kind = "none"}\ntries = 0'), "services.systems.billing.tries: "),
        (system('auth = {kind = "none"}\ntires = 2'), "billing.tires: there is no such setting; did you mean 'tries'?"),
        (system('auth = {kind = "none"}', name="company"), "'company' is the system at services.url already"),
        (system('auth = {kind = "none"}', name="Billing"), "services.systems.Billing: write a name of up to 32 small"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_the_file_has_it(file: Path, text: str, told: str) -> None:
    assert told in mistakes(file, text)
