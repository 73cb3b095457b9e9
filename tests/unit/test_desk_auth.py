"""Passwords, sessions and the limit on guessing."""

from __future__ import annotations

import time

import pytest
from pydantic import SecretStr

from ivr.desk.auth import TRIES, WINDOW, Doorkeeper, Guesses, same
from tests.unit.deskhouse import AGENTS, Clock

HOUR = 3600
BY_PHONE = {one.phone: one for one in AGENTS}


def doorkeeper(secret: str = "secret-for-tests") -> Doorkeeper:
    return Doorkeeper(secret, BY_PHONE, HOUR)


def test_the_right_password_opens() -> None:
    assert doorkeeper().agent("1001", "deniz-page") is BY_PHONE["1001"]


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("1001", "smith-page"),
        ("1001", ""),
        ("1001", "deniz-page "),
        ("1001", "phone-password"),
        ("", ""),
        ("nobody", "deniz-page"),
        ("1001", "\ud800"),
        ("1001", "ş" * 10_000),
    ],
)
def test_anything_else_does_not(user: str, password: str) -> None:
    assert doorkeeper().agent(user, password) is None


def test_comparison_takes_any_text() -> None:
    assert same("ğ", "ğ")
    assert not same("ğ", "g")


def test_a_session_is_the_agents() -> None:
    keeper = doorkeeper()
    session = keeper.session(keeper.cookie(AGENTS[1]))
    assert session is not None
    assert session.agent is AGENTS[1]


def test_a_cookie_that_was_changed_is_nothing() -> None:
    cookie = doorkeeper().cookie(AGENTS[0])
    payload, rest = cookie.split(".", 1)
    for forged in ("", "x", f"{payload}x.{rest}", cookie[:-1], cookie + "A", f"{payload}.{rest.split('.')[0]}.AAAA"):
        assert doorkeeper().session(forged) is None
    assert doorkeeper("another secret").session(cookie) is None


def test_a_signed_cookie_of_another_shape_is_nothing() -> None:
    keeper = doorkeeper()
    for content in ("1001", ["1001"], {"a": 1}, [["1001"], 1], None, ["1001", "mark", 3]):
        assert keeper.session(str(keeper._signer.dumps(content))) is None


def test_a_changed_password_ends_sessions() -> None:
    cookie = doorkeeper().cookie(AGENTS[0])
    changed = AGENTS[0].model_copy(update={"page_password": SecretStr("new-password")})
    assert Doorkeeper("secret-for-tests", {"1001": changed}, HOUR).session(cookie) is None


def test_an_agent_who_left_has_no_session() -> None:
    cookie = doorkeeper().cookie(AGENTS[0])
    assert Doorkeeper("secret-for-tests", {}, HOUR).session(cookie) is None


def test_a_session_ends() -> None:
    clock = Clock(time.time())
    keeper = Doorkeeper("secret-for-tests", BY_PHONE, HOUR, clock)
    cookie = keeper.cookie(AGENTS[0])
    assert keeper.session(cookie)
    clock.at += HOUR + 2
    assert keeper.session(cookie) is None


def test_guessing_has_to_wait_and_may_go_on_later() -> None:
    clock = Clock(1000.0)
    guesses = Guesses(clock)
    for _ in range(TRIES):
        assert guesses.wait("1001", "10.0.0.1") == 0
        guesses.missed("1001", "10.0.0.1")
    assert guesses.wait("1001", "10.0.0.1") == WINDOW
    assert guesses.wait("1001", "10.0.0.2") == 0  # another desk may still log in
    assert guesses.wait("1002", "10.0.0.1") == 0
    clock.at += WINDOW - 0.5
    assert guesses.wait("1001", "10.0.0.1") == 1
    clock.at += 0.5
    assert guesses.wait("1001", "10.0.0.1") == 0


def test_a_right_password_forgets_wrong_ones() -> None:
    guesses = Guesses(Clock(0.0))
    for _ in range(TRIES - 1):
        guesses.missed("1001", "p")
    guesses.forget("1001", "p")
    guesses.missed("1001", "p")
    assert guesses.wait("1001", "p") == 0


def test_many_peers_do_not_fill_the_memory() -> None:
    guesses = Guesses(Clock(0.0))
    for number in range(10_050):
        guesses.missed("1001", str(number))
    assert len(guesses._wrong) == 10_000
