"""Benchmarks: how fast the hotline answers a key, beside Asterisk's own dialplan, and what the parts of a step cost.

They run the product's own sandbox on loopback, are bounded in count and time, and leave nothing running. They are
run by hand (`make bench`), never with the tests. docs/benchmarks.md says what the figures mean.
"""
