"""quota.current by TMF637 and quota.top_up by TMF622: the same as the plain way, each purchase once, no nonsense."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.backoffice import sample
from ivr.services.backoffice.sample import SAMPLE
from ivr.services.backoffice.tmforum.orders import PATH as ORDERS_PATH
from ivr.services.backoffice.tmforum.products import PATH as PRODUCTS_PATH
from tests.unit.backoffice_house import ask, right
from tests.unit.tmforum_house import exchange, over_tmforum
from tests.unit.tmforum_said import Says

LINES = [line.number for customer in SAMPLE for line in customer.lines]
AYSE, SELIN = sample.AYSE.line.number, sample.SELIN.line.number


def named(**values: Any) -> list[dict[str, Any]]:
    """Characteristics."""
    return [{"name": name, "value": value} for name, value in values.items()]


def price(value: float) -> list[dict[str, Any]]:
    return [{"priceType": "oneTime", "price": {"taxIncludedAmount": {"unit": "TRY", "value": value}}}]


def package(name: str, **changes: Any) -> dict[str, Any]:
    offered = {
        "productOffering": {"id": name},
        "productCharacteristic": named(dataTotal=10),
        "productPrice": price(59.9),
    }
    return {"relationshipType": "isTargeted", "product": {**offered, **changes}}


def product(*related: Any, **changes: Any) -> dict[str, Any]:
    """Selin's product; `changes` are to its characteristics."""
    data = {"dataAllowance": "limited", "dataTotal": 100, "dataRemaining": 3, "dataRenewal": "2026-11-01"}
    known = named(**{"phoneNumber": SELIN, **data, **changes})
    return {"id": "p-1", "productCharacteristic": known, "productRelationship": list(related)}


async def quota(products: Any) -> Any:
    """What the caller is told when the inventory says that."""
    says = Says({"GET /product": products})
    return catalogue.QUOTA.check_answer(await says.adapter.ask("quota.current", {"line": SELIN}, ""))


def order(state: str = "completed", **changes: Any) -> dict[str, Any]:
    """The order of a package; `changes` are to its item."""
    item = {"id": "1", "product": {"productCharacteristic": named(dataRemaining=13)}, "itemTotalPrice": price(59.9)}
    return {"id": "o-1", "state": state, "productOrderItem": [{**item, **changes}]}


WANTED = {"line": SELIN, "package": "small"}


async def bought(said: Any) -> Any:
    says = Says({"POST /productOrder": said})
    return catalogue.TOP_UP.check_answer(await says.adapter.ask("quota.top_up", WANTED, "k"))


