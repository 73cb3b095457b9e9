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

_HINTS = {
    400: "the id has up to 64 letters, digits, - and _",
    401: "send the header Authorization: Bearer <web.api_token of the settings>",
    404: "there is /api/conversations/{id} and the websocket /api/live; conversations are kept for a limited time",
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
    origin = urlsplit(request.headers.get(hdrs.ORIGIN, ""))
    return bool(origin.netloc) and origin.netloc.lower() == request.host.lower()


@web.middleware
async def forms_from_our_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No other site may post a form here in an agent's name."""
    is_form = request.method not in ("GET", "HEAD") and not request.path.startswith("/api/")
    if is_form and not from_our_page(request):
        raise web.HTTPForbidden(text="This form was not sent from this page. Open the page and try again.")
    return await handler(request)


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
        if challenge := error.headers.get(hdrs.WWW_AUTHENTICATE):
            answer.headers[hdrs.WWW_AUTHENTICATE] = challenge
        return answer
