"""The little grammar that spoken values are read with: rules, made of rules, over words. Pure.

A rule finds every way to read the words from some place on, each with where it ends and how many numbers it took; so a
rule never has to know what follows it. Texts are short and rules are not nested without end, so this is quick.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Words = Sequence[str]
_NUMERAL = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Rule(Generic[T_co]):
    """`find(words, start)` gives meaning, end and numbers of each way to read on; `phrases` is all that it knows."""

    find: Callable[[Words, int], Iterator[tuple[T_co, int, int]]]
    phrases: frozenset[str]


def split(phrase: str) -> tuple[str, ...]:
    """A phrase as words of the normal form: "o'clock" is two."""
    return tuple(phrase.replace("'", " ").split())


def said(meanings: Mapping[str, T]) -> Rule[T]:
    """One of these phrases, in small letters."""
    by_first: dict[str, list[tuple[tuple[str, ...], T]]] = {}
    for phrase, meaning in meanings.items():
        by_first.setdefault(split(phrase)[0], []).append((split(phrase), meaning))

    def find(words: Words, start: int) -> Iterator[tuple[T, int, int]]:
        for phrase, meaning in by_first.get(words[start], ()) if start < len(words) else ():
            end = start + len(phrase)
            if tuple(words[start:end]) == phrase:
                yield meaning, end, 0

    return Rule(find, frozenset(meanings))


def written(meanings: Mapping[str, T]) -> Rule[T]:
    """One of these phrases where it is typed, or comes from elsewhere: it is not listened for.

    For what a recogniser would hear instead of something else: "a" instead of "eight", "for" instead of "four".
    """
    return Rule(said(meanings).find, frozenset())


def inflected(table: str) -> Rule[int]:
    """Each line of the table is a number and the words that mean it: "11 kasım kasımda"."""
    rows = (line.split() for line in table.strip().splitlines())
    return said({word: int(number) for number, *words in rows for word in words})


def numeral(least: int, most: int) -> Rule[str]:
    """A number written in so many ASCII digits, which a recogniser never gives but people type."""

    def find(words: Words, start: int) -> Iterator[tuple[str, int, int]]:
        if start < len(words) and least <= len(words[start]) <= most and _NUMERAL.fullmatch(words[start]):
            yield words[start], start + 1, 0

    return Rule(find, frozenset())


def either(*rules: Rule[T]) -> Rule[T]:
    """Any of the rules."""

    def find(words: Words, start: int) -> Iterator[tuple[T, int, int]]:
        for rule in rules:
            yield from rule.find(words, start)

    return Rule(find, frozenset().union(*(rule.phrases for rule in rules)))


def silent(meaning: T) -> Rule[T]:
    """No word at all."""

    def find(words: Words, start: int) -> Iterator[tuple[T, int, int]]:
        yield meaning, start, 0

    return Rule(find, frozenset())


def maybe(rule: Rule[T], otherwise: T) -> Rule[T]:
    """The rule, or no word at all, which means `otherwise`."""
    return either(rule, silent(otherwise))


def then(make: Callable[..., T | None], *parts: Rule[Any] | str) -> Rule[T]:
    """All parts in a row; `make` gets the meanings of those that are rules, and gives None for what cannot be.

    A text stands for words without a meaning: "a|b c" is one of these phrases, "a|b?" may be left out.
    """
    rules = [(_words(part), False) if isinstance(part, str) else (part, True) for part in parts]

    def follow(words: Words, start: int, part: int) -> Iterator[tuple[tuple[Any, ...], int, int]]:
        if part == len(rules):
            yield (), start, 0
            return
        rule, means = rules[part]
        for meaning, end, numbers in rule.find(words, start):
            for rest, last, more in follow(words, end, part + 1):
                yield ((meaning, *rest) if means else rest), last, numbers + more

    def find(words: Words, start: int) -> Iterator[tuple[T, int, int]]:
        for meanings, end, numbers in follow(words, start, 0):
            if (meaning := make(*meanings)) is not None:
                yield meaning, end, numbers

    return Rule(find, frozenset().union(*(rule.phrases for rule, _ in rules)))


def counted(rule: Rule[T]) -> Rule[T]:
    """The rule as one number. Of several ways to read the same words the one with the fewest numbers is meant."""

    def find(words: Words, start: int) -> Iterator[tuple[T, int, int]]:
        for meaning, end, numbers in rule.find(words, start):
            yield meaning, end, numbers + 1

    return Rule(find, rule.phrases)


def between(rule: Rule[int], low: int, high: int) -> Rule[int]:
    """Where the rule's number is in this range, both ends included."""
    return then(lambda number: number if low <= number <= high else None, rule)


def meant(rule: Rule[T], words: Words, value: Callable[[T], str | None]) -> str | None:
    """The one value of all the words, of those that take the fewest numbers; None when there is none, or there are two.

    A meaning whose value is None does not count.
    """
    best: dict[int, set[str]] = {}
    for meaning, end, numbers in rule.find(words, 0):
        if end == len(words) and (found := value(meaning)) is not None:
            best.setdefault(numbers, set()).add(found)
    values = best[min(best)] if best else set()
    return values.pop() if len(values) == 1 else None


def _words(notation: str) -> Rule[None]:
    phrases = said(dict.fromkeys(notation.removesuffix("?").split("|")))
    return maybe(phrases, None) if notation.endswith("?") else phrases
