"""Benchmarks: how fast the hotline answers a key, beside Asterisk's own dialplan, what the parts of a step cost, how
soon callers are spoken to again when their controller is killed, and more.

They run the product's own sandbox on loopback, are bounded in count and time, and leave nothing running. They are
run by hand (`make bench` for the first), never with the tests. docs/benchmarks.md says what the figures mean.
"""
