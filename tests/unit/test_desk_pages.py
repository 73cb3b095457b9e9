"""Login, logout, languages, headers: what a browser may do, and what a foreign page may not."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientResponse

from ivr.desk.auth import TRIES
from tests.unit.deskhouse import House, desk_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with desk_house(time.time()) as house:
        yield house


async def test_without_login_there_is_only_the_login_page(house: House) -> None:
    answer = await house.client.get("/", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/login")
    assert (await house.client.get("/session")).status == 401
    assert "Temsilci girişi" in await (await house.client.get("/login")).text()


async def test_a_logged_in_agent_gets_the_desk(house: House) -> None:
    await house.log_in()
    page = await (await house.client.get("/")).text()
    assert "Agent 1001" in page
    assert (await house.client.get("/session")).status == 204
    answer = await house.client.get("/login", allow_redirects=False)
    assert answer.headers["Location"] == "/"


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    answer = await house.post("/login", user="1001", password="deniz-page")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert "Secure" not in (await forwarded(house, "deniz-page", proto="https")).headers["Set-Cookie"]


async def forwarded(house: House, password: str, **told: str) -> ClientResponse:
    """Log in by way of something that sends these X-Forwarded-… headers."""
    headers = {"Origin": house.origin, **{f"X-Forwarded-{name}": value for name, value in told.items()}}
    form = {"user": "1001", "password": password}
    return await house.client.post("/login", data=form, headers=headers, allow_redirects=False)


async def test_a_trusted_proxy_is_believed_that_the_browser_has_tls() -> None:
    async with desk_house(time.time(), proxies=["127.0.0.0/8"]) as house:
        assert "Secure" in (await forwarded(house, "deniz-page", proto="https")).headers["Set-Cookie"]
        assert "Secure" not in (await forwarded(house, "deniz-page", proto="http")).headers["Set-Cookie"]


async def test_behind_a_trusted_proxy_a_guesser_locks_out_nobody_else() -> None:
    async with desk_house(time.time(), proxies=["127.0.0.1"]) as house:
        for number in range(TRIES):  # what the guesser makes up on the left changes nothing
            assert (await forwarded(house, "x", For=f"198.51.100.{number}, 203.0.113.9")).status == 401
        assert (await forwarded(house, "deniz-page", For="203.0.113.9")).status == 429
        assert (await forwarded(house, "deniz-page", For="198.51.100.7")).status == 303


async def test_who_is_no_trusted_proxy_cannot_make_up_addresses(house: House) -> None:
    for number in range(TRIES):
        assert (await forwarded(house, "x", For=f"198.51.100.{number}")).status == 401
    assert (await forwarded(house, "deniz-page", For="198.51.100.99")).status == 429


async def test_wrong_user_and_wrong_password_look_the_same(house: House) -> None:
    one = await house.post("/login", user="1001", password="x")
    other = await house.post("/login", user="nobody", password="x")
    assert one.status == other.status == 401
    assert (await one.text()).replace("1001", "") == (await other.text()).replace("nobody", "")
    assert "Set-Cookie" not in one.headers


async def test_guessing_is_slowed_and_says_for_how_long(house: House) -> None:
    for _ in range(TRIES):
        assert (await house.post("/login", user="1001", password="x")).status == 401
    answer = await house.post("/login", user="1001", password="deniz-page")  # even if right
    assert answer.status == 429
    seconds = int(answer.headers["Retry-After"])
    assert 0 < seconds <= 60
    assert f"{seconds} saniye" in await answer.text()
    await house.log_in("1002", "smith-page")


async def test_made_up_users_share_one_count(house: House) -> None:
    for number in range(TRIES):
        await house.post("/login", user=f"nobody{number}", password="x")
    assert (await house.post("/login", user="somebody", password="x")).status == 429


@pytest.mark.parametrize(
    "origin", ["", "null", "https://evil.example", "http://127.0.0.1:1", "http://", "http://[", "javascript:x"]
)
@pytest.mark.parametrize("path", ["/login", "/logout", "/language"])
async def test_forms_of_other_sites_are_refused(house: House, path: str, origin: str) -> None:
    answer = await house.post(path, origin=origin, user="1001", password="deniz-page", language="en")
    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("path", ["/login", "/logout", "/language"])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (f"{FORM}; charset=nonsense", b"user=a"),
        (f"{FORM}; charset=hex", b"user=a"),
        (f"{FORM}; charset=utf-7", b"user=+2AA-"),
        (f"{FORM}; charset=undefined", b"user=a"),
        (FORM, b"user=\xff\xfe"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\nfoo"),
        ("text/plain", b"user=1001&password=deniz-page"),
        ("application/json", b"{}"),
        ("", b"x"),
    ],
)
async def test_broken_forms_are_refused_quietly(
    house: House, caplog: pytest.LogCaptureFixture, path: str, kind: str, body: bytes
) -> None:
    headers = {"Origin": house.origin, "Content-Type": kind}
    answer = await house.client.post(path, data=body, headers=headers, allow_redirects=False)
    assert answer.status == 400
    assert "cannot be read" in await answer.text()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_bytes_that_are_no_letters_are_a_wrong_password(house: House) -> None:
    headers = {"Origin": house.origin, "Content-Type": f"{FORM}; charset=UTF-8"}
    answer = await house.client.post("/login", data=b"user=%ff%00%ed%a0%80&password=%ff", headers=headers)
    assert answer.status == 401


async def test_logout_needs_no_form(house: House) -> None:
    await house.log_in()
    answer = await house.client.post("/logout", headers={"Origin": house.origin}, allow_redirects=False)
    assert answer.status == 303
    assert (await house.client.get("/session")).status == 401


async def test_logout(house: House) -> None:
    await house.log_in()
    answer = await house.post("/logout")
    assert (answer.status, answer.headers["Location"]) == (303, "/login")
    assert (await house.client.get("/session")).status == 401
    assert (await house.client.get("/logout")).status == 405  # a link must not log anybody out


async def test_the_page_speaks_the_agents_language_until_they_choose_another(house: House) -> None:
    await house.log_in("1002", "smith-page")
    assert "Log out" in await (await house.client.get("/")).text()
    assert (await house.post("/language", language="tr")).status == 303
    page = await (await house.client.get("/")).text()
    assert '<html lang="tr">' in page
    assert "Çıkış" in page
    assert (await house.post("/language", language="<script>")).status == 400


async def test_what_was_typed_comes_back_escaped_and_cut(house: House) -> None:
    answer = await house.post("/login", user='"><script>alert(1)</script>' + "x" * 5000, password="x")
    page = await answer.text()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "x" * 65 not in page


async def test_large_forms_are_refused(house: House) -> None:
    assert (await house.post("/login", user="1001", password="x" * 20_000)).status == 413
    headers = {"Origin": house.origin, "Content-Type": FORM}
    many = b"&".join([b"a=b"] * 4000)
    assert (await house.client.post("/login", data=many, headers=headers)).status == 413


@pytest.mark.parametrize("path", ["/", "/login", "/static/desk.js", "/healthz", "/nowhere", "/api/live"])
async def test_every_answer_carries_the_security_headers(house: House, path: str) -> None:
    answer = await house.client.get(path, allow_redirects=False)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == ("no-cache" if path.startswith("/static") else "no-store")
    assert "aiohttp" not in answer.headers["Server"]


async def test_pages_have_nothing_inline_and_nothing_from_elsewhere(house: House) -> None:
    await house.log_in()
    for path in ("/", "/login"):
        page = await (await house.client.get(path)).text()
        assert " style=" not in page
        assert " onclick=" not in page
        assert "http:" not in page.replace(house.origin, "")
        assert "https:" not in page


async def test_nothing_outside_the_static_folder_is_served(house: House) -> None:
    for path in ("/static/../auth.py", "/static/%2e%2e/auth.py", "/static/..%2fauth.py", "/static/"):
        assert (await house.client.get(path)).status in (403, 404)
