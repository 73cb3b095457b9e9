"""The `ivr` command as a person uses it: what it says, and its exit status."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from ivr.cli import main
from ivr.services.adapters import System
from ivr.services.backoffice import sent
from ivr.services.backoffice.sent import Sent
from ivr.settings import IdentificationSettings

ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("DEVAM_")}


def ivr(*arguments: str, folder: Path, typed: str = "") -> subprocess.CompletedProcess[str]:
    """The command, away from the checkout, without settings of its own. In this process: a new one takes a second."""
    heard, failed = StringIO(), StringIO()
    log, level = logging.getLogger(), logging.getLogger().level
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(heard), redirect_stderr(failed):
        for name in os.environ.keys() - ENVIRONMENT.keys():
            patch.delenv(name)
        patch.chdir(folder)
        patch.setattr(log, "handlers", [])  # `serve` sets up its own
        patch.setattr(sys, "argv", ["ivr", *arguments])
        patch.setattr(sys, "stdin", StringIO(typed))
        with pytest.raises(SystemExit) as ended:
            main()
    log.setLevel(level)
    code = ended.value.code
    status = code if isinstance(code, int) else 0 if code is None else 1
    return subprocess.CompletedProcess(arguments, status, heard.getvalue(), failed.getvalue())


def test_the_module_is_the_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ivr", "serve"]
    done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ivr init" in done.stderr


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy as operations staff get it."""
    folder = tmp_path_factory.mktemp("ops") / "hotline"
    done = ivr("init", str(folder), folder=folder.parent)
    assert done.returncode == 0, done.stderr
    return folder


def test_without_arguments_it_tells_what_it_can_do(tmp_path: Path) -> None:
    told = ivr("--help", folder=tmp_path).stdout
    for command in (
        "serve",
        "check",
        "simulate",
        "render",
        "init",
        "doctor",
        "settings",
        "asterisk",
        "demo",
        "sandbox",
    ):
        assert command in told


def test_check_of_what_comes_with_devam(tmp_path: Path) -> None:
    done = ivr("check", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no mistakes" in done.stdout


def test_the_own_copy_is_complete_and_private(own: Path) -> None:
    assert ivr("check", folder=own).returncode == 0
    assert (own / "devam.toml").stat().st_mode & 0o077 == 0
    for path in (
        "flows/hotline.yaml",
        "prompts/tr.yaml",
        "prompts/en.yaml",
        "dialplan/extensions.conf.j2",
        "services.yaml",
    ):
        assert (own / path).is_file()
    assert ivr("test", "--need-all", folder=own).returncode == 0


def test_the_own_copy_is_what_is_checked(own: Path) -> None:
    flow = own / "flows" / "hotline.yaml"
    text = flow.read_text(encoding="utf-8")
    try:
        flow.write_text(text.replace("    next: questioned\n", "    next: questoned\n"), encoding="utf-8")
        done = ivr("check", folder=own)
    finally:
        flow.write_text(text, encoding="utf-8")
    assert done.returncode == 1
    line = text.splitlines().index("    next: questioned") + 1
    assert f"hotline.yaml:{line}:" in done.stderr
    assert "did you mean 'questioned'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_queue_that_the_settings_do_not_have_is_a_mistake(own: Path) -> None:
    settings = own / "devam.toml"
    text = settings.read_text(encoding="utf-8")
    try:
        changed = text.replace('name = "faults"', 'name = "repairs"').replace('["agents", "faults"]', '["agents"]')
        settings.write_text(changed, encoding="utf-8")
        done = ivr("check", folder=own)
    finally:
        settings.write_text(text, encoding="utf-8")
    assert done.returncode == 1
    assert "there is no queue 'faults'" in done.stderr


def test_what_init_writes_has_every_limit_as_it_is_by_default(own: Path) -> None:
    written = tomllib.loads((own / "devam.toml").read_text(encoding="utf-8"))
    assert written["identification"] == IdentificationSettings().model_dump()


def test_an_empty_outbox_is_told(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(system: System) -> list[Sent]:
        return []

    monkeypatch.setattr(sent, "sent_messages", nothing)
    done = ivr("outbox", folder=own)
    assert (done.returncode, done.stdout) == (0, "nothing has been sent by SMS, or no longer counts\n")


def test_init_overwrites_nothing(own: Path) -> None:
    done = ivr("init", str(own), folder=own)
    assert done.returncode == 1
    assert "is not empty" in done.stderr


def test_settings_are_shown_without_secrets(own: Path) -> None:
    text = (own / "devam.toml").read_text(encoding="utf-8")
    secrets = [line.split('"')[1] for line in text.splitlines() if "password =" in line or line.startswith("secret")]
    done = ivr("settings", folder=own)
    assert done.returncode == 0, done.stderr
    assert len(secrets) > 4
    assert not [secret for secret in secrets if secret in done.stdout]
    assert "**" in done.stdout


def test_all_mistakes_in_settings_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "devam.toml").write_text(
        '[web]\nport = 99999\nsecret = "short"\nhots = "x"\n[asterisk]\nari_password = "long enough"\n',
        encoding="utf-8",
    )
    done = ivr("settings", folder=tmp_path)
    assert done.returncode == 1
    for told in (
        "web.port",
        "web.secret",
        "web.hots",
        "asterisk.ami_password",
        "DEVAM_ASTERISK__AMI_PASSWORD",
        "services",
    ):
        assert told in done.stderr
    assert '"short"' not in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_that_are_no_toml_are_told_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "devam.toml").write_text("[web\nport = 1\n", encoding="utf-8")
    done = ivr("settings", folder=tmp_path)
    assert done.returncode == 1
    assert "devam.toml" in done.stderr
    assert "line 1" in done.stderr


