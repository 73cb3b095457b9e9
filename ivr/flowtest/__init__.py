"""Flow tests: calls as YAML, played against a flow without Asterisk, in virtual time.

Knows `ivr.flow`, `ivr.errors` and the records; what services there are comes from outside. Reads its own files;
otherwise pure.
"""
