"""Rules about callers who are heard: nobody listens for a secret, and who is told to speak can say something. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from context_store.records import Sensitivity
from ivr.errors import Problem
from ivr.flow import global_keys
from ivr.flow.identity.survey import spoken_keys_of
from ivr.flow.model import Collect, Menu, Proving, Question
from ivr.flow.reading.check_answers import spoken_answers
from ivr.flow.reading.hints import listed, shown
from ivr.flow.reading.house import Case
from ivr.flow.reading.yaml_source import Where
from ivr.flow.scalars import ANY_LANGUAGE
from ivr.flow.spoken_to import sayings_of
from ivr.flow.words import normal


def heard_secrets(case: Case) -> Iterator[Problem]:
    """A secret is keyed in, and not said: nobody listens for it."""
    for where, node in _questions(case):
        if isinstance(node, Collect) and node.sensitivity is Sensitivity.SECRET:
            for key in ("listen", "spoken") if node.listen else ("spoken",):
                if getattr(node, key):
                    yield case.problem((*where, key), "a secret is keyed in, not said", "remove it")


def spoken_prompts(case: Case) -> Iterator[Problem]:
    """Who is asked to speak is listened to, and can say something."""
    for where, node in _questions(case):
        if isinstance(node, Collect) and node.sensitivity is Sensitivity.SECRET:
            continue
        given = [key for key in _spoken_keys(node) if getattr(node, key)]
        if isinstance(node, Proving) and node.spoken:
            what = "identify and verify ask several things, and have no `spoken`"
            own = listed(spoken_keys_of(node))
            mend = f"each has its own: {own}" if own else "remove it: nothing is asked here"
            yield case.problem((*where, "spoken"), what, mend)
        elif given and not case.flow.listens(node):
            what = f"`{given[0]}` asks callers to speak, but nobody listens here"
            yield case.problem((*where, given[0]), what, "remove it, or `listen: false`")
        elif node.spoken and not next(sayings_of(node)).anything:
            what = "`spoken` asks callers to speak, but there is nothing that they could say"
            yield case.problem((*where, "spoken"), what, "give the answers `phrases`")


def _spoken_keys(node: Question) -> list[str]:
    return spoken_keys_of(node) if isinstance(node, Proving) else ["spoken"]


def shared_phrases(case: Case) -> Iterator[Problem]:
    """What may be said at every question is no answer to one of them, unless that has its key, too."""
    keys = set(global_keys.each(case.flow.keys))
    for language in case.flow.languages:
        everywhere = {
            normal(phrase, language): what
            for what, phrases in case.flow.keys.phrases.items()
            for phrase in (*phrases.get(language, ()), *phrases.get(ANY_LANGUAGE, ()))
        }
        for where, phrase in spoken_answers(case, language) if everywhere else ():
            what = everywhere.get(normal(phrase, language))
            if what and (_key_of(case, where), what) not in keys:
                told = f"the phrase {shown(phrase)} means {what!r} at every question"
                yield case.problem(where, told, "leave it to `keys`, or use other words here")


def _key_of(case: Case, where: Where) -> str:
    """The key of the answer whose phrases stand there."""
    node = case.flow.nodes[str(where[1])]
    return node.choices[str(where[3])].key if isinstance(node, Menu | Collect) else ""


def person_phrases(case: Case) -> Iterator[Problem]:
    """Who can say that they want a person can be led to one."""
    keys = case.flow.keys
    if "agent" in keys.phrases and keys.agent is None:
        what = "there are phrases for a person, but no way to one"
        yield case.problem(("keys", "phrases", "agent"), what, "add `agent: {key: 0, next: a_node}` to `keys`")


def _questions(case: Case) -> Iterator[tuple[Where, Question]]:
    for name, node in case.flow.nodes.items():
        if isinstance(node, Question):
            yield ("nodes", name), node


RULES = (heard_secrets, spoken_prompts, shared_phrases, person_phrases)
