"""Rules about identify and verify: their ways and proofs can all be come to. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.errors import Problem
from ivr.flow.identity.silent import SILENT
from ivr.flow.model import Identify, Proving
from ivr.flow.reading.house import Case
from ivr.flow.reading.yaml_source import Where

_LISTS = ("identify", "proofs", "verify", "claims")


def ways_once(case: Case) -> Iterator[Problem]:
    """Each way and each proof is named once."""
    for where, node in _proving(case):
        for key in _LISTS:
            names: tuple[str, ...] = getattr(node, key, ())
            for position, name in enumerate(names):
                if name in names[:position]:
                    yield case.problem((*where, key, position), f"{name!r} stands here twice", "remove one of them")


def silent_first(case: Case) -> Iterator[Problem]:
    """Ways that need no word of the caller come before those that ask."""
    for where, node in _proving(case):
        ways = node.identify if isinstance(node, Identify) else ()
        for position, way in enumerate(ways):
            asked = [before for before in ways[:position] if before not in SILENT]
            if way in SILENT and asked:
                what = f"{way!r} needs no word of the caller, but {asked[0]!r} before it asks for one"
                yield case.problem((*where, "identify", position), what, f"put it before {asked[0]!r}")


def unused_proofs(case: Case) -> Iterator[Problem]:
    """Where nobody is asked who they are, nothing is proved."""
    for where, node in _proving(case):
        for key in ("proofs", "exceeded") if not node.asked else ():
            if key in node.model_fields_set:
                what = f"{key!r} is of no use: no way of this node asks the caller"
                yield case.problem((*where, key), what, "remove it, or add a way such as fault_line")


def _proving(case: Case) -> Iterator[tuple[Where, Proving]]:
    for name, node in case.flow.nodes.items():
        if isinstance(node, Proving):
            yield ("nodes", name), node


RULES = (ways_once, silent_first, unused_proofs)
