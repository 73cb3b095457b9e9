"""The built wheel carries flows, dialplan templates, prompts and pages: `ivr` works away from the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's content, as pip would lay it down."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, timeout=120)
    (wheel,) = folder.glob("devam-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_carries_all_that_is_not_python(installed: Path) -> None:
    for path in (
        "ivr/data/dialplans/flows/hotline.yaml",
        "ivr/data/dialplans/asterisk/extensions.conf.j2",
        "ivr/data/dialplans/services.yaml",
        "ivr/data/prompts/tr.yaml",
        "ivr/data/tests/scenarios/company.yaml",
        "ivr/data/docker/packages.txt",
        "ivr/desk/templates/desk.html",
        "ivr/starter_files/devam.toml.j2",
        "ivr/sandbox/templates/pjsip.conf.j2",
        "ivr/sandbox/rehearsal/services.yaml",
    ):
        assert (installed / path).is_file(), path


def test_the_wheel_has_nothing_of_the_workshop(installed: Path) -> None:
    tops = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == {"ivr", "context_store"}


def test_ivr_works_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    start = f"import sys; sys.path.insert(0, {str(installed)!r}); sys.argv = ['ivr', 'check']"
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"{start}; from ivr.cli import main; main()"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(installed) in done.stdout
