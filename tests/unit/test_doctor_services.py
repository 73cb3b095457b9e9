"""`ivr doctor` looks at the map of services and at each of the company's systems."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from ivr.doctor import Finding, examine
from ivr.services.backoffice.app import make_app
from tests.unit.fakes_company import Answers, serving
from tests.unit.test_settings import GOOD

TOKEN = "services-token"  # of GOOD


async def findings(folder: Path, more: str, map_text: str = "services: {}") -> list[Finding]:
    """What it says of the company's systems: the last ones."""
    (folder / "services.yaml").write_text(map_text, encoding="utf-8")
    nobody = 'ari_port = 9\nami_port = 9\nari_password = "ari-password"'
    text = GOOD.replace('ari_password = "ari-password"', nobody) + more
    text += '[paths]\nservices = "services.yaml"\n[redis]\nurl = "redis://127.0.0.1:9/0"\n'
    (folder / "devam.toml").write_text(text, encoding="utf-8")
    found = await examine(folder / "devam.toml")
    last = found[[finding.what for finding in found].index("AMI") + 1 :]
    return last[1:] if last[0].what.startswith(str(folder / "services.yaml: ")) else last


def company(url: str) -> str:
    return f'url = "{url}"\n'


def system(name: str, url: str) -> str:
    return f'[services.systems.{name}]\nurl = "{url}"\nauth = {{kind = "bearer", token = "not the right one"}}\n'


async def test_the_sample_back_office_with_its_token_and_another(tmp_path: Path) -> None:
    async with TestServer(make_app(tmp_path / "backoffice.db", TOKEN)) as server:
        url = str(server.make_url("/")).rstrip("/")
        right, wrong = await findings(tmp_path, company(url) + system("second", url))
    assert right.ok
    assert right.what == f"system company at {url} answers (status 404) and does not refuse services.token"
    assert not wrong.ok
    assert "it answers, but does not accept services.systems.second.auth (status 401)" in wrong.mend


@pytest.mark.parametrize("status", [200, 302, 404, 500])
async def test_any_status_is_an_answer(tmp_path: Path, status: int) -> None:
    async with serving(Answers(status)) as server:
        [found] = await findings(tmp_path, company(str(server.make_url("/"))))
    assert found.ok
    assert f"status {status}" in found.what


async def test_a_system_that_does_not_answer(tmp_path: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        first, second = await findings(tmp_path, company(url) + system("second", url))
    assert not first.ok
    assert "is services.url right" in first.mend
    assert "ivr backoffice" in first.mend
    assert not second.ok
    assert "is services.systems.second.url right" in second.mend
    assert "ivr backoffice" not in second.mend


async def test_which_map_is_in_force(tmp_path: Path) -> None:
    text = "services:\n  line.status: {method: GET, path: /x}\n  bill.current: tmforum\n  ticket.find: tmforum\n"
    async with serving(Answers(200)) as server:
        await findings(tmp_path, company(str(server.make_url("/"))), text)
        own = await examine(tmp_path / "devam.toml")
        (tmp_path / "devam.toml").write_text(GOOD, encoding="utf-8")
        packaged = await examine(tmp_path / "devam.toml")
    told = f"{tmp_path}/services.yaml: 18 services, 1 in the words of company, 2 over TM Forum's APIs, 15 the plain way"
    assert [finding.what for finding in own if finding.ok and "18 services" in finding.what] == [told]
    assert any(f.ok and f.what.startswith("the map of services that comes with Devam: 18 ") for f in packaged)


async def test_a_map_that_cannot_be_used(tmp_path: Path) -> None:
    [found] = await findings(tmp_path, "", "services:\n  line.statsu: plain\n")
    assert (found.ok, found.what) == (False, "the map of services")
    assert "services.yaml:2:" in found.mend
    assert "did you mean 'line.status'?" in found.mend


async def test_what_cannot_be_asked_twice_is_told_and_no_mistake(tmp_path: Path) -> None:
    """Of changes only, and only where nothing carries the key."""
    entry = "{method: POST, path: /x"
    text = f"""services:
  payment.pay: {entry}}}
  appointment.move: {entry}}}
  ticket.open: {entry}, key_header: X-Key}}
  ticket.find: {entry}}}
  callback.request: plain
"""
    async with serving(Answers(200)) as server:
        note, found = await findings(tmp_path, company(str(server.make_url("/"))), text)
    assert note.ok
    assert "appointment.move, payment.pay cannot be asked twice safely" in note.what
    assert found.ok
