"""The version of a hotline: a digest of its content, the same however its files are laid out. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from context_store.records import Json
from ivr.flow.model import Flow


def content_version(parts: Mapping[str, Json]) -> str:
    """Twelve hexadecimal digits for named parts of plain data. Neither order of keys nor layout counts."""
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def content_of(flow: Mapping[str, Json]) -> Json:
    """What counts of a flow's file, which is right. Of its mappings only opening hours have an order: see `Hours`."""
    hours = {place: {**told, "days": list(told["days"].items())} for place, told in flow.get("hours", {}).items()}
    return {**flow, "hours": hours} if hours else flow


def with_version(flow: Flow, version: str) -> Flow:
    """The hotline's main flow with that version, in all of its subflows, too."""
    subflows = {name: subflow.model_copy(update={"version": version}) for name, subflow in flow.subflows.items()}
    return flow.model_copy(update={"version": version, "subflows": subflows})
