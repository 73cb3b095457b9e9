"""By what it is found, and what is given, where somebody goes on: the next call, or the next controller.

Plain frozen data, as in `records`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from context_store.records import Conversation, Interaction, Progress


class Matter(NamedTuple):
    """By what an open conversation is found: a customer's line ("" for none yet), or the number of an unknown caller.

    One of `customer` and `number` is empty. They are personal: the store keeps digests.
    """

    customer: str = ""
    line: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A call that has changed its owner: all that is needed to go on with it. `revision` is that of its last step."""

    conversation: Conversation
    interaction: Interaction
    progress: Progress
    revision: int
