"""The services of one played call: which reply comes to a question, and when. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.flow.commands import AskService, LookUp
from ivr.flow.events import LookedUp, ServiceAnswered, ServiceFailed
from ivr.flowtest.differs import Differs
from ivr.flowtest.replies import Catalogue, Reply, Service, Services


class Due(NamedTuple):
    """What comes back to one question, and when."""

    at: float
    event: ServiceAnswered | ServiceFailed


def together(look_up: LookUp, replies: Mapping[str, Due]) -> LookedUp:
    """What comes back to a look_up, when the last of its replies is there."""
    answers = {name: due.event.result for name, due in replies.items() if isinstance(due.event, ServiceAnswered)}
    failures = {name: due.event.reason for name, due in replies.items() if isinstance(due.event, ServiceFailed)}
    return LookedUp(max(due.at for due in replies.values()), look_up.id, answers, failures)


class Replying:
    """Remembers which replies were taken already."""

    def __init__(self, services: Services, catalogue: Catalogue) -> None:
        self._services = services
        self._catalogue = catalogue
        self._taken: Counter[tuple[str, int]] = Counter()

    def to(self, ask: AskService, now: float) -> Due:
        """What comes back to this question. Raises `Differs` when the test has nothing for it."""
        service, reply = self._catalogue.get(ask.service), self._reply(ask)
        if service is None:
            raise Differs(f"there is no service {ask.service}")
        if reply is None:
            mend = f"write one under `services:` in the test, or in company.yaml: `{ask.service}: …`"
            raise Differs(f"the test has no reply of {ask.service} to this", mend=mend)
        takes = reply.takes or (ask.timeout if reply.fails == "timeout" else 0.0)
        due = now + min(takes, ask.timeout)
        if takes > ask.timeout or reply.answer is None:
            return Due(due, ServiceFailed(due, ask.id, reply.fails or "timeout"))
        answer = _checked(ask.service, service, reply.answer)
        return Due(due, ServiceAnswered(due, ask.id, answer, service.changes))

    def _reply(self, ask: AskService) -> Reply | None:
        replies = self._services.get(ask.service, ())
        fitting = [reply for reply in replies if reply.given.items() <= ask.arguments.items()]
        if not fitting:
            return None
        first = next((reply for reply in fitting if reply.given), fitting[0])
        in_turn = [reply for reply in replies if reply.given == first.given]
        key = (ask.service, replies.index(first))
        self._taken[key] += 1
        return in_turn[min(self._taken[key], len(in_turn)) - 1]


def _checked(name: str, service: Service, answer: Mapping[str, Json]) -> Mapping[str, Json]:
    try:
        return service.check_answer(answer)
    except ServiceError as error:
        raise Differs(f"{name} cannot answer what the test lets it answer: {error}") from None
