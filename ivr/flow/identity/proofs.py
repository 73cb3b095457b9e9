"""What proves a claim: PIN, digits of an invoice, birth year, a code sent by SMS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ivr.flow.hours import local_time
from ivr.flow.identity.ways import Judge, ProofWay
from ivr.flow.inputs import Digits, digits
from ivr.flow.model import Proving
from ivr.flow.turn import Turn

_OLDEST = 1900


class _OfDigits(ProofWay):
    """So many digits. `length` is the node's key that says how many."""

    length: ClassVar[str]

    def judge(self, turn: Turn, node: Proving) -> Judge:
        length = self.longest(node)
        return lambda typed: digits(typed, length, length)

    def longest(self, node: Proving) -> int:
        length: int = getattr(node, self.length)
        return length


class Pin(_OfDigits):
    """The customer's PIN."""

    step: ClassVar[str] = "pin"
    key: ClassVar[str] = "ask_pin"
    length: ClassVar[str] = "pin_length"


class Invoice(_OfDigits):
    """The last digits of an invoice's number."""

    step: ClassVar[str] = "invoice"
    key: ClassVar[str] = "ask_invoice"
    length: ClassVar[str] = "invoice_digits"


class BirthYear(ProofWay):
    """The year in which the customer was born, with four digits."""

    step: ClassVar[str] = "birth_year"
    key: ClassVar[str] = "ask_birth_year"

    def judge(self, turn: Turn, node: Proving) -> Judge:
        """Years in which somebody can be born who calls today."""
        return Digits(4, 4, _OLDEST, local_time(turn.at, turn.hotline.zone).year).judge

    def longest(self, node: Proving) -> int:
        """Four."""
        return 4


class SmsCode(_OfDigits):
    """A code that is good once, sent to the number that the company knows. Whether there is one nobody is told."""

    step: ClassVar[str] = "sms_code"
    key: ClassVar[str] = "ask_sms_code"
    key_again: ClassVar[str] = "ask_sms_code_again"
    length: ClassVar[str] = "code_length"
    sends: ClassVar[str] = "code.send"


_PROOFS: tuple[ProofWay, ...] = (Pin(), Invoice(), BirthYear(), SmsCode())
PROOFS: Mapping[str, ProofWay] = {proof.step: proof for proof in _PROOFS}
