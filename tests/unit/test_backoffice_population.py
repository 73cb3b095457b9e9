"""The customers that are only there for load: the same each time, and in nobody's way."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ivr.flow.numbers import to_e164
from ivr.services import catalogue
from ivr.services.backoffice.data import opened
from ivr.services.backoffice.population import MOST, invented
from ivr.services.backoffice.sample import SAMPLE, SampleCustomer
from ivr.services.backoffice.surnames import surname_keys
from tests.unit.backoffice_house import TODAY
from tests.unit.tmforum_house import over_tmforum

SERIALS = (0, 1, 2, 3, 7, 11, 42, 999, MOST - 1)


def numbers(customer: SampleCustomer) -> set[str]:
    return {customer.main, *customer.alternates, *(line.number for line in customer.lines)}


async def customers(file: Path, population: int) -> int:
    async with opened(file, TODAY, population):
        pass
    with closing(sqlite3.connect(file)) as database:
        [(count,)] = database.execute("SELECT count(*) FROM customers")
    return int(count)


def everything(file: Path) -> list[Any]:
    with closing(sqlite3.connect(file)) as database:
        return list(database.iterdump())


@pytest.mark.parametrize("serial", SERIALS)
def test_eight_numbers_that_callers_may_have(serial: int) -> None:
    mine = numbers(invented(serial))
    assert len(mine) == 8
    assert {to_e164(number) for number in mine} == mine


def test_nobody_has_what_another_has() -> None:
    people = [*SAMPLE, *map(invented, range(2_000)), *map(invented, range(MOST - 10, MOST))]
    lines = [line.number for one in people for line in one.lines]
    population = [number for one in people[len(SAMPLE) :] for number in numbers(one)]
    assert len({one.id for one in people}) == len({one.number for one in people}) == len(people)
    assert len(set(lines)) == len(lines)
    assert len(set(population)) == len(population)
    assert not set(population) & set().union(*map(numbers, SAMPLE))


def test_no_claim_of_a_sample_customer_fits_one_of_them() -> None:
    samples = {surname_keys(one.name) for one in SAMPLE}
    for keys in {surname_keys(invented(serial).name) for serial in range(1_000)}:
        assert keys
        assert not any(keys[:3] == sample[:3] for sample in samples)


@pytest.mark.parametrize("serial", [-1, MOST])
def test_there_are_no_more(serial: int) -> None:
    with pytest.raises(ValueError, match="population"):
        invented(serial)


async def test_added_until_there_are_enough(tmp_path: Path) -> None:
    file = tmp_path / "backoffice.db"
    counts = [await customers(file, population) - len(SAMPLE) for population in (0, 3, 3, 40, 0)]
    assert counts == [0, 3, 3, 40, 40]


async def test_the_same_each_time(tmp_path: Path) -> None:
    for name, steps in (("at once", (60,)), ("in two", (20, 60))):
        for population in steps:
            await customers(tmp_path / name, population)
    assert everything(tmp_path / "at once") == everything(tmp_path / "in two")


async def test_whoever_calls_is_found_and_has_everything(tmp_path: Path) -> None:
    file, answers = tmp_path / "backoffice.db", []
    await customers(file, 12)
    async with over_tmforum(file) as (tmforum, _):
        for customer in map(invented, range(12)):
            of_line = {"line": customer.line.number}
            for number in numbers(customer):
                found = await tmforum.ask("directory.find", {"number": number}, "")
                assert [match["customer"]["id"] for match in found["matches"]] == [customer.id]
            for service in (catalogue.STATUS, catalogue.BILL, catalogue.QUOTA):
                told = await tmforum.ask(service.name, of_line, "")
                answers += [service.check_answer(told)]
            order = await tmforum.ask("order.find", {"customer": customer.id}, "")
            assert catalogue.FIND_ORDER.check_answer(order)["order"]
    seen = [{answer.get(key) for answer in answers} - {None} for key in ("state", "kind")]
    assert seen == [{"up", "down", "open", "overdue", "paid"}, {"limited", "unlimited", "none"}]
