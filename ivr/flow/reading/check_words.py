"""Rules about words: every prompt, variable and label that a flow needs must be there in each language. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.errors import Problem
from ivr.flow.model import Menu
from ivr.flow.reading.hints import did_you_mean, listed, one_of, shown
from ivr.flow.reading.house import Case, files
from ivr.flow.reading.said import labels_of, prompts_of, services_of


def languages(case: Case) -> Iterator[Problem]:
    """The book must have each of the flow's languages."""
    for position, language in enumerate(case.flow.languages):
        if language not in case.book.prompts:
            mend = f"write prompts/{language}.yaml, or take it out of languages" if language.isalnum() else ""
            yield case.problem(("languages", position), f"there are no prompts in the language {shown(language)}", mend)


def choice_languages(case: Case) -> Iterator[Problem]:
    """A choice can only change to a language of the flow, and of the hotline, to which callers come back."""
    spoken = [language for language in case.flow.languages if case.main is None or language in case.main.languages]
    for name, node in case.flow.nodes.items():
        for choice_name, choice in node.choices.items() if isinstance(node, Menu) else ():
            if choice.language is not None and choice.language not in spoken:
                who = "hotline" if choice.language in case.flow.languages else "flow"
                what = f"the {who} does not speak the language {shown(choice.language)}"
                mend = one_of(choice.language, spoken, "its languages")
                yield case.problem(("nodes", name, "choices", choice_name, "language"), what, mend)


def prompts(case: Case) -> Iterator[Problem]:
    """Every prompt must have a text in each language. A missing one is told where it is first used."""
    for prompt, where in prompts_of(case.flow).items():
        lacking = [language for language in case.spoken if prompt not in case.book.prompts[language]]
        if lacking:
            known = sorted({name for language in case.spoken for name in case.book.prompts[language]})
            hint = "" if len(lacking) < len(case.spoken) else did_you_mean(prompt, known)
            mend = " ".join(filter(None, [hint, f"write its text in {files(lacking)}"]))
            yield case.problem(where, f"the prompt {prompt!r} has no text in {listed(lacking)}", mend)


def labels(case: Case) -> Iterator[Problem]:
    """The agents' page must have words for whatever it may have to show."""
    unknown = {service for node in case.flow.nodes.values() for service in services_of(node)} - case.services.keys()
    for label, where in labels_of(case.flow).items():
        if label in unknown:
            continue  # there is no such service: that is the mistake
        lacking = [language for language in case.spoken if label not in case.book.labels.get(language, ())]
        if lacking:
            mend = f"write it under `labels:` in {files(lacking)}"
            yield case.problem(where, f"the label {label!r} is missing in {listed(lacking)}", mend)


def subflow_languages(case: Case) -> Iterator[Problem]:
    """A subflow speaks whatever language a caller may bring along."""
    for language in case.main.languages if case.main and not case.is_main else ():
        if language not in case.flow.languages:
            mend = f"add {shown(language)} here, and the texts to the prompt book"
            yield case.problem(("languages",), f"the hotline speaks {shown(language)}, but this flow does not", mend)


RULES = (languages, subflow_languages, choice_languages, prompts, labels)