def test_render_writes_asterisks_configuration(own: Path, tmp_path: Path) -> None:
    done = ivr("render", str(tmp_path / "etc"), folder=own)
    assert done.returncode == 0, done.stderr
    extensions = (tmp_path / "etc" / "extensions.conf").read_text(encoding="utf-8")
    assert "StasisBroadcast(500,^ivr-)" in extensions
    assert (tmp_path / "etc" / "pjsip.conf").stat().st_mode & 0o077 == 0


def test_doctor_tells_what_is_missing_and_how_to_mend_it(own: Path) -> None:
    done = ivr("doctor", folder=own)
    assert done.returncode == 1
    assert "ok" in done.stdout
    assert "missing" in done.stdout
    assert "ivr render" in done.stdout
    assert "Traceback" not in done.stderr


def test_serve_does_not_start_with_a_map_of_services_that_cannot_be_used(own: Path) -> None:
    services = own / "services.yaml"
    text = services.read_text(encoding="utf-8")
    try:
        services.write_text(text.replace("line.status:", "line.statsu:"), encoding="utf-8")
        done = ivr("serve", folder=own)
    finally:
        services.write_text(text, encoding="utf-8")
    assert done.returncode == 1
    assert "did you mean 'line.status'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_without_settings_says_how_to_get_them(tmp_path: Path) -> None:
    done = ivr("doctor", folder=tmp_path)
    assert done.returncode == 1
    assert "ivr init" in done.stdout


def test_simulate_plays_the_story(tmp_path: Path) -> None:
    keys = "02125554141\n4711\n1\n1\n05321112233\n0\n"
    done = ivr("simulate", "--caller", "", folder=tmp_path, typed=keys)
    assert done.returncode == 0, done.stderr
    assert "queue faults" in done.stdout
    assert "level verified" in done.stdout
    assert done.stdout.count("4711") == 1, "only where a PIN to try is told"


@pytest.mark.parametrize("typed", ["", "hello\n99999\n/hangup\n", "\x1b[A\x00\x07\n" + "1" * 10_000])
def test_simulate_takes_whatever_is_typed(tmp_path: Path, typed: str) -> None:
    done = ivr("simulate", folder=tmp_path, typed=typed)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert "The call: " in done.stdout
    assert "\x1b" not in done.stdout


def test_simulate_refuses_what_cannot_be(tmp_path: Path) -> None:
    done = ivr("simulate", "--services", "smaple", folder=tmp_path)
    assert done.returncode == 1
    assert "did you mean 'sample'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_without_settings_says_what_to_do(tmp_path: Path) -> None:
    done = ivr("serve", folder=tmp_path)
    assert done.returncode == 1
    assert "ivr init" in done.stderr
    assert "Traceback" not in done.stderr
