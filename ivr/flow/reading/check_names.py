"""Rules about names: what prompts, conditions and templates name is provided; secrets go nowhere else. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from context_store.records import Sensitivity
from ivr.errors import Problem
from ivr.flow.expressions import names_in_condition, names_in_template
from ivr.flow.model import Call, Collect
from ivr.flow.reading.facts import DOUBTED, Facts, facts_of, facts_recalled
from ivr.flow.reading.hints import listed, one_of
from ivr.flow.reading.house import Case
from ivr.flow.reading.raw_node import conditions, raw_nodes, templates
from ivr.flow.reading.said import is_doubted, is_recalled, own_prompts
from ivr.flow.reading.yaml_source import Source, Where

SECRETS, WORDING = "secrets", "wording"


def prompt_variables(case: Case) -> Iterator[Problem]:
    """What a prompt wants to say is provided by something in the flow."""
    present, recalled = facts_of(case), facts_recalled(case)
    for prompt, where in own_prompts(case.flow).items():
        facts = recalled if is_recalled(case.flow, where) else present
        for variable in case.variables(prompt):
            if is_doubted(where) and variable in DOUBTED:
                continue
            if not _is_secret(case, variable) and variable not in facts:
                what = f"the prompt {prompt!r} uses {variable!r}, which nothing in this flow provides"
                yield case.problem(where, what, facts.instead_of(variable))


def expression_names(case: Case) -> Iterator[Problem]:
    """What a condition or a template reads is provided: unknown names would quietly be false or empty."""
    facts = facts_of(case)
    for where, name in names_read(case.source):
        if name.partition(".")[0] != WORDING and not _is_secret(case, name) and name not in facts:
            yield case.problem(where, f"{name!r} is provided by nothing in this flow", facts.instead_of(name))


def secret_prompts(case: Case) -> Iterator[Problem]:
    """A secret is never said."""
    for prompt, where in own_prompts(case.flow).items():
        for variable in case.variables(prompt):
            if _is_secret(case, variable):
                what = f"the prompt {prompt!r} uses {variable!r}, which is a secret"
                yield case.problem(where, what, "take it out of the prompt: secrets go to a service and nowhere else")


def secret_names(case: Case) -> Iterator[Problem]:
    """A secret answer goes to a service, as secrets.NAME in the `with` of a call, and nowhere else."""
    kept = Facts(f"{SECRETS}.{name}" for name in _secret_collects(case))
    for where, name in names_read(case.source):
        if not _is_secret(case, name):
            continue
        if name.startswith("answers."):
            mend = f"write {SECRETS}.{name.split('.')[1]} in the `with` of a call"
            yield case.problem(where, f"{name!r} is a secret, which is not kept as an answer", mend)
        elif not isinstance(case.flow.nodes.get(str(where[1])), Call):
            what = f"{name!r} can only be used in the `with` of a call"
            yield case.problem(where, what, "send the secret straight to the service that needs it")
        elif name == SECRETS or name not in kept:
            mend = one_of(name, [f"{SECRETS}.{secret}" for secret in _secret_collects(case)], "the secrets")
            yield case.problem(where, f"{name!r} is no collect node with `sensitivity: secret`", mend)


def wordings(case: Case) -> Iterator[Problem]:
    """wording.NAME is the text of a prompt that always sounds the same, in each of the flow's languages."""
    books = [case.book.prompts[language] for language in case.spoken]
    for where, name in names_read(case.source) if books else ():
        root, _, prompt = name.partition(".")
        if root != WORDING:
            continue
        if any(prompt not in book for book in books):
            plain = [known for known in books[0] if all(book.get(known) == frozenset() for book in books)]
            mend = one_of(name, [f"{WORDING}.{known}" for known in sorted(plain)], "the prompts without variables")
            yield case.problem(where, f"{name!r} is no prompt that each language has", mend)
        elif needed := sorted({variable for book in books for variable in book[prompt]}):
            what = f"the prompt {prompt!r} has no wording of its own: it uses {listed(needed)}"
            yield case.problem(where, what, "name a prompt that always sounds the same")


def names_read(source: Source) -> Iterator[tuple[Where, str]]:
    """Every name that the conditions and templates of a flow's file read, with its place. They are all right."""
    for node, raw in raw_nodes(source).items():
        for inside, text in conditions(raw):
            yield from ((("nodes", node, *inside), name) for name in sorted(names_in_condition(text)))
        for inside, text in templates(raw):
            yield from ((("nodes", node, *inside), name) for name in sorted(names_in_template(text)))


def _is_secret(case: Case, name: str) -> bool:
    """Whether a name means something that only a service may get."""
    root, _, rest = name.partition(".")
    return root == SECRETS or (root == "answers" and rest.partition(".")[0] in _secret_collects(case))


def _secret_collects(case: Case) -> list[str]:
    return [
        name
        for name, node in case.flow.nodes.items()
        if isinstance(node, Collect) and node.sensitivity is Sensitivity.SECRET
    ]


RULES = (prompt_variables, expression_names, wordings, secret_prompts, secret_names)
