"""Prompt texts as Jinja2 templates: what they may contain, which variables they need, what they become, in pieces.

A prompt is text, `{{ … }}` with our filters and `{% if %}`. Loops, calls and arithmetic that can run away are mistakes:
operations staff edit these texts while calls run. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, Undefined, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from context_store.records import Json
from ivr.errors import SpeechError
from ivr.flow.reading.guards import names_needed
from ivr.flow.reading.hints import one_of
from ivr.speech import pieces, saying
from ivr.speech.foreseen import constant_pieces
from ivr.speech.pieces import Piece

LONGEST = 1000  # characters: about a minute and a half of speech
LONGEST_SOURCE = 4 * LONGEST  # with all its branches

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

    Without those that are `needed` it cannot be said: no `is defined` or `default` sees to it. `constants` are the
    constant pieces of a dynamic prompt, of every branch; `source` is the text as it is written, in one line.
    """

    source: str
    template: Template
    variables: frozenset[str]
    needed: frozenset[str]
    constants: tuple[Piece, ...]

    @property
    def is_static(self) -> bool:
        """Whether it always sounds the same."""
        return not self.variables

    def render(self, variables: Mapping[str, Json]) -> str:
        """The text to be spoken, in one line. Raises SpeechError, whose message repeats no value."""
        return " ".join(piece.text for piece in self.pieces(variables))

    def pieces(self, variables: Mapping[str, Json]) -> tuple[Piece, ...]:
        """What is to be spoken, piece by piece; nothing where there is nothing to say. Raises like `render`."""
        try:
            text = self.template.render(variables)
        except (TemplateError, ValueError, TypeError, ArithmeticError, LookupError) as error:
            # Messages of Jinja2 and of our filters name variables and types; others may quote a value.
            told = str(error) if isinstance(error, TemplateError | ValueError) else type(error).__name__
            raise SpeechError(told) from None
        found = pieces.whole(text) if self.is_static else pieces.split(text)
        length = sum(len(piece.text) + 1 for piece in found) - 1
        if length > LONGEST:
            raise SpeechError(f"the text has {length} characters, at most {LONGEST} can be spoken at once")
        return found

    def lasting(self) -> tuple[Piece, ...]:
        """What is the same in each call: a static prompt, the constant pieces of another. Raises like `render`."""
        return self.pieces({}) if self.is_static else self.constants


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
        if len(text) > LONGEST_SOURCE:
            what = (
                f"the text has {len(text)} characters, with all that depends on conditions; {LONGEST_SOURCE} are read"
            )
            raise TemplateMistakes(Mistake(1, what, "make several prompts of it"))
        try:
            tree = self._environment.parse(text)
            mistakes = tuple(self._mistakes(tree))
            if mistakes:
                raise TemplateMistakes(*mistakes)
            names = _names(tree)
            constants = constant_pieces(tree) if names else ()
            made = self._environment.from_string(tree)
            return Prompt(pieces.one_line(text), made, names, names_needed(tree), constants)
        except TemplateSyntaxError as error:
            mend = "a variable is written {{ name }}, a condition {% if name %} … {% endif %}"
            raise TemplateMistakes(Mistake(error.lineno, f"the text cannot be read: {error.message}", mend)) from None
        except (RecursionError, SyntaxError):  # of Python, which compiles what Jinja2 makes of it
            mend = "write fewer conditions or brackets inside each other"
            raise TemplateMistakes(Mistake(1, "the text is nested too deeply", mend)) from None

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


def _speakable(number: Callable[[object], str]) -> Callable[[object], str]:
    """Numbers without a filter are read as numbers; what is no text at all is a mistake, not "None" in the ear.

    What comes out is marked as a changing part of the prompt.
    """

    def finalize(value: object) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return pieces.marked(number(value))
        if isinstance(value, str | Undefined):
            return pieces.marked(str(value))  # Jinja2 raises for the undefined, naming it
        raise ValueError(f"a text or a number is needed, not a value of type {type(value).__name__}")

    return finalize


def _defined(say: saying.Filter) -> saying.Filter:
    def checked(value: object) -> str:
        if isinstance(value, Undefined):
            str(value)  # raises UndefinedError, which names the variable
        return say(value)

    return checked
