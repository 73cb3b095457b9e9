"""From an archive or a folder to an installed model: unpacked beside its place, checked, tried, and then put there.

Writes only below the folder of the models. What was interrupted is cleaned up the next time.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr.errors import ModelError
from ivr.file_lock import only_one
from ivr.speech.models.archive import copy, unpack
from ivr.speech.models.folder import ORIGIN, Installed, Origin, find_model, see_to_model
from ivr.speech.models.trial import try_model

Report = Callable[[str], None]


@contextmanager
def place(models: Path, report: Report) -> Iterator[None]:
    """Hold the folder of the models, made when missing: one process at a time changes it. Raises `ModelError`."""
    try:
        models.mkdir(parents=True, exist_ok=True)
        with only_one(models / ".lock", report, "`ivr models`"):
            _clean_up(models)
            yield
    except OSError as error:
        raise ModelError(f"{models}: {error.strerror or error}; give a folder that can be written") from None


def install(source: Path, models: Path, language: str, origin: Origin, report: Report) -> Installed:
    """Install the archive or folder `source` as the model of `language`, in place of another. Hold `place`. Blocks.

    Raises `ModelError`; then everything is as it was.
    """
    target = models / language
    new = models / f".{language}-{secrets.token_hex(4)}.new"
    new.mkdir()
    try:
        report(f"unpacking {origin.name}")
        (copy if source.is_dir() else unpack)(source, new)
        found = find_model(new)
        report("trying it in Vosk")
        see_that_it_works(found)
        (found / ORIGIN).write_text(origin.model_dump_json(indent=2) + "\n", encoding="utf-8")
        _swap(found, target)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return Installed(language, target, origin)


def see_that_it_works(folder: Path) -> None:
    """Raises `ModelError` when the model is not whole, or Vosk cannot use it. Blocks for seconds."""
    see_to_model(folder)
    try_model(folder)


def remove(models: Path, language: str) -> None:
    """Remove the installed model. Hold `place`. Raises `ModelError` when there is none."""
    aside = models / f".{language}-{secrets.token_hex(4)}.new"
    try:
        (models / language).rename(aside)
    except FileNotFoundError:
        raise ModelError(f"there is no model of {language!r} in {models}") from None
    shutil.rmtree(aside)


def _swap(found: Path, target: Path) -> None:
    """Put the new one in its place; a controller that has loaded the old one keeps it."""
    old = target.with_name(f".{target.name}.old")
    if target.exists():
        target.rename(old)
    try:
        found.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _clean_up(models: Path) -> None:
    """What a killed process has left: half a model, or one that was on its way out of the place of a new one."""
    for left in models.glob(".*.new"):
        shutil.rmtree(left, ignore_errors=True)
    for old in models.glob(".??.old"):
        target = models / old.name[1:3]
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(target)
