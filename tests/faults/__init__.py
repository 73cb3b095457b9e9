"""The fault campaign: real harm to a hotline under load, and what becomes of its callers.

`python -m tests.faults` (`make faults`) runs it by hand, never with the tests; a short version of some faults is in
tests/live/calls/test_faults.py. It starts a sandbox of its own on free ports and leaves nothing running.
docs/faults.md says what the figures mean.
"""
