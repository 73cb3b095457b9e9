"""What happened to each caller, and what that amounts to. Pure: times and happenings come from outside."""

from __future__ import annotations

import enum
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from context_store.records import Json

GOODBYE: Final = "goodbye"  # the sample hotline's last prompt
ENDS: Final = frozenset({"told_goodbye", "cut_off", "unanswered", "refused", "gave_up"})
"""How a call ends, in the words of caller.xml."""

_TAKEN = ("pressed", "answered")


class Outcome(enum.StrEnum):
    """What became of a caller's business."""

    COMPLETED = "completed"  # the hotline said goodbye in the first call, and the line has its one ticket
    RESUMED = "resumed"  # the same, in a second call
    WITH_PEOPLE = "with people"  # the caller was put into a queue
    TWICE = "ticket twice"  # more than one ticket was opened for one fault
    UNSERVED = "unserved"  # the company could not be asked; the hotline said so, and goodbye
    LOST = "lost"  # none of these


@dataclass(frozen=True, slots=True)
class Happened:
    """Something in a caller's business: what a controller told, or what the caller noticed. `at` in epoch seconds."""

    at: float
    kind: str
    node: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one caller fared."""

    outcome: Outcome
    calls: int
    asked_twice: tuple[str, ...]  # the questions' nodes
    tickets: int
    back_after: float | None  # seconds of silence, where another controller took the call over
    why: str = ""  # how a lost caller's last call ended, and where it was


class Ledger:
    """Everything that happened, by caller (E.164)."""

    def __init__(self) -> None:
        self.of: dict[str, list[Happened]] = defaultdict(list)
        self.calls: Counter[str] = Counter()  # how often each has called
        self._callers: dict[str, str] = {}  # call → number
        self._latest: dict[tuple[str, str], float] = {}  # (controller, call) → when it told something last

    def told(self, controller: str, message: Mapping[str, Json]) -> None:
        """A message of a controller's live feed."""
        call, data = message["call"], message["data"]
        if message["kind"] in ("started", "joined") and data.get("ani"):
            self._callers[call] = data["ani"]
        # A key has the time at which it was pressed. What the controller told before that was before it all the same.
        at = max(message["at"], self._latest.get((controller, call), 0.0))
        self._latest[controller, call] = at
        if number := self._callers.get(call):
            self.of[number].append(Happened(at, message["kind"], message["node"], data))

    def noticed(self, at: float, what: str, number: str) -> None:
        """Something that the caller knows, such as the end of the call."""
        self.of[number].append(Happened(at, what))
        self.calls[number] += what == "calls"

    def settled(self, number: str) -> bool:
        """Whether the caller has no reason to call again: the hotline said goodbye, or people have the call."""
        return any(_is_goodbye(each) or each.kind == "queued" for each in self.of[number])


def judge(happenings: Iterable[Happened], tickets: int, struck_at: Sequence[float] = ()) -> Verdict:
    """How a caller fared whose line has so many tickets. `struck_at`: when harm was done."""
    course = sorted(happenings, key=lambda each: each.at)
    calls = [each.at for each in course if each.kind == "calls"]
    goodbye = next((each.at for each in course if _is_goodbye(each)), None)
    outcome = _outcome(course, calls, goodbye, tickets)
    return Verdict(
        outcome,
        len(calls),
        tuple(_asked_twice(course)),
        tickets,
        _silence(course, struck_at),
        _whereabouts(course) if outcome is Outcome.LOST else "",
    )


def _outcome(course: Sequence[Happened], calls: Sequence[float], goodbye: float | None, tickets: int) -> Outcome:
    if tickets > 1:
        return Outcome.TWICE
    if goodbye is not None and tickets:
        again = len(calls) > 1 and goodbye >= calls[1]
        return Outcome.RESUMED if again else Outcome.COMPLETED
    if any(each.kind == "queued" for each in course):
        return Outcome.WITH_PEOPLE
    if goodbye is not None and any(each.kind == "failed" for each in course):
        return Outcome.UNSERVED
    return Outcome.LOST


def _asked_twice(course: Sequence[Happened]) -> Iterable[str]:
    """Questions that were asked although their answer had been taken. To hear one again before that is no harm."""
    taken: set[str] = set()
    for each in course:
        if each.kind in _TAKEN:
            taken.add(each.node)
        elif each.kind == "spoken" and each.node in taken:
            taken.discard(each.node)  # once for each time that the answer was given
            yield each.node


def _silence(course: Sequence[Happened], struck_at: Sequence[float]) -> float | None:
    """Seconds from the harm to the first word of who took the call over."""
    taken = next((each.at for each in course if each.kind == "taken_over"), None)
    if taken is None:
        return None
    spoken = next((each.at for each in course if each.kind == "spoken" and each.at >= taken), None)
    struck = max((at for at in struck_at if at <= taken), default=None)
    return None if spoken is None or struck is None else spoken - struck


def _whereabouts(course: Sequence[Happened]) -> str:
    end = next((each.kind for each in reversed(course) if each.kind in ENDS), "no end")
    node = next((each.node for each in reversed(course) if each.node), "nowhere")
    return f"{end} at {node}"


def _is_goodbye(happened: Happened) -> bool:
    return happened.kind == "spoken" and GOODBYE in happened.data.get("prompts", ())
