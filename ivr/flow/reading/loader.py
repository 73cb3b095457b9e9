"""Makes a hotline's `Flow` of its files, or says everything that is wrong with them at once, each with its line.

Looks only at the files themselves; what needs the prompt book or the services is in `check`. Reads files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import FlowError, Problem
from ivr.flow.model import Flow
from ivr.flow.reading.draft import Draft, by_rule, draft_flow
from ivr.flow.reading.linking import LINKS
from ivr.flow.reading.texts import FlowTexts, gather, single, subflows_named
from ivr.flow.reading.version import content_of, content_version, with_version


@dataclass(frozen=True, slots=True)
class Hotline:
    """All flows of a hotline as far as they could be read, the main one first. `flow` is None when one is wrong."""

    main: str
    drafts: Mapping[str, Draft]
    problems: tuple[Problem, ...]

    @property
    def flow(self) -> Flow | None:
        """The main flow with its subflows and the version of them all."""
        if self.problems or (main := self.drafts[self.main].flow) is None:
            return None
        subflows = {name: draft.flow for name, draft in self.drafts.items() if name != self.main}
        # The main flow goes without its file's name: a hotline is the same wherever it lies.
        parts = {
            "" if name == self.main else name: content_of(draft.source.data) for name, draft in self.drafts.items()
        }
        return with_version(main.model_copy(update={"subflows": subflows}), content_version(parts))


def read_flow(path: Path) -> Flow:
    """Read a flow's file, and its subflows beside it. Raises `FlowError` with every mistake."""
    return parse_flows(gather(path))


def parse_flow(text: str, file: str) -> Flow:
    """Read a flow without subflows; `file` is the name that messages show. Raises `FlowError` with every mistake."""
    return parse_flows(single(text, file))


def parse_flows(texts: FlowTexts) -> Flow:
    """Read a hotline's flows: the main one, with `subflows`. Raises `FlowError` with every mistake."""
    hotline = draft_hotline(texts)
    if (flow := hotline.flow) is None:
        raise FlowError(hotline.problems)
    return flow


def draft_hotline(texts: FlowTexts) -> Hotline:
    """Read as much of a hotline as is right. Only flows that the main one leads to count. Raises nothing."""
    drafts: dict[str, Draft] = {}
    problems: list[Problem] = []
    waiting, met = [texts.main], {texts.main}
    while waiting:
        name = waiting.pop(0)
        try:
            drafts[name] = draft_flow(texts.texts[name], texts.file(name))
        except FlowError as error:
            problems += by_rule("yaml", error.problems)
            continue
        problems += drafts[name].problems
        new = {called for _, called in subflows_named(drafts[name].source)} & texts.texts.keys() - met
        waiting += sorted(new)
        met |= new
    sources = {name: draft.source for name, draft in drafts.items()}
    for link in LINKS:
        problems += by_rule(link.__name__, link(texts, sources))
    return Hotline(texts.main, drafts, tuple(sorted(set(problems))))
