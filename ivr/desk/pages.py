"""The pages an agent opens: login, the desk itself, logout, the language switch."""

from __future__ import annotations

from aiohttp import web

from ivr.desk.auth import Session
from ivr.desk.peer import over_tls, peer
from ivr.desk.room import LANGUAGE_COOKIE, ROOM, SESSION_COOKIE, Room


async def desk(request: web.Request) -> web.Response:
    """The page that stays open all day; its socket fills it."""
    room = request.app[ROOM]
    session = room.session(request)
    if session is None:
        raise web.HTTPSeeOther("/login")
    say = room.wording(request, session)
    return _page(room.html("desk.html", say, agent=session.agent))


async def login_form(request: web.Request) -> web.Response:
    """Ask who it is."""
    room = request.app[ROOM]
    if room.session(request):
        raise web.HTTPSeeOther("/")
    return _login(request, room)


async def login(request: web.Request) -> web.Response:
    """Check the password. What was wrong is not told; who guesses has to wait."""
    room = request.app[ROOM]
    form = await request.post()
    user, password = str(form.get("user", "")).strip(), str(form.get("password", ""))
    # Made-up users share one count: they must not fill the memory.
    guesser = (user if room.doorkeeper.knows(user) else "", peer(request, room.proxies))
    if seconds := room.guesses.wait(*guesser):
        return _login(request, room, status=429, wait=seconds, user=user)
    agent = room.doorkeeper.agent(user, password)
    if agent is None:
        room.guesses.missed(*guesser)
        return _login(request, room, status=401, wrong=True, user=user)
    room.guesses.forget(*guesser)
    answer = web.HTTPSeeOther("/")
    _set_cookie(request, answer, SESSION_COOKIE, room.doorkeeper.cookie(agent))
    raise answer


async def logout(request: web.Request) -> web.Response:
    """Forget the browser's session; its other pages are closed, too."""
    room = request.app[ROOM]
    if session := room.session(request):
        room.end(session)
    answer = web.HTTPSeeOther("/login")
    for cookie in (SESSION_COOKIE, LANGUAGE_COOKIE):
        answer.del_cookie(cookie, path="/")
    raise answer


async def language(request: web.Request) -> web.Response:
    """Use another language in this browser until logout."""
    room = request.app[ROOM]
    wished = str((await request.post()).get("language", ""))
    if wished not in room.wordings:
        raise web.HTTPBadRequest(text=f"There is {', '.join(room.wordings)}.")
    answer = web.HTTPSeeOther("/")
    _set_cookie(request, answer, LANGUAGE_COOKIE, wished)
    raise answer


async def session(request: web.Request) -> web.Response:
    """Whether the browser is still logged in: the page asks when its socket is refused."""
    if request.app[ROOM].session(request) is None:
        raise web.HTTPUnauthorized
    return web.Response(status=204)


def _login(
    request: web.Request, room: Room, *, status: int = 200, wrong: bool = False, wait: int = 0, user: str = ""
) -> web.Response:
    nobody: Session | None = None
    html = room.html("login.html", room.wording(request, nobody), wrong=wrong, wait=wait, user=user[:64])
    answer = _page(html, status)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _page(html: str, status: int = 200) -> web.Response:
    return web.Response(text=html, status=status, content_type="text/html")


def _set_cookie(request: web.Request, answer: web.Response, name: str, value: str) -> None:
    """For this browser session only; over TLS, also behind a trusted proxy that ends it, never without TLS."""
    secure = over_tls(request, request.app[ROOM].proxies)
    answer.set_cookie(name, value, path="/", httponly=True, samesite="Strict", secure=secure)
