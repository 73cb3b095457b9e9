"""`ivr recogniser`, by hand and as a controller's child. Without Vosk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_cli import ivr

GIVEN = ("--models", "none", "--places", "4", "--threads", "1")


@pytest.mark.parametrize("settings", ["nonsense = [", "[hearing]\nplaces = -1\n"])
def test_a_child_needs_no_settings(tmp_path: Path, settings: str) -> None:
    """They may have been edited into a mistake since the controller began, whose child has to come back."""
    (tmp_path / "devam.toml").write_text(settings)
    by_hand = ivr("recogniser", *GIVEN, folder=tmp_path)
    assert (by_hand.returncode, "devam.toml" in by_hand.stderr) == (1, True)
    child = ivr("recogniser", "--as-child", *GIVEN, folder=tmp_path)
    assert (child.returncode, child.stderr) == (1, "error: none: there is no speech model: `ivr models get tr`\n")
