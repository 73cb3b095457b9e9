"""What every handler of the desk needs, in one place, and who is asking."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from context_store.records import Json
from context_store.store import Store
from ivr.call.board import Board, Pop
from ivr.call.pops import Pops
from ivr.call.ports import Phones, Services
from ivr.call.taping import Tapes
from ivr.call.watch import Watch
from ivr.desk.auth import Doorkeeper, Guesses, Session
from ivr.desk.live import Encoded
from ivr.desk.peer import Networks
from ivr.desk.texts import clean
from ivr.desk.timeline import iso
from ivr.desk.view import pop_view
from ivr.desk.wording import LANGUAGES, Wording

FOLDER = Path(__file__).parent
SESSION_COOKIE = "devam_session"
LANGUAGE_COOKIE = "devam_language"


def _harmless(value: Any) -> Any:
    """Every value that a template puts out goes through here, then through autoescape."""
    return clean(value, 400) if isinstance(value, str) and not isinstance(value, Markup) else value


def _templates() -> Environment:
    """All templates, compiled now: the first pop of the day is as fast as the others."""
    templates = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    for name in templates.list_templates():
        templates.get_template(name)
    return templates


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """The desk's wiring. `clock` gives epoch seconds; `names` maps phone users to the agents' names; `proxies` are
    those whose word counts; `happenings` are made once, however many read the live feed; `passing` are the
    callers who are being passed on just now."""

    token: str
    doorkeeper: Doorkeeper
    guesses: Guesses
    pops: Pops
    store: Store
    services: Services
    watch: Watch
    tapes: Tapes
    wordings: Mapping[str, Wording]
    names: Mapping[str, str]
    phones: Phones
    queues: Sequence[str] = ()
    passing: set[str] = field(default_factory=set)
    proxies: Networks = ()
    hearing: Callable[[], Mapping[str, Json]] = dict
    clock: Callable[[], float] = time.time
    happenings: Encoded = field(default_factory=Encoded)
    sockets: set[web.WebSocketResponse] = field(default_factory=set)
    open_pages: dict[asyncio.Timeout, Session] = field(default_factory=dict)
    templates: Environment = field(default_factory=_templates)

    def session(self, request: web.Request) -> Session | None:
        """Who is asking, None when not logged in."""
        return self.doorkeeper.session(request.cookies.get(SESSION_COOKIE, ""))

    @contextmanager
    def page_open(self, session: Session, limit: asyncio.Timeout) -> Iterator[None]:
        """A page is open in this session, until `limit` at the latest."""
        self.open_pages[limit] = session
        try:
            yield
        finally:
            del self.open_pages[limit]

    def end(self, session: Session) -> None:
        """The session is over for every page of the browser that has it."""
        now = asyncio.get_running_loop().time()
        for limit, one in self.open_pages.items():
            if one.cookie == session.cookie and not limit.expired():
                limit.reschedule(now)

    def wording(self, request: web.Request, session: Session | None) -> Wording:
        """The language that was chosen on the page, else the agent's, else the first."""
        wished = [request.cookies.get(LANGUAGE_COOKIE, ""), session.agent.language if session else ""]
        language = next((one for one in wished if one in self.wordings), LANGUAGES[0])
        return self.wordings[language]

    def html(self, template: str, say: Wording, **values: Any) -> str:
        """A rendered template."""
        return self.templates.get_template(template).render(say=say, languages=LANGUAGES, iso=iso, **values)

    def pop_html(self, pop: Pop, say: Wording) -> str:
        """The fragment of one pop."""
        return self.html("pop.html", say, pop=pop_view(pop, say, self.names))

    def recent_html(self, board: Board, say: Wording) -> str:
        """The fragment with the recent calls."""
        return self.html("recent.html", say, recent=[(pop, pop_view(pop, say, self.names)) for pop in board.recent])


ROOM = web.AppKey("room", Room)
