"""Mistakes in settings, in words that say how to mend them. Knows pydantic's errors and the environment's names."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

PREFIX = "DEVAM_"
FILE_VARIABLE = "DEVAM_SETTINGS"

# Patterns of the settings, by what is to be written.
PATTERNS = {
    r"^https?://[^\s?#@]+$": "write an address such as https://crm.example, without a user, `?` and `#`",
    r"^https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._/-]*)?$": "write this controller's address as Asterisk reaches"
    " it, such as http://10.0.0.5:8080",
    r"^[A-Za-z0-9.-]*$": "write a host name or an IPv4 address",
    r"^wss?://\S+$": "write the address of a vosk-server, such as ws://10.0.0.9:2700",
    r"^[A-Za-z0-9_.-]{1,64}$": "write a word of up to 64 letters a-z, digits, `_`, `.` and `-`",
    r"^[A-Z]{2}$": "write two capitals, such as TR",
    r"^[a-z]{2}$": "write two small letters, such as tr",
    r"^[0-9a-fA-F.:/]+$": "write an IP address or network, such as 10.0.0.5 or 10.0.0.0/24",
    r"^\+?[0-9]{2,15}$": "write a telephone number: digits only, with or without + before them",
    r"^\+?[0-9]{3,15}$": "write a telephone number: digits only, with or without + before them",
    r"^[a-z][a-z0-9_]{0,31}$": "write a name of up to 32 small letters a-z, digits and `_`, beginning with a letter",
    r"^[^:\x00-\x1f\x7f]+$": "write a user without `:` in it",
    r"^(espeak-ng|mbrola:[a-z]{2}[0-9]{1,2}|piper:[^\x00-\x1f]+)$": "write espeak-ng, mbrola:VOICE such as mbrola:tr1,"
    " or piper:FILE such as piper:voices/tr.onnx",
    r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$": "write the name of a header, such as X-Api-Key",
}
_EXAMPLES = {"url": "https://crm.example", "kind": "bearer", "token": "…"}
_NO_TABLE = ("model_type", "model_attributes_type", "dict_type")


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
    where, kind = _walked(model, [str(part) for part in mistake["loc"]])
    name = ".".join(where) or "settings"
    if mistake["type"] == "missing":
        return _missing(where, kind) if _is_section(kind) else [_missing_key([*where, *_tag(kind)])]
    if mistake["type"] == "extra_forbidden":
        _, parent = _walked(model, [str(part) for part in mistake["loc"][:-1]])
        keys = parent.model_fields if _is_section(parent) else ()
        return [f"{name}: there is no such setting{_did_you_mean(where[-1], keys)}"]
    if mistake["type"] == "union_tag_not_found":
        return [_missing_key([*where, *_tag(kind)])]
    if mistake["type"] == "union_tag_invalid":
        return [f"{name}.{_tag(kind)[0]}: write one of {mistake['ctx']['expected_tags']}"]
    return [f"{name}: {_in_words(mistake, where, kind)}"]


def _in_words(mistake: ErrorDetails, where: Sequence[str], kind: Any) -> str:
    """What is wrong with a value, and how to mend it. The value may be a secret."""
    limits = mistake.get("ctx", {})
    match mistake["type"]:
        case "string_pattern_mismatch" if limits["pattern"] in PATTERNS:
            return PATTERNS[limits["pattern"]]
        case "too_short" if limits["field_type"] == "Value":  # a secret
            return f"write at least {_counted(limits['min_length'], 'character')}"
        case "too_short":
            return f"write at least {_counted(limits['min_length'], 'entry', 'entries')}"
        case "string_too_short":
            return f"write at least {_counted(limits['min_length'], 'character')}"
        case "string_too_long":
            return f"write at most {_counted(limits['max_length'], 'character')}"
        case "tuple_type":
            return f"is a list; write [[{'.'.join(where)}]]" if _sections(kind) else "is a list; write it in [ ]"
        case error if error in _NO_TABLE:
            return f"is a table, such as\n{_example(where, kind)}"
    return mistake["msg"].removeprefix("Value error, ")


def _example(where: Sequence[str], kind: Any) -> str:
    """A table as the file may have it, with the keys that it needs."""
    if get_origin(kind) is dict:
        where, kind = [*where, "NAME"], next(iter(_sections(kind)), None)
    section = kind if _is_section(kind) else next(iter(_sections(kind)), None)
    lines = [f"    [{'.'.join(where)}]"]
    if section:
        lines += [f"    {key} = {_value(section, key)}" for key in _required(section)]
    return "\n".join(lines)


def _value(section: type[BaseModel], key: str) -> str:
    kinds = _sections(section.model_fields[key].annotation)
    if kinds:
        return "{ " + ", ".join(f"{inner} = {_value(kinds[0], inner)}" for inner in _required(kinds[0])) + " }"
    return f'"{_EXAMPLES.get(key, "…")}"'


def _required(section: type[BaseModel]) -> list[str]:
    return [key for key, field in section.model_fields.items() if field.is_required()]


def _counted(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or f'{one}s'}"


def _missing(where: Sequence[str], section: type[BaseModel]) -> list[str]:
    """A whole section is missing: name the keys in it that have no default."""
    return [_missing_key([*where, key]) for key in _required(section)]


def _missing_key(where: Sequence[str]) -> str:
    name = ".".join(where)
    if any(part.isdecimal() for part in where):  # in a list, which the environment sets only as a whole
        return f"{name}: is missing"
    return f"{name}: is missing; set it in the file or as {PREFIX}{'__'.join(where).upper()}"


def _walked(model: type[BaseModel], loc: Sequence[str]) -> tuple[list[str], Any]:
    """Where a mistake is as the file writes it, and what type is wanted there (None when nothing is)."""
    where: list[str] = []
    kind: Any = model
    for step in loc:
        if step == "[key]":  # a name in a table that cannot be one
            continue
        chosen = _of_kind(kind, step)
        if chosen is None:
            where.append(step)
        kind = chosen or _inside(kind, step)
    return where, kind


def _inside(kind: Any, step: str) -> Any:
    """The type at a key of a section, or of the entries of a list or table."""
    if _is_section(kind):
        return field.annotation if (field := kind.model_fields.get(step)) else None
    sections = _sections(kind)
    if get_origin(kind) in (dict, tuple):
        return next(iter(sections), None)
    return _inside(sections[0], step) if len(sections) == 1 else None


def _of_kind(kind: Any, step: str) -> type[BaseModel] | None:
    """Of a section that comes in several kinds the one that pydantic calls `step`, which no file writes."""
    for section in _sections(kind) if _tag(kind) else ():
        if step in get_args(section.model_fields[_tag(kind)[0]].annotation):
            return section
    return None


def _tag(kind: Any) -> list[str]:
    """The key that tells kinds of a section apart; empty where there is only one kind."""
    sections = _sections(kind)
    return ["kind"] if len(sections) > 1 and all("kind" in section.model_fields for section in sections) else []


def _sections(kind: Any) -> list[type[BaseModel]]:
    return [one for one in get_args(kind) if _is_section(one)]


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _did_you_mean(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {near[0]!r}?" if near else ""
