"""Rules about what a caller may answer: keys, phrases, and what fits the type of a collect. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import NamedTuple

from context_store.records import Sensitivity
from ivr.errors import Problem
from ivr.flow import global_keys
from ivr.flow.model import Collect, Menu, Option, Resume
from ivr.flow.ranges import range_problem
from ivr.flow.reading.hints import one_of, shown
from ivr.flow.reading.house import Case
from ivr.flow.reading.yaml_source import Where
from ivr.flow.scalars import ANY_LANGUAGE
from ivr.flow.words import normal

Options = Mapping[str, Option]


class _Said(NamedTuple):
    """What may be said for one answer, by language, and where the file says so."""

    where: Where
    phrases: Mapping[str, tuple[str, ...]]


def option_keys(case: Case) -> Iterator[Problem]:
    """Each key of a question means one thing. (1 and 12 together are allowed: the interdigit time-out decides.)"""
    for where, options in _options(case):
        taken: dict[str, str] = {}
        for name, option in options.items():
            other = taken.setdefault(option.key, name)
            if other != name:
                what = f"the key {option.key} leads to {other!r} already"
                yield case.problem((*where, name, "key"), what, "give each choice a key of its own")


def phrases(case: Case) -> Iterator[Problem]:
    """What a caller says means one thing, too."""
    for question in _spoken(case):
        told = set()
        for language in case.flow.languages:
            taken: dict[str, str] = {}
            for name, phrase in _phrases(question, language):
                heard = normal(phrase, language)
                other = taken.setdefault(heard, name)
                if other != name and (name, heard) not in told:
                    told.add((name, heard))
                    what = f"the phrase {shown(phrase)} means {other!r} already"
                    yield case.problem(question[name].where, what, "give each choice phrases of its own")


def phrases_without_words(case: Case) -> Iterator[Problem]:
    """A phrase has something that can be said."""
    for question in _spoken(case):
        for said in question.values():
            for phrase in chain.from_iterable(said.phrases.values()):
                if not normal(phrase, case.flow.languages[0]):
                    yield case.problem(said.where, f"the phrase {shown(phrase)} has no word in it")


def phrase_languages(case: Case) -> Iterator[Problem]:
    """Phrases are for languages that the flow speaks."""
    for question in _spoken(case):
        for said in question.values():
            for language in said.phrases.keys() - {ANY_LANGUAGE, *case.flow.languages}:
                mend = one_of(language, case.flow.languages, "its languages") + f"; {ANY_LANGUAGE} is for all"
                what = f"the flow does not speak the language {shown(language)}"
                yield case.problem((*said.where, language), what, mend)


def shared_keys(case: Case) -> Iterator[Problem]:
    """Each of the keys that every question takes means one thing."""
    taken: dict[str, str] = {}
    for key, what in global_keys.each(case.flow.keys):
        if key in taken:
            yield case.problem(("keys", what), f"the key {key} means {taken[key]!r} already", "use another key")
        taken.setdefault(key, what)


def lengths(case: Case) -> Iterator[Problem]:
    """Only digits have a length of their own."""
    for where, node in _collects(case):
        if node.type != "digits" and "length" in node.model_fields_set:
            what = f"the type {node.type!r} has no length of its own"
            yield case.problem((*where, "length"), what, "remove it, or make the type digits")


def ranges(case: Case) -> Iterator[Problem]:
    """A range can be read, and some value of the right length is in it."""
    for where, node in _collects(case):
        if node.range is None:
            continue
        if wrong := range_problem(node.type, node.range):
            what, _, mend = wrong.partition("; ")
            yield case.problem((*where, "range"), what, mend)
        elif node.type == "digits" and int(node.range.low or 0) >= 10**node.length.most:
            what = f"no input of {node.length} digits is in the range {node.range}"
            yield case.problem((*where, "range"), what, "make the range or the length fit the other")


def collect_choices(case: Case) -> Iterator[Problem]:
    """A choice has choices, and nothing else has."""
    for where, node in _collects(case):
        if node.type == "choice" and not node.choices:
            mend = "add such as `choices: {mobile: {key: 1}, landline: {key: 2}}`"
            yield case.problem(where, "a collect of the type choice needs choices", mend)
        elif node.type != "choice" and node.choices:
            mend = "remove them, or make the type choice"
            yield case.problem((*where, "choices"), f"the type {node.type!r} has no choices", mend)


def confirmed_secrets(case: Case) -> Iterator[Problem]:
    """A secret is not read out."""
    for where, node in _collects(case):
        if node.confirm and node.sensitivity is Sensitivity.SECRET:
            what = "a secret cannot be read back"
            yield case.problem((*where, "confirm"), what, "remove `confirm`; the service will say whether it is right")


def _collects(case: Case) -> Iterator[tuple[Where, Collect]]:
    for name, node in case.flow.nodes.items():
        if isinstance(node, Collect):
            yield ("nodes", name), node


def _options(case: Case) -> Iterator[tuple[Where, Options]]:
    for name, node in case.flow.nodes.items():
        if isinstance(node, Menu | Collect):
            yield ("nodes", name, "choices"), node.choices


def spoken_answers(case: Case, language: str) -> Iterator[tuple[Where, str]]:
    """Every phrase that is an answer to one of the questions, and where the file says so."""
    for question in _questions(case):
        yield from ((question[name].where, phrase) for name, phrase in _phrases(question, language))


def _spoken(case: Case) -> Iterator[Mapping[str, _Said]]:
    """Of each question, and of all together, what may be said for its answers."""
    yield from _questions(case)
    everywhere = case.flow.keys.phrases
    yield {what: _Said(("keys", "phrases", what), phrases) for what, phrases in everywhere.items()}


def _questions(case: Case) -> Iterator[Mapping[str, _Said]]:
    """Of each question, what may be said for its answers."""
    for where, options in _options(case):
        yield {name: _Said((*where, name, "phrases"), option.phrases) for name, option in options.items()}
    for name, node in case.flow.nodes.items():
        if isinstance(node, Resume):
            yield {way: _Said(("nodes", name, "phrases", way), said) for way, said in node.phrases.items()}


def _phrases(question: Mapping[str, _Said], language: str) -> Iterator[tuple[str, str]]:
    for name, said in question.items():
        for phrase in (*said.phrases.get(language, ()), *said.phrases.get(ANY_LANGUAGE, ())):
            yield name, phrase


RULES = (
    option_keys,
    phrases,
    phrases_without_words,
    phrase_languages,
    shared_keys,
    lengths,
    ranges,
    collect_choices,
    confirmed_secrets,
)
