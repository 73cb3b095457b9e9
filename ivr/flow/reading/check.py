"""Checks a hotline's flows against the rest of the house: prompts, labels, services, and whether callers get somewhere.

Knows only names, as in `house`. Each rule is a small function that looks at one flow of the hotline; those in `WHOLE`
need every node of every flow to be right. Pure but for `check_flow`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from ivr.errors import FlowError, Problem
from ivr.flow.model import Flow
from ivr.flow.reading import (
    check_answers,
    check_hearing,
    check_identity,
    check_levels,
    check_listening,
    check_lookups,
    check_names,
    check_resume,
    check_services,
    check_subflows,
    check_times,
    check_ways,
    check_words,
)
from ivr.flow.reading.draft import by_rule
from ivr.flow.reading.house import Case, House, PromptNames, Rule, ServiceNames, ServiceShape, Unheard
from ivr.flow.reading.linking import LINKS
from ivr.flow.reading.loader import Hotline, draft_hotline
from ivr.flow.reading.texts import FlowTexts, gather, single

__all__ = [
    "PromptNames",
    "ServiceNames",
    "ServiceShape",
    "Unheard",
    "check_flow",
    "check_flows",
    "check_text",
    "rule_texts",
]

RULES: tuple[Rule, ...] = (
    *check_words.RULES,
    *check_answers.RULES,
    *check_hearing.RULES,
    *check_listening.RULES,
    *check_services.RULES,
    *check_lookups.RULES,
    *check_subflows.RULES,
    *check_levels.RULES,
    *check_identity.RULES,
    *check_times.RULES,
    *check_ways.RULES,
    *check_resume.RULES,
)
ONCE = (check_words.prompts, check_words.labels)  # told where the first of the flows needs it, not in each
WHOLE: tuple[Rule, ...] = (
    *check_names.RULES,
    *check_levels.WHOLE,
    *check_lookups.WHOLE,
    *check_subflows.WHOLE,
    *check_ways.WHOLE,
    *check_resume.WHOLE,
)

_OF_A_FILE = {
    "files": "Every file can be read.",
    "yaml": "A flow is YAML: keys and values, without aliases and tags.",
    "targets": "Nodes that are named are there.",
    "values": "Every key has its place, and a value that fits it.",
    "expressions": "Conditions and templates can be understood.",
}


def check_flows(
    texts: FlowTexts,
    book: PromptNames,
    services: ServiceNames,
    queues: Collection[str] | None = None,
    unheard: Unheard | None = None,
) -> tuple[Flow | None, list[Problem]]:
    """Read and check a hotline's flows: the main one, if all can be used, and every problem. Raises nothing.

    Nodes that could be read are checked even when others could not. Without `queues`, any queue is right; without
    `unheard`, any phrase can be heard.
    """
    hotline = draft_hotline(texts)
    flow = hotline.flow
    rules = (*RULES, *WHOLE) if flow else RULES
    problems = {*hotline.problems, *_run(rules, _cases(hotline, House(book, services, queues, unheard)))}
    return flow, sorted(problems)


def check_flow(
    path: Path,
    book: PromptNames,
    services: ServiceNames,
    queues: Collection[str] | None = None,
    unheard: Unheard | None = None,
) -> tuple[Flow | None, list[Problem]]:
    """`check_flows` for a main flow's file with its subflows beside it."""
    try:
        texts = gather(path)
    except FlowError as error:
        return None, by_rule("files", error.problems)
    return check_flows(texts, book, services, queues, unheard)


def check_text(text: str, file: str, book: PromptNames, services: ServiceNames) -> tuple[Flow | None, list[Problem]]:
    """`check_flows` for one flow without subflows; `file` is the name that messages show."""
    return check_flows(single(text, file), book, services)


def rule_texts() -> Mapping[str, str]:
    """Every rule by the name that problems carry, with what it wants, for reports that programs read."""
    rules = (*LINKS, *RULES, *WHOLE)
    return {**_OF_A_FILE, **{rule.__name__: (rule.__doc__ or "").partition("\n")[0] for rule in rules}}


def _cases(hotline: Hotline, house: House) -> list[Case]:
    flows = {name: draft.flow for name, draft in hotline.drafts.items() if draft.flow is not None}
    sources = {name: draft.source for name, draft in hotline.drafts.items()}
    main = flows.get(hotline.main)
    return [Case(flow, sources[name], house, main, flows, sources) for name, flow in flows.items()]


def _run(rules: Sequence[Rule], cases: Sequence[Case]) -> Iterator[Problem]:
    for rule in rules:
        told: set[str] = set()
        for case in cases:
            found = by_rule(rule.__name__, rule(case))
            yield from (problem for problem in found if rule not in ONCE or problem.what not in told)
            told.update(problem.what for problem in found)
