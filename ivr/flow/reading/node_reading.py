"""Makes a node of what a file says about it, or tells what is wrong with it. Knows one node at a time. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from ivr.errors import Problem
from ivr.flow.identity.asked import ASKED
from ivr.flow.identity.choosing import ENDINGS
from ivr.flow.identity.inquiry import FACT as INQUIRY
from ivr.flow.identity.proofs import PROOFS
from ivr.flow.identity.silent import TOKEN
from ivr.flow.model import KINDS
from ivr.flow.part import Part
from ivr.flow.reading.hints import did_you_mean, listed, shown
from ivr.flow.reading.model_words import in_words
from ivr.flow.reading.raw_node import keys_of, kind_of
from ivr.flow.reading.yaml_source import Source, Where

# Facts that every call has or may have; a service's answer must not take their place.
BUILT_IN = frozenset(
    (
        *(
            "announcement",
            "answers",
            "args",
            "caller",
            "customer",
            "heard",
            "heard_as",
            "language",
            "level",
            "line",
            "now",
            "open",
            "secrets",
            "unfinished",
            "wording",
        ),
        *(ENDINGS, INQUIRY),  # of identify and verify
    )
)
# What identify and verify keep as answers or hold as secrets; a node of that name would overwrite it.
_OF_IDENTIFY = frozenset({*ASKED, *PROOFS, TOKEN})

_OPERATORS = frozenset({"and", "else", "false", "if", "in", "is", "none", "not", "or", "self", "true"})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def read_node(source: Source, name: str, data: Any) -> tuple[Part | None, list[Problem]]:
    """The node `name`, or None and why not."""
    where: Where = ("nodes", name)
    problems = list(_name_problems(source, where, name))
    if not isinstance(data, dict) or not data:
        mend = f"begin it with its kind, one of: {listed(KINDS)}"
        return None, [*problems, source.problem(where, f"node {shown(name)} has nothing in it", mend)]
    if (kind := kind_of(data)) is None:
        return None, [*problems, _unknown_kind(source, where, next(iter(data)))]
    strangers = [key for key in data if key in KINDS and key not in keys_of(KINDS[kind])]
    own = {key: value for key, value in data.items() if key not in strangers}
    problems += _kind_problems(source, where, kind, next(iter(data)), strangers)
    problems += _into_problems(source, where, own)
    try:
        part = KINDS[kind].model_validate(own, by_alias=True, by_name=False)
    except ValidationError as error:
        return None, [*problems, *told(source, where, error, KINDS[kind])]
    return (None if problems else part), problems


def told(source: Source, where: Where, error: ValidationError, part: type[Part]) -> Iterator[Problem]:
    """The mistakes that pydantic found in the part at `where`, in plain words."""
    for inside, what, mend in in_words(error, part):
        yield source.problem((*where, *inside), what, mend)


def _name_problems(source: Source, where: Where, name: str) -> Iterator[Problem]:
    if not _NAME.fullmatch(name):
        mend = "use small letters a-z, digits and _, beginning with a letter, at most 64"
        yield source.problem(where, f"{shown(name)} is not a name for a node", mend)
    if name in _OF_IDENTIFY:
        mend = f"`identify` keeps an answer of that name; use another, such as {name}_2"
        yield source.problem(where, f"a node cannot be named {name!r}", mend)


def _unknown_kind(source: Source, where: Where, first: str) -> Problem:
    hint = " ".join(filter(None, [did_you_mean(first, KINDS), f"the kinds are: {listed(KINDS)}"]))
    return source.problem((*where, first), f"{shown(first)} is not a kind of node", hint)


def _kind_problems(source: Source, where: Where, kind: str, first: str, strangers: list[str]) -> Iterator[Problem]:
    if first != kind and first not in strangers:
        yield source.problem((*where, kind), f"the kind {kind!r} must be the first key of its node", "move it up")
    for stranger in strangers:
        what = f"the node is a {kind!r} and a {stranger!r} at once"
        yield source.problem((*where, stranger), what, "a node does one thing: make two nodes of it")


def _into_problems(source: Source, where: Where, own: dict[str, Any]) -> Iterator[Problem]:
    lookups = own.get("look_up")
    kept = [
        (("into",), own.get("into")),
        *((("look_up", name), name) for name in lookups or () if isinstance(lookups, dict)),
    ]
    for inside, name in kept:
        if isinstance(name, str) and name in BUILT_IN | _OPERATORS:
            mend = f"the word has a meaning of its own; use another, such as {name}_2"
            yield source.problem((*where, *inside), f"an answer cannot be kept as {name!r}", mend)
