"""Finds the files of flow tests and reads them: tests with the place of each step, or every mistake at once.

A file holds one test, or several under `tests:` with what they share above. `company.yaml`, in the test's folder or the
nearest above it, holds what services reply where a test says nothing itself. Reads files; otherwise pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ivr.errors import FlowError, Problem
from ivr.flow.reading import hints
from ivr.flow.reading.yaml_source import Source, Where, read_text, scan_yaml
from ivr.flowtest import mistakes
from ivr.flowtest.replies import Catalogue, Company, layered
from ivr.flowtest.scenario import Earlier, Scenario, ScenarioFile, Scene

COMPANY_FILE = "company.yaml"


@dataclass(frozen=True, slots=True)
class Written:
    """A test as it was found in a file. `lines` are those of its steps and, last, that of what it expects."""

    file: str
    line: int
    lines: tuple[int, ...]
    scenario: Scenario
    company: Company


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The files of tests among `paths` and in folders below them, each once. Raises `FlowError` for a missing one."""
    missing = [path for path in paths if not path.exists()]
    if missing:
        mend = "name files or folders of flow tests"
        raise FlowError([Problem(str(path), 0, 0, "is not there", mend) for path in missing])
    found = (file for path in paths for file in (sorted(path.rglob("*.yaml")) if path.is_dir() else [path]))
    return list(dict.fromkeys(file for file in found if file.name != COMPANY_FILE))


def read_tests(files: Sequence[Path], catalogue: Catalogue, region: str = "TR") -> tuple[Written, ...]:
    """The tests of the files, in order. Raises `FlowError` with every mistake of every file.

    `catalogue` is what services there are; `region` is where numbers of callers without a country code belong.
    """
    reader = _Reader(catalogue, region)
    tests = [test for file in files for test in reader.file(file)]
    if reader.problems:
        raise FlowError(reader.problems)
    return tuple(tests)


class _Reader:
    """Reads files one by one and gathers what is wrong with them."""

    def __init__(self, catalogue: Catalogue, region: str) -> None:
        self._catalogue = catalogue
        self._region = region
        self._companies: dict[Path, Company] = {}
        self.problems: list[Problem] = []

    def file(self, path: Path) -> list[Written]:
        """The tests of one file that could be read."""
        company = self._company(path.absolute().parent)
        source = self._source(path)
        if source is None:
            return []
        if "tests" not in source.data:
            one = self._test(source, (), source.data, company)
            return [one] if one else []
        return list(self._several(source, company))

    def _several(self, source: Source, company: Company) -> Iterator[Written]:
        shared = {key: value for key, value in source.data.items() if key != "tests"}
        scene = self._scene(source, shared)
        tests = source.data["tests"]
        if not isinstance(tests, list) or not tests:
            self._problem(source, ("tests",), "'tests' must be a list of tests", "begin each with `- test:`")
            return
        if scene is None:
            return
        company = Company(services=layered(scene.services, company.services))
        rest = {key: value for key, value in shared.items() if key != "services"}
        names: set[str] = set()
        for position, data in enumerate(tests):
            where = ("tests", position)
            if not isinstance(data, dict):
                self._problem(source, where, "this is not a test", "begin it with `test:` and a sentence")
            elif test := self._test(source, where, {**rest, **data}, company):
                if test.scenario.test in names:
                    what = f"the test {hints.shown(test.scenario.test)} is here twice"
                    self._problem(source, (*where, "test"), what, "give each its own sentence")
                names.add(test.scenario.test)
                yield test

    def _scene(self, source: Source, shared: dict[str, Any]) -> Scene | None:
        rest = {key: value for key, value in shared.items() if key != "services"}
        found = [
            *mistakes.of_part(source, (), {**rest, "tests": [{"test": "any"}]}, ScenarioFile),
            *mistakes.of_services(source, ("services",), shared.get("services", {}), self._catalogue),
        ]
        if found:
            self.problems += found
            return None
        return Scene.model_validate(shared)

    def _test(self, source: Source, where: Where, data: dict[str, Any], company: Company) -> Written | None:
        try:
            scenario = Scenario.model_validate(data)
        except ValidationError:
            self.problems += mistakes.of_scenario(source, where, data, self._catalogue)
            return None
        self.problems += mistakes.of_replies(source, (*where, "services"), scenario.services, self._catalogue)
        for depth, call in enumerate(reversed(scenario.before), 1):
            place = (*where, *["earlier"] * depth, "services")
            self.problems += mistakes.of_replies(source, place, call.services, self._catalogue)
        self.problems += mistakes.of_sense(source, where, scenario, self._region)
        places = [*_steps(where, scenario), (*where, "expect")]
        lines = tuple(source.position(place)[0] for place in places)
        return Written(source.file, source.position(where)[0], lines, scenario, company)

    def _company(self, folder: Path) -> Company:
        """What services reply for tests in `folder`."""
        if folder not in self._companies:
            path = folder / COMPANY_FILE
            if path.is_file():
                self._companies[folder] = self._read_company(path)
            else:
                self._companies[folder] = Company() if folder == folder.parent else self._company(folder.parent)
        return self._companies[folder]

    def _read_company(self, path: Path) -> Company:
        if (source := self._source(path)) is None:
            return Company()
        try:
            company = Company.model_validate(source.data)
        except ValidationError:
            self.problems += mistakes.of_part(source, (), {**source.data, "services": {}}, Company)
            replies = source.data.get("services", {})
            self.problems += mistakes.of_services(source, ("services",), replies, self._catalogue)
            return Company()
        self.problems += mistakes.of_replies(source, ("services",), company.services, self._catalogue)
        return company

    def _source(self, path: Path) -> Source | None:
        here = Path.cwd()
        shown = path.relative_to(here) if path.is_relative_to(here) else path
        try:
            source = scan_yaml(read_text(shown), str(shown))
        except FlowError as error:
            self.problems += error.problems
            return None
        self.problems += source.problems
        return source

    def _problem(self, source: Source, where: Where, what: str, mend: str) -> None:
        self.problems.append(source.problem(where, what, mend))


def _steps(where: Where, scenario: Scenario) -> Iterator[Where]:
    """The places of the steps of all calls, the earlier ones first."""
    calls: list[Earlier | Scenario] = [*scenario.before, scenario]
    for depth, call in zip(reversed(range(len(calls))), calls, strict=True):
        yield from ((*where, *["earlier"] * depth, "call", step) for step in range(len(call.call)))
