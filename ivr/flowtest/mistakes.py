"""Tells what is wrong with a test that was written: every mistake with its place and a way to mend it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from context_store.records import Json
from ivr.errors import Problem, ServiceError
from ivr.flow.numbers import to_e164
from ivr.flow.part import Part
from ivr.flow.reading.hints import did_you_mean, listed, one_of, shown
from ivr.flow.reading.model_words import in_words
from ivr.flow.reading.yaml_source import Source, Where
from ivr.flowtest.replies import SERVICE_PATTERN, Catalogue, Company, Replies, Reply, Service, is_plain
from ivr.flowtest.scenario import KINDS, WORDS, Asks, Earlier, Expectation, Expects, Hears, Never, Scenario

_IN_PIECES = ("services", "earlier", "call", "expect")  # keys whose values are told piece by piece


def of_scenario(source: Source, where: Where, data: Mapping[str, Any], catalogue: Catalogue) -> Iterator[Problem]:
    """What is wrong with a test that cannot be read. `data` is the test with what its file shares."""
    yield from of_part(source, where, {key: data[key] for key in data if key not in _IN_PIECES}, Scenario)
    yield from of_services(source, (*where, "services"), data.get("services", {}), catalogue)
    if "earlier" in data:
        yield from _of_earlier(source, (*where, "earlier"), data["earlier"], catalogue)
    yield from _of_call(source, (*where, "call"), data.get("call", []))
    if "expect" in data:
        yield from _of_expectation(source, (*where, "expect"), data["expect"])


def of_part(source: Source, where: Where, data: Any, part: type[Part]) -> Iterator[Problem]:
    """What is wrong with one part of a test."""
    try:
        part.model_validate(data)
    except ValidationError as error:
        for inside, what, mend in in_words(error, part):
            yield source.problem((*where, *inside), what, mend)


def of_services(source: Source, where: Where, data: Any, catalogue: Catalogue) -> Iterator[Problem]:
    """What is wrong with replies, as far as they can be read."""
    if not isinstance(data, dict):
        yield source.problem(where, "'services' must hold services by name", "such as `line.status: {fails: timeout}`")
        return
    for name, replies in data.items():
        try:
            readable = Company.model_validate({"services": {name: replies}})
        except ValidationError:
            yield from _of_service(source, (*where, name), replies)
        else:
            yield from of_replies(source, where, readable.services, catalogue)


def _of_service(source: Source, where: Where, replies: Any) -> Iterator[Problem]:
    if not re.fullmatch(SERVICE_PATTERN, str(where[-1])):
        yield source.problem(where, f"{shown(where[-1])} cannot be the name of a service", "write it like line.status")
    elif not isinstance(replies, dict | list) or not replies:
        yield source.problem(where, f"{where[-1]} has no reply", "such as `{state: up}`, or `{fails: timeout}`")
        return
    several = isinstance(replies, list)
    for position, reply in enumerate(replies if several else [replies]):
        if not is_plain(reply):
            yield from of_part(source, (*where, position) if several else where, reply, Reply)


def of_replies(
    source: Source, where: Where, services: Mapping[str, Replies], catalogue: Catalogue
) -> Iterator[Problem]:
    """Replies to what is no service, for arguments that it has not, and answers that it cannot give."""
    for name, replies in services.items():
        service = catalogue.get(name)
        if service is None:
            what = f"there is no service {shown(name)}"
            yield source.problem((*where, name), what, one_of(name, catalogue, "the services"))
            continue
        for position, reply in enumerate(replies):
            place: Where = (*where, name, position)
            if place not in source.places:
                place = (*where, name)  # a single reply needs no list
            for argument in sorted(reply.given.keys() - service.arguments):
                what = f"{name} has no argument {shown(argument)}"
                mend = one_of(argument, sorted(service.arguments), "its arguments")
                yield source.problem((*place, "given", argument), what, mend)
            if reply.answer is not None and (detail := wrong_answer(service, reply.answer)):
                mend = "write it as the service answers, or `fails: nonsense` for a service that answers wrongly"
                yield source.problem(place, f"{name} cannot answer this: {detail}", mend)


def wrong_answer(service: Service, answer: Mapping[str, Json]) -> str:
    """Where an answer has not the shape of its service; empty when it has."""
    try:
        service.check_answer(answer)
    except ServiceError as error:
        places = re.search(r"\((.+)\)$", str(error))
        return "; ".join(map(_in_words, places[1].split("; "))) if places else str(error)
    return ""


def _in_words(place: str) -> str:
    """Of `outage.until.missing`: what is wrong, and where."""
    where, _, kind = place.rpartition(".")
    return f"{where} is missing" if kind == "missing" else f"{where or 'it'} cannot be so ({kind})"


def of_sense(source: Source, where: Where, scenario: Scenario, region: str) -> Iterator[Problem]:
    """What could be read, but proves nothing or cannot be."""
    for place, number in _numbers(where, scenario):
        if number and to_e164(number, region) is None:
            what = f"{shown(number)} is no telephone number"
            yield source.problem(place, what, 'write it like "0555 999 88 77", or leave it empty: withheld')
    if scenario.returned and not scenario.caller:
        mend = "write `caller:`; who withholds the number is not known again"
        yield source.problem((*where, "returned"), "nobody returns without a number", mend)
    checks = any(isinstance(step, Hears | Asks | Expects) for step in scenario.call)
    if not checks and scenario.expect == Expectation():
        mend = "add `expect:`, such as `expect: {outcome: completed}`"
        yield source.problem(where, f"the test {shown(scenario.test)} checks nothing", mend)


def _numbers(where: Where, scenario: Scenario) -> Iterator[tuple[Where, str]]:
    """The calling numbers of all calls, and their places."""
    yield (*where, "caller"), scenario.caller
    for depth, call in enumerate(reversed(scenario.before), 1):
        yield (*where, *["earlier"] * depth, "caller"), call.caller or ""


def _of_earlier(source: Source, where: Where, data: Any, catalogue: Catalogue) -> Iterator[Problem]:
    if not isinstance(data, dict) or not data.get("call"):
        mend = "write such as `earlier: {call: [hears: symptom, hangs_up]}`"
        yield source.problem(where, "an earlier call needs its steps, under 'call'", mend)
        return
    plain = {key: data[key] for key in data if key not in _IN_PIECES}
    yield from of_part(source, where, {**plain, "call": ["hangs_up"]}, Earlier)
    yield from of_services(source, (*where, "services"), data.get("services", {}), catalogue)
    if "earlier" in data:
        yield from _of_earlier(source, (*where, "earlier"), data["earlier"], catalogue)
    yield from _of_call(source, (*where, "call"), data["call"])


def _of_call(source: Source, where: Where, call: Any) -> Iterator[Problem]:
    if not isinstance(call, list):
        mend = "begin each with `- `, such as `- hears: welcome`"
        yield source.problem(where, "'call' must be a list of steps", mend)
        return
    for position, step in enumerate(call):
        yield from _of_step(source, (*where, position), step)


def _of_step(source: Source, where: Where, step: Any) -> Iterator[Problem]:
    known = [*KINDS, *WORDS]
    if step is None or step == {}:
        yield source.problem(where, "this step is empty", f"the steps are: {listed(known)}")
        return
    kind = next(iter(step), "") if isinstance(step, dict) else step
    if not isinstance(kind, str) or kind not in known:
        hint = did_you_mean(kind, known) if isinstance(kind, str) else ""
        mend = " ".join(filter(None, [hint, f"the steps are: {listed(known)}"]))
        yield source.problem(where, f"{shown(kind)} is not a step of a call", mend)
    elif kind in WORDS and isinstance(step, dict):
        yield source.problem(where, f"{kind!r} is a step by itself", f"write `- {kind}`, without a colon")
    elif kind in KINDS and not isinstance(step, dict):
        yield source.problem(where, f"the step {kind!r} has no value", f"write `- {kind}: …`")
    elif isinstance(step, dict) and len(step) > 1:
        yield source.problem(where, f"this step does {len(step)} things at once", "begin a line with `- ` for each")
    elif kind == "expect":
        yield from _of_expectation(source, (*where, "expect"), step["expect"])
    elif isinstance(step, dict):
        yield from of_part(source, where, step, KINDS[kind])


def _of_expectation(source: Source, where: Where, data: Any) -> Iterator[Problem]:
    if isinstance(data, dict) and isinstance(data.get("never"), dict):
        yield from of_part(source, (*where, "never"), data["never"], Never)
        data = {key: value for key, value in data.items() if key != "never"}
    yield from of_part(source, where, data, Expectation)
