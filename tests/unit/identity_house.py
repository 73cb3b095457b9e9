"""Customers, lines and flows for tests of identify and verify."""

from __future__ import annotations

from typing import Any

from context_store.records import Json
from ivr.flow.model import Flow, GlobalKeys
from tests.unit.flows_in_python import flow
from tests.unit.player import Player

MOBILE = "+905321112233"  # who calls, if a test says nothing else
AYSE = {"id": "c1", "name": "Ayşe Yılmaz"}
MEHMET = {"id": "c2", "name": "Mehmet Demir"}
TOKEN = "t0ken-of-the-app"


def line(ending: str) -> dict[str, str]:
    return {"number": f"+9021255541{ending}", "ending": ending, "product": "fiber"}


LINE = line("41")


def match(way: str, customer: Json = AYSE, of: Json = LINE, remembered: str | None = None) -> dict[str, Json]:
    return {"way": way, "customer": customer, "line": of, "remembered": remembered}


def identify(*ways: str, **keys: Any) -> Flow:
    """Who is found comes to `known`, who is not to `unproven`, who tried too often to `many`."""
    return _flow({"identify": list(ways), **keys})


def with_keys(flow: Flow) -> Flow:
    """The same flow with keys for every question, as a hotline has them."""
    agent = {"key": ["0", "*0"], "next": "unproven"}
    keys = GlobalKeys.model_validate({"repeat": "*", "back": "#", "agent": agent}, by_alias=True)
    return flow.model_copy(update={"keys": keys})


def verify(*proofs: str, **keys: Any) -> Flow:
    """The same, for a verify node."""
    return _flow({"verify": list(proofs), **keys})


def _flow(node: dict[str, Any]) -> Flow:
    nodes: dict[str, dict[str, Any]] = {
        "who": {**node, "exceeded": node.get("exceeded", "many"), "next": "known", "otherwise": "unproven"},
        "known": {"end": "bye"},
        "unproven": {"transfer": "agents", "reason": "unproven"},
        "many": {"transfer": "agents", "reason": "many"},
    }
    return flow(nodes, return_only=True)


def proved(call: Player, *lines: Json, customer: Json = AYSE) -> Player:
    """Claim and proof belong together."""
    return call.answer(proved=True, customer=customer, lines=list(lines or [LINE]))


def unproved(call: Player) -> Player:
    return call.answer(proved=False)
