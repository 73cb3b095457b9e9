"""TM Forum's Error: how its APIs say what is wrong with a request."""

from __future__ import annotations

from aiohttp import web

from context_store.records import Json

ROOT = "/tmf-api/"  # all of TM Forum's APIs are below it


def body(raised: web.HTTPException) -> dict[str, Json]:
    """The body of an answer that says what is wrong."""
    status = str(raised.status)
    return {"code": status, "status": status, "reason": raised.reason, "message": raised.text or raised.reason}
