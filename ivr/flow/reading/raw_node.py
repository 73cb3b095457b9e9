"""What can be read from a node before it is known to be right: so that one mistake in it does not hide others. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ivr.flow.model import KINDS
from ivr.flow.part import Part
from ivr.flow.reading.yaml_source import Source, Where

Found = Iterator[tuple[Where, str]]  # where it stands inside the node, and the text

GIVEN_BY_LOADER = ("version", "wordings", "subflows")  # keys of `Flow` that no file writes
_WAYS_ON = ("next", "otherwise", "on_error", "exceeded", "done")
_HEAD_TARGETS: tuple[Where, ...] = (
    ("start",),
    ("defaults", "otherwise"),
    ("defaults", "on_error"),
    ("defaults", "verify"),
    ("keys", "agent", "next"),
    ("on_hangup",),
)


def raw_nodes(source: Source) -> Mapping[str, Any]:
    """The nodes as the file has them, right or wrong."""
    nodes = source.data.get("nodes")
    return nodes if isinstance(nodes, dict) else {}


def keys_of(part: type[Part]) -> list[str]:
    """The keys that a file may write for this part of a flow."""
    return [field.alias or name for name, field in part.model_fields.items() if name not in GIVEN_BY_LOADER]


def kind_of(node: dict[str, Any]) -> str | None:
    """The kind that a node has: the one that its keys fit best, of equals the first. None: no kind at all."""
    kinds = [key for key in node if key in KINDS]
    return max(kinds, key=lambda kind: len(node.keys() & set(keys_of(KINDS[kind]))), default=None)


def all_targets(source: Source) -> Found:
    """Every node that a flow names, with its place in the file."""
    for where in _HEAD_TARGETS:
        value: Any = source.data
        for key in where:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str):
            yield where, value
    for name, node in raw_nodes(source).items():
        for inside, target in targets(node):
            yield ("nodes", name, *inside), target


def targets(node: Any) -> Found:
    """Every node that this one names."""
    if not isinstance(node, dict):
        return
    yield from _ways_on((), node)
    choices = node.get("choices")
    if isinstance(choices, dict):
        for name, choice in choices.items():
            yield from _ways_on(("choices", name), choice)
    branches = node.get("choose")
    if isinstance(branches, list):
        for position, branch in enumerate(branches):
            yield from _ways_on(("choose", position), branch)


def conditions(node: Any) -> Found:
    """Every `when`."""
    branches = node.get("choose") if isinstance(node, dict) else None
    for position, branch in enumerate(branches if isinstance(branches, list) else ()):
        when = branch.get("when") if isinstance(branch, dict) else None
        if isinstance(when, str) and when:
            yield ("choose", position, "when"), when


def templates(node: Any) -> Found:
    """Every argument of a call, a look_up or a subflow, and every result."""
    for key in ("with", "return"):
        yield from _texts((key,), node)
    lookups = node.get("look_up") if isinstance(node, dict) else None
    for name, lookup in (lookups if isinstance(lookups, dict) else {}).items():
        yield from _texts(("look_up", name, "with"), lookup)


def _texts(where: Where, part: Any) -> Found:
    """The texts of a mapping that lies in this part under the last key of `where`."""
    texts = part.get(where[-1]) if isinstance(part, dict) else None
    for name, text in (texts if isinstance(texts, dict) else {}).items():
        if isinstance(text, str):
            yield (*where, name), text


def _ways_on(where: Where, part: Any) -> Found:
    for key in _WAYS_ON:
        target = part.get(key) if isinstance(part, dict) else None
        if isinstance(target, str):
            yield (*where, key), target
