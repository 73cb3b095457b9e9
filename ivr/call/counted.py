"""The company's services as one call may ask them: who tries to prove something is counted first, and perhaps refused.

Knows the protocols `Services` and `Attempts`. What is given as proof goes to the company only.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping

from context_store.attempts import Admission, Attempt, Attempts, Deed, Outcome
from context_store.records import Json
from ivr.call.ports import Services
from ivr.errors import ServiceError

log = logging.getLogger(__name__)

_DEEDS: Mapping[str, Deed] = {"directory.prove": "prove", "code.send": "send_code"}


class CountedServices:
    """Implements `Services` for one call. `caller` is E.164, or None when withheld.

    `conversation` tells where the call belongs now: that may change once.
    """

    def __init__(
        self, services: Services, attempts: Attempts, conversation: Callable[[], str], caller: str | None
    ) -> None:
        self._services = services
        self._attempts = attempts
        self._conversation = conversation
        self._caller = caller

    def changes_something(self, service: str) -> bool:
        """Whether the service does something (opens a ticket) rather than look something up."""
        return self._services.changes_something(service)

    async def ask(
        self, service: str, arguments: Mapping[str, str], *, timeout: float, idempotency_key: str
    ) -> Mapping[str, Json]:
        """Ask, if that may be asked now. Raises `ServiceError`; "limited" when the company was not asked.

        An attempt that is cancelled while the company is being asked stays open, and counts: who hangs up before the
        answer has guessed, too. So does a code that may have been sent although the answer did not come.
        """
        deed = _DEEDS.get(service)
        if deed is None:
            return await self._services.ask(service, arguments, timeout=timeout, idempotency_key=idempotency_key)
        attempt = self._attempt(deed, arguments)
        admission = await self._admitted(service, attempt)
        try:
            answer = await self._services.ask(service, arguments, timeout=timeout, idempotency_key=idempotency_key)
            outcome: Outcome = "sent" if deed == "send_code" else "proved" if answer["proved"] else "wrong"
        except Exception as error:
            if deed == "prove" or not isinstance(error, ServiceError) or error.reason != "timeout":
                await self._settle(attempt, admission, "failed")
            raise
        await self._settle(attempt, admission, outcome)
        return answer

    def _attempt(self, deed: Deed, arguments: Mapping[str, str]) -> Attempt:
        proof = arguments["proof"] if deed == "prove" else "sms_code"
        way = arguments["way"]
        claim = _counted_as(way, arguments["claim"])
        return Attempt(deed, self._conversation(), time.time(), self._caller, way, claim, proof)

    async def _admitted(self, service: str, attempt: Attempt) -> Admission:
        """Nobody gets through uncounted: what cannot be counted is not asked."""
        try:
            admission = await self._attempts.begin(attempt)
        except Exception:
            log.exception("conversation %s: an attempt could not be counted", self._conversation())
            raise ServiceError(service, "unavailable", "the attempt could not be counted") from None
        if admission.exceeded:
            raise ServiceError(service, "limited", f"too many attempts: {admission.exceeded}")
        return admission

    async def _settle(self, attempt: Attempt, admission: Admission, outcome: Outcome) -> None:
        """The attempt is counted already: when its end cannot be told, the caller has the answer all the same."""
        try:
            await self._attempts.settle(attempt, admission, outcome)
        except Exception:
            log.exception("conversation %s: the end of an attempt could not be told", self._conversation())


def _counted_as(way: str, claim: str) -> str:
    """One text for all claims of this way that may mean the same person.

    A surname may be given by any number of its letters, from two on: "94:0021" is "945:0021", too.
    """
    keys, colon, order = claim.partition(":")
    return f"{keys[:2]}:{order}" if way == "last_order" and colon else claim
