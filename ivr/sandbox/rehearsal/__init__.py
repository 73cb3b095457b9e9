"""Flow tests as real calls: the same files that `ivr test` plays in virtual time, through Asterisk in the sandbox.

`ivr test --live` and the live tests use it; the product never does.
"""
