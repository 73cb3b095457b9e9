"""Proofs and codes are counted before the company is asked; what was given as proof stays out of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import pytest

from context_store.attempts import Admission, Attempt, Limits, Outcome
from context_store.errors import StoreUnavailable
from context_store.memory_attempts import MemoryAttempts
from context_store.records import Json
from ivr.call.counted import CountedServices
from ivr.errors import ServiceError
from ivr.settings import IdentificationSettings
from tests.unit.fakes import FakeAnswers
from tests.virtual_time import run_virtual, until

CALLER, LINE, PIN = "+905321112233", "+902125554141", "731946"
CLAIM = {"way": "fault_line", "claim": LINE}
LIMITS = Limits(claim=2)


class House:
    """A call's services; `answer` is what the company says to everything."""

    def __init__(self, answer: Mapping[str, Json] | Exception, attempts: MemoryAttempts | None = None) -> None:
        self.company = FakeAnswers({"directory.prove": answer, "code.send": answer, "line.status": answer})
        self.attempts = attempts or MemoryAttempts(LIMITS)
        self.services = CountedServices(self.company, self.attempts, lambda: "c1", CALLER)

    async def prove(self) -> Mapping[str, Json]:
        arguments = {**CLAIM, "proof": "pin", "value": PIN}
        return await self.services.ask("directory.prove", arguments, timeout=2, idempotency_key="k")

    async def send_code(self) -> Mapping[str, Json]:
        return await self.services.ask("code.send", CLAIM, timeout=2, idempotency_key="k")

    async def outcomes(self) -> list[str]:
        return [entry.outcome for entry in await self.attempts.audit()]


async def reason(house: House) -> str:
    with pytest.raises(ServiceError) as refused:
        await house.prove()
    return refused.value.reason


async def test_wrong_proofs_are_limited_and_then_the_company_is_not_asked() -> None:
    house = House({"proved": False})
    assert [await house.prove(), await house.prove()] == [{"proved": False}] * 2
    assert await reason(house) == "limited"
    assert len(house.company.asked) == 2
    assert await house.outcomes() == ["wrong", "wrong", "limited"]


@pytest.mark.parametrize(("proof", "guesses"), [("pin", 200), ("birth_year", 67)])
async def test_who_has_many_numbers_guesses_at_few_customers(proof: str, guesses: int) -> None:
    house = House({"proved": False}, MemoryAttempts(Limits()))
    for number in range(guesses + 5):
        services = CountedServices(house.company, house.attempts, lambda: "c1", f"+9053211{number:05}")
        arguments = {"way": "fault_line", "claim": f"+90212555{number:04}", "proof": proof, "value": "1971"}
        with suppress(ServiceError):
            await services.ask("directory.prove", arguments, timeout=2, idempotency_key="k")
    assert len(house.company.asked) == guesses
    assert IdentificationSettings().overall_attempts == Limits().overall


async def test_right_ones_are_not() -> None:
    house = House({"proved": True})
    for _ in range(5):
        assert await house.prove() == {"proved": True}
    assert await house.outcomes() == ["proved"] * 5


async def test_codes_are_counted_apart() -> None:
    house = House({"sent": True, "proved": False})
    await house.prove()
    await house.prove()
    await house.send_code()
    await house.send_code()
    with pytest.raises(ServiceError, match="limited"):
        await house.send_code()
    told = await house.attempts.audit()
    assert [(entry.attempt.deed, entry.attempt.proof, entry.outcome) for entry in told[2:]] == [
        ("send_code", "sms_code", "sent"),
        ("send_code", "sms_code", "sent"),
        ("send_code", "sms_code", "limited"),
    ]


@pytest.mark.parametrize("trouble", [ServiceError("directory.prove", "timeout"), RuntimeError("a bug")])
async def test_what_the_company_did_not_answer_does_not_count(trouble: Exception) -> None:
    house = House(trouble)
    for _ in range(5):
        with pytest.raises(type(trouble)):
            await house.prove()
    assert await house.outcomes() == ["failed"] * 5


async def test_a_code_that_may_have_been_sent_counts() -> None:
    house = House(ServiceError("code.send", "timeout"))
    for expected in ("timeout", "timeout", "limited"):
        with pytest.raises(ServiceError, match=expected):
            await house.send_code()
    assert await house.outcomes() == ["open", "open", "limited"]


