"""Recorded calls: written event by event, without secrets, and played again on the engine of today.

Pure: knows the flow language and the records, does no I/O.
"""
