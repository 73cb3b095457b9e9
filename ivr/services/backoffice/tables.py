"""The tables of the sample back office's database. Money is in kuruş, days are YYYY-MM-DD."""

from __future__ import annotations

VERSION = 2  # of the tables; kept in the file

TABLES = (
    """CREATE TABLE customers (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        pin_salt BLOB NOT NULL,
        pin_digest BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE numbers (
        number TEXT NOT NULL,
        customer TEXT NOT NULL REFERENCES customers,
        kind TEXT NOT NULL CHECK (kind IN ('main', 'alternate')),
        PRIMARY KEY (number, customer, kind)
    ) STRICT""",
    """CREATE TABLE lines (
        number TEXT PRIMARY KEY,
        customer TEXT NOT NULL REFERENCES customers,
        product TEXT NOT NULL,
        area TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('up', 'down', 'suspended'))
    ) STRICT""",
    "CREATE INDEX lines_of_customer ON lines (customer)",
    """CREATE TABLE outages (
        id TEXT PRIMARY KEY,
        area TEXT NOT NULL UNIQUE,
        cause_tr TEXT NOT NULL,
        cause_en TEXT NOT NULL,
        until TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE tickets (
        number INTEGER PRIMARY KEY,
        line TEXT NOT NULL REFERENCES lines,
        symptom TEXT NOT NULL,
        contact TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'working', 'closed')),
        opened TEXT NOT NULL,
        appointment TEXT
    ) STRICT""",
    """CREATE TABLE bills (
        number TEXT PRIMARY KEY,
        line TEXT NOT NULL UNIQUE REFERENCES lines,
        amount INTEGER NOT NULL,
        due TEXT NOT NULL,
        previous INTEGER NOT NULL,
        paid INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE bill_reasons (
        bill TEXT NOT NULL REFERENCES bills,
        position INTEGER NOT NULL,
        tr TEXT NOT NULL,
        en TEXT NOT NULL,
        amount INTEGER NOT NULL,
        PRIMARY KEY (bill, position)
    ) STRICT""",
    # Nothing of a card: what the bank calls a payment is enough to find it.
    """CREATE TABLE payments (
        reference INTEGER PRIMARY KEY,
        bill TEXT NOT NULL REFERENCES bills,
        amount INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE quotas (
        line TEXT PRIMARY KEY REFERENCES lines,
        kind TEXT NOT NULL CHECK (kind IN ('limited', 'unlimited', 'none')),
        total INTEGER NOT NULL,
        remaining INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE packages (
        name TEXT PRIMARY KEY,
        gigabytes INTEGER NOT NULL,
        price INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE purchases (
        id INTEGER PRIMARY KEY,
        line TEXT NOT NULL REFERENCES lines,
        package TEXT NOT NULL REFERENCES packages,
        price INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE orders (
        number TEXT PRIMARY KEY,
        customer TEXT NOT NULL REFERENCES customers,
        item_tr TEXT NOT NULL,
        item_en TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('received', 'prepared', 'shipped', 'delivered')),
        day TEXT
    ) STRICT""",
    """CREATE TABLE reports (
        number INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        arrived_at TEXT NOT NULL,
        by TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE callbacks (
        number INTEGER PRIMARY KEY,
        contact TEXT NOT NULL,
        queue TEXT NOT NULL,
        reason TEXT NOT NULL,
        by TEXT NOT NULL
    ) STRICT""",
    # Every change that was made, by its idempotency key. `asked` is a digest of the request without its secrets.
    """CREATE TABLE changes (
        idempotency_key TEXT PRIMARY KEY,
        service TEXT NOT NULL,
        asked TEXT NOT NULL,
        answer TEXT NOT NULL
    ) STRICT""",
    f"PRAGMA user_version = {VERSION}",
)
