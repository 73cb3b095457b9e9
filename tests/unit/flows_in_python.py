"""Flows made in Python, for tests of the engine: no files, no check."""

from __future__ import annotations

from typing import Any

from ivr.flow.model import KINDS, Flow


def flow(nodes: dict[str, dict[str, Any]], *subflows: Flow, **head: Any) -> Flow:
    """A flow whose first node is its start; `nodes` as a file would have them. It ends in `bye`, or at `agent`."""
    ends = {"bye": {"end": "goodbye"}, "agent": {"transfer": "agents", "reason": "asked"}}
    given = {**nodes, **{name: node for name, node in ends.items() if name not in nodes and "return_only" not in head}}
    head.pop("return_only", None)
    made = {name: KINDS[next(iter(node))].model_validate(node, by_alias=True) for name, node in given.items()}
    start = head.pop("start", next(iter(nodes)))
    base = {"flow": "test", "languages": ["tr", "en"], "nodes": {}, **head, "start": start}
    read = Flow.model_validate(base, by_alias=True)
    return read.model_copy(update={"nodes": made, "subflows": {sub.flow: sub for sub in subflows}, "version": "v1"})
