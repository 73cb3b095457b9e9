"""Who may see a page: passwords, sessions, limits on guessing. Knows cookies' contents, not HTTP.

A session is a signed cookie; nothing is kept on the server, so any controller can serve any agent. It names the agent
and carries a mark of the page password: changing the password ends the sessions.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil

from itsdangerous import BadData, URLSafeTimedSerializer

from ivr.settings_exchange import Agent

TRIES = 5  # wrong passwords of one user from one peer, within
WINDOW = 60.0  # seconds
_MOST_KEPT = 10_000


def same(one: str, other: str) -> bool:
    """Compare in a time that tells nothing of where they differ."""
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))


class Guesses:
    """Counts wrong passwords per user and peer. `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[tuple[str, str], list[float]] = OrderedDict()

    def wait(self, user: str, peer: str) -> int:
        """Whole seconds until this user may try again from there; 0 when now."""
        wrong = self._recent(user, peer)
        return ceil(wrong[0] + WINDOW - self._clock()) if len(wrong) >= TRIES else 0

    def missed(self, user: str, peer: str) -> None:
        """The password was wrong."""
        self._wrong[user, peer] = [*self._recent(user, peer), self._clock()][-TRIES:]
        self._wrong.move_to_end((user, peer))
        while len(self._wrong) > _MOST_KEPT:
            self._wrong.popitem(last=False)

    def forget(self, user: str, peer: str) -> None:
        """The password was right."""
        self._wrong.pop((user, peer), None)

    def _recent(self, user: str, peer: str) -> list[float]:
        since = self._clock() - WINDOW
        return [at for at in self._wrong.get((user, peer), []) if at > since]


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody is logged in until `ends_at`, epoch seconds. `cookie` tells one browser's session from another's."""

    agent: Agent
    ends_at: float
    cookie: str = field(repr=False)


class Doorkeeper:
    """Checks passwords and cookies. `lifetime` is a session's seconds, `clock` gives epoch seconds."""

    def __init__(
        self, secret: str, agents: Mapping[str, Agent], lifetime: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._agents = agents
        self._lifetime = lifetime
        self._clock = clock
        self._signer = URLSafeTimedSerializer(secret, salt="devam.desk.session")
        self._key = secret.encode()
        self._nobody = secrets.token_hex(16)  # compared when there is no such user: it takes the same time

    def agent(self, user: str, password: str) -> Agent | None:
        """The agent with that phone user and page password."""
        agent = self._agents.get(user)
        right = same(password, agent.page_password.get_secret_value() if agent else self._nobody)
        return agent if agent and right else None

    def knows(self, user: str) -> bool:
        """Whether there is such an agent."""
        return user in self._agents

    def cookie(self, agent: Agent) -> str:
        """What to keep in the agent's browser."""
        return self._signer.dumps([agent.phone, self._mark(agent)])

    def session(self, cookie: str) -> Session | None:
        """The session of a cookie, None when it is forged, too old or of a changed password."""
        try:
            (user, mark), signed = self._signer.loads(cookie, max_age=self._lifetime, return_timestamp=True)
        except (BadData, TypeError, ValueError):
            return None
        agent = self._agents.get(str(user))
        ends_at = signed.timestamp() + self._lifetime
        if agent is None or not same(str(mark), self._mark(agent)) or ends_at <= self._clock():
            return None
        return Session(agent, ends_at, cookie)

    def _mark(self, agent: Agent) -> str:
        password = agent.page_password.get_secret_value().encode()
        return hmac.new(self._key, b"devam.desk.password" + password, hashlib.sha256).hexdigest()[:16]
