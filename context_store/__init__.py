"""Conversations, progress and what was said: records, the `Store` protocol and its implementations.

This package knows nothing of the rest of Devam, so that other tools can read a conversation too.
"""
