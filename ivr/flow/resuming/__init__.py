"""Going on where an earlier call left off: the node resume.

`offer` tells whether what was left is this caller's, and what they hear of it; `landing` finds the place in today's
flow; `levels` what level it takes; `taking_up` what of the old call is kept. Pure, like all of the engine.
"""
