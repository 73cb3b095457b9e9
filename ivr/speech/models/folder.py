"""What a folder must hold to be a Vosk model, and which models are installed: one folder a language. Reads files."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ivr.errors import ModelError

ORIGIN: Final = "devam-model.json"
LANGUAGE: Final = re.compile(r"[a-z]{2}")

# Vosk's layouts: the usual one, and that of its first models. A graph in two parts takes phrases at run time.
_LAYOUTS: Final = (
    ("am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst", "graph/Gr.fst"),
    ("final.mdl", "mfcc.conf", "HCLr.fst", "Gr.fst"),
)
_FIXED: Final = "HCLG.fst"


class Origin(BaseModel):
    """Where an installed model came from. `sha256` is of the archive; empty for a folder that was copied."""

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, Field(max_length=100)]
    source: Annotated[str, Field(max_length=600)]
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


@dataclass(frozen=True, slots=True)
class Installed:
    """A model in its place. `origin` is None for one that was put there by hand."""

    language: str
    folder: Path
    origin: Origin | None

    @property
    def name(self) -> str:
        """What to call it."""
        return self.origin.name if self.origin else f"{self.folder}, put there by hand"

    @property
    def megabytes(self) -> float:
        """How big it is on the disk."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file()) / 1e6


def find_model(folder: Path) -> Path:
    """The model's own folder in what was unpacked. Raises `ModelError` when there is none, or more than one."""
    found = [path for path in (folder, *folder.rglob("*")) if path.is_dir() and _layout(path)]
    models = [path for path in found if not any(other in path.parents for other in found)]
    if len(models) != 1:
        raise ModelError(f"there are {len(models)} speech models in it" if models else "there is no speech model in it")
    return models[0]


def see_to_model(folder: Path) -> None:
    """Raises `ModelError` when the folder lacks what a model must have, or cannot take a flow's phrases."""
    layout = _layout(folder)
    if layout is None:
        raise ModelError(f"{folder} is not a Vosk model: it has no am/final.mdl")
    graph = (folder / layout[2]).parent
    if (graph / _FIXED).exists():
        raise ModelError("this model has a fixed graph and cannot listen for a flow's phrases; take a small one")
    if lacking := [name for name in layout if not (folder / name).is_file()]:
        raise ModelError(f"the model is not whole: it lacks {', '.join(lacking)}")


def installed(models: Path) -> list[Installed]:
    """The models in their places, by language. A folder that cannot be read holds none."""
    try:
        folders = sorted(path for path in models.iterdir() if LANGUAGE.fullmatch(path.name) and _layout(path))
    except OSError:
        return []
    return [Installed(path.name, path, _origin(path)) for path in folders]


def installed_of(models: Path, language: str) -> Installed | None:
    """The model of that language, when there is one."""
    return next((model for model in installed(models) if model.language == language), None)


def bring(language: str, models: Path) -> str:
    """The command that brings a model of the language into that folder, whatever the settings are."""
    there = "" if models.absolute() == Path("models").absolute() else f" --folder {shlex.quote(str(models))}"
    return f"`ivr models get {language}{there}`"


def graph_of(folder: Path) -> Path:
    """Where the model's graph and words are."""
    return folder / "graph" if (folder / "graph").is_dir() else folder


def _layout(folder: Path) -> tuple[str, ...] | None:
    return next((layout for layout in _LAYOUTS if (folder / layout[0]).is_file()), None)


def _origin(folder: Path) -> Origin | None:
    try:
        return Origin.model_validate_json((folder / ORIGIN).read_bytes()[:10_000])
    except (OSError, ValidationError):
        return None
