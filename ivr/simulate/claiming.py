"""What identify and verify want to know, as somebody who does not know the flow needs to be told. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ivr.flow.identity.choosing import CHOOSE, ENDINGS
from ivr.flow.identity.inquiry import recall
from ivr.flow.identity.proofs import PROOFS
from ivr.flow.identity.ways import STAR
from ivr.flow.model import Proving
from ivr.flow.turn import Turn

_CLAIMS = {"fault_line": "line", "customer_number": "customer number", "last_order": "order"}
_WANTS: Mapping[str, Callable[[Proving], str]] = {
    "line": lambda node: "the number of a line",
    "customer_number": lambda node: f"a customer number of {node.customer_number_length} digits",
    "surname": lambda node: f"a surname: the keys of its first {node.surname_letters} letters",
    "order": lambda node: f"the last {node.order_digits} digits of an order",
    "pin": lambda node: f"a PIN of {node.pin_length} digits",
    "invoice": lambda node: f"the last {node.invoice_digits} digits of an invoice",
    "birth_year": lambda node: "a year of birth, as in 1984",
    "sms_code": lambda node: f"the code of {node.code_length} digits that was sent",
}


def wanted(turn: Turn, node: Proving, *, star: bool) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What is asked, and keys with their meanings. `star`: whether * is an answer."""
    step = turn.progress.step
    if step == CHOOSE:
        endings = turn.progress.facts[ENDINGS]
        lines = ((str(key), f"the line ending {ending}") for key, ending in enumerate(endings, 1))
        return "", (*lines, (STAR, "none of these"))
    return _WANTS[step](node), ((STAR, _another(turn, node, step)),) if star else ()


def _another(turn: Turn, node: Proving, step: str) -> str:
    """What * means at this question."""
    if step not in PROOFS:
        return "another way"
    return f"another {_CLAIMS[recall(turn).way]}" if step == node.asked_proofs[-1] else "another proof"
