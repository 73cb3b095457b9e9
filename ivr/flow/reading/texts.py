"""The files of one hotline: its main flow and every subflow that it leads to, as text.

Flows lie side by side: the node `flow: payment` means payment.yaml in the same folder. Reads files; otherwise pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePath

from ivr.errors import FlowError, Problem
from ivr.flow.reading.raw_node import kind_of, raw_nodes
from ivr.flow.reading.yaml_source import Source, Where, read_text, scan_yaml
from ivr.flow.scalars import NAME_PATTERN

FLOWS_LIMIT = 100  # flows of one hotline

_NAME = re.compile(NAME_PATTERN)


@dataclass(frozen=True, slots=True)
class FlowTexts:
    """A hotline's flows as YAML text by name. `folder` is where they lie, as messages show it.

    `main_file` is how messages call the main flow's file where it is not folder/main.yaml.
    """

    main: str
    texts: Mapping[str, str]
    folder: str = ""
    main_file: str = ""

    def file(self, name: str) -> str:
        """The file of a flow, as messages show it."""
        return self.main_file if name == self.main and self.main_file else str(PurePath(self.folder, f"{name}.yaml"))


def single(text: str, file: str) -> FlowTexts:
    """A hotline of one flow; `file` is the name that messages show."""
    return FlowTexts(PurePath(file).stem, {PurePath(file).stem: text}, str(PurePath(file).parent), file)


def gather(path: Path) -> FlowTexts:
    """Read a flow's file and every subflow beside it that it leads to.

    Raises `FlowError` for files that cannot be read. A subflow without a file is left out: reading the flows tells it
    where it is named.
    """
    texts = {path.stem: read_text(path)}
    waiting = [path.stem]
    problems: list[Problem] = []
    while waiting:
        name = waiting.pop()
        for called in _called(texts[name], _beside(path, name)):
            if called in texts or not _beside(path, called).exists():
                continue
            if len(texts) == FLOWS_LIMIT:
                what = f"leads to more than {FLOWS_LIMIT} flows"
                raise FlowError([Problem(str(path), 0, 0, what, "make fewer of them, or a second hotline")])
            try:
                texts[called] = read_text(_beside(path, called))
            except FlowError as error:
                problems += [replace(problem, rule="files") for problem in error.problems]
                texts[called] = ""  # so that it is not read again
            waiting.append(called)
    if problems:
        raise FlowError(problems)
    return FlowTexts(path.stem, texts, str(path.parent), str(path))


# Gathering, reading and checking want the same files, one after the other.
@lru_cache(maxsize=FLOWS_LIMIT)
def scanned(text: str, file: str) -> Source:
    """Like `scan_yaml`; nobody changes the data, so that it can be shared."""
    return scan_yaml(text, file)


def subflows_named(source: Source) -> Iterator[tuple[Where, str]]:
    """Every subflow that a flow names: where, and its name."""
    for name, node in raw_nodes(source).items():
        called = node.get("flow") if isinstance(node, dict) and kind_of(node) == "flow" else None
        if isinstance(called, str) and _NAME.fullmatch(called) and len(called) <= 64:
            yield ("nodes", name, "flow"), called


def _called(text: str, file: Path) -> list[str]:
    try:
        return [called for _, called in subflows_named(scanned(text, str(file)))]
    except FlowError:
        return []  # what is wrong with it is told when it is read as a flow


def _beside(path: Path, name: str) -> Path:
    return path if name == path.stem else path.parent / f"{name}.yaml"
