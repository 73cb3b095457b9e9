"""The small values that a flow file is made of: names, times, keys, lengths, ranges, phrases. Pure.

Times are seconds in Python; a file writes "5s", "1500ms" or "2m". Each type carries its JSON Schema, for editors.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

_SPAN = re.compile(r"(\d+(?:\.\d+)?)(m|h|d)")
_SPAN_SECONDS = {"m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_LENGTH = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?")

YES, NO = "1", "2"  # the keys, wherever one of the two is asked for
MOST_KEYS = 40  # that one answer may have
ANY_LANGUAGE = "any"  # phrases that count in every language


class Length(NamedTuple):
    """How many digits: from `least` to `most`."""

    least: int
    most: int

    def __str__(self) -> str:
        return str(self.least) if self.least == self.most else f"{self.least}-{self.most}"


class Range(NamedTuple):
    """The first and the last value that is right, as written; empty for no limit on that side."""

    low: str
    high: str

    def __str__(self) -> str:
        return f"{self.low}..{self.high}"


def _seconds(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("write a time with its unit, such as 5s or 1500ms")
    if not (match := _DURATION.fullmatch(value.strip())):
        raise ValueError(f"{value!r} is not a time; write it like 5s, 1500ms or 2m")
    return float(match[1]) * _SECONDS[match[2]]


def _span(value: Any) -> Any:
    if not isinstance(value, str) or not (match := _SPAN.fullmatch(value.strip())):
        raise ValueError(f"{value!r} is not a span of time; write it like 30m, 48h or 7d")
    return float(match[1]) * _SPAN_SECONDS[match[2]]


def _length(value: Any) -> Any:
    if isinstance(value, Length):
        return value
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not (match := _LENGTH.fullmatch(text.strip())):
        raise ValueError(f"{value!r} is not a number of digits; write it like 4 or 4-6")
    least, most = int(match[1]), int(match[2] or match[1])
    if not 1 <= least <= most <= MOST_KEYS:
        raise ValueError(f"{text!r} cannot be; write from 1 to {MOST_KEYS}, the smaller number first")
    return Length(least, most)


def _range(value: Any) -> Any:
    if isinstance(value, Range):
        return value
    low, dots, high = value.partition("..") if isinstance(value, str) else ("", "", "")
    if not dots or not (low.strip() or high.strip()):
        raise ValueError(f"{value!r} is not a range; write it like 10..5000, 10.. or ..5000")
    return Range(low.strip(), high.strip())


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _key_text(value: Any) -> Any:
    """YAML reads `key: 1` as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _keys(value: Any) -> Any:
    return [_key_text(one) for one in value] if isinstance(value, list | tuple) else [_key_text(value)]


def _phrases(value: Any) -> Any:
    """A list is for callers of every language."""
    return {ANY_LANGUAGE: value} if isinstance(value, list | tuple) else value


NAME_PATTERN = r"^[a-z][a-z0-9_]*$"
KEY_PATTERN = r"^[0-9*#]{1,4}$"
SERVICE_PATTERN = r"^[a-z_]+(\.[a-z_]+)+$"

# What editors are told, where files write something else than the model holds.
_NAME: dict[str, Any] = {"type": "string", "pattern": NAME_PATTERN, "maxLength": 64}
_NAMES: dict[str, Any] = {"type": "array", "items": _NAME, "maxItems": 10}
_KEY: dict[str, Any] = {
    "anyOf": [{"type": "string", "pattern": KEY_PATTERN}, {"type": "integer", "minimum": 0, "maximum": 9999}]
}
_MOST_PHRASES = 50  # of an answer in a language: recognisers take no more than 2000 for a question with twelve answers
_PHRASES: dict[str, Any] = {
    "type": "array",
    "items": {"type": "string", "minLength": 1, "maxLength": 80},
    "maxItems": _MOST_PHRASES,
}

Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=64)]
Seconds = Annotated[
    float,
    BeforeValidator(_seconds),
    Field(gt=0, le=300),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?(ms|s|m)$", "examples": ["5s", "1500ms", "2m"]}),
]
Span = Annotated[
    float,
    BeforeValidator(_span),
    Field(gt=0, le=366 * 86400.0),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?(m|h|d)$", "examples": ["30m", "48h", "7d"]}),
]
Service = Annotated[str, Field(pattern=SERVICE_PATTERN)]
Prompts = Annotated[
    tuple[Name, ...],
    BeforeValidator(_one_or_many),
    Field(min_length=1, max_length=10),
    WithJsonSchema({"anyOf": [_NAME, {**_NAMES, "minItems": 1}]}),
]
LastWords = Annotated[
    tuple[Name, ...],
    BeforeValidator(_one_or_many),
    Field(max_length=10),
    WithJsonSchema({"anyOf": [_NAME, _NAMES]}),
]
Key = Annotated[str, BeforeValidator(_key_text), Field(pattern=KEY_PATTERN), WithJsonSchema(_KEY)]
Keys = Annotated[
    tuple[Annotated[str, Field(pattern=KEY_PATTERN)], ...],
    BeforeValidator(_keys),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [*_KEY["anyOf"], {"type": "array", "items": _KEY, "minItems": 1}]}),
]
Digits = Annotated[
    Length,
    BeforeValidator(_length),
    PlainSerializer(str),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": MOST_KEYS},
                {"type": "string", "pattern": r"^\d{1,2}(-\d{1,2})?$", "examples": ["4-6"]},
            ]
        }
    ),
]
Limits = Annotated[
    Range,
    BeforeValidator(_range),
    PlainSerializer(str),
    WithJsonSchema(
        {"type": "string", "pattern": r"\.\.", "examples": ["10..5000", "today..today+30d", "08:00..20:00"]}
    ),
]
Confidence = Annotated[float, Field(ge=0, le=1)]
Phrase = Annotated[str, Field(min_length=1, max_length=80)]
Phrases = Annotated[
    dict[str, Annotated[tuple[Phrase, ...], Field(max_length=_MOST_PHRASES)]],
    BeforeValidator(_phrases),
    WithJsonSchema({"anyOf": [_PHRASES, {"type": "object", "additionalProperties": _PHRASES}]}),
]
Template = Annotated[str, Field(max_length=500)]
