"""The ways that ask: for the line that is down, for the customer number, for the last order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ivr.flow.heard import Kind
from ivr.flow.identity.letters import FirstLetters, letter_keys
from ivr.flow.identity.ways import AskedWay, Entry, Judge
from ivr.flow.inputs import digits, phone_number
from ivr.flow.listening import UNKNOWN
from ivr.flow.model import Proving
from ivr.flow.numbers import to_e164
from ivr.flow.turn import Turn


class _Line(Entry):
    """The number of a line, as people in the call's region type it."""

    step: ClassVar[str] = "line"
    key: ClassVar[str] = "ask_line"
    said: ClassVar[Kind | None] = "phone"

    def judge(self, turn: Turn, node: Proving) -> Judge:
        return phone_number(turn.progress.region)

    def longest(self, node: Proving) -> int:
        return 0

    def value(self, turn: Turn, keys: str) -> str:
        return to_e164(keys, turn.progress.region) or keys


class _CustomerNumber(Entry):
    step: ClassVar[str] = "customer_number"
    key: ClassVar[str] = "ask_customer_number"
    said: ClassVar[Kind | None] = "digits"

    def judge(self, turn: Turn, node: Proving) -> Judge:
        return lambda typed: digits(typed, *node.customer_number_length)

    def longest(self, node: Proving) -> int:
        return node.customer_number_length.most


class _Surname(Entry):
    """Its first letters, by key or said."""

    step: ClassVar[str] = "surname"
    key: ClassVar[str] = "ask_surname"
    said: ClassVar[Kind | None] = "letters"

    def judge(self, turn: Turn, node: Proving) -> Judge:
        return FirstLetters(node.surname_letters).judge

    def longest(self, node: Proving) -> int:
        return node.surname_letters

    def understand(self, node: Proving, words: str, language: str, keys: str | None) -> str | None:
        """Spelled, to its end if they like, or the whole name. With a gap it is neither."""
        if keys:
            return keys[: node.surname_letters]
        return None if UNKNOWN in words else letter_keys(words, language, node.surname_letters)


class _Order(Entry):
    """The last digits of an order's number."""

    step: ClassVar[str] = "order"
    key: ClassVar[str] = "ask_order"
    said: ClassVar[Kind | None] = "digits"

    def judge(self, turn: Turn, node: Proving) -> Judge:
        return lambda typed: digits(typed, node.order_digits, node.order_digits)

    def longest(self, node: Proving) -> int:
        return node.order_digits


class FaultLine:
    """The line that is down: "+902125554141"."""

    name: ClassVar[str] = "fault_line"
    several: ClassVar[bool] = False
    entries: ClassVar[tuple[Entry, ...]] = (_Line(),)


class CustomerNumber:
    """The number that stands on bills: its digits."""

    name: ClassVar[str] = "customer_number"
    several: ClassVar[bool] = True
    entries: ClassVar[tuple[Entry, ...]] = (_CustomerNumber(),)


class LastOrder:
    """A surname and an order: "945:0021"."""

    name: ClassVar[str] = "last_order"
    several: ClassVar[bool] = True
    entries: ClassVar[tuple[Entry, ...]] = (_Surname(), _Order())


_WAYS: tuple[AskedWay, ...] = (FaultLine(), CustomerNumber(), LastOrder())
ASKED: Mapping[str, AskedWay] = {way.name: way for way in _WAYS}
ENTRIES: Mapping[str, Entry] = {entry.step: entry for way in _WAYS for entry in way.entries}
