"""The hotline's flows as a rehearsal plays them: always open, and waiting for callers a quarter of the time. Pure.

Nobody learns anything from eight seconds of silence. What services may take stays as it is.
"""

from __future__ import annotations

import json
from typing import Any

from ivr.flow.hours import Hours
from ivr.flow.model import Flow, Question
from ivr.flow.reading.check_times import LEAST_TIMEOUT
from ivr.flow.reading.texts import FlowTexts
from ivr.flow.reading.yaml_source import read_yaml

HURRY = 4.0  # how much faster callers lose the hotline's patience
LEAST = LEAST_TIMEOUT  # seconds that it waits all the same: the check refuses less, and the machine may be busy

_ALWAYS = {"mon-sun": "00:00-24:00"}
_WAITS = ("timeout", "interdigit")


def always_open(flow: Flow) -> Flow:
    """The hotline as if it never closed."""
    subflows = {name: always_open(subflow) for name, subflow in flow.subflows.items()}
    hours = dict.fromkeys(flow.hours, Hours(days=_ALWAYS))
    return flow.model_copy(update={"hours": hours, "subflows": subflows})


def hurried(flow: Flow, texts: FlowTexts) -> dict[str, str]:
    """The texts of a hotline that never closes and waits for callers no longer than it must, by flow.

    `flow` is what the `texts` say. What comes out is JSON, which is YAML, too.
    """
    return {
        name: _hurried(flow if name == texts.main else flow.subflows[name], text, texts.file(name))
        for name, text in texts.texts.items()
    }


def shorter(seconds: float) -> float:
    """How long a rehearsal waits where the flow waits that long."""
    return max(seconds / HURRY, min(seconds, LEAST))


def _hurried(flow: Flow, text: str, file: str) -> str:
    data: dict[str, Any] = {**read_yaml(text, file).data}
    data["defaults"] = {**data.get("defaults", {}), **_waits(flow.defaults)}
    data["nodes"] = {
        name: {**data["nodes"][name], **_waits(node)} if isinstance(node, Question) else data["nodes"][name]
        for name, node in flow.nodes.items()
    }
    if flow.hours:
        data["hours"] = {name: {"days": _ALWAYS} for name in flow.hours}
    return json.dumps(data, ensure_ascii=False, indent=1)


def _waits(part: Any) -> dict[str, str]:
    """What a part of the flow says about waiting, shorter."""
    said = {name: getattr(part, name) for name in _WAITS}
    return {name: f"{shorter(seconds):g}s" for name, seconds in said.items() if seconds is not None}
