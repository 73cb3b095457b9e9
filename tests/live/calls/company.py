"""The sample back office as the company's own people and its app see it: what went out by SMS, and tokens for calls."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self

import aiohttp

from ivr.services.backoffice.sample import SampleCustomer
from ivr.settings_services import ServicesSettings


class Company:
    """One session with the back office."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    @classmethod
    @asynccontextmanager
    async def reached(cls, services: ServicesSettings) -> AsyncIterator[Self]:
        """While the block runs."""
        headers = {"Authorization": f"Bearer {services.token.get_secret_value()}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            yield cls(session, services.url)

    async def token(self, customer: SampleCustomer, level: str, line: str | None = None) -> str:
        """What the company's app gives a call that it starts for a customer."""
        asked = {"customer": customer.id, "level": level} | ({"line": line} if line else {})
        async with self._session.post(f"{self._url}/app/token", json=asked) as answer:
            assert answer.status == 200, await answer.text()
            return str((await answer.json())["token"])

    async def code(self, to: str) -> str:
        """The newest code that was sent to a mobile."""
        *_, newest = (sent["text"] for sent in await self._sent(to) if sent["kind"] == "code")
        found = re.search(r"\b\d{6}\b", newest)
        assert found, newest
        return found[0]

    async def notices(self, to: str) -> list[str]:
        """The texts of all notices that were sent to a number, oldest first."""
        return [sent["text"] for sent in await self._sent(to) if sent["kind"] == "notice"]

    async def _sent(self, to: str) -> list[Mapping[str, Any]]:
        async with self._session.get(f"{self._url}/outbox") as answer:
            assert answer.status == 200, await answer.text()
            return [sent for sent in (await answer.json())["messages"] if sent["to"] == to]
