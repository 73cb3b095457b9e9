"""`ivr record` and `ivr replay`: calls of a running controller into files, and files back onto the engine."""
