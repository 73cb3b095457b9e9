"""One flow's file as far as it is right, and everything that is wrong with it on its own. Pure.

What one file cannot know (its subflows, the prompt book, the services) is in `linking` and `check`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from ivr.errors import Problem
from ivr.flow.expressions import names_in_condition, names_in_template
from ivr.flow.model import Flow
from ivr.flow.reading.hints import one_of, shown
from ivr.flow.reading.model_words import is_empty
from ivr.flow.reading.node_reading import read_node, told
from ivr.flow.reading.raw_node import GIVEN_BY_LOADER, all_targets, conditions, raw_nodes, templates
from ivr.flow.reading.texts import scanned
from ivr.flow.reading.yaml_source import Source, Where

_LANGUAGE = "write names, keys, constants, comparisons, and/or/not/in, + and -: no calls, no loops"


@dataclass(frozen=True, slots=True)
class Draft:
    """A flow as far as it could be read. `flow` has only the nodes that are right; None when its head is wrong."""

    source: Source
    flow: Flow | None
    problems: tuple[Problem, ...]


def draft_flow(text: str, file: str) -> Draft:
    """Read as much of a flow as is right. Raises `FlowError` only for text that is not YAML at all."""
    source = scanned(text, file)
    head, head_problems = _head(source)
    nodes, node_problems = _nodes(source)
    problems = _one_a_place(
        by_rule("yaml", source.problems),
        by_rule("targets", _target_problems(source)),
        [
            *by_rule("values", [*head_problems, *node_problems]),
            *by_rule("expressions", _expression_problems(source)),
        ],
        by_rule("values", _empty_problems(source, (), source.data)),
    )
    return Draft(source, head and head.model_copy(update={"nodes": nodes}), tuple(sorted(problems)))


def by_rule(rule: str, problems: Iterable[Problem]) -> list[Problem]:
    """The problems with the name of the rule that found them."""
    return [replace(problem, rule=rule) for problem in problems]


def _one_a_place(*groups: list[Problem]) -> set[Problem]:
    """What an earlier group has told about a place is the cause; what a later one says of it is the effect."""
    problems: set[Problem] = set()
    for group in groups:
        told_places = {(problem.line, problem.column) for problem in problems}
        problems.update(problem for problem in group if (problem.line, problem.column) not in told_places)
    return problems


def _head(source: Source) -> tuple[Flow | None, list[Problem]]:
    """The flow without its nodes."""
    head = {key: value for key, value in source.data.items() if key not in ("nodes", *GIVEN_BY_LOADER)}
    problems = [
        source.problem((key,), f"{key!r} is worked out from the content", "remove it")
        for key in GIVEN_BY_LOADER
        if key in source.data
    ]
    try:
        return Flow.model_validate({**head, "nodes": {}}), problems
    except ValidationError as error:
        return None, [*problems, *told(source, (), error, Flow)]


def _nodes(source: Source) -> tuple[dict[str, Any], list[Problem]]:
    """The nodes that are right, and what is wrong with the others."""
    if not raw_nodes(source):
        what = "'nodes' must hold the flow's nodes by name" if "nodes" in source.data else "'nodes' is missing"
        return {}, [source.problem(("nodes",), what, "write `nodes:` and below it, indented, the first node")]
    nodes: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, data in raw_nodes(source).items():
        node, found = read_node(source, name, data)
        problems += found
        if node is not None:
            nodes[name] = node
    return nodes, problems


def _target_problems(source: Source) -> Iterator[Problem]:
    """Nodes that are named but not there."""
    names = raw_nodes(source)
    if not names:
        return
    for where, target in all_targets(source):
        if target not in names:
            yield source.problem(where, f"there is no node {shown(target)}", one_of(target, names, "the nodes"))


def _empty_problems(source: Source, where: Where, value: Any) -> Iterator[Problem]:
    """Keys without a value: what stood there was taken for a comment, or was forgotten."""
    if value is None and where and where[-1]:  # an empty key is told of already
        yield source.problem(where, *is_empty(next(str(step) for step in reversed(where) if isinstance(step, str))))
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield from _empty_problems(source, (*where, key), inner)


def _expression_problems(source: Source) -> Iterator[Problem]:
    """Conditions and templates that cannot be used."""
    for name, node in raw_nodes(source).items():
        for inside, text in conditions(node):
            yield from _unusable(source, ("nodes", name, *inside), names_in_condition, text)
        for inside, text in templates(node):
            yield from _unusable(source, ("nodes", name, *inside), names_in_template, text)


def _unusable(source: Source, where: Where, read: Callable[[str], object], text: str) -> Iterator[Problem]:
    try:
        read(text)
    except ValueError as error:
        yield source.problem(where, f"{shown(text)} cannot be used: {error}", _LANGUAGE)
