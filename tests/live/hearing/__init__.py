"""Callers who speak: real calls, real recognition."""
