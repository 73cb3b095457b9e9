"""What a prompt cannot be said without: told from its text, and compared with what happens when it is said."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pytest

from ivr.errors import SpeechError
from ivr.speech.templates import Templates

PROMPTS = {
    "nothing": set(),
    "{{ line.number }}": {"line.number"},
    "{% if ticket is defined %}{{ ticket.number }}{% endif %}": set(),
    "{% if ticket is defined %}{{ ticket.number }}{% else %}{{ bill.amount }}{% endif %}": {"bill.amount"},
    "{% if ticket is not defined %}{{ bill.amount }}{% else %}{{ ticket.number }}{% endif %}": {"bill.amount"},
    "{% if ticket is undefined %}none{% else %}{{ ticket.number }}{% endif %}": set(),
    "{% if ticket.number is defined %}{{ ticket.number }}{% endif %}": {"ticket"},
    "{% if ticket %}{{ ticket.number }}{% endif %}": {"ticket", "ticket.number"},
    "{% if ticket is defined and ticket.number %}{{ bill.amount }}{% endif %}": {"bill.amount"},
    "{% if ticket is defined or ticket.number %}{{ ticket.number }}{% endif %}": {"ticket.number"},
    "{% if ticket is defined and bill is defined %}{{ ticket.number }}{{ bill.amount }}{% endif %}": set(),
    "{% if ticket is defined or bill is defined %}{{ ticket.number }}{% endif %}": {"ticket.number"},
    "{% if not (ticket is undefined or bill is undefined) %}{{ ticket.number }}{{ bill.amount }}{% endif %}": set(),
    "{% if ticket is defined %}one{% elif bill is defined %}{{ bill.amount }}{% else %}{{ ticket.number }}{% endif %}":
        {"ticket.number"},
    "{% if ticket is undefined %}none{% elif bill is defined %}{{ ticket.number }}{% endif %}": set(),
    "{% if answers.symptom is defined %}{{ answers.symptom }}{% endif %}": {"answers"},
    "{% if answers.symptom is defined %}{{ answers.contact }}{% endif %}": {"answers", "answers.contact"},
    "{{ answers.symptom | default('') }}": {"answers"},
    "{{ note | default(bill.amount) }}": {"bill.amount"},
    "{{ ticket.number | trim | default('') }}": {"ticket.number"},
    "{{ ticket.number if ticket is defined else bill.amount }}": {"bill.amount"},
    "{{ days[0] | default('') }}": {"days"},
}  # fmt: skip
EVERYTHING: Mapping[str, Any] = {
    "line": {"number": "1"},
    "ticket": {"number": "2"},
    "bill": {"amount": "3"},
    "answers": {"symptom": "slow", "contact": "4"},
    "days": ["5"],
}


def without(names: tuple[str, ...]) -> dict[str, Any]:
    known = {name: dict(value) if isinstance(value, dict) else value for name, value in EVERYTHING.items()}
    for name in names:
        root, _, key = name.partition(".")
        if not key:
            known.pop(root, None)
        elif root in known:
            known[root].pop(key, None)
    return known


def can_be_said(text: str, known: Mapping[str, Any]) -> bool:
    try:
        Templates("en", "TR").prompt(text).render(known)
    except SpeechError:
        return False
    return True


@pytest.mark.parametrize(("text", "needed"), PROMPTS.items())
def test_what_is_needed(text: str, needed: set[str]) -> None:
    assert Templates("en", "TR").prompt(text).needed == needed


@pytest.mark.parametrize("text", PROMPTS)
def test_whatever_else_is_not_known_it_can_be_said(text: str) -> None:
    needed = Templates("en", "TR").prompt(text).needed
    names = ("line", "ticket", "bill", "answers.symptom", "answers.contact", "days")
    spare = [name for name in names if not any(one == name or one.startswith(f"{name}.") for one in needed)]
    for count in range(len(spare) + 1):
        for missing in combinations(spare, count):
            assert can_be_said(text, without(missing)), missing


@pytest.mark.parametrize("text", [text for text, needed in PROMPTS.items() if needed])
def test_without_what_is_needed_there_are_callers_who_would_hear_nothing(text: str) -> None:
    needed = Templates("en", "TR").prompt(text).needed
    roots = {name.partition(".")[0] for name in needed}
    others = sorted(EVERYTHING.keys() - roots)
    heard = [can_be_said(text, without((*roots, *rest))) for count in range(3) for rest in combinations(others, count)]
    assert not all(heard)
