"""order.find by TMF622: the same as the plain way, of this customer only, and no order that nobody would tell of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.backoffice import sample
from ivr.services.backoffice.sample import SAMPLE
from ivr.services.backoffice.tmforum.orders import PATH
from tests.unit.backoffice_house import right
from tests.unit.tmforum_house import exchange, over_tmforum
from tests.unit.tmforum_said import Says

WORDS = [{"name": "name_tr", "value": "yeni modem"}, {"name": "name_en", "value": "a new modem"}]


def order(**changes: Any) -> dict[str, Any]:
    """An order of C1002's that is under way."""
    return {
        "id": "350117",
        "state": "inProgress",
        "relatedParty": [{"id": "C1002", "@referredType": "Customer"}],
        "productOrderItem": [{"id": "1", "action": "add", "product": {"productCharacteristic": WORDS}}],
        **changes,
    }


async def found(orders: Any) -> Any:
    """What the caller is told when the system says that."""
    says = Says({"GET /productOrder": orders})
    answer = catalogue.FIND_ORDER.check_answer(await says.adapter.ask("order.find", {"customer": "C1002"}, ""))
    return answer["order"]


class TestTheSample:
    async def test_both_ways_tell_the_same_of_every_customer_in_one_request(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (tmforum, system):
            states = []
            for customer in [*(one.id for one in SAMPLE), "C9999"]:
                plain = await right(system.client, "/order/find", {"customer": customer})
                assert await tmforum.ask("order.find", {"customer": customer}, "") == plain
                states += [plain["order"]["state"]] if plain["order"] else []
            assert {"shipped", "received", "delivered"} <= set(states)
            assert system.asked == ["GET /productOrder"] * (len(SAMPLE) + 1)

    async def test_the_newest_comes_first(self, tmp_path: Path) -> None:
        async with over_tmforum(tmp_path / "backoffice.db") as (_, system):
            query = {"relatedParty.id": sample.MEHMET.id, "sort": "-orderDate"}
            status, orders = await exchange(system.client, "GET", PATH, query)
        assert (status, [one["id"] for one in orders]) == (200, ["350117", "350098"])


class TestWhatSystemsSay:
    @pytest.mark.parametrize(
        ("state", "note", "told"),
        [
            ("acknowledged", None, "received"),
            ("pending", "shipped", "received"),
            ("inProgress", None, "prepared"),
            ("inProgress", "prepared", "prepared"),
            ("inProgress", "shipped", "shipped"),
            ("partial", "shipped", "shipped"),
            ("completed", "shipped", "delivered"),
        ],
    )
    async def test_states(self, state: str, note: str | None, told: str) -> None:
        notes = [{"text": "shipped"}, *([{"id": "fulfilment", "text": note}] if note else [])]
        assert (await found([order(state=state, note=notes)]))["state"] == told

    async def test_the_day(self) -> None:
        days = {
            "requestedCompletionDate": "2026-10-01T00:00:00+03:00",
            "expectedCompletionDate": "2026-10-02T00:00:00+03:00",
            "completionDate": "2026-10-03T23:30:00+03:00",
        }
        given: dict[str, str] = {}
        assert (await found([order()]))["day"] is None
        for (name, moment), day in zip(days.items(), ("2026-10-01", "2026-10-02", "2026-10-03"), strict=True):
            given[name] = moment
            assert (await found([order(**given)]))["day"] == day

    @pytest.mark.parametrize(
        "newer",
        [
            {"state": "cancelled"},
            {"state": "rejected"},
            {"state": "failed"},
            {"state": "pendingCancellation"},
            {"state": "something new"},
            {"relatedParty": [{"id": "C1003"}]},
            {"relatedParty": []},
            {"productOrderItem": []},
            {"productOrderItem": [{"id": "1", "product": {"name": "data"}}]},
            {"productOrderItem": [{"id": "1"}]},
            {"productOrderItem": [{"id": "1", "product": {"productCharacteristic": WORDS[:1]}}]},
        ],
    )
    async def test_orders_that_are_not_told(self, newer: dict[str, Any]) -> None:
        assert (await found([order(id="350200", **newer), order()]))["number"] == "350117"
        assert await found([order(id="350200", **newer)]) is None

    @pytest.mark.parametrize(
        "answer",
        [
            None,
            {},
            [None],
            [order(id=350117)],
            [order(id="call +902125554141")],
            [order(state=None)],
            [order(note="shipped")],
            [order(completionDate="yesterday")],
            [order(completionDate=1)],
            [order(productOrderItem=None)],
            [order(productOrderItem=[{"product": {"productCharacteristic": [*WORDS, {"name": 7}]}}])],
            [order(productOrderItem=[{"product": {"productCharacteristic": [WORDS[0], WORDS[1] | {"value": 7}]}}])],
            [order(productOrderItem=[{"product": {"productCharacteristic": [WORDS[0], WORDS[1] | {"value": "\n"}]}}])],
        ],
    )
    async def test_nonsense(self, answer: Any) -> None:
        with pytest.raises(ServiceError) as caught:
            await found(answer)
        assert caught.value.reason == "nonsense"
        assert "+902125554141" not in str(caught.value)
