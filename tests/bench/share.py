"""The controller's own share of an answer, as the live feed tells it.

`ms` of a `spoken` happening is the time from a key's event being read by the controller until Asterisk has accepted the
play: the engine, the store's round trip, and the requests that stop the old prompt and start the new one. What passes
before the controller's event loop reads the event is not in it; the meter sees that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from ivr.sandbox.watching import Seen
from tests.bench.meter import Answered
from tests.bench.script import OPENING, PRESSES

WANTED = tuple(heard.prompts for heard in (*OPENING, *(heard for _, heard in PRESSES)))


def controller_share(seen: Iterable[Seen], wanted: Sequence[tuple[str, ...]] = WANTED) -> list[Answered]:
    """The keys of calls that went as they should. A feed that was too slow and lost happenings makes them fewer."""
    calls: dict[str, list[tuple[tuple[str, ...], Answered]]] = defaultdict(list)
    for message in (one.message for one in seen if one.message["kind"] == "spoken"):
        data = message["data"]
        calls[message["call"]].append((tuple(data["prompts"]), Answered(message["at"], data["ms"])))
    good = [call for call in calls.values() if [prompts for prompts, _ in call] == list(wanted)]
    return [answer for call in good for _, answer in call[len(OPENING) :]]
