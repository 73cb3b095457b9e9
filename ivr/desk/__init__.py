"""The agents' page and the API: what an agent wants open all day, and what other systems may read.

Reads `ivr.call`'s and `context_store`'s types; knows nothing of telephony, speech or services.
"""

from ivr.desk.app import make_desk

__all__ = ["make_desk"]
