"""A part of a flow's file as keys and values that a person can compare. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "~", "")


def leaves(value: Any) -> dict[str, str]:
    """Dotted key → value as a file would write it: {"choices.bill.key": "1", "noinput": "[a, b]"}.

    Branches of a choose go by their condition, not by their place, so that one more does not change all others.
    """
    return dict(_leaves("", value))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), inner)
        if path.startswith("hours.") and path.endswith(".days"):  # the last line that names a day counts
            yield f"{path} in this order", " | ".join(value)
    elif isinstance(value, list) and value and all(isinstance(one, dict) and "when" in one for one in value):
        yield from _branches(path, value)
    else:
        yield path, shown(value)


def _branches(path: str, branches: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    seen: dict[str, int] = {}
    for branch in branches:
        when = str(branch["when"])
        seen[when] = again = seen.get(when, 0) + 1
        name = f"{path}[{when}]" if again == 1 else f"{path}[{when}, {again}]"
        yield from _leaves(name, {key: inner for key, inner in branch.items() if key != "when"})
    yield f"{path} in this order", " | ".join(str(branch["when"]) for branch in branches)


def shown(value: Any) -> str:
    """A value as YAML writes it in one line; text that would be read as something else is in quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if _ambiguous(value) else value
    if isinstance(value, list):
        return f"[{', '.join(shown(one) for one in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {shown(inner)}' for key, inner in value.items())}}}"
    return json.dumps(value, ensure_ascii=False, default=str)


def _ambiguous(text: str) -> bool:
    if text.lower() in _WORDS:
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True
