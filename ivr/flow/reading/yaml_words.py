"""Turns what the YAML library says about text that is not YAML into words for people who are not programmers. Pure."""

from __future__ import annotations

from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from ivr.errors import Problem
from ivr.flow.reading.hints import shown


class _Saying(NamedTuple):
    """`sign` is looked for in the library's message; `opened`: the place to show is where the thing began."""

    sign: str
    what: str
    mend: str
    opened: bool = False


_SAYINGS = (
    _Saying(r"found character '\t'", "a tab stands where YAML wants spaces", "indent with spaces only"),
    _Saying("while scanning a quoted scalar", "a quotation mark is not closed", "close it", opened=True),
    _Saying("while parsing a flow", "a bracket is not closed, or a comma is missing", "close it", opened=True),
    _Saying(
        "mapping values are not allowed here",
        "a ':' too many in this line, or the line is indented too far",
        "put text that holds ': ' in quotes; look whether the line above lacks its ':'",
    ),
    _Saying(
        "could not find expected ':'",
        "this line has no ':'",
        "write `key: value`, or put the text in quotes",
        opened=True,
    ),
    _Saying(
        "expected <block end>",
        "this does not line up with what stands above",
        "begin all keys of a mapping in the same column; put text that begins with a quote or a bracket in quotes",
    ),
    _Saying("expected alphabetic or numeric character", "a bare * or & is no text", 'put it in quotes: "*"'),
    _Saying("cannot start any token", "text cannot begin with this character", "put the text in quotes"),
)


def explain(error: Exception, text: str, file: str, reached: tuple[int, int]) -> Problem:
    """The problem that stopped the reading of `text`. `reached`: line and column up to which it was read."""
    if isinstance(error, ReaderError) and isinstance(error.position, int):
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1
        what = f"the character {shown(text[error.position : error.position + 1])} cannot stand in a text file"
        return Problem(file, line, column, what, "remove it")
    if not isinstance(error, MarkedYAMLError):
        mend = "look for a wrong escape such as \\U in a text in double quotes"
        return Problem(file, *reached, "what follows here is not YAML", mend)
    message = f"{error.context} {error.problem!r}" + f" {error.problem}"
    for saying in _SAYINGS:
        if saying.sign in message:
            mark = (error.context_mark if saying.opened else None) or error.problem_mark
            return Problem(file, *_place(mark), saying.what, saying.mend)
    return Problem(
        file, *_place(error.problem_mark), f"this is not YAML: {error.problem}", "look at the line above, too"
    )


def _place(mark: object) -> tuple[int, int]:
    line, column = getattr(mark, "line", None), getattr(mark, "column", None)
    return (line + 1, column + 1) if isinstance(line, int) and isinstance(column, int) else (0, 0)
