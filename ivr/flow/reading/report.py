"""Problems as programs read them: JSON for editors, SARIF for code scanning, annotations for GitHub's runs. Pure."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import PurePath
from urllib.parse import quote

from context_store.records import Json
from ivr.errors import Problem

_OF_NO_RULE = ("prompt_book", "Every prompt, label and recording of the prompt book can be used.")


class Form(enum.StrEnum):
    """How problems are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def written(problems: Iterable[Problem], form: Form, rules: Mapping[str, str], root: PurePath) -> str:
    """The problems in that form, without a last newline. `rules`: what each rule wants.

    Files below `root` are named from there, as those who read reports expect it of a checkout.
    """
    problems = sorted(problems)
    match form:
        case Form.TEXT:
            return "\n".join(map(str, problems))
        case Form.JSON:
            entries = [{**asdict(problem), "rule": _rule(problem)} for problem in problems]
            return json.dumps({"problems": entries}, indent=2, ensure_ascii=False)
        case Form.SARIF:
            return json.dumps(_sarif(problems, {**rules, _OF_NO_RULE[0]: _OF_NO_RULE[1]}, root), indent=2)
        case Form.GITHUB:
            return "\n".join(_annotation(problem, root) for problem in problems)


def _rule(problem: Problem) -> str:
    return problem.rule or _OF_NO_RULE[0]


def _from(root: PurePath, file: str) -> PurePath:
    path = PurePath(file)
    return path.relative_to(root) if path.is_relative_to(root) else path


def _message(problem: Problem) -> str:
    return "\n".join(filter(None, [problem.what, problem.mend]))


def _sarif(problems: Sequence[Problem], rules: Mapping[str, str], root: PurePath) -> Json:
    """SARIF 2.1.0. Columns count characters, as ours do."""
    order = list(rules)
    driver = {
        "name": "devam",
        "rules": [{"id": rule, "shortDescription": {"text": text}} for rule, text in rules.items()],
    }
    results = [
        {
            "ruleId": _rule(problem),
            **({"ruleIndex": order.index(_rule(problem))} if _rule(problem) in rules else {}),
            "level": "error",
            "message": {"text": _message(problem)},
            "locations": [{"physicalLocation": dict(_place(problem, root))}],
        }
        for problem in problems
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def _place(problem: Problem, root: PurePath) -> Iterator[tuple[str, Json]]:
    path = _from(root, problem.file)
    uri = path.as_uri() if path.is_absolute() else quote(path.as_posix())
    yield "artifactLocation", {"uri": uri}
    if problem.line:
        yield "region", {"startLine": problem.line, "startColumn": max(problem.column, 1)}


def _annotation(problem: Problem, root: PurePath) -> str:
    """A workflow command of GitHub's."""
    where = {"file": _from(root, problem.file).as_posix(), "title": _rule(problem)}
    if problem.line:
        where |= {"line": str(problem.line), "col": str(max(problem.column, 1))}
    properties = ",".join(f"{key}={_escaped(value, ':', ',')}" for key, value in where.items())
    return f"::error {properties}::{_escaped(_message(problem))}"


def _escaped(text: str, *more: str) -> str:
    for sign in ("%", "\r", "\n", *more):
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text
