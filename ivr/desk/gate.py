"""What holds for every request: security headers, forms from our own pages only, tokens and JSON errors for the API."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from ivr.desk.auth import same
from ivr.desk.room import ROOM

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": with that, browsers send forms with the origin "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "Devam",
}

_FORM, _CHARSET = "application/x-www-form-urlencoded", "utf-8"
_BROKEN = "This form cannot be read. Open the page and try again."

_HINTS = {
    400: "the id has up to 64 letters, digits, - and _",
    401: "send the header Authorization: Bearer <web.api_token of the settings>",
    404: "see /api/conversations/{id}, /api/hearing, the websocket /api/live; conversations are kept a limited time",
    426: "this is a websocket: connect with ws:// or wss://, or with a client that asks for the upgrade",
    405: "the API only reads: use GET",
    503: "the conversation store does not answer; try again in a few seconds",
}


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal: security headers on everything, errors too. Static files hold no data and may be kept, when fresh."""
    response.headers.update(_HEADERS)
    if request.path.startswith("/static/"):
        response.headers["Cache-Control"] = "no-cache"


def from_our_page(request: web.Request) -> bool:
    """Whether a page of this very host sent the request. Browsers name the origin of every form and websocket."""
    try:
        origin = urlsplit(request.headers.get(hdrs.ORIGIN, ""))
    except ValueError:  # "http://["
        return False
    return bool(origin.netloc) and origin.netloc.lower() == request.host.lower()


@web.middleware
async def forms_from_our_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No other site may post a form here in an agent's name."""
    is_form = request.method not in ("GET", "HEAD") and not request.path.startswith("/api/")
    if is_form and not from_our_page(request):
        raise web.HTTPForbidden(text="This form was not sent from this page. Open the page and try again.")
    if is_form:
        await _read_form(request)
    return await handler(request)


async def _read_form(request: web.Request) -> None:
    """Read it here for all handlers, who get it from `request.post()`: what no page of ours sends stops here."""
    if request.body_exists and (request.content_type != _FORM or (request.charset or _CHARSET).lower() != _CHARSET):
        raise web.HTTPBadRequest(text=_BROKEN)
    try:
        await request.post()
    except ValueError:  # bytes that are no UTF-8
        raise web.HTTPBadRequest(text=_BROKEN) from None


@web.middleware
async def api(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The API needs its token, and its errors are JSON that says how to mend them."""
    if not request.path.startswith("/api/"):
        return await handler(request)
    try:
        given = request.headers.get(hdrs.AUTHORIZATION, "")
        if not same(given, f"Bearer {request.app[ROOM].token}"):
            raise web.HTTPUnauthorized(headers={hdrs.WWW_AUTHENTICATE: "Bearer"})
        return await handler(request)
    except web.HTTPException as error:
        body = {"error": error.reason, "hint": _HINTS.get(error.status, "")}
        answer = web.json_response(body, status=error.status)
        kept = (hdrs.WWW_AUTHENTICATE, hdrs.ALLOW, hdrs.UPGRADE, hdrs.SEC_WEBSOCKET_VERSION)
        answer.headers.update({name: error.headers[name] for name in kept if name in error.headers})
        return answer
