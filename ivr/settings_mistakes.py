"""Mistakes in settings, in words that say how to mend them. Knows pydantic's errors and the environment's names."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

PREFIX = "DEVAM_"
FILE_VARIABLE = "DEVAM_SETTINGS"


def explain(error: ValidationError, model: type[BaseModel], file: Path | None) -> str:
    """Every mistake of `error`, a line each, under a line that says where the settings came from."""
    lines = [f"{file or 'the environment'}: the settings cannot be used"]
    for mistake in error.errors(include_input=False, include_url=False):
        lines += [f"  {line}" for line in _told(mistake, model)]
    if not file:
        lines.append("  there is no devam.toml here; `ivr init DIR` writes one")
    return "\n".join(lines)


def unknown_variables(model: type[BaseModel]) -> list[str]:
    """A sentence for each variable DEVAM_… of the environment that names no section: it would be ignored silently."""
    sections = {f"{PREFIX}{name}".upper() for name in model.model_fields}
    return [
        f"{name}: there is no such setting{_did_you_mean(name.partition('__')[0], sections)}"
        for name in sorted(os.environ)
        if name.startswith(PREFIX) and name != FILE_VARIABLE and name.partition("__")[0].upper() not in sections
    ]


def _told(mistake: ErrorDetails, model: type[BaseModel]) -> list[str]:
    where = [str(part) for part in mistake["loc"]]
    name = ".".join(where) or "settings"
    if mistake["type"] == "missing":
        section = _model_at(model, where)
        return _missing(where, section) if section else [_missing_key(where)]
    if mistake["type"] == "extra_forbidden":
        parent = _model_at(model, where[:-1])
        return [f"{name}: there is no such setting{_did_you_mean(where[-1], parent.model_fields if parent else ())}"]
    return [f"{name}: {mistake['msg'].removeprefix('Value error, ')}"]


def _missing(where: Sequence[str], section: type[BaseModel]) -> list[str]:
    """A whole section is missing: name the keys in it that have no default."""
    return [_missing_key([*where, key]) for key, field in section.model_fields.items() if field.is_required()]


def _missing_key(where: Sequence[str]) -> str:
    name = ".".join(where)
    if any(part.isdecimal() for part in where):  # in a list, which the environment sets only as a whole
        return f"{name}: is missing"
    return f"{name}: is missing; set it in the file or as {PREFIX}{'__'.join(where).upper()}"


def _model_at(model: type[BaseModel], where: Sequence[str]) -> type[BaseModel] | None:
    """The model of the section at that place; None when it is not one."""
    found: Any = model
    for name in where:
        if name.isdecimal():
            continue  # a place in a list: the list's model is the element's
        field = found.model_fields.get(name) if isinstance(found, type) and issubclass(found, BaseModel) else None
        if field is None:
            return None
        kinds = [field.annotation, *getattr(field.annotation, "__args__", ())]
        found = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def _did_you_mean(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {near[0]!r}?" if near else ""
