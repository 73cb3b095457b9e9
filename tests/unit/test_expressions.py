"""Conditions and templates: what they yield, what they refuse, and that nothing gets out of them."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context_store.records import Json
from ivr.flow.expressions import LENGTH_LIMIT, fill, holds, names_in_condition, names_in_template

CONTEXT: dict[str, Json] = {
    "answers": {"problem": "internet", "number": "+902124440000"},
    "line": {"state": "down", "items": [3, 4], "outage": None, "keys": "own"},
    "customer": None,
    "urgent": True,
    "count": 2,
}


@pytest.mark.parametrize(
    "when",
    [
        "line.state == 'down'",
        "line['state'] == 'down'",
        "line.items[0] == 3",
        "line.items | length == 2",
        "line.keys == 'own'",
        "answers.problem in ('internet', 'tv')",
        "'tv' not in ['internet', answers.number]",
        "not customer",
        "not customer.vip",
        "urgent and count > 1",
        "count + 1 - 1 == 2",
        "-count == -2",
        "nothing is undefined",
        "line.outage is none",
        "line is defined",
        "(answers.other | default('x')) == 'x'",
        "answers.problem ~ '!' == 'internet!'",
        "('a' if urgent else 'b') == 'a'",
        "answers.number | int != 0",
    ],
)
def test_true_conditions(when: str) -> None:
    assert holds(when, CONTEXT)


@pytest.mark.parametrize(
    "when",
    [
        "nothing",
        "nothing.at.all == 'x'",
        "nothing < 3",
        "nothing['a'][1]",
        "customer.name",
        "line.state.deeper",
        "answers.problem < 3",
        "line + 1 == 2",
        "'x' in count",
        "line.__class__",
        "answers.__init__.__globals__",
        "line.items.append",
        "answers.problem.format",
        "1e999 < nothing",
    ],
)
def test_what_is_unknown_or_cannot_be_worked_out_is_false(when: str) -> None:
    names_in_condition(when)  # it may be written
    assert not holds(when, CONTEXT)


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("a = 1", "compare with =="),
        ("{{ a }}", "without {{ and }}"),
        ("a }} text", "one condition"),
        ("", "end"),
        ("a ==", "end"),
        ("range(10)", "a call is not allowed"),
        ("a.upper()", "a call is not allowed"),
        ("2 ** 2", "** is not allowed"),
        ("'a' * 2", "* is not allowed"),
        ("a % 'x'", "% is not allowed"),
        ("a / 0", "/ is not allowed"),
        ("a // 0", "// is not allowed"),
        ("a[1:]", "a slice is not allowed"),
        ("{'a': 1}", "a mapping is not allowed"),
        ("a | map('upper')", "the filter 'map' is not allowed"),
        ("a | nonsense", "the filter 'nonsense' is not allowed"),
        ("a | default(*b)", "not allowed with 'default'"),
        ("a | default(**b)", "not allowed with 'default'"),
        ("a | default(value=b)", "keyword is not allowed"),
        ("a is odd", "the test 'odd' is not allowed"),
        ("[a for a in b]", "got 'for'"),
        ("a }}{% set b = 1 %}", "not {% … %}"),
        ("(" * 240 + "a" + ")" * 240, "nested too deep"),
        ("a" * (LENGTH_LIMIT + 1), "longer than 500 characters"),
    ],
)
def test_conditions_that_cannot_be_used(when: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        names_in_condition(when)
    assert not holds(when, {**CONTEXT, "a": "a", "b": {}})


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("no braces: { } % #", "no braces: { } % #"),
        ("{{ answers.number }}", "+902124440000"),
        ("{{ answers.problem | upper }}-{{ count }}", "INTERNET-2"),
        ("[{{ nothing.at.all }}|{{ customer }}|{{ line.outage }}]", "[||]"),
        ("{{ urgent }} {{ not urgent }}", "true false"),
        ("{{ answers.other or answers.number }}", "+902124440000"),
        ("{{ '<b>' }}", "<b>"),
        ("{# a remark #}x", "x"),
        ("{{ 1 + 'a' }}", ""),
        ("{{ line.items.append }}", ""),
    ],
)
def test_templates(template: str, text: str) -> None:
    names_in_template(template)
    assert fill(template, CONTEXT) == text


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in b %}x{% endfor %}",
        "{% set a = 1 %}",
        "{% include 'a' %}",
        "{{ lipsum() }}",
        "{{ a",
        "{{ 9 ** 9 }}",
        "{{ }}",
        "x" * (LENGTH_LIMIT + 1),
    ],
)
def test_templates_that_cannot_be_used_are_refused_and_fill_nothing(template: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        names_in_template(template)
    assert fill(template, CONTEXT) == ""


def test_globals_of_jinja_are_not_there() -> None:
    assert fill("{{ range }}{{ lipsum }}{{ cycler }}{{ namespace }}", {}) == ""


def test_names_come_with_their_keys() -> None:
    assert names_in_condition("answers.problem == line['state'] or items[0].a or not vip") == {
        "answers.problem",
        "line.state",
        "items",
        "vip",
    }
    assert names_in_template("{{ a.b.c | default(d) }} {{ 'x' if e else f.g }}") == {"a.b.c", "d", "e", "f.g"}


def test_the_context_is_not_changed() -> None:
    context: dict[str, Json] = {"a": {"b": [1]}}
    assert holds("a.b", context)
    assert fill("{{ a.b }}", context) == "[1]"
    assert context == {"a": {"b": [1]}}


_SIGNS = ["a", "line.state", "'x'", "1", "(", ")", "[", "]", " and ", " not ", "==", "|", "{{", "}}", "{%", "%}"]
_PIECES = st.lists(st.sampled_from(_SIGNS) | st.text(max_size=5), max_size=30).map("".join)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(_PIECES)
def test_no_text_gets_out(text: str) -> None:
    assert holds(text, CONTEXT) in (True, False)
    assert isinstance(fill(text, CONTEXT), str)
    for read in (names_in_condition, names_in_template):
        with suppress(ValueError):
            assert all(read(text))
