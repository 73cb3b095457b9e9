"""Prompt texts as Jinja2 templates: what they may contain, which variables they need, what they become.

A prompt is text, `{{ … }}` with our filters and `{% if %}`. Loops, calls and arithmetic that can run away are mistakes:
operations staff edit these texts while calls run. Pure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, Undefined, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from context_store.records import Json
from ivr.errors import SpeechError
from ivr.flow.reading.guards import names_needed
from ivr.flow.reading.hints import one_of
from ivr.speech import saying

LONGEST = 1000  # characters: about a minute and a half of speech

_PLAIN_FILTERS = ("abs", "default", "first", "last", "length", "round", "trim")
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.CondExpr,
    nodes.Const, nodes.List, nodes.Tuple, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Keyword,
    nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
    nodes.Add, nodes.Sub, nodes.Neg, nodes.Concat,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a template. `line` counts from 1 inside the text."""

    line: int
    what: str
    mend: str


class TemplateMistakes(Exception):
    """A text that cannot be a prompt."""

    def __init__(self, *mistakes: Mistake) -> None:
        self.mistakes = mistakes
        super().__init__("; ".join(mistake.what for mistake in mistakes))


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text that was checked. `variables` are the names in it: "ticket.number", "answers.symptom".

    Without those that are `needed` it cannot be said: no `is defined` or `default` sees to it.
    """

    template: Template
    variables: frozenset[str]
    needed: frozenset[str]

    def render(self, variables: Mapping[str, Json]) -> str:
        """The text to be spoken, in one line. Raises SpeechError, whose message repeats no value."""
        try:
            text = one_line(self.template.render(variables))
        except (TemplateError, ValueError, TypeError, ArithmeticError, LookupError) as error:
            # Messages of Jinja2 and of our filters name variables and types; others may quote a value.
            told = str(error) if isinstance(error, TemplateError | ValueError) else type(error).__name__
            raise SpeechError(told) from None
        if len(text) > LONGEST:
            raise SpeechError(f"the text has {len(text)} characters, at most {LONGEST} can be spoken at once")
        return text


class Templates:
    """Makes the prompts of one language."""

    def __init__(self, language: str, region: str) -> None:
        spoken = saying.filters(language, region)
        self._environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined,
            autoescape=False,  # it is heard; pages escape what they show
            finalize=_speakable(spoken.get("number", str)),
        )
        plain = {name: self._environment.filters[name] for name in _PLAIN_FILTERS}
        self._environment.filters = plain | {name: _defined(say) for name, say in spoken.items()}
        self._environment.globals = {}

    def prompt(self, text: str) -> Prompt:
        """Check a text. Raises TemplateMistakes."""
        try:
            tree = self._environment.parse(text)
            mistakes = tuple(self._mistakes(tree))
            if mistakes:
                raise TemplateMistakes(*mistakes)
            return Prompt(self._environment.from_string(tree), _names(tree), names_needed(tree))
        except TemplateSyntaxError as error:
            mend = "a variable is written {{ name }}, a condition {% if name %} … {% endif %}"
            raise TemplateMistakes(Mistake(error.lineno, f"the text cannot be read: {error.message}", mend)) from None

    def _mistakes(self, tree: nodes.Template) -> Iterator[Mistake]:
        known, tests = self._environment.filters, self._environment.tests
        for node in tree.find_all(nodes.Node):
            if not isinstance(node, _ALLOWED):
                what = f"a prompt cannot contain {type(node).__name__.lower()!r}"
                yield Mistake(node.lineno, what, "use text, {{ … }} with filters, and {% if … %}")
            elif isinstance(node, nodes.Filter) and node.name not in known:
                yield Mistake(node.lineno, f"there is no filter {node.name!r}", one_of(node.name, known, "the filters"))
            elif isinstance(node, nodes.Test) and node.name not in tests:
                yield Mistake(node.lineno, f"there is no test {node.name!r}", "for example: is defined, is none")


def _names(tree: nodes.Template) -> frozenset[str]:
    """The names at the top, each with its attributes where it has some."""
    dotted = {name for node in tree.find_all(nodes.Getattr) if (name := _dotted(node))}
    tops = meta.find_undeclared_variables(tree)
    inner = {name.rpartition(".")[0] for name in dotted}  # of a.b.c only the whole is a name
    return frozenset(dotted - inner | {top for top in tops if not any(name.startswith(f"{top}.") for name in dotted)})


def _dotted(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr) and (before := _dotted(node.node)):
        return f"{before}.{node.attr}"
    return None


def one_line(text: str) -> str:
    """Composed letters, single spaces, nothing that a synthesiser could take for a command."""
    composed = unicodedata.normalize("NFC", text)
    heard = "".join(letter if letter.isprintable() else " " if letter.isspace() else "" for letter in composed)
    return " ".join(heard.split())


def _speakable(number: Callable[[object], str]) -> Callable[[object], object]:
    """Numbers without a filter are read as numbers; what is no text at all is a mistake, not "None" in the ear."""

    def finalize(value: object) -> object:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return number(value)
        if isinstance(value, str | Undefined):  # Jinja2 raises for the undefined, naming it
            return value
        raise ValueError(f"a text or a number is needed, not a value of type {type(value).__name__}")

    return finalize


def _defined(say: saying.Filter) -> saying.Filter:
    def checked(value: object) -> str:
        if isinstance(value, Undefined):
            str(value)  # raises UndefinedError, which names the variable
        return say(value)

    return checked
