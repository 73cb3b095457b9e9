"""One language's file of the prompt book: YAML becomes checked prompts and labels, and every mistake gets its place.

```yaml
prompts:
  line_found: Hattınız {{ line.number | ending }} ile bitiyor.
labels:
  main_menu.fault: Arıza bildirimi
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ivr.errors import FlowError, Problem
from ivr.flow.reading.texts import scanned
from ivr.flow.reading.yaml_source import Source
from ivr.speech.templates import Prompt, TemplateMistakes, Templates

_PROMPT = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LABEL = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_NAMES = {
    "prompts": (_PROMPT, "such as ask_line: small letters a-z, digits and _"),
    "labels": (_LABEL, "such as main_menu.fault: small letters a-z, digits, _ and dots"),
}


@dataclass(slots=True)
class BookFile:
    """What stands in the file, as far as it is right, and what is wrong with the rest."""

    prompts: dict[str, Prompt] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read(text: str, file: str, templates: Templates) -> BookFile:
    """Read and check a file's text; what is wrong with it is in `problems`. `file` is the name that messages show."""
    found = BookFile()
    try:
        source = scanned(text, file)
    except FlowError as error:
        found.problems += error.problems
        return found
    found.problems += source.problems
    found.problems += _sections(source)
    for name, text in _texts(source, "prompts", found.problems):
        try:
            found.prompts[name] = templates.prompt(text)
        except TemplateMistakes as error:
            found.problems += _placed(source, name, text, error)
    found.labels.update(_texts(source, "labels", found.problems))
    return found


def _sections(source: Source) -> Iterator[Problem]:
    for section in source.data:
        if section not in _NAMES:
            yield source.problem((section,), f"there is no section {section[:80]!r}", "there are: prompts, labels")
    if "prompts" not in source.data:
        yield source.problem((), "the section 'prompts' is missing", "write prompts: and below it a name: text a line")


def _texts(source: Source, section: str, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    """Names and texts of a section that can be used; the others go to `problems`."""
    entries = source.data.get(section, {})
    if not isinstance(entries, Mapping):
        problems.append(source.problem((section,), f"{section!r} holds no texts", "write below it a name: text a line"))
        return
    pattern, example = _NAMES[section]
    for name, text in entries.items():
        where = (section, name)
        if not pattern.fullmatch(name):
            problems.append(source.problem(where, f"{name[:80]!r} is not a name here", f"names are {example}"))
        elif text is None or (isinstance(text, str) and not text.strip()):
            problems.append(source.problem(where, f"{name!r} is empty", "write its text, or remove the line"))
        elif not isinstance(text, str):
            problems.append(source.problem(where, f"{name!r} is not a text", "put its text in quotes"))
        else:
            yield name, text


def _placed(source: Source, name: str, text: str, error: TemplateMistakes) -> Iterator[Problem]:
    """A template's mistakes at the prompt's name; in a long text, with the line of the text."""
    lines = text.strip().count("\n") + 1
    for mistake in error.mistakes:
        line = f", line {mistake.line} of its text" if lines > 1 else ""
        yield source.problem(("prompts", name), f"{name!r}{line}: {mistake.what}", mistake.mend)
