"""From a YAML file to a flow, or to every mistake in it with its line.

YAML with positions, the model in plain words, and the checks. Reads the file; pure otherwise.
"""
