"""Rules about what a recogniser can hear: it knows the words of its model, and no others. Pure.

They find something only where a speech model is installed: then `House.unheard` knows its words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.errors import Problem
from ivr.flow.model import Collect, Menu, Resume
from ivr.flow.reading.hints import listed, shown
from ivr.flow.reading.house import Case
from ivr.flow.reading.yaml_source import Where
from ivr.flow.scalars import ANY_LANGUAGE

_Phrases = Mapping[str, tuple[str, ...]]  # by language, or for all


def unheard_phrases(case: Case) -> Iterator[Problem]:
    """The words of a phrase are in the speech model of its language; a recogniser hears no others."""
    for where, phrases in _heard(case):
        for language, own in phrases.items():
            for position, phrase in enumerate(own):
                if unknown := _unknown(case, language, phrase):
                    what = f"{shown(phrase)} cannot be heard: the speech model does not know {_quoted(unknown)}"
                    yield case.problem((*where, language, position), what, "; ".join(_mends(unknown)))


def _unknown(case: Case, language: str, phrase: str) -> Mapping[str, tuple[str, ...]]:
    """The words that no model of the language knows. A phrase for all languages need only be heard in one of them."""
    spoken = case.flow.languages if language == ANY_LANGUAGE else (language,)
    found = [case.house.unheard(one, phrase) for one in spoken] if case.house.unheard else []
    return found[0] or {} if found and all(found) else {}


def _heard(case: Case) -> Iterator[tuple[Where, _Phrases]]:
    """All phrases that callers are listened for, and where the file has them."""
    flow = case.flow
    for what, said in flow.keys.phrases.items():
        yield ("keys", "phrases", what), said
    for name, node in flow.nodes.items():
        if isinstance(node, Menu | Collect) and flow.listens(node):
            for option, choice in node.choices.items():
                yield ("nodes", name, "choices", option, "phrases"), choice.phrases
        if isinstance(node, Resume) and flow.listens(node):
            for way, said in node.phrases.items():
                yield ("nodes", name, "phrases", way), said


def _mends(unknown: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    figures = {word: said for word, said in unknown.items() if any(sign.isdigit() for sign in word)}
    for word, said in figures.items():
        yield f"write {shown(word)} as it is said" + (f": {listed(said)}" if said else "")
    if len(figures) < len(unknown):
        near = listed(one for word, words in unknown.items() if word not in figures for one in words)
        yield "take other words" + (f"; it knows {near}" if near else "")


def _quoted(words: Mapping[str, tuple[str, ...]]) -> str:
    return listed(shown(word) for word in words)


RULES = (unheard_phrases,)
