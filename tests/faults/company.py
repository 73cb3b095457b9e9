"""What the campaign reads in the sample back office's database: who may call, and which tickets were opened.

Only reads. Callers are invented customers who have no other reason to call than the one they press: with an outage or
an overdue bill the hotline would begin with that, and 1 would lead elsewhere.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from ivr.services.backoffice.population import MOST

POPULATION = MOST

_CALLERS = """
SELECT numbers.number, lines.number FROM customers
JOIN numbers ON numbers.customer = customers.id AND numbers.kind = 'main'
JOIN lines ON lines.customer = customers.id
JOIN bills ON bills.line = lines.number
JOIN quotas ON quotas.line = lines.number
WHERE customers.id GLOB 'P[0-9]*' AND lines.state = 'up' AND lines.area NOT IN (SELECT area FROM outages)
AND (bills.paid OR bills.due > ?) AND NOT (quotas.kind = 'limited' AND quotas.remaining = 0)
ORDER BY customers.id
"""


@dataclass(frozen=True, slots=True)
class Customer:
    """The number they call from, and the line they call about; both E.164."""

    number: str
    line: str


def callers(database: Path) -> list[Customer]:
    """Everybody who may call, each with a number and a line of their own."""
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 - a day's difference to the company's does not matter
    with closing(_opened(database)) as books:
        return [Customer(*row) for row in books.execute(_CALLERS, (tomorrow.isoformat(),))]


def tickets(database: Path) -> Counter[str]:
    """How many tickets each line has."""
    with closing(_opened(database)) as books:
        return Counter(dict(books.execute("SELECT line, count(*) FROM tickets GROUP BY line")))


def _opened(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