class TestTheSample:
    async def test_both_ways_tell_the_same_of_every_line_in_one_request(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            kinds = set()
            for line in LINES:
                plain = await right(system.client, "/quota/current", {"line": line})
                assert await tmforum.ask("quota.current", {"line": line}, "") == plain
                kinds.add(plain["kind"])
            assert kinds == {"limited", "unlimited", "none"}
            assert system.asked == ["GET /product"] * len(LINES)

    async def test_no_such_line(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, _):
            with pytest.raises(ServiceError) as caught:
                await tmforum.ask("quota.current", {"line": sample.UNKNOWN_LINE}, "")
        assert caught.value.reason == "rejected"

    async def test_products_of_a_customer(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (_, system):
            status, products = await exchange(
                system.client, "GET", PRODUCTS_PATH, {"relatedParty.id": sample.HUSEYIN.id, "fields": "name,status"}
            )
        assert (status, [one["name"] for one in products]) == (200, [sample.FIBRE, sample.HOME_PHONE])


class TestTopUp:
    async def test_once_a_key_whichever_way(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            first = await tmforum.ask("quota.top_up", WANTED, "k")
            assert first == {"remaining": 13, "price": "59.90"}
            assert await tmforum.ask("quota.top_up", WANTED, "k") == first
            assert await right(system.client, "/quota/top_up", WANTED, "k") == first
            assert (await right(system.client, "/quota/top_up", WANTED, "another"))["remaining"] == 23
            assert (await tmforum.ask("quota.top_up", WANTED, "another"))["remaining"] == 23
            assert (await tmforum.ask("quota.current", {"line": SELIN}, ""))["remaining"] == 23

    async def test_once_a_key_at_the_same_time(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, _):
            answers = await asyncio.gather(*(tmforum.ask("quota.top_up", WANTED, "k") for _ in range(10)))
        assert [answer["remaining"] for answer in answers] == [13] * 10

    @pytest.mark.parametrize("wrong", [{"package": "huge"}, {"line": AYSE}, {"line": sample.UNKNOWN_LINE}])
    async def test_what_cannot_be_bought_is_declined_both_ways(self, tmp_path: Path, wrong: dict[str, str]) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            with pytest.raises(ServiceError) as caught:
                await tmforum.ask("quota.top_up", WANTED | wrong, "k")
            assert caught.value.reason == "rejected"
            assert "409" in str(caught.value)
            assert (await ask(system.client, "/quota/top_up", WANTED | wrong, "k"))[0] == 409

    async def test_a_key_of_something_else_buys_nothing(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            await right(system.client, "/quota/top_up", WANTED, "k")
            with pytest.raises(ServiceError):
                await tmforum.ask("quota.top_up", WANTED | {"package": "large"}, "k")
            assert (await tmforum.ask("quota.current", {"line": SELIN}, ""))["remaining"] == 13

    @pytest.mark.parametrize(
        "changes",
        [
            {"externalId": None},
            {"externalId": ""},
            {"externalId": "a b"},
            {"externalId": "k" * 201},
            {"productOrderItem": []},
            {"productOrderItem": "all"},
        ],
    )
    async def test_orders_that_are_wrong(self, tmp_path: Path, changes: dict[str, Any]) -> None:
        assert await status_of(tmp_path, changes, {}) == 400

    @pytest.mark.parametrize(
        "changes",
        [
            {"action": "delete"},
            {"quantity": 2},
            {"productOffering": {"id": "' OR 1=1"}},
            {"productOffering": None},
            {"product": {"productCharacteristic": named(phoneNumber="05321234567")}},
            {"product": {"productCharacteristic": []}},
            {"product": {"productCharacteristic": named(phoneNumber=SELIN) * 2}},
        ],
    )
    async def test_items_that_are_wrong(self, tmp_path: Path, changes: dict[str, Any]) -> None:
        assert await status_of(tmp_path, {}, changes) == 400


async def status_of(folder: Path, of_order: dict[str, Any], of_item: dict[str, Any]) -> int:
    """How the sample answers an order that was changed."""
    item = {
        "id": "1",
        "action": "add",
        "productOffering": {"id": "small"},
        "product": {"productCharacteristic": named(phoneNumber=SELIN)},
        **of_item,
    }
    body = {"externalId": "k", "productOrderItem": [item], **of_order}
    async with over_tmforum(folder / "backoffice.db") as (_, system):
        return (await exchange(system.client, "POST", ORDERS_PATH, body=body))[0]


class TestWhatSystemsSay:
    async def test_what_else_is_related_is_no_package(self) -> None:
        bundled = {"relationshipType": "bundled", "product": {"name": "a television"}}
        assert [one["name"] for one in (await quota([product(bundled, package("small"))]))["packages"]] == ["small"]

    async def test_no_more_packages_than_can_be_offered(self) -> None:
        said = await quota([product(*map(package, ("a", "b", "c", "d")))])
        assert [one["name"] for one in said["packages"]] == ["a", "b", "c"]

    async def test_products_of_other_lines_are_none(self) -> None:
        others = product(phoneNumber=AYSE)
        assert (await quota([others, product()]))["remaining"] == 3
        with pytest.raises(ServiceError) as caught:
            await quota([others])
        assert caught.value.reason == "rejected"

    @pytest.mark.parametrize(
        "answer",
        [
            None,
            {},
            [None],
            [product() | {"productCharacteristic": "all"}],
            [product(dataAllowance="plenty")],
            [product(dataRemaining="3")],
            [product(dataRemaining=-1)],
            [product(dataRemaining=1.5)],
            [product(dataRemaining=True)],
            [product(dataRenewal="soon")],
            [product(dataRenewal=20_000)],
            [product(dataRenewal=None)],
            [product(package("Small!"))],
            [product(package("small", productPrice=[]))],
            [product(package("small", productPrice=price(-1)))],
            [product(package("small", productCharacteristic=[]))],
            [product({"relationshipType": "isTargeted", "product": None})],
        ],
    )
    async def test_nonsense(self, answer: Any) -> None:
        with pytest.raises(ServiceError) as caught:
            await quota(answer)
        assert caught.value.reason == "nonsense"
        assert SELIN not in str(caught.value)

    async def test_bought(self) -> None:
        assert await bought(order()) == {"remaining": 13, "price": "59.90"}

    async def test_the_key_goes_with_the_order(self) -> None:
        says = Says({"POST /productOrder": order()})
        await says.adapter.ask("quota.top_up", WANTED, "call-1:top_up:2")
        [body], [headers] = says.bodies, says.headers
        assert (body["externalId"], headers["Idempotency-Key"]) == ("call-1:top_up:2",) * 2

    @pytest.mark.parametrize("state", ["acknowledged", "inProgress", "rejected", "failed", "cancelled", "held"])
    async def test_what_was_not_carried_out_was_not_bought(self, state: str) -> None:
        with pytest.raises(ServiceError) as caught:
            await bought(order(state))
        assert caught.value.reason == "rejected"

    @pytest.mark.parametrize(
        "answer",
        [
            None,
            [],
            order() | {"productOrderItem": []},
            order(product=None),
            order(product={"productCharacteristic": []}),
            order(product={"productCharacteristic": named(dataRemaining="13")}),
            order(product={"productCharacteristic": named(dataRemaining=10**9)}),
            order(itemTotalPrice=[]),
            order(itemTotalPrice=[{"price": {}}]),
        ],
    )
    async def test_nonsense_for_an_order(self, answer: Any) -> None:
        with pytest.raises(ServiceError) as caught:
            await bought(answer)
        assert caught.value.reason == "nonsense"
