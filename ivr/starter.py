"""`ivr init`: operations staff's own copy of settings, flows, prompts, flow tests, map of services, dialplan."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

import jinja2

from ivr.errors import SettingsError
from ivr.resources import packaged

_SETTINGS = Path(__file__).parent / "starter_files" / "devam.toml.j2"


def write_starter(folder: Path) -> None:
    """Fill a new or empty folder. Raises `SettingsError` rather than overwrite anything."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError(f"{folder} is not empty; name a new folder, nothing is overwritten")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(packaged("dialplans") / "flows", folder / "flows")
        shutil.copytree(packaged("dialplans") / "asterisk", folder / "dialplan")
        shutil.copy(packaged("dialplans") / "services.yaml", folder / "services.yaml")
        shutil.copytree(packaged("prompts"), folder / "prompts")
        shutil.copytree(packaged("tests/scenarios"), folder / "tests")
        _write_settings(folder / "devam.toml")
    except OSError as error:
        raise SettingsError(f"{folder} cannot be written: {error.strerror}") from None


def _write_settings(file: Path) -> None:
    template = jinja2.Template(_SETTINGS.read_text(encoding="utf-8"), undefined=jinja2.StrictUndefined)
    text = template.render(password=lambda: secrets.token_urlsafe(18))
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text + "\n")
