"""Puts the desk together: routes, middlewares, what the handlers share."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from aiohttp import web

from context_store.records import Json
from context_store.store import Store
from ivr.call.pops import Pops
from ivr.call.ports import Phones, Services
from ivr.call.taping import Tapes
from ivr.call.watch import Watch
from ivr.desk import api, gate, pages, sockets
from ivr.desk.auth import Doorkeeper, Guesses
from ivr.desk.room import FOLDER, ROOM, Room
from ivr.desk.tapes import tapes as tapes_socket
from ivr.desk.wording import LANGUAGES, Wording
from ivr.settings import WebSettings
from ivr.settings_exchange import Agent

_LARGEST_FORM = 16 * 1024  # bytes
_ROUTES = (
    web.get("/", pages.desk),
    web.get("/login", pages.login_form),
    web.post("/login", pages.login),
    web.post("/logout", pages.logout),
    web.post("/language", pages.language),
    web.get("/session", pages.session),
    web.get("/socket", sockets.agent_socket),
    web.static("/static", FOLDER / "static"),
    web.get("/healthz", api.healthz),
    web.get("/api/conversations/{id}", api.conversation),
    web.get("/api/hearing", api.hearing),
    web.get("/api/live", api.live),
    web.get("/api/tapes", tapes_socket),
    web.get("/api/{rest:.*}", api.not_found),
)


def make_desk(
    settings: WebSettings,
    agents: Sequence[Agent],
    pops: Pops,
    store: Store,
    services: Services,
    watch: Watch,
    labels: Mapping[str, Mapping[str, str]],
    phones: Phones,
    *,
    region: str = "TR",
    clock: Callable[[], float] = time.time,
    tapes: Tapes | None = None,
    queues: Sequence[str] = (),
    hearing: Callable[[], Mapping[str, Json]] = dict,
) -> web.Application:
    """The agents' page and the API as an aiohttp application; whoever runs it chooses where it listens.

    `labels` maps a language to the labels of its prompt book, and may change meanwhile; `region` is where numbers are
    written the local way; `clock` gives epoch seconds; `tapes` is where calls are recorded. `queues` are the names
    of those that a caller may be passed on to, over `phones`. `hearing` tells whether callers are heard (see
    `api.hearing`). `pops` must be running.
    """
    by_phone = {agent.phone: agent for agent in agents}
    lifetime = settings.session_hours * 3600
    app = web.Application(middlewares=[gate.api, gate.forms_from_our_pages], client_max_size=_LARGEST_FORM)
    app[ROOM] = Room(
        token=settings.api_token.get_secret_value(),
        doorkeeper=Doorkeeper(settings.secret.get_secret_value(), by_phone, lifetime, clock),
        guesses=Guesses(),
        pops=pops,
        store=store,
        services=services,
        watch=watch,
        tapes=tapes or Tapes(),
        wordings={language: Wording(language, labels, region) for language in LANGUAGES},
        names={agent.phone: agent.name for agent in agents},
        phones=phones,
        queues=queues,
        proxies=settings.trusted_proxies,
        hearing=hearing,
        clock=clock,
    )
    app.add_routes(_ROUTES)
    app.on_response_prepare.append(gate.add_headers)
    app.on_shutdown.append(sockets.close_sockets)
    return app
