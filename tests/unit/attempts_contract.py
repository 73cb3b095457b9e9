"""What every `Attempts` must do. A subclass has the fixtures `attempts` (with `LIMITS`), `passing`, which lets seconds
pass, and `raw`: everything that is kept, as bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import cast

import pytest

from context_store.attempts import Attempt, Attempts, AuditEntry, Limits, Outcome
from context_store.audit_codec import LONGEST_CLAIM
from context_store.errors import BadRecord

Passing = Callable[[float], Awaitable[None]]
Raw = Callable[[], Awaitable[bytes]]

LIMITS = Limits(caller=4, withheld=6, claim=3, overall=10, seconds=600.0)
CALLER, OTHER, LINE = "+905321112233", "+905559998877", "+902125554141"

HOSTILE = [
    "",
    ":",
    "+902125554141:claim",
    "}{",
    "{attempts:all}:prove:overall",
    "a\r\nFLUSHALL\r\n",
    "\x00",
    "\x1b[2J",
    "\ud800",
    "é🛰",
    "9" * 10_240,
]


def attempt(claim: str = LINE, caller: str | None = CALLER, way: str = "fault_line") -> Attempt:
    return Attempt("prove", "c1", 1000.0, caller, way, claim, "pin")


def with_birth_year(claim: str = LINE, caller: str | None = CALLER) -> Attempt:
    return replace(attempt(claim, caller), proof="birth_year")


def attempts_for_claims(count: int, caller: str | None = CALLER) -> list[Attempt]:
    return [attempt(f"+90212555{number:04}", caller) for number in range(count)]


async def begin(attempts: Attempts, tried: Attempt, outcome: Outcome | None = "wrong") -> str:
    """Make an attempt with its end, where it is admitted; which window was full."""
    admission = await attempts.begin(tried)
    if outcome and not admission.exceeded:
        await attempts.settle(tried, admission, outcome)
    return admission.exceeded


async def begin_all(attempts: Attempts, tried: Sequence[Attempt], outcome: Outcome | None = "wrong") -> list[str]:
    return [await begin(attempts, one, outcome) for one in tried]


class AttemptsContract:
    """Run by each implementation."""

    async def test_a_claim_is_tried_no_more_often_than_its_limit(self, attempts: Attempts) -> None:
        callers = [f"+9053211122{number:02}" for number in range(5)]
        assert await begin_all(attempts, [attempt(caller=caller) for caller in callers]) == ["", "", "", *["claim"] * 2]

    async def test_a_caller_tries_no_more_often_than_their_limit(self, attempts: Attempts) -> None:
        assert await begin_all(attempts, attempts_for_claims(6)) == ["", "", "", "", "caller", "caller"]
        assert await begin(attempts, attempt(caller=OTHER)) == ""

    async def test_withheld_callers_share_a_window_of_their_own(self, attempts: Attempts) -> None:
        assert await begin_all(attempts, attempts_for_claims(7, caller=None)) == [*[""] * 6, "caller"]
        assert await begin(attempts, attempt()) == ""

    async def test_all_together_try_no_more_often_than_the_overall_limit(self, attempts: Attempts) -> None:
        tried = [attempt(f"+90212555{number:04}", f"+90532111{number:04}") for number in range(12)]
        assert await begin_all(attempts, tried) == [*[""] * 10, "overall", "overall"]

    async def test_a_proof_that_is_easily_guessed_counts_as_three(self, attempts: Attempts) -> None:
        assert await begin_all(attempts, [with_birth_year()] * 2) == ["", "claim"]
        assert await begin(attempts, attempt("+902120000000")) == "", "three of four by this caller"
        assert await begin(attempts, attempt("+902120000000")) == "caller"

    async def test_who_may_try_once_more_may_try_the_easy_proof(self, attempts: Attempts) -> None:
        await begin_all(attempts, [attempt()] * 2)
        assert await begin_all(attempts, [with_birth_year(), with_birth_year(caller=OTHER)]) == ["", "claim"]

    async def test_all_together_use_up_the_overall_limit_sooner_by_it(self, attempts: Attempts) -> None:
        tried = [with_birth_year(f"+90212555{number:04}", f"+90532111{number:04}") for number in range(6)]
        assert await begin_all(attempts, tried) == ["", "", "", "", "overall", "overall"]

    @pytest.mark.parametrize("outcome", ["proved", "failed"])
    async def test_all_three_are_taken_back(self, attempts: Attempts, outcome: Outcome) -> None:
        assert set(await begin_all(attempts, [with_birth_year()] * 20, outcome)) == {""}
        assert await begin_all(attempts, [attempt()] * 4) == ["", "", "", "claim"]

    async def test_a_proof_forgives_all_three_of_a_slip_but_overall(self, attempts: Attempts) -> None:
        held = await attempts.begin(attempt())
        assert await begin(attempts, with_birth_year()) == ""
        await attempts.settle(attempt(), held, "proved")
        assert await begin_all(attempts, [attempt()] * 4) == ["", "", "", "claim"]
        tried = [attempt(f"+90212555{number:04}", f"+90532111{number:04}") for number in range(6)]
        assert await begin_all(attempts, tried) == ["", "", "", "", "overall", "overall"], "six of ten count overall"

    async def test_all_three_leave_the_window_together(self, attempts: Attempts, passing: Passing) -> None:
        await begin(attempts, with_birth_year())
        await passing(590)
        assert await begin(attempts, attempt()) == "claim"
        await passing(20)
        assert await begin_all(attempts, [attempt()] * 4) == ["", "", "", "claim"]

    async def test_what_has_not_ended_counts(self, attempts: Attempts) -> None:
        assert await begin_all(attempts, [attempt()] * 4, None) == ["", "", "", "claim"]

    async def test_a_code_that_was_sent_counts(self, attempts: Attempts) -> None:
        assert await begin_all(attempts, [attempt()] * 4, "sent") == ["", "", "", "claim"]

    @pytest.mark.parametrize("outcome", ["proved", "failed"])
    async def test_what_was_proved_or_not_answered_does_not_count(self, attempts: Attempts, outcome: Outcome) -> None:
        assert set(await begin_all(attempts, [attempt()] * 20, outcome)) == {""}

    async def test_a_refused_attempt_is_counted_nowhere(self, attempts: Attempts, passing: Passing) -> None:
        await begin_all(attempts, [attempt(caller=OTHER)] * 3)
        assert await begin_all(attempts, [attempt()] * 20) == ["claim"] * 20
        assert await begin_all(attempts, attempts_for_claims(4)) == [""] * 4, "the caller's window is still empty"
        await passing(LIMITS.seconds + 1)
        assert await begin(attempts, attempt()) == "", "the claim's window was not held open by refusals"

    async def test_windows_slide(self, attempts: Attempts, passing: Passing) -> None:
        assert await begin_all(attempts, [attempt()] * 2) == ["", ""]
        await passing(400)
        assert await begin_all(attempts, [attempt()] * 2) == ["", "claim"]
        await passing(250)  # the first two are 650 s old, the third 250 s
        assert await begin_all(attempts, [attempt()] * 3) == ["", "", "claim"]

    async def test_deeds_have_windows_of_their_own(self, attempts: Attempts) -> None:
        await begin_all(attempts, [attempt()] * 3)
        code = replace(attempt(), deed="send_code", proof="sms_code")
        assert await begin_all(attempts, [code] * 4, "sent") == ["", "", "", "claim"]

    async def test_the_same_text_claimed_another_way_is_another_claim(self, attempts: Attempts) -> None:
        await begin_all(attempts, [attempt("1001", way="customer_number")] * 3)
        assert await begin(attempts, attempt("1001", OTHER, way="last_order")) == ""
        assert await begin(attempts, attempt("1001", OTHER, way="customer_number")) == "claim"

    async def test_who_proves_a_claim_is_not_locked_out_by_slips_with_it(self, attempts: Attempts) -> None:
        for _ in range(3):
            assert await begin_all(attempts, [attempt()] * 2) == ["", ""]
            assert await begin(attempts, attempt(), "proved") == ""

    async def test_the_slips_count_on_overall(self, attempts: Attempts) -> None:
        for _ in range(5):
            await begin_all(attempts, [attempt()] * 2)
            await begin(attempts, attempt(), "proved")
        assert await begin(attempts, attempt(caller=OTHER)) == "overall"

    async def test_proving_an_own_line_gives_no_more_guesses_at_others(self, attempts: Attempts) -> None:
        await begin_all(attempts, attempts_for_claims(3))
        assert await begin(attempts, attempt("+902120000000"), "proved") == ""
        assert await begin_all(attempts, attempts_for_claims(2)) == ["", "caller"]

    async def test_what_others_got_wrong_for_a_claim_counts_on(self, attempts: Attempts) -> None:
        await begin_all(attempts, [attempt(caller=OTHER)] * 2)
        assert await begin(attempts, attempt(), "proved") == ""
        assert await begin_all(attempts, [attempt(caller=OTHER)] * 2) == ["", "claim"]

    async def test_a_withheld_proof_clears_nobody_elses_way(self, attempts: Attempts) -> None:
        await begin_all(attempts, attempts_for_claims(5, caller=None))
        assert await begin(attempts, attempt("+902120000000", None), "proved") == ""
        assert await begin_all(attempts, [attempt("+902121111111", None)] * 2) == ["", "caller"]

    async def test_never_more_than_the_limit_are_admitted_at_once(self, attempts: Attempts) -> None:
        admissions = await asyncio.gather(*(attempts.begin(one) for one in attempts_for_claims(50, None)))
        assert [one.exceeded for one in admissions].count("") == LIMITS.withheld
        assert len({one.id for one in admissions}) == 50

    async def test_the_audit_log_tells_what_became_of_each(self, attempts: Attempts) -> None:
        tried = [replace(attempt(caller=f"+9053211122{number:02}"), at=1000.0 + number) for number in range(6)]
        ends: list[Outcome | None] = ["proved", "wrong", "failed", None]
        for one, end in zip(tried, ends, strict=False):
            await begin(attempts, one, end)
        await begin_all(attempts, tried[4:5], "sent")
        await begin_all(attempts, [replace(attempt(), at=2000.0)] * 3)
        told = await attempts.audit()
        assert [entry.outcome for entry in told] == ["proved", "wrong", "failed", "open", "sent", *["limited"] * 3]
        assert [entry.attempt for entry in told[:5]] == tried[:5]
        assert [entry.exceeded for entry in told] == [*[""] * 5, *["claim"] * 3]
        assert len({entry.id for entry in told}) == len(told) == 8

    async def test_the_newest_are_told_the_oldest_first(self, attempts: Attempts) -> None:
        assert list(await attempts.audit()) == []
        for number in range(5):
            await begin(attempts, replace(attempt(), at=float(number)))
        assert [entry.attempt.at for entry in await attempts.audit(2)] == [3.0, 4.0]
        assert list(await attempts.audit(0)) == []
        assert list(await attempts.audit(-1)) == []

    async def test_an_end_of_nothing_that_is_known_is_no_attempt(self, attempts: Attempts) -> None:
        admission = await attempts.begin(attempt())
        await attempts.settle(attempt(), replace(admission, id="no such id"), "proved")
        assert [(entry.id, entry.outcome) for entry in await attempts.audit()] == [(admission.id, "open")]

    @pytest.mark.parametrize("claim", HOSTILE)
    async def test_any_claim_is_counted_as_itself(self, attempts: Attempts, claim: str) -> None:
        others = [attempt(f"{claim}x", OTHER), attempt(f"x{claim}", OTHER)]
        await begin_all(attempts, others)
        assert await begin_all(attempts, [attempt(claim)] * 4) == ["", "", "", "claim"]
        newest: AuditEntry = (await attempts.audit(1))[0]
        assert newest.attempt.claim == claim[:LONGEST_CLAIM].replace("\ud800", "\ufffd")
        assert newest.attempt.caller == CALLER

    @pytest.mark.parametrize("caller", HOSTILE)
    async def test_any_caller_is_counted_as_itself(self, attempts: Attempts, caller: str) -> None:
        assert await begin_all(attempts, attempts_for_claims(5, caller)) == ["", "", "", "", "caller"]
        assert await begin(attempts, attempt(caller=None)) == ""

    async def test_what_cannot_be_written_is_refused_and_not_counted(self, attempts: Attempts, raw: Raw) -> None:
        before, strange = await raw(), cast(float, object())
        with pytest.raises(BadRecord):
            await attempts.begin(replace(attempt(), at=strange))
        assert await raw() == before

    async def test_a_long_claim_takes_little_room(self, attempts: Attempts, raw: Raw) -> None:
        await begin(attempts, attempt("9" * 10_240))
        assert len(await raw()) < 4096
