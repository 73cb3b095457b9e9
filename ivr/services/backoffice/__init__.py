"""A sample of a company's systems: customers, lines, outages and tickets in SQLite, behind HTTP. For demo and tests."""
