"""Writes a scenario as YAML, laid out as people write it; it reads back as the same scenario. Pure."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from ivr.flow.reading.hints import span
from ivr.flowtest.replies import Reply, Services, is_plain
from ivr.flowtest.scenario import (
    Asks,
    Earlier,
    Expectation,
    Expects,
    Hears,
    Presses,
    Says,
    Scenario,
    Scene,
    Step,
    Waits,
)

_WIDTH = 120
_WORDS = re.compile(r"[^\W\d][\w.-]*( [\w.-]+)*")
_ONE_LINE = 90  # characters of a mapping or list that is written on one line


def write_scenario(scenario: Scenario) -> str:
    """The text of a file with this one test. Keys that say nothing are left out."""
    yaml = YAML()
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump(_laid_out(scenario), text)
    return text.getvalue()


def _laid_out(scenario: Scenario) -> CommentedMap:
    top = CommentedMap(test=scenario.test)
    top.update(_scene(scenario))
    if scenario.earlier:
        top["earlier"] = _earlier(scenario.earlier)
    if scenario.call:
        top["call"] = CommentedSeq(map(_step, scenario.call))
    if expected := _expected(scenario.expect):
        top["expect"] = CommentedMap(expected)
    return top


def _scene(scene: Scene) -> Iterator[tuple[str, Any]]:
    if scene.caller:
        yield "caller", DoubleQuotedScalarString(scene.caller)
    if scene.language:
        yield "language", scene.language
    if "at" in scene.model_fields_set:
        yield "at", scene.at
    if scene.announcement:
        yield "announcement", _laid(scene.announcement)
    if scene.token:
        yield "token", DoubleQuotedScalarString(scene.token)
    if scene.returned:
        yield "returned", _laid(scene.returned.model_dump(mode="json", exclude_defaults=True))
    if scene.speech:
        yield "speech", True
    if scene.services:
        yield "services", _services(scene.services)


def _earlier(earlier: Earlier) -> CommentedMap:
    laid = CommentedMap()
    if "ago" in earlier.model_fields_set:
        laid["ago"] = span(earlier.ago)
    if earlier.caller is not None:
        laid["caller"] = DoubleQuotedScalarString(earlier.caller)
    if earlier.services:
        laid["services"] = _services(earlier.services)
    if earlier.cut_off_from:
        laid["cut_off_from"] = DoubleQuotedScalarString(earlier.cut_off_from)
    if earlier.earlier:
        laid["earlier"] = _earlier(earlier.earlier)
    laid["call"] = CommentedSeq(map(_step, earlier.call))
    return laid


def _services(services: Services) -> CommentedMap:
    return CommentedMap({name: _replies(replies) for name, replies in services.items()})


def _step(step: Step) -> Any:
    match step:
        case str():
            return step
        case Hears(hears=prompts):
            return CommentedMap(hears=_laid(_one_or_many(prompts)))
        case Presses(presses=keys):
            return CommentedMap(presses=DoubleQuotedScalarString(keys))
        case Says(says=said):
            written = said.model_dump()
            return CommentedMap(says=written if isinstance(written, str) else _laid(written))
        case Waits(waits=seconds):
            return CommentedMap(waits=_seconds(seconds))
        case Asks(asks=questions):
            return CommentedMap(asks=_laid(questions))
        case Expects(expect=expectation):
            return CommentedMap(expect=_laid(_expected(expectation)))


def _replies(replies: tuple[Reply, ...]) -> Any:
    """A single plain answer stands for itself."""
    written = [_reply(reply) for reply in replies]
    return _laid(written[0] if len(written) == 1 else written)


def _reply(reply: Reply) -> Any:
    written = reply.model_dump(exclude_defaults=True)
    if reply.takes is not None:
        written["takes"] = _seconds(reply.takes)
    answer = reply.answer or {}
    return answer if written.keys() == {"answer"} and is_plain(answer) else written


def _expected(expectation: Expectation) -> dict[str, Any]:
    written = expectation.model_dump(mode="json", exclude_defaults=True)
    for names in (written, written.get("never", {})):
        names.update({key: _one_or_many(names[key]) for key in ("hears", "asks", "passes") if key in names})
    return {key: _laid(value) for key, value in written.items()}


def _one_or_many(names: Sequence[str]) -> Any:
    return names[0] if len(names) == 1 else list(names)


def _laid(value: Any) -> Any:
    """Short mappings and lists on one line, long ones with a line for each entry."""
    if not isinstance(value, dict | list):
        return _quoted(value) if isinstance(value, str) else value
    laid = (
        CommentedMap({key: _laid(entry) for key, entry in value.items()})
        if isinstance(value, dict)
        else CommentedSeq(map(_laid, value))
    )
    if not value or (len(json.dumps(value, ensure_ascii=False)) <= _ONE_LINE and not _lists_mappings(value)):
        laid.fa.set_flow_style()
    return laid


def _quoted(text: str) -> str:
    """In quotes, unless it is words and nothing else: what stands inside brackets is easily taken for more."""
    return text if _WORDS.fullmatch(text) else DoubleQuotedScalarString(text)


def _lists_mappings(value: Any) -> bool:
    """Whether a list of mappings is inside: YAML's short form of those puzzles people."""
    if isinstance(value, dict):
        return any(map(_lists_mappings, value.values()))
    return isinstance(value, list) and any(isinstance(entry, dict) or _lists_mappings(entry) for entry in value)


def _seconds(seconds: float) -> str:
    return f"{Decimal(repr(seconds)).normalize():f}s"
