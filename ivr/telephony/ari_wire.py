"""ARI as text: requests written, messages and answers read, statuses turned into our errors. Pure, no I/O.

Requests travel as `RESTRequest` messages on the events' websocket, or over HTTP. Paths have no leading slash
("channels/1234.5/answer"). Query strings and bodies may hold personal data: they never enter an error's message.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping

from context_store.records import Json
from ivr.errors import AlreadyClaimed, ChannelGone, TelephonyError, TelephonyRefused

CLAIM = "events/claim"
_TRANSACTION = "devam"  # required by Asterisk, of no use to us: `request_id` tells requests apart
# The first version of each branch that answers REST requests on the websocket; later branches all do.
_REST_ON_WEBSOCKET = {20: 14, 21: 9, 22: 4}
_LONGEST_MESSAGE = 200  # characters of Asterisk's explanation that are kept


def authorization(user: str, password: str) -> str:
    """The value of the Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def speaks_rest_on_websocket(version: str) -> bool:
    """Whether that Asterisk ("22.10.1+dfsg", "certified-20.7-cert2") answers requests on the websocket."""
    if not (match := re.search(r"(\d+)\.(\d+)", version)):
        return False
    branch, minor = int(match[1]), int(match[2])
    return branch > max(_REST_ON_WEBSOCKET) or minor >= _REST_ON_WEBSOCKET.get(branch, minor + 1)


def encode(request_id: str, method: str, path: str, query: Mapping[str, str] | None, body: Json) -> str:
    """A request as a websocket message. `body` is any JSON value, or None for no body."""
    message: dict[str, Json] = {
        "type": "RESTRequest",
        "transaction_id": _TRANSACTION,
        "request_id": request_id,
        "method": method,
        "uri": path,
    }
    if query:
        message["query_strings"] = [{"name": name, "value": value} for name, value in query.items()]
    if body is not None:
        message["content_type"] = "application/json"
        message["message_body"] = json.dumps(body)
    return json.dumps(message)


def decode(text: str) -> dict[str, Json] | None:
    """A message from the websocket, or None when it is not a JSON object with a type."""
    message = parse(text)
    return message if isinstance(message, dict) and isinstance(message.get("type"), str) else None


def parse(text: str) -> Json:
    """JSON, or None when it is not."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # broken, or nested so deep that nobody meant it
        return None


def answer(method: str, path: str, status: int, body: str) -> Json:
    """What an answer holds: its JSON, or None when it has no body. Raises the error that the status stands for."""
    content = parse(body) if body else None
    if 200 <= status < 300:
        return content
    raise _error(method, path, status, _explanation(content))


def _explanation(content: Json) -> str:
    message = content.get("message") if isinstance(content, dict) else None
    return message[:_LONGEST_MESSAGE] if isinstance(message, str) else ""


def _error(method: str, path: str, status: int, explanation: str) -> TelephonyError:
    what = f"Asterisk answered {status} to {method} {path}" + (f": {explanation}" if explanation else "")
    if status == 404:
        return ChannelGone(what)
    if status == 409 and path == CLAIM:
        return AlreadyClaimed(what)
    if status == 409 and "not in Stasis" in explanation:
        return ChannelGone(what)
    if status in (401, 403):
        return TelephonyRefused(f"{what}; asterisk.ari_user and ari_password must be those of Asterisk's ari.conf")
    return TelephonyRefused(what)
