"""Templates of the map of services: a service's arguments put into a path, a header or a value of JSON. Pure.

They are Jinja2 in its sandbox, with a few filters and without statements and calls. All arguments are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import jinja2
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, Undefined, nodes
from jinja2.nativetypes import NativeCodeGenerator, NativeTemplate
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from context_store.records import Json
from ivr.flow.allowed import Allowed

FILTERS = ("default", "float", "int", "lower", "replace", "string", "trim", "upper")
LENGTH_LIMIT = 500  # characters
_ALLOWED = Allowed(
    (
        nodes.And, nodes.Compare, nodes.CondExpr, nodes.Const, nodes.Filter, nodes.Getitem, nodes.Keyword, nodes.List,
        nodes.Name, nodes.Neg, nodes.Not, nodes.Operand, nodes.Or, nodes.Slice, nodes.Tuple,
    ),
    FILTERS,
)  # fmt: skip
_SLICED = (nodes.Filter, nodes.Getitem, nodes.Name)
_RUN_TIME = (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class CannotFill(Exception):
    """These arguments make nothing that could be sent. The message repeats none of them."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text that was checked; `names` are the arguments that it needs."""

    names: frozenset[str]
    compiled: jinja2.Template

    def value(self, arguments: Mapping[str, str]) -> Json:
        """What it becomes: of a text that is one `{{ … }}` and nothing else the type is kept. Raises `CannotFill`."""
        try:
            found: Json = self.compiled.render(arguments)
        except _RUN_TIME:
            raise CannotFill("a template of the map does not fit the arguments") from None
        if isinstance(found, Undefined):
            raise CannotFill("a template of the map gives nothing for the arguments")
        return found

    def line(self, arguments: Mapping[str, str]) -> str:
        """What it becomes as one line of text. Raises `CannotFill`."""
        found = str(self.value(arguments))
        if not found.isprintable():
            raise CannotFill("an argument holds what cannot stand in one line")
        return found

    def path(self, arguments: Mapping[str, str]) -> str:
        """What it becomes as a path of a URL, in which no argument adds or leaves out a step. Raises `CannotFill`."""
        found = self.line(arguments)
        if any(step in ("", ".", "..") for step in found[1:].split("/")):
            raise CannotFill("an argument leaves a step of the path empty")
        return found


class _Environment(ImmutableSandboxedEnvironment):
    """Keeps the type of a text that is a single expression."""

    code_generator_class = NativeCodeGenerator

    def __init__(self, **options: Any) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=False, cache_size=0, **options)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in FILTERS}

    @staticmethod
    def concat(parts: Iterable[Any]) -> Any:
        """The only part as it is, several as text."""
        found = list(parts)
        return found[0] if len(found) == 1 else "".join(map(str, found))


class _Template(NativeTemplate):
    environment_class = _Environment  # type: ignore[assignment]  # Jinja2 wants a NativeEnvironment, and uses `concat`


_Environment.template_class = _Template


@jinja2.pass_context  # what depends on the context is not worked out, and made text, while a template is compiled
def _as_it_is(context: Context, value: Any) -> Any:
    return value


_PLAIN = _Environment(finalize=_as_it_is)
_QUOTED = _Environment(finalize=lambda value: quote(str(value), safe=""))


def template(text: str) -> Template:
    """Check a text with `{{ … }}` in it. Raises `ValueError` that says what is wrong."""
    return _checked(_PLAIN, text)


def path_template(text: str) -> Template:
    """Check a path; what is put into it is quoted for URLs. Raises `ValueError`."""
    if not text.startswith("/") or text.startswith("//"):
        raise ValueError("a path begins with one slash: /bills/{{ line }}")
    made = _checked(_QUOTED, text)
    written = "".join(data if data is not None else "…" for data in _texts(_QUOTED.parse(text)))
    if found := re.search(r"[?#\s]", written):
        raise ValueError(f"{found[0]!r} cannot stand in a path; what follows a ? is written under `query:`")
    check_steps(written)
    return made


def check_steps(path: str) -> None:
    """Raise `ValueError` for a path that has a step without a name, or one that leads elsewhere."""
    for step in path[1:].split("/"):
        if unquote(step) in ("", ".", ".."):
            raise ValueError(f"the path has the step {step!r}; write only what it leads through, such as /bills/latest")


def _texts(tree: nodes.Template) -> Iterator[str | None]:
    """What stands in a text as it is, and None for each `{{ … }}`."""
    for output in tree.find_all(nodes.Output):
        for part in output.nodes:
            yield part.data if isinstance(part, nodes.TemplateData) else None


def _checked(environment: _Environment, text: str) -> Template:
    if len(text) > LENGTH_LIMIT:
        raise ValueError(f"longer than {LENGTH_LIMIT} characters")
    try:
        tree = environment.parse(text)
        _refuse(tree)
        names = frozenset(node.name for node in tree.find_all(nodes.Name))
        made = Template(names, environment.from_string(tree))
    except TemplateSyntaxError as error:
        raise ValueError(error.message or "it is no template") from None
    except RecursionError:
        raise ValueError("nested too deep") from None
    _try_out(made)
    return made


def _refuse(tree: nodes.Template) -> None:
    """Refuse what could fail in every call, keep the machine busy, or reach beyond the arguments."""
    for output in tree.body:
        if not isinstance(output, nodes.Output):
            raise ValueError("only {{ … }} may be used, not {% … %}")
        for part in output.nodes:
            if not isinstance(part, nodes.TemplateData):
                _ALLOWED.check(part)
    for found in tree.find_all(nodes.Getitem):
        if not isinstance(found.arg, nodes.Slice) or not isinstance(found.node, _SLICED):
            raise ValueError("[ ] is for slices of text only, such as line[3:]")
    if any(found.expr2 is None for found in tree.find_all(nodes.CondExpr)):
        raise ValueError("an `if` needs its `else`")
    if sum(map(_lengthens, tree.find_all(nodes.Filter))) > 1:  # one upon the other, they lengthen without bounds
        raise ValueError("only one `replace` may put in more than it takes out")


def _lengthens(one: nodes.Filter) -> bool:
    if one.name != "replace":
        return False
    match one.args:
        case [nodes.Const(value=str(old)), nodes.Const(value=str(new)), *_] if len(new) <= len(old):
            return False
    return True


def _try_out(made: Template) -> None:
    """What does not fit any text, such as `line > 3`, does not fit this one."""
    try:
        made.value(dict.fromkeys(made.names, "1"))
    except CannotFill:
        raise ValueError("it cannot be worked out: an argument is text, a number in quotes, too") from None
