"""From what was fetched by hand to an installed model; and the folder of the models."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from ivr.errors import ModelError
from ivr.file_lock import only_one
from ivr.speech.models import npm
from ivr.speech.models.folder import Origin, installed, installed_of
from ivr.speech.models.getting import take
from ivr.speech.models.installing import place, remove
from ivr.speech.models.trial import try_model
from tests.speech_data import need_model
from tests.unit.models_house import MODEL, as_tar, as_zip, left, put_model, take_untried

ZIP = as_zip(MODEL)
TGZ = as_tar(MODEL, "package/android/src/main/assets/models/" + npm.MODEL + "/")


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    take_untried(monkeypatch)


@pytest.mark.usefixtures("untried")
@pytest.mark.parametrize("packed", [ZIP, TGZ, as_zip(MODEL, "")])
def test_what_was_fetched_by_hand_is_taken(tmp_path: Path, lines: list[str], packed: bytes) -> None:
    (tmp_path / "it").write_bytes(packed)
    got = take(tmp_path / "it", tmp_path / "models", "tr", lines.append)
    assert got.origin == Origin(name="it", source="by hand", sha256=sha256(packed).hexdigest())
    assert (tmp_path / "it").exists()


@pytest.mark.usefixtures("untried")
def test_a_folder_is_taken_and_stays(tmp_path: Path, lines: list[str]) -> None:
    put_model(tmp_path / "it")
    take(tmp_path / "it", tmp_path / "models", "tr", lines.append)
    assert (tmp_path / "it/am/final.mdl").exists()
    assert left(tmp_path / "models") == ["tr"]


@pytest.mark.usefixtures("untried")
def test_a_new_model_takes_the_place_of_the_old(tmp_path: Path, lines: list[str]) -> None:
    put_model(tmp_path / "one", {**MODEL, "only_here": b""})
    put_model(tmp_path / "two")
    take(tmp_path / "one", tmp_path / "models", "tr", lines.append)
    take(tmp_path / "two", tmp_path / "models", "tr", lines.append)
    assert not (tmp_path / "models/tr/only_here").exists()
    there = installed_of(tmp_path / "models", "tr")
    assert there is not None
    assert there.name == "two"
    assert left(tmp_path / "models") == ["tr"]


BAD: dict[str, tuple[dict[str, bytes], str]] = {
    "nothing": ({"readme": b""}, "there is no speech model in it"),
    "two": (
        {f"{name}/{file}": content for name in "ab" for file, content in MODEL.items()},
        "there are 2 speech models",
    ),
    "lacking": ({name: content for name, content in MODEL.items() if "HCLr" not in name}, "it lacks graph/HCLr.fst"),
    "fixed": ({**MODEL, "graph/HCLG.fst": b""}, "has a fixed graph"),
}


@pytest.mark.parametrize("which", list(BAD))
def test_what_is_no_model_leaves_the_old_one(tmp_path: Path, lines: list[str], which: str) -> None:
    put_model(tmp_path / "models/tr", {**MODEL, "old": b""})
    files, why = BAD[which]
    put_model(tmp_path / "it", files)
    with pytest.raises(ModelError, match=why):
        take(tmp_path / "it", tmp_path / "models", "tr", lines.append)
    assert left(tmp_path / "models") == ["tr"]
    assert (tmp_path / "models/tr/old").exists()


def test_what_cannot_be_read_or_written_is_told(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(ModelError, match=r"nowhere: No such file or directory; give a zip, a tar\.gz or a folder"):
        take(tmp_path / "nowhere", tmp_path / "models", "tr", lines.append)
    (tmp_path / "file").write_text("")
    put_model(tmp_path / "it")
    with pytest.raises(ModelError, match="give a folder that can be written"):
        take(tmp_path / "it", tmp_path / "file", "tr", lines.append)


def test_what_a_killed_process_left_is_cleaned_up(tmp_path: Path, lines: list[str]) -> None:
    put_model(tmp_path / ".tr-12345678.new")
    put_model(tmp_path / ".en.old")  # it was moved away, and no other came in its place
    put_model(tmp_path / ".de.old")
    put_model(tmp_path / "de", {**MODEL, "new": b""})
    with place(tmp_path, lines.append):
        assert left(tmp_path) == ["de", "en"]
        assert (tmp_path / "de/new").exists()


def test_one_that_waits_says_so(tmp_path: Path) -> None:
    class Waits(Exception):
        """Instead of waiting."""

    def waits(line: str) -> None:
        raise Waits(line)

    waiting = only_one(tmp_path / ".lock", waits, "`ivr models`")
    with place(tmp_path, pytest.fail), pytest.raises(Waits, match="another `ivr models` is running"), waiting:
        pytest.fail("both at once")


def test_a_model_is_removed(tmp_path: Path, lines: list[str]) -> None:
    put_model(tmp_path / "tr")
    with place(tmp_path, lines.append):
        remove(tmp_path, "tr")
        assert left(tmp_path) == []
        with pytest.raises(ModelError, match="no model of 'tr'"):
            remove(tmp_path, "tr")


def test_only_folders_with_models_count(tmp_path: Path) -> None:
    assert installed(tmp_path / "nowhere") == []
    put_model(tmp_path / "tr", {**MODEL, "devam-model.json": b"{broken"})
    put_model(tmp_path / "turkish")
    (tmp_path / "en").mkdir()
    [found] = installed(tmp_path)
    assert (found.language, found.origin) == ("tr", None)
    assert found.name == f"{tmp_path / 'tr'}, put there by hand"


@pytest.mark.parametrize("language", ["en", "tr"])
def test_a_real_model_works(language: str) -> None:
    try_model(need_model(language))