@pytest.mark.parametrize(
    ("way", "one", "other", "together"),
    [
        ("last_order", "945:0021", "94:0021", True),
        ("last_order", "945966:0021", "942:0021", True),
        ("last_order", "945:0021", "945:0022", False),
        ("last_order", "945:0021", "955:0021", False),
        ("last_order", "94:0021", "94:00219", False),
        ("last_order", "945", "942", False),
        ("last_order", ":", "", False),
        ("customer_number", "945:0021", "94:0021", False),
        ("fault_line", "+902125554141", "+902125554142", False),
    ],
)
async def test_claims_that_may_mean_the_same_person_are_counted_together(
    way: str, one: str, other: str, together: bool
) -> None:
    house = House({"proved": False})

    async def prove(claim: str) -> bool:
        arguments = {"way": way, "claim": claim, "proof": "pin", "value": PIN}
        try:
            await house.services.ask("directory.prove", arguments, timeout=2, idempotency_key="k")
        except ServiceError:
            return False
        return True

    assert [await prove(one), await prove(one)] == [True, True]
    assert await prove(other) is not together
    asked = [arguments["claim"] for _, arguments, _ in house.company.asked]
    assert asked == [one, one] if together else [one, one, other], "the company gets the claim as it was given"


async def test_codes_for_one_person_are_counted_together() -> None:
    house = House({"sent": True})
    for claim in ("945:0021", "94:0021"):
        arguments = {"way": "last_order", "claim": claim}
        await house.services.ask("code.send", arguments, timeout=2, idempotency_key="k")
    with pytest.raises(ServiceError, match="limited"):
        await house.services.ask(
            "code.send", {"way": "last_order", "claim": "9459:0021"}, timeout=2, idempotency_key="k"
        )


async def test_an_answer_without_a_verdict_is_no_proof() -> None:
    house = House({"sent": True})
    with pytest.raises(KeyError):
        await house.prove()
    assert await house.outcomes() == ["failed"]


async def test_other_services_are_not_counted() -> None:
    house = House({"state": "ok"})
    for _ in range(5):
        await house.services.ask("line.status", {"line": LINE}, timeout=2, idempotency_key="k")
    assert await house.outcomes() == []
    assert house.services.changes_something("ticket.open")
    assert not house.services.changes_something("line.status")


async def test_the_audit_log_says_who_claimed_what_and_never_the_proof() -> None:
    house = House({"proved": False})
    await house.prove()
    [entry] = await house.attempts.audit()
    attempt = entry.attempt
    assert (attempt.caller, attempt.way, attempt.claim, attempt.proof) == (CALLER, "fault_line", LINE, "pin")
    assert attempt.conversation == "c1"
    assert PIN not in repr(house.attempts._log) + repr(house.attempts._counted)


class Broken(MemoryAttempts):
    """Attempts that fail at a given method."""

    def __init__(self, method: str, error: Exception) -> None:
        super().__init__(LIMITS)
        self._method, self._error = method, error

    async def begin(self, attempt: Attempt) -> Admission:
        if self._method == "begin":
            raise self._error
        return await super().begin(attempt)

    async def settle(self, attempt: Attempt, admission: Admission, outcome: Outcome) -> None:
        if self._method == "settle":
            raise self._error
        await super().settle(attempt, admission, outcome)


ERRORS = [StoreUnavailable("away"), ZeroDivisionError("a bug"), TimeoutError()]


@pytest.mark.parametrize("error", ERRORS)
async def test_nobody_gets_through_uncounted(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    house = House({"proved": True}, Broken("begin", error))
    assert await reason(house) == "unavailable"
    assert house.company.asked == []
    assert "could not be counted" in caplog.text
    assert PIN not in caplog.text


@pytest.mark.parametrize("error", ERRORS)
async def test_an_end_that_cannot_be_told_costs_the_caller_nothing(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    house = House({"proved": True}, Broken("settle", error))
    assert await house.prove() == {"proved": True}
    assert "could not be told" in caplog.text
    assert await house.outcomes() == ["open"]
    house.company.answers = {"directory.prove": ServiceError("directory.prove", "nonsense")}
    assert await reason(house) == "nonsense"


def test_who_hangs_up_before_the_answer_has_guessed_too() -> None:
    class Slow(FakeAnswers):
        async def ask(self, *args: object, **more: object) -> dict[str, object]:
            self.asked.append(("", {}, ""))
            await asyncio.sleep(1000)
            return {"proved": True}

    async def test() -> None:
        house = House({})
        house.company = Slow({})
        house.services = CountedServices(house.company, house.attempts, lambda: "c1", CALLER)
        for _ in range(2):
            house.company.asked.clear()
            guess = asyncio.create_task(house.prove())
            await until(lambda: bool(house.company.asked))
            guess.cancel()
            await asyncio.gather(guess, return_exceptions=True)
        assert await reason(house) == "limited"
        assert await house.outcomes() == ["open", "open", "limited"]

    run_virtual(test)
