"""Conditions (`when:`) and templates (`with:`) of a flow: a small, safe part of Jinja2. Pure; cheap by construction.

Allowed are names, their keys and list positions, constants, comparisons, and/or/not, in, + - ~, `a if b else c` and a
few filters and tests. There are no calls, loops, powers or products, so the cost is bounded by the text's length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import ChainableUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.environment import TemplateExpression
from jinja2.sandbox import ImmutableSandboxedEnvironment

from context_store.records import Json
from ivr.flow.allowed import Allowed

LENGTH_LIMIT = 500  # characters
_FILTERS = ("default", "first", "int", "last", "length", "lower", "string", "trim", "upper")
_TESTS = ("defined", "none", "undefined")
_ALLOWED = Allowed(
    (
        nodes.Add, nodes.And, nodes.Compare, nodes.Concat, nodes.CondExpr, nodes.Const, nodes.Filter, nodes.Getattr,
        nodes.Getitem, nodes.List, nodes.Name, nodes.Neg, nodes.Not, nodes.Operand, nodes.Or, nodes.Sub, nodes.Test,
        nodes.Tuple,
    ),
    _FILTERS,
    _TESTS,
)  # fmt: skip
# What an expression can raise while it runs, on facts of another shape than its author thought.
_RUN_TIME = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    NameError,
    RecursionError,
    TypeError,
    ValueError,
)
_COMPILE = (TemplateError, MemoryError, RecursionError, SyntaxError, ValueError)


class _Environment(ImmutableSandboxedEnvironment):
    """Facts are JSON, so `a.b` means the key b of a and nothing else: `bill.items` is no method."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: str | Any) -> Any:
        try:
            return obj[argument]
        except (LookupError, TypeError):
            return self.undefined(obj=obj, name=str(argument))


def _as_text(value: Any) -> Any:
    """Nothing known is no text, and truth is written as in JSON."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else value


def _environment() -> _Environment:
    environment = _Environment(undefined=ChainableUndefined, finalize=_as_text, autoescape=False, cache_size=0)
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.tests = {name: environment.tests[name] for name in _TESTS}
    return environment


_ENVIRONMENT = _environment()


def holds(when: str, context: Mapping[str, Json]) -> bool:
    """Whether the condition is true. What is unknown is false, and so is a condition that cannot be worked out."""
    try:
        return bool(_condition(when)(context))
    except _RUN_TIME:
        return False


def fill(template: str, context: Mapping[str, Json]) -> str:
    """The text with every `{{ … }}` replaced; what is unknown is left out. Empty where it cannot be worked out."""
    try:
        return _template(template).render(context)
    except _RUN_TIME:
        return ""


@lru_cache(maxsize=2048)
def names_in_condition(when: str) -> frozenset[str]:
    """The names that a condition reads, with their keys: {"answers.problem", "line.state"}. Raises `ValueError`."""
    return frozenset(_dotted_names(condition_tree(when)))


@lru_cache(maxsize=2048)
def names_in_template(template: str) -> frozenset[str]:
    """The names that a template reads, as `names_in_condition`. Raises `ValueError` for one that cannot be used."""
    return frozenset(_dotted_names(_template_tree(template)))


@lru_cache(maxsize=2048)
def _condition(when: str) -> TemplateExpression:
    condition_tree(when)
    try:
        return _ENVIRONMENT.compile_expression(when, undefined_to_none=False)
    except _COMPILE as error:
        raise ValueError(_said(error)) from None


@lru_cache(maxsize=2048)
def _template(template: str) -> Template:
    _template_tree(template)
    try:
        return _ENVIRONMENT.from_string(template)
    except _COMPILE as error:
        raise ValueError(_said(error)) from None


def condition_tree(when: str) -> nodes.Template:
    """The parsed condition, in which everything is allowed. Raises `ValueError`."""
    if "{{" in when:
        raise ValueError("write the condition without {{ and }}")
    tree = _parse(when, "{{ " + when + " }}")
    outputs = [part for output in tree.body if isinstance(output, nodes.Output) for part in output.nodes]
    if len(outputs) != 1 or isinstance(outputs[0], nodes.TemplateData):
        raise ValueError("write one condition")
    return tree


def _template_tree(template: str) -> nodes.Template:
    return _parse(template, template)


def _parse(text: str, wrapped: str) -> nodes.Template:
    """The tree of a text in which everything is allowed."""
    if len(text) > LENGTH_LIMIT:
        raise ValueError(f"longer than {LENGTH_LIMIT} characters")
    try:
        tree = _ENVIRONMENT.parse(wrapped)
        for output in tree.body:
            if not isinstance(output, nodes.Output):
                raise ValueError("only {{ … }} may be used, not {% … %}")
            for part in output.nodes:
                if not isinstance(part, nodes.TemplateData):
                    _ALLOWED.check(part)
    except _COMPILE as error:
        raise ValueError(_said(error)) from None
    return tree


def _dotted_names(node: nodes.Node) -> Iterator[str]:
    if name := _dotted(node):
        yield name
    else:
        for child in node.iter_child_nodes():
            yield from _dotted_names(child)


def _dotted(node: nodes.Node) -> str | None:
    """`a.b` for a.b and a["b"]; None for anything else."""
    match node:
        case nodes.Name():
            return node.name
        case nodes.Getattr():
            base, key = _dotted(node.node), node.attr
        case nodes.Getitem(arg=nodes.Const(value=str(item))):
            base, key = _dotted(node.node), item
        case _:
            return None
    return f"{base}.{key}" if base else None


def _said(error: BaseException) -> str:
    if isinstance(error, (RecursionError, MemoryError)):
        return "nested too deep"
    text = error.message if isinstance(error, TemplateSyntaxError) and error.message else str(error)
    if "got '='" in text:
        return "compare with ==, not with ="
    return text.replace("'end of print statement'", "end").rstrip(".")
