"""Publishing a hotline: what changed, which version is meant, what may go live, what is announced.

Knows the library, the hotline's reading and flow tests; no calls and no telephony. The commands are in `commands`.
"""
