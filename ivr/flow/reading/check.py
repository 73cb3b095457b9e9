"""Checks a flow against the rest of the house: prompts, labels, services, and whether every caller gets somewhere.

Knows only names, as in `house`. Each rule is a small function; those in `WHOLE` need every node to be right. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ivr.errors import FlowError, Problem
from ivr.flow.model import Flow
from ivr.flow.reading import check_services, check_ways, check_words
from ivr.flow.reading.house import Case, PromptNames, Rule, ServiceNames
from ivr.flow.reading.loader import draft_flow
from ivr.flow.reading.yaml_source import Source, read_text

__all__ = ["PromptNames", "ServiceNames", "check", "check_flow", "check_text"]

RULES: tuple[Rule, ...] = (
    check_words.languages,
    check_words.choice_languages,
    check_words.prompts,
    check_words.labels,
    check_services.services,
    check_services.arguments,
    check_ways.menu_keys,
    check_ways.ways_out,
)
WHOLE: tuple[Rule, ...] = (
    check_words.prompt_variables,
    check_words.expression_names,
    check_ways.reachable,
    check_ways.circles,
)


def check(flow: Flow, source: Source, book: PromptNames, services: ServiceNames) -> list[Problem]:
    """What is wrong with a flow that could be loaded, in the order of the file. `source` is the file it came from."""
    return _run((*RULES, *WHOLE), Case(flow, source, book, services))


def check_flow(path: Path, book: PromptNames, services: ServiceNames) -> tuple[Flow | None, list[Problem]]:
    """Read and check a flow's file: the flow, if it can be used at all, and every problem. Raises nothing."""
    try:
        return check_text(read_text(path), str(path), book, services)
    except FlowError as error:
        return None, list(error.problems)


def check_text(text: str, file: str, book: PromptNames, services: ServiceNames) -> tuple[Flow | None, list[Problem]]:
    """Like `check_flow`, for text. Nodes that could be read are checked even when others could not."""
    try:
        draft = draft_flow(text, file)
    except FlowError as error:
        return None, list(error.problems)
    if draft.flow is None:
        return None, list(draft.problems)
    if not draft.problems:
        return draft.flow, check(draft.flow, draft.source, book, services)
    return None, sorted({*draft.problems, *_run(RULES, Case(draft.flow, draft.source, book, services))})


def _run(rules: Sequence[Rule], case: Case) -> list[Problem]:
    return sorted({problem for rule in rules for problem in rule(case)})
