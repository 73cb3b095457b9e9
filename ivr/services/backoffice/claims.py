"""What callers claim, as SQL: whose line, customer number or order it would be. Pure. A claim proves nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.services.backoffice.queries import Value

# Whoever a claim may mean: one customer, none, or of an order several.
_MEANT = {
    "fault_line": "SELECT customer AS id FROM lines WHERE number = :claimed",
    "customer_number": "SELECT id FROM customers WHERE number = :claimed",
    "last_order": """
        SELECT c.id FROM orders o JOIN customers c ON c.id = o.customer
        WHERE substr(o.number, -3) = substr(:claimed, -3) AND substr(o.number, -length(:claimed)) = :claimed
          AND substr(c.surname_keys, 1, length(:keys)) = :keys
          AND NOT EXISTS (SELECT 1 FROM orders n WHERE n.customer = o.customer AND n.number > o.number)
    """,
}
_ORDER = re.compile(r"([2-9]{2,6}):([0-9]{3,8})")


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it was given. `way`: fault_line, customer_number or last_order."""

    way: str
    text: str = field(repr=False)

    @property
    def line(self) -> str | None:
        """The line that is claimed. None where somebody claims to be a customer, with all lines."""
        return self.text if self.way == "fault_line" else None

    def asked(self, query: str) -> str:
        """The SQL `query` in which `meant` is the table of the customers (`id`) whom the claim may mean."""
        return f"WITH meant AS ({_MEANT[self.way]}) {query}"

    @property
    def values(self) -> Mapping[str, Value]:
        """What `asked` has to be given. What cannot be a claim means nobody, at the same cost."""
        if self.way != "last_order":
            return {"claimed": self.text}
        order = _ORDER.fullmatch(self.text)
        return {"keys": order[1], "claimed": order[2]} if order else {"keys": "", "claimed": ""}
