"""The tables of the sample back office's database.

Money is in kuruş, days are YYYY-MM-DD, moments YYYY-MM-DDTHH:MM:SS; both are local. `expires` is in seconds since 1970.
"""

from __future__ import annotations

VERSION = 3  # of the tables; kept in the file

TABLES = (
    # `number` is the customer number on the bill, `surname_keys` how a telephone's keys spell the surname.
    """CREATE TABLE customers (
        id TEXT PRIMARY KEY,
        number TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        surname_keys TEXT NOT NULL,
        birth_year INTEGER,
        pin_salt BLOB NOT NULL,
        pin_digest BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE lines (
        number TEXT PRIMARY KEY,
        customer TEXT NOT NULL REFERENCES customers,
        product TEXT NOT NULL,
        area TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('up', 'down', 'suspended'))
    ) STRICT""",
    "CREATE INDEX lines_of_customer ON lines (customer)",
    # 'registered': a caller had it remembered for one line, has consented in these words, and `until` ends it.
    """CREATE TABLE numbers (
        number TEXT NOT NULL,
        customer TEXT NOT NULL REFERENCES customers,
        kind TEXT NOT NULL CHECK (kind IN ('main', 'alternate', 'registered')),
        line TEXT REFERENCES lines,
        registered_at TEXT,
        until TEXT,
        consent_language TEXT,
        consent_wording TEXT,
        consent_at TEXT,
        CHECK (kind != 'registered' OR NOT (
            line IS NULL OR registered_at IS NULL OR until IS NULL
            OR consent_language IS NULL OR consent_wording IS NULL OR consent_at IS NULL
        ))
    ) STRICT""",
    "CREATE UNIQUE INDEX numbers_once ON numbers (number, customer, kind, ifnull(line, ''))",
    "CREATE INDEX numbers_of_customer ON numbers (customer)",
    # A code that was sent for a claim. `customer` is NULL where nobody got it: the claim fits none, or several.
    """CREATE TABLE codes (
        way TEXT NOT NULL,
        claim TEXT NOT NULL,
        customer TEXT REFERENCES customers,
        salt BLOB NOT NULL,
        digest BLOB NOT NULL,
        expires INTEGER NOT NULL,
        tries INTEGER NOT NULL,
        PRIMARY KEY (way, claim)
    ) STRICT""",
    "CREATE INDEX codes_expire ON codes (expires)",
    """CREATE TABLE tokens (
        digest BLOB PRIMARY KEY,
        customer TEXT NOT NULL REFERENCES customers,
        line TEXT REFERENCES lines,
        level TEXT NOT NULL CHECK (level IN ('recognised', 'verified')),
        expires INTEGER NOT NULL,
        used_at TEXT
    ) STRICT""",
    # What goes out as an SMS. One to nobody (NULL) was written in place of one, and is never seen.
    """CREATE TABLE outbox (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        to_number TEXT,
        kind TEXT NOT NULL CHECK (kind IN ('code', 'notice')),
        text TEXT NOT NULL,
        expires INTEGER
    ) STRICT""",
    "CREATE INDEX outbox_expires ON outbox (expires)",
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
    "CREATE INDEX orders_of_customer ON orders (customer, number)",
    "CREATE INDEX orders_by_ending ON orders (substr(number, -3))",
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
