"""The sample hotline as a whole: nothing missing, nothing left over, each option told with its key in each language.

That each call goes as it should is what the flow tests in tests/scenarios show.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from ivr.flow.model import AskedWay, Collect, Flow, Menu, Option, Proof, Resume, ResumeChoice
from ivr.flow.reading.said import prompts_of
from ivr.flowtest.reading import find_files, read_tests
from ivr.flowtest.running import run_tests
from ivr.hotline.flow_tests import stage
from ivr.hotline.reading import flow_file, read_hotline
from ivr.resources import packaged
from ivr.services.backoffice import sample
from ivr.services.catalogue import SERVICES
from ivr.speech.book import PromptBook

FLOW, BOOK = read_hotline(flow_file(None, "hotline"), None)
FLOWS = (FLOW, *FLOW.subflows.values())
LANGUAGES = ("tr", "en")
WRITTEN: dict[str, Any] = {
    language: YAML(typ="safe").load((packaged("prompts") / f"{language}.yaml").read_text(encoding="utf-8"))
    for language in LANGUAGES
}
NODES = {name: node for flow in FLOWS for name, node in flow.nodes.items()}
# How a prompt names the keys.
KEYS = {
    "tr": {"0": "sıfıra", "1": "bire", "2": "ikiye", "3": "üçe", "4": "dörde", "9": "nine"},
    "en": {"0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "9": "nine"},
}


def texts_of(flow: Flow) -> Iterator[str]:
    """Every name of a prompt that a flow says, wherever it says it."""
    yield from prompts_of(flow)
    for node in flow.nodes.values():
        for value in node.model_dump().values():
            values = value if isinstance(value, tuple) else (value,)
            yield from (text for text in values if isinstance(text, str))


def options() -> Iterator[tuple[str, str, dict[str, Option]]]:
    """Each question with its prompts, in each language, and its options."""
    for name, node in NODES.items():
        if isinstance(node, Menu | Collect):
            prompts = node.menu if isinstance(node, Menu) else node.collect
            for language in LANGUAGES:
                text = " ".join(WRITTEN[language]["prompts"][prompt] for prompt in prompts)
                yield f"{name} {language}", text, dict(node.choices)


def test_every_node_and_every_way_is_tried() -> None:
    tests = read_tests(find_files([Path(__file__).parents[1] / "scenarios"]), SERVICES)
    found = run_tests(stage(FLOW, BOOK, "TR"), tests).coverage
    assert (found.unreached, found.untaken) == ((), ())


@pytest.mark.parametrize("section", ["prompts", "labels"])
def test_each_language_has_the_same_words(section: str) -> None:
    assert list(WRITTEN["tr"][section]) == list(WRITTEN["en"][section]), "also in the same order, to be read together"


def test_no_prompt_is_left_over() -> None:
    said = {text for flow in FLOWS for text in texts_of(flow)}
    assert set(WRITTEN["tr"]["prompts"]) <= said


def test_no_label_is_left_over() -> None:
    names = {*NODES, *SERVICES, *get_args(AskedWay), *get_args(Proof), "flow_failed"}
    names |= {f"{name}.{choice}" for name, node in NODES.items() for choice in getattr(node, "choices", {})}
    resumes = [name for name, node in NODES.items() if isinstance(node, Resume)]
    names |= {f"{name}.{choice}" for name in resumes for choice in (*get_args(ResumeChoice), "agent")}
    names |= {getattr(node, key) for node in NODES.values() for key in ("transfer", "reason") if hasattr(node, key)}
    assert set(WRITTEN["tr"]["labels"]) <= names


@pytest.mark.parametrize(("text", "choices"), [case[1:] for case in options()], ids=[case[0] for case in options()])
def test_each_option_is_told_with_its_key_and_can_be_said(
    request: pytest.FixtureRequest, text: str, choices: dict[str, Option]
) -> None:
    language = request.node.callspec.id.split()[-1]
    for name, choice in choices.items():
        if choice.key != "9" or language == "tr":  # who hears English need not ask for it
            assert re.search(rf"\b{KEYS[language][choice.key]}\b", text), f"{name}: the key {choice.key} is not told"
        assert choice.phrases.get(language) or choice.phrases.get("any"), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_left_can_be_gone_on_with_by_key_and_by_word(language: str) -> None:
    [node] = [node for node in NODES.values() if isinstance(node, Resume)]
    offer = " ".join(WRITTEN[language]["prompts"][prompt] for prompt in node.resume)
    for choice, key in zip(get_args(ResumeChoice), "123", strict=True):
        assert re.search(rf"\b{KEYS[language][key]}\b", offer), choice
        assert node.phrases[choice].get(language), choice


@pytest.mark.parametrize("flow", [flow for flow in FLOWS if flow.flow != "order"], ids=lambda flow: flow.flow)
def test_people_are_one_key_away_wherever_something_is_asked(flow: Flow) -> None:
    assert flow.keys.agent
    assert set(flow.keys.agent.key) == {"0", "*0"}
    assert flow.keys.repeat == ("*",)


def test_people_are_there_by_day_but_not_on_public_holidays() -> None:
    zone, agents = ZoneInfo(FLOW.timezone), FLOW.hours["agents"]
    assert agents.is_open(datetime(2026, 11, 22, 21, 59, tzinfo=zone))
    assert not agents.is_open(datetime(2026, 11, 22, 22, 0, tzinfo=zone))
    every_year = {day for day in agents.closed if len(day) == 5}
    assert every_year == {"01-01", "04-23", "05-01", "05-19", "07-15", "08-30", "10-29"}
    assert len(agents.closed) - len(every_year) == 7, "three days of Ramazan Bayramı, four of Kurban Bayramı"


# What prompts may be told, in all the forms that make a difference.
BILL = {"number": "90010002", "amount": "529.40", "due": "2026-11-20", "previous": "349.90"}
REASON = {"text": {"tr": "yurt dışı kullanımı", "en": "use abroad"}, "amount": "149.50"}
PACKAGES = [{"name": name, "gigabytes": size, "price": "59.90"} for name, size in (("a", 10), ("b", 25), ("c", 50))]
OUTAGE = {"area": "Bornova", "cause": {"tr": "kablo hasarı", "en": "a damaged cable"}, "until": "18:30"}
ORDER = {"number": "350117", "item": {"tr": "yeni modem", "en": "a new modem"}}


def tellings() -> Iterator[dict[str, Any]]:
    forms = itertools.zip_longest(
        ("open", "overdue"),
        ([REASON], [REASON] * 2, [REASON] * 3),
        (0, 3),
        ("first", "second", "third"),
        ("received", "prepared", "shipped", "delivered"),
        ("sms", "bill", "call"),
        ("waiting", "working"),
        (["41", "07"], ["41", "07", "10"], ["41", "07", "10", "11"]),
        (
            {"tr": "Hatlar yoğun."},
            {"en": "Lines are busy."},
            {"tr": "Hatlar yoğun.", "en": ""},
            {"tr": "Evet.", "en": "Yes."},
        ),
        (
            ("bill", "words"),
            ("142", "digits"),
            (sample.UNKNOWN_MOBILE, "phone"),
            ("149.90", "amount"),
            ("2026-11-25", "date"),
            ("14:30", "time"),
            ("a b c", "letters"),
        ),
    )
    first = next(forms)
    for number, form in enumerate((first, *forms)):
        bill, reasons, left, package, order, arrived, ticket, endings, announced, doubted = map(_or, form, first)
        day = None if number == 1 else "2026-11-25"
        yield {
            "announcement": announced,
            "heard": doubted[0],
            "heard_as": doubted[1],
            "caller": {"number": sample.UNKNOWN_MOBILE},
            "level": "verified" if number == 2 else "recognised",
            "answers": {
                **dict.fromkeys(("contact_number", "arrived_number"), sample.UNKNOWN_MOBILE),
                "other_day": "2026-11-28",
                "which_package": package,
                **({"visit_menu": "move", "quota_menu": "top_up"} if number == 1 else {}),
                "what_arrived": arrived,
            },
            "args": {"amount": "529.40"},
            "line": {"number": sample.AYSE.line.number} | ({"remembered": day} if number else {}),
            "endings": endings,
            "status": {"outage": OUTAGE},
            "ticket": {"number": "480001", "appointment": day},
            "found": {"ticket": {"number": "480001", "state": ticket, "appointment": "2026-11-25"}},
            "slots": {"days": ["2026-11-27", "2026-11-30", "2026-12-01"]},
            "visit": {"moved": number != 1, "appointment": "2026-11-27"},
            "bill": {**BILL, "state": bill, "reasons": reasons},
            "paid": {"result": "declined" if number == 1 else "paid", "reference": "55000001"},
            "quota": {"remaining": left, "renews": "2026-12-01", "packages": PACKAGES},
            "topped_up": {"remaining": 28, "price": "119.90"},
            "ordered": {"order": {**ORDER, "state": order, "day": day}},
            "report": {"number": "610001", "by": "2026-11-26"},
            "callback": {"number": "720001", "by": "2026-11-24T12:00"},
        }


def _or(value: Any, instead: Any) -> Any:
    return instead if value is None else value


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("prompt", WRITTEN["tr"]["prompts"])
def test_every_prompt_can_be_spoken(prompt: str, language: str) -> None:
    book: PromptBook = BOOK
    for known in tellings():
        text = book.text(prompt, language, known)
        assert text
        assert not re.search(r"[{}_]|None|True|False|\s[.,;]|[.,;]{2}", text), text
        if language == "en" and prompt != "emergency":
            assert not re.search("[ğışİŞĞ]", text), text
