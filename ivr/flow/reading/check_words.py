"""Rules about words: every prompt, variable and label that a flow needs must be there in each language. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.errors import Problem
from ivr.flow.expressions import names_in_condition, names_in_template
from ivr.flow.model import Call, Collect, Flow, Identify, Menu, Node, Transfer
from ivr.flow.reading.hints import did_you_mean, listed, one_of, shown
from ivr.flow.reading.house import Case, files
from ivr.flow.reading.node_reading import BUILT_IN, IDENTIFY_ANSWERS
from ivr.flow.reading.raw_node import conditions, templates
from ivr.flow.reading.yaml_source import Where

IDENTIFY_SERVICES = ("directory.find", "directory.prove")
_FLOW_FAILED = "flow_failed"  # the reason that agents read when the flow itself could not go on
_PROMPT_KEYS = ("say", "menu", "collect", "noinput", "nomatch", "ask_line", "ask_pin", "wrong", "end")


def languages(case: Case) -> Iterator[Problem]:
    """The book must have each of the flow's languages."""
    for position, language in enumerate(case.flow.languages):
        if language not in case.book.prompts:
            mend = f"write prompts/{language}.yaml, or take it out of languages" if language.isalnum() else ""
            yield case.problem(("languages", position), f"there are no prompts in the language {shown(language)}", mend)


def choice_languages(case: Case) -> Iterator[Problem]:
    """A choice can only change to a language of the flow."""
    for name, node in case.flow.nodes.items():
        for choice_name, choice in node.choices.items() if isinstance(node, Menu) else ():
            if choice.language is not None and choice.language not in case.flow.languages:
                what = f"the flow does not speak the language {shown(choice.language)}"
                mend = one_of(choice.language, case.flow.languages, "its languages")
                yield case.problem(("nodes", name, "choices", choice_name, "language"), what, mend)


def prompts(case: Case) -> Iterator[Problem]:
    """Every prompt must have a text in each language. A missing one is told where it is first used."""
    for prompt, where in _prompts(case.flow).items():
        lacking = [language for language in case.spoken if prompt not in case.book.prompts[language]]
        if lacking:
            known = sorted({name for language in case.spoken for name in case.book.prompts[language]})
            hint = "" if len(lacking) < len(case.spoken) else did_you_mean(prompt, known)
            mend = " ".join(filter(None, [hint, f"write its text in {files(lacking)}"]))
            yield case.problem(where, f"the prompt {prompt!r} has no text in {listed(lacking)}", mend)


def prompt_variables(case: Case) -> Iterator[Problem]:
    """What a prompt wants to say must be provided by something in the flow."""
    provided = _provided(case.flow)
    for prompt, where in _prompts(case.flow).items():
        for variable in sorted({v for lang in case.spoken for v in case.book.prompts[lang].get(prompt, ())}):
            if not _is_provided(variable, provided):
                what = f"the prompt {prompt!r} uses {variable!r}, which nothing in this flow provides"
                yield case.problem(where, what, _instead(variable, provided))


def expression_names(case: Case) -> Iterator[Problem]:
    """What a condition or a template reads must be provided, too: unknown names would quietly be false or empty."""
    provided = _provided(case.flow)
    for where, name in _expression_names(case):
        if not _is_provided(name, provided):
            what = f"{name!r} is provided by nothing in this flow"
            yield case.problem(where, what, _instead(name, provided))


def labels(case: Case) -> Iterator[Problem]:
    """The agents' page must have words for whatever it may have to show."""
    for label, where in _labels(case).items():
        lacking = [language for language in case.spoken if label not in case.book.labels.get(language, ())]
        if lacking:
            mend = f"write it under `labels:` in {files(lacking)}"
            yield case.problem(where, f"the label {label!r} is missing in {listed(lacking)}", mend)


def _prompts(flow: Flow) -> dict[str, Where]:
    """Every prompt with the place of its first use."""
    found: dict[str, Where] = {}
    for name, node in flow.nodes.items():
        for key in _PROMPT_KEYS if _speaks(node) else ():
            for position, prompt in enumerate(getattr(node, key, None) or ()):
                found.setdefault(prompt, ("nodes", name, key, position))
    return found


def _speaks(node: Node) -> bool:
    """An identify node that only looks at the caller's number says nothing."""
    return not isinstance(node, Identify) or "fault_line" in node.identify


def _provided(flow: Flow) -> list[str]:
    names = sorted(BUILT_IN - {"answers"})
    for name, node in flow.nodes.items():
        if isinstance(node, Menu | Collect):
            names.append(f"answers.{name}")
        elif isinstance(node, Call):
            names.append(node.into)
        elif isinstance(node, Identify) and _speaks(node):
            names += [f"answers.{answer}" for answer in sorted(IDENTIFY_ANSWERS)]
    return list(dict.fromkeys(names))


def _is_provided(name: str, provided: list[str]) -> bool:
    """Of answers, each is known by name; of other facts, only that they are there."""
    root, _, rest = name.partition(".")
    if root != "answers":
        return root in provided
    return not rest or f"answers.{rest.partition('.')[0]}" in provided


def _instead(name: str, provided: list[str]) -> str:
    root = name.partition(".")[0]
    return one_of(name if root == "answers" else root, provided, "the names provided")


def _expression_names(case: Case) -> Iterator[tuple[Where, str]]:
    for node, raw in case.source.data["nodes"].items():
        for inside, text in conditions(raw):
            yield from ((("nodes", node, *inside), name) for name in sorted(names_in_condition(text)))
        for inside, text in templates(raw):
            yield from ((("nodes", node, *inside), name) for name in sorted(names_in_template(text)))


def _labels(case: Case) -> dict[str, Where]:
    """Every label with the place that first needs it. A service that does not exist needs none."""
    found: dict[str, Where] = {}
    for name, node in case.flow.nodes.items():
        if isinstance(node, Call) and node.call not in case.services:
            continue
        for label, inside in _node_labels(name, node):
            found.setdefault(label, ("nodes", name, *inside))
    found.setdefault(case.flow.defaults.queue, ("defaults", "queue"))
    found.setdefault(_FLOW_FAILED, ("flow",))
    return found


def _node_labels(name: str, node: Node) -> Iterator[tuple[str, Where]]:
    match node:
        case Menu():
            yield name, ()
            yield from ((f"{name}.{choice}", ("choices", choice)) for choice in node.choices)
        case Collect():
            yield name, ()
        case Identify():
            answers = sorted(IDENTIFY_ANSWERS) if _speaks(node) else []
            yield from ((label, ("identify",)) for label in (*answers, *IDENTIFY_SERVICES))
        case Call():
            yield node.call, ("call",)
        case Transfer():
            yield node.transfer, ("transfer",)
            yield node.reason, ("reason",)
