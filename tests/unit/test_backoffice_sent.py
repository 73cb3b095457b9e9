"""What the sample back office has sent, as the person at the demo reads it from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services.adapters import NotThere
from ivr.services.backoffice import sample
from ivr.services.backoffice.sent import sent_messages
from tests.unit.backoffice_house import Client, back_office, right


class Elsewhere:
    """A system that answers what it is given, or what a back office does."""

    def __init__(self, answer: Json = None, client: Client | None = None) -> None:
        self._answer = answer
        self._client = client

    async def request(
        self,
        service: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json = None,
        headers: Mapping[str, str] | None = None,
        again: bool = False,
    ) -> Json:
        if self._client:
            answer: Json = await (await self._client.request(method, path)).json()
            return answer
        if self._answer is None:
            raise NotThere(service)
        return self._answer


async def test_codes_and_notices_in_their_order(tmp_path: Path) -> None:
    async with back_office(tmp_path / "backoffice.db") as client:
        assert await sent_messages(Elsewhere(client=client)) == []
        consent = {"language": "en", "wording": "Shall we?", "number": sample.UNKNOWN_MOBILE}
        for key, language in (("one", "tr"), ("two", "en")):
            whose = {"customer": sample.AYSE.id, "line": sample.AYSE.line.number}
            await right(client, "/number/register", {**consent, **whose, "language": language}, key)
        await right(client, "/code/send", {"way": "customer_number", "claim": sample.MEHMET.number}, "three")
        found = await sent_messages(Elsewhere(client=client))
    told = [(message.kind, message.to) for message in found]
    assert told == [("notice", sample.AYSE.main)] * 2 + [("code", sample.MEHMET.main)]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "rejected"),
        ([], "nonsense"),
        ({}, "nonsense"),
        ({"messages": [{"text": "Your code is 123456"}]}, "nonsense"),
    ],
)
async def test_something_else_at_that_address(answer: Json, reason: str) -> None:
    with pytest.raises(ServiceError, match=r"services\.url") as raised:
        await sent_messages(Elsewhere(answer))
    assert raised.value.reason == reason
    assert "123456" not in str(raised.value)
