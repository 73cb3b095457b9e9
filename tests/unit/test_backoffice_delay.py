"""A sample back office that is slow: every answer comes later, and what is no time is told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from ivr.services.backoffice.app import make_app
from ivr.services.backoffice.delay import delayed
from tests.unit.test_cli import ivr
from tests.virtual_time import run_virtual


def test_an_answer_comes_so_much_later() -> None:
    async def test() -> None:
        asked_at: list[float] = []

        async def handler(request: web.Request) -> web.Response:
            asked_at.append(asyncio.get_running_loop().time())
            return web.Response(text="here")

        answer = await delayed(0.8)(make_mocked_request("GET", "/"), handler)
        assert isinstance(answer, web.Response)
        assert answer.text == "here"
        assert asked_at == [pytest.approx(0.8)]

    run_virtual(test)


def test_only_where_it_is_wished(tmp_path: Path) -> None:
    at_once, later = (make_app(tmp_path / "backoffice.db", "token", delay=delay) for delay in (0.0, 0.8))
    assert len(later.middlewares) == len(at_once.middlewares) + 1


@pytest.mark.parametrize("delay", ["800", "-1s", "soon", "0s", "1h"])
def test_what_is_no_time_is_told(tmp_path: Path, delay: str) -> None:
    done = ivr("backoffice", f"--delay={delay}", folder=tmp_path)
    assert done.returncode == 2
    assert "--delay" in done.stderr
    assert "Traceback" not in done.stderr
