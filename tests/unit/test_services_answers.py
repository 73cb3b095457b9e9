"""The keys that an answer may have, read off its shape."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter

from ivr.services import catalogue
from ivr.services.answer_keys import answer_keys


class Inner(BaseModel):
    area: str
    until: str | None


class One(BaseModel):
    kind: Literal[1]
    inner: Inner | None
    many: list[Inner]


class Other(BaseModel):
    kind: Literal[2]
    free: dict[str, Any]
    itself: Other | None = None


def test_keys_are_dotted_and_those_of_every_shape() -> None:
    assert answer_keys(TypeAdapter(One)) == {"kind", "inner", "inner.area", "inner.until", "many"}
    both = answer_keys(TypeAdapter(One | Other))
    assert both >= {"kind", "inner.area", "many", "free", "free.*", "itself", "itself.free.*"}
    assert "many.area" not in both


def test_a_shape_that_holds_itself_ends() -> None:
    assert max(key.count(".") for key in answer_keys(TypeAdapter(Other))) < 10


def test_every_service_has_its_keys() -> None:
    answers = catalogue.answers()
    assert answers.keys() == catalogue.arguments().keys()
    assert answers["line.status"] >= {"state", "outage", "outage.area"}
    assert all(answers.values())
